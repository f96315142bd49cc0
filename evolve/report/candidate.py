"""Views of one candidate: an overview, and every measurement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from evolve.domain import Evaluation, Measurement, Relook, Series, Status
from evolve.report import figures
from evolve.report.console import estimate_json
from evolve.report.interval import confirmed_json, confirmed_text
from evolve.report.listing import Column, Listing
from evolve.report.runs import fact_table
from evolve.report.sealing import add_sealing
from evolve.report.text import bounded, one_line, plain
from evolve.store import CandidateRow

FEEDBACK_LINES = 30
"""Lines of feedback shown; `--json` has all of them."""


def candidate_json(row: CandidateRow, *, sealed: bool = True) -> dict[str, Any]:
    """All there is to know of a candidate of a run, which is `sealed` or not, as plain data."""
    return {
        "run": row.run_id,
        "sealed": sealed,
        "number": row.number,
        "operator": row.origin.operator,
        "model": row.origin.model,
        "idea": row.origin.idea,
        "island": row.origin.island,
        "track": row.origin.track,
        "parents": list(row.origin.parents),
        "inspirations": list(row.origin.inspirations),
        "children": row.children,
        "elapsed": row.elapsed,
        "verdict": None if row.verdict is None else asdict(row.verdict),
        "evaluation": _evaluation_json(row.evaluation),
        "holdout": _evaluation_json(row.holdout),
        "estimate": estimate_json(row.estimate()),
        "confirmed": confirmed_json(row.estimate(Series.CONFIRM)),
        "relooks": [_relook_json(relook) for relook in row.relooks],
        "digest": row.program.digest,
        "files": row.program.as_dict(),
    }


def _evaluation_json(evaluation: Evaluation | None) -> dict[str, Any] | None:
    if evaluation is None:
        return None
    # Not asdict(): it copies deeply, and mappings need not be plain dicts.
    return {
        "status": evaluation.status,
        "objective": None if evaluation.objective is None else asdict(evaluation.objective),
        "metrics": dict(evaluation.metrics),
        "measures": dict(evaluation.measures),
        "feedback": evaluation.feedback,
        "artifacts": dict(evaluation.artifacts),
        "wall": evaluation.wall,
        "measurements": [_measurement_json(look) for look in evaluation.measurements],
    }


def _relook_json(relook: Relook) -> dict[str, Any]:
    return {
        "series": relook.series,
        "status": relook.status,
        "values": {str(look): value for look, value in relook.values.items()},
        "feedback": relook.feedback,
        "measurements": [_measurement_json(look) for look in relook.measurements],
    }


def _measurement_json(look: Measurement) -> dict[str, Any]:
    return {
        "stage": look.stage,
        "split": look.split,
        "case": look.case,
        "repeat": look.repeat,
        "status": look.status,
        "metrics": dict(look.metrics),
        "feedback": look.feedback,
        "wall": look.wall,
        "cpu": look.cpu,
        "peak_rss": look.peak_rss,
    }


def candidate_view(row: CandidateRow, *, sealed: bool = True) -> RenderableType:
    """An overview of a candidate of a run, which is `sealed` or not."""
    facts = fact_table()
    _add_scores(facts, row)
    add_sealing(facts, sealed=sealed)
    _add_origin(facts, row)
    if row.verdict is not None:
        facts.add_row("verdict", _verdict(row))
    facts.add_row("files", plain(", ".join(f"{file.path} ({_lines(file.text)})" for file in row.program.files)))
    parts: list[RenderableType] = [Text(f"candidate {row.run_id}/{row.number}", style="bold"), facts]
    if row.evaluation is not None and row.evaluation.feedback.strip():
        parts += [Text("feedback", style="dim"), Text(bounded(row.evaluation.feedback.strip("\n"), FEEDBACK_LINES))]
    return Group(*parts)


def _add_scores(facts: Table, row: CandidateRow) -> None:
    evaluation = row.evaluation
    if evaluation is None:
        facts.add_row("status", "proposed, not scored yet")
        return
    facts.add_row("status", Text(evaluation.status, style="green" if evaluation.status is Status.VALID else "red"))
    _add_objective(facts, row)
    if row.holdout is not None:
        held = row.holdout
        shown = figures.estimate(held.objective) if held.objective else str(held.status)
        facts.add_row("held out", f"{shown} over {figures.plural(_cases(held.measurements), 'case')}")
    if evaluation.metrics:
        facts.add_row("metrics", plain(_pairs(evaluation.metrics)))
    if evaluation.measures:
        facts.add_row("measures", plain(_pairs(evaluation.measures)))
    if evaluation.artifacts:
        facts.add_row("artifacts", plain(", ".join(f"{k} ({len(v)} chars)" for k, v in evaluation.artifacts.items())))
    facts.add_row("took", figures.seconds(evaluation.wall))


def _add_objective(facts: Table, row: CandidateRow) -> None:
    assert row.evaluation is not None, "what is scored has an evaluation"
    if not row.relooks:
        facts.add_row("objective", figures.estimate(row.evaluation.objective))
        return
    found, confirmed = row.estimate(), row.estimate(Series.CONFIRM)
    if confirmed is not None:
        facts.add_row("confirmed", confirmed_text(confirmed))
    if found is not None:
        looks = figures.plural(found.n, "look")
        facts.add_row("search score (optimistic)", f"{figures.estimate(found)} over {looks}, by which it was chosen")
    for relook in row.relooks:
        if relook.status is not Status.VALID:
            facts.add_row("later look", plain(f"{relook.status}: {one_line(relook.feedback, 300)}"))


def _add_origin(facts: Table, row: CandidateRow) -> None:
    origin = row.origin
    facts.add_row("operator", plain(f"{origin.operator} by {origin.model}" if origin.model else origin.operator))
    if origin.idea:
        facts.add_row("idea", plain(origin.idea))
    facts.add_row("parents", _numbers(row.run_id, origin.parents))
    if origin.inspirations:
        facts.add_row("inspirations", _numbers(row.run_id, origin.inspirations))
    facts.add_row("children", figures.count(row.children))
    facts.add_row("island", str(origin.island))


def _verdict(row: CandidateRow) -> str:
    verdict = row.verdict
    assert verdict is not None
    parts = [verdict.outcome.replace("_", " ")]
    if verdict.cell is not None:
        parts.append(f"cell {verdict.cell} of island {verdict.island}")
    if verdict.replaced is not None:
        parts.append(f"in place of {row.run_id}/{verdict.replaced}")
    if verdict.gain is not None:
        parts.append(f"gain {figures.signed(verdict.gain)} over its parent (more is better)")
    if verdict.new_best:
        parts.append("best of the run then")
    return ", ".join(parts)


def measurements_view(row: CandidateRow) -> RenderableType:
    """Every look at every case, search cases first."""
    seen = (row.evaluation, *row.relooks, row.holdout)
    looks = [look for found in seen if found is not None for look in found.measurements]
    if not looks:
        return Text(f"candidate {row.run_id}/{row.number} was not run on any case")
    names = list(dict.fromkeys(name for look in looks for name in look.metrics))
    columns = (
        Column("split", text=True),
        Column("case"),
        Column("repeat", optional=True),
        Column("status", text=True),
        *(Column(plain(name), optional=index > 0) for index, name in enumerate(names)),
        Column("wall"),
        Column("cpu", optional=True),
        Column("peak", optional=True),
        Column("stage", text=True, optional=True),
        Column("feedback", text=True),
    )
    return Listing(columns, [_look(look, names) for look in looks])


def _look(look: Measurement, names: Sequence[str]) -> list[RenderableType]:
    return [
        look.split,
        str(look.case),
        str(look.repeat),
        Text(look.status, style="green" if look.status is Status.VALID else "red"),
        *(figures.objective(look.metrics.get(name)) for name in names),
        figures.seconds(look.wall),
        figures.seconds(look.cpu),
        f"{look.peak_rss / 1024**2:.0f} MB",
        plain(look.stage),
        Text(one_line(look.feedback)),
    ]


def _cases(looks: Sequence[Measurement]) -> int:
    return len({look.case for look in looks})


def _lines(text: str) -> str:
    return figures.plural(len(text.splitlines()), "line")


def _pairs(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {figures.number(value)}" for name, value in values.items())


def _numbers(run_id: int, numbers: Sequence[int]) -> str:
    return ", ".join(f"{run_id}/{number}" for number in numbers) or "–"
