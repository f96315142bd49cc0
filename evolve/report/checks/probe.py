"""Which functions of a program the evaluator calls, with what and to what answers, seen from inside the program."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evolve.domain import Split
from evolve.problem.cheat_kit.watchers import MARK
from evolve.problem.cheats import is_called, tricked
from evolve.report.checks.bench import Bench

MOST_CASES = 16
"""Cases of a split that are probed."""
_TOLD = re.compile(re.escape(MARK) + r"(\{.*\})")


@dataclass(frozen=True, slots=True)
class CaseSeen:
    """What one look at a case did: calls by function, digests of inputs and answers, tricks that would change some."""

    calls: Mapping[str, int]
    inputs: frozenset[str]
    answers: frozenset[str]
    applies: frozenset[str]


async def probe(bench: Bench, split: Split, count: int) -> dict[int, CaseSeen]:
    """What is seen of the first cases of a split; empty for programs that are commands, and where nothing was seen.

    Every case is looked at twice in one process: the first look is honest, the second tells of it. An evaluator that
    starts the program afresh within a case is not seen through.
    """
    if not is_called(bench.problem) or count == 0:
        return {}
    cases = [case for case in range(min(count, MOST_CASES)) for _ in range(2)]
    results = await bench.look(tricked(bench.problem, "probe", bench.claim), split, cases)
    told_of = ((result.case, told(result.feedback)) for result in results[1::2])
    return {case: _seen(facts) for case, facts in told_of if facts is not None}


def told(feedback: str) -> Mapping[str, Any] | None:
    """What a watcher of the kit said in its failure, or None."""
    found = _TOLD.search(feedback)
    try:
        return dict(json.loads(found[1])) if found else None
    except ValueError:
        return None


def _seen(facts: Mapping[str, Any]) -> CaseSeen:
    groups = (frozenset(facts[name]) for name in ("inputs", "answers", "applies"))
    return CaseSeen(facts["calls"], *groups)
