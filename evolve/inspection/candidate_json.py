"""A candidate as plain data for a page: everything, but no more of any text than a page can take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from evolve.domain import Evaluation, Program, Series
from evolve.inspection.candidate import MEANING, CandidateDetails, Look
from evolve.inspection.candidates import columns
from evolve.inspection.lineage import children_json
from evolve.report.console import estimate_json
from evolve.report.interval import confirmed_json
from evolve.store import AskedRow

MOST_CODE = 4_000_000
"""Characters of all files of a program together."""
MOST_CONVERSATION = 4_000_000
"""Characters of all questions and answers together."""
MOST_LOOKS = 2_000
MOST_FEEDBACK = 50_000
MOST_REMARK = 2_000
"""Characters of what was said of one look."""
MOST_ARTIFACTS = 50
MOST_ARTIFACT = 20_000
MOST_NAMES = 200
"""Metrics or measures with names of their own."""


class Room:
    """How many characters may still be given; each text takes what it needs, or what is left."""

    def __init__(self, characters: int) -> None:
        self._left = characters

    def text(self, text: str) -> dict[str, Any]:
        """As much of a text as there is room for, and how many characters `more` it has."""
        kept = text[: self._left]
        self._left -= len(kept)
        return {"text": kept, "more": len(text) - len(kept)}


def candidate_json(found: CandidateDetails) -> dict[str, Any]:
    """All a page says of a candidate; texts are `{text, more}`."""
    row, origin, verdict = found.row, found.row.origin, found.row.verdict
    evaluation, bill = row.evaluation, found.bill
    return {
        "number": row.number,
        "previous": found.beside.previous,
        "next": found.beside.next,
        "operator": origin.operator,
        "model": origin.model,
        "idea": origin.idea,
        "lesson": row.lesson,
        "island": origin.island,
        "track": origin.track,
        "status": evaluation and evaluation.status,
        "meaning": MEANING[evaluation.status] if evaluation else "",
        "feedback": Room(MOST_FEEDBACK).text(evaluation.feedback if evaluation else ""),
        "objective": estimate_json(row.estimate()),
        "first_objective": estimate_json(evaluation.objective if evaluation else None),
        "confirmed": confirmed_json(row.estimate(Series.CONFIRM)),
        "held_out": _held_out(row.holdout),
        "metrics": _some(evaluation.metrics if evaluation else {}),
        "measures": _some(evaluation.measures if evaluation else {}),
        "artifacts": _artifacts(evaluation.artifacts if evaluation else {}),
        "wall": evaluation.wall if evaluation else None,
        "gain": verdict and verdict.gain,
        "verdict": found.verdict(),
        "cell": verdict and verdict.cell,
        "archive_island": verdict and verdict.island,
        "new_best": bool(verdict and verdict.new_best),
        "position": row.position,
        "elapsed": row.elapsed,
        "parents": columns(found.parents),
        "inspirations": columns(found.inspirations),
        "children": children_json(found.children),
        "looks": looks_json(found.looks()),
        "conversation": conversation_json(found.asked),
        "cost": bill.cost,
        "tokens": bill.tokens,
        "bases": found.bases,
        "files": program_json(row.program),
        "reproduce": [asdict(command) for command in found.reproduce()],
    }


def program_json(program: Program) -> list[dict[str, Any]]:
    """The files of a program, with as much of their texts as a page can take."""
    room = Room(MOST_CODE)
    return [{"path": file.path, **room.text(file.text)} for file in program.files]


def looks_json(looks: Sequence[Look]) -> dict[str, Any]:
    """Looks as columns, with those of each metric; `more` says how many were left out."""
    kept = looks[:MOST_LOOKS]
    names = list(dict.fromkeys(name for look in kept for name in look.measurement.metrics))[:MOST_NAMES]
    seen = [look.measurement for look in kept]
    return {
        "more": len(looks) - len(kept),
        "purpose": [look.purpose for look in kept],
        "stage": [look.stage for look in seen],
        "case": [look.case for look in seen],
        "repeat": [look.repeat for look in seen],
        "status": [look.status for look in seen],
        "wall": [look.wall for look in seen],
        "cpu": [look.cpu for look in seen],
        "peak_rss": [look.peak_rss for look in seen],
        "feedback": [Room(MOST_REMARK).text(look.feedback) for look in seen],
        "metrics": {name: [look.metrics.get(name) for look in seen] for name in names},
        "artifacts": [_artifacts(look.artifacts, MOST_REMARK) for look in seen],
    }


def conversation_json(asked: Sequence[AskedRow]) -> list[dict[str, Any]]:
    """Questions by turn: each with what it adds to the one before, and its answer."""
    room, shown = Room(MOST_CONVERSATION), 0
    turns: list[dict[str, Any]] = []
    for row in asked:
        sections = row.prompt.get("sections", ())
        added = sections[shown if row.turn else 0 :]
        shown = len(sections)
        # What the model said before is there as its answer.
        spoken = [section for section in added if section.get("role") != "assistant"]
        turns.append(
            {
                "turn": row.turn,
                "step": row.step,
                "model": row.model,
                "asker": row.asker,
                "handouts": row.handouts,
                "sections": [_section(section, room) for section in spoken],
                "answer": _answer(row, room),
            }
        )
    return turns


def _section(section: Mapping[str, Any], room: Room) -> dict[str, Any]:
    return {
        "name": str(section.get("name", "")),
        "role": str(section.get("role", "")),
        "stable": bool(section.get("stable", False)),
        **room.text(str(section.get("text", ""))),
    }


def _answer(row: AskedRow, room: Room) -> dict[str, Any] | None:
    if row.completion is None:
        return None
    given = row.completion.completion
    return {
        "model": given.model,
        "finish": given.finish,
        "reason": given.reason,
        "usage": asdict(given.usage),
        "cost": given.cost,
        "lost": given.lost,
        "wall": given.wall,
        "attempts": given.attempts,
        "elapsed": row.completion.elapsed,
        **room.text(given.text),
    }


def _held_out(evaluation: Evaluation | None) -> dict[str, Any] | None:
    if evaluation is None:
        return None
    return {
        "status": evaluation.status,
        "objective": estimate_json(evaluation.objective),
        "cases": len({look.case for look in evaluation.measurements}),
        "feedback": Room(MOST_FEEDBACK).text(evaluation.feedback),
    }


def _some(numbers: Mapping[str, float]) -> dict[str, float]:
    return dict(list(numbers.items())[:MOST_NAMES])


def _artifacts(texts: Mapping[str, str], most: int = MOST_ARTIFACT) -> list[dict[str, Any]]:
    kept: Iterable[tuple[str, str]] = list(texts.items())[:MOST_ARTIFACTS]
    return [{"name": name, **Room(most).text(text)} for name, text in kept]
