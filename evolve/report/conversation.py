"""What was asked for a candidate, what was answered, and what it took."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from evolve.domain import SEED_NUMBER
from evolve.report import figures
from evolve.report.text import clean, one_line, plain
from evolve.store import AskedRow

NOBODY = "no model was asked for this candidate: the built-in proposer made it"
SEED = "no model was asked for this candidate: it is the seed program, which the search began with"


def conversation_json(rows: Sequence[AskedRow]) -> list[dict[str, Any]]:
    """Every question with its completion as plain data."""
    return [
        {
            "turn": row.turn,
            "step": row.step,
            "model": row.model,
            "prompt": dict(row.prompt),
            "request_digest": row.request_digest,
            "completion": None if row.completion is None else asdict(row.completion.completion),
        }
        for row in rows
    ]


def conversation_view(rows: Sequence[AskedRow], number: int) -> Iterator[RenderableType]:
    """Every question for candidate `number` with its answer, texts as plain strings, which are never wrapped.

    A later turn shows only what it adds to the one before.
    """
    if not rows:
        yield SEED if number == SEED_NUMBER else NOBODY
    shown = 0
    for row in rows:
        sections = row.prompt["sections"]
        yield Text(f"── question {row.turn}: {row.step} ", style="bold")
        for section in sections[shown if row.turn else 0 :]:
            if section["role"] != "assistant":
                yield from _section(section)
        shown = len(sections)
        yield from _answer(row)


def _section(section: Mapping[str, Any]) -> Iterator[RenderableType]:
    stable = ", the same in every prompt" if section["stable"] else ""
    yield plain(f"[{section['role']}: {one_line(str(section['name']))}{stable}]", style="dim")
    yield clean(str(section["text"]))


def _answer(row: AskedRow) -> Iterator[RenderableType]:
    if row.completion is None:
        yield Text("── not answered yet", style="bold yellow")
        return
    given = row.completion.completion
    usage = given.usage
    cached = f" ({figures.count(usage.cached)} cached)" if usage.cached else ""
    took = f"{figures.count(usage.prompt)} tokens in{cached}, {figures.count(usage.output)} out"
    cost = "price unknown" if given.cost is None else figures.dollars(given.cost)
    calls = f" in {given.attempts} calls" if given.attempts > 1 else ""
    line = f"── {given.model} ({given.finish}): {took}, {cost}, {figures.seconds(given.wall)}{calls}"
    yield plain(line, style="bold")
    yield clean(given.text or given.reason)
