"""What a slot is asked in words, and what its words mean: limits, results, texts any database takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evolve.domain import Limits, Status
from evolve.sandbox.base import CaseResult

REPLY_BYTES = 64 * 1024**2
"""The longest result of a call."""


def limits_of(limits: Limits, processes: int, *, reply: int = REPLY_BYTES, whole: bool = False) -> dict[str, object]:
    """Limits as the guest wants them.

    `processes` is RLIMIT_NPROC (0: leave it alone), `reply` the most bytes a call may return. With `whole` the CPU
    limit is that of the process and not of one call.
    """
    return {
        "wall": limits.wall,
        "cpu": limits.cpu,
        "memory": limits.memory,
        "output": limits.output,
        "file_size": limits.file_size,
        "processes": processes,
        "alone": int(limits.processes == 1),
        "reply": reply,
        "whole": int(whole),
    }


def storable(text: str) -> str:
    """Text any database takes: no lone surrogates, no NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def case_result(result: Mapping[str, Any]) -> CaseResult:
    """A case's result out of a slot's answer."""
    return CaseResult(
        case=result["case"],
        status=Status(result["status"]),
        metrics=result["metrics"],
        feedback=storable(result["feedback"]),
        artifacts={storable(name): storable(text) for name, text in result["artifacts"].items()},
        wall=result["wall"],
        cpu=result["cpu"],
        peak_rss=result["rss"],
    )
