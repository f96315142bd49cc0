"""Runs against each other: the same comparison as `evolve compare`, with the climb of every arm for charts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evolve.errors import DatabaseError, UserError
from evolve.inspection.bands import climb_json, climbs_of
from evolve.report.compare_data import compare_csv
from evolve.report.compare_latex import compare_latex
from evolve.report.compare_words import (
    METHOD,
    ON_HELD_OUT,
    Grid,
    Verdict,
    arms_grid,
    headline,
    shown,
    track_grid,
    track_verdicts,
    verdict,
)
from evolve.report.comparison import Comparison, compare
from evolve.report.naming import find_arms
from evolve.store import RunSummary
from evolve.web.query import Query, Topic

BETWEEN = "|"
"""What stands between two arms in an address."""
MOST_CHOICES = 500
"""Runs to choose from, newest first."""


def answer(query: Query) -> dict[str, Any]:
    """The comparison of the arms named by `arms`, and the runs there are to choose from.

    `comparison` is None with fewer than two arms; `refused` says why some cannot be compared.
    """
    arms = [part.strip() for part in query.text("arms").split(BETWEEN) if part.strip()]
    rows = query.store.runs(MOST_CHOICES)
    found: dict[str, Any] | None = None
    refused = ""
    if len(arms) > 1:
        try:
            found = comparison_json(compare(query.store, find_arms(query.store, arms)))
        except DatabaseError:
            raise
        except UserError as error:
            refused = str(error)
    return {"arms": arms, "choices": [_choice(row) for row in rows], "comparison": found, "refused": refused}


def _choice(row: RunSummary) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "problem": row.problem,
        "objective": row.objective,
        "direction": row.direction,
        "status": row.status,
        "sealed": row.sealed,
        "evaluated": row.evaluated,
        "best": row.best_objective if row.confirmed is None else row.confirmed.mean,
    }


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """A comparison for a page: sentences and tables as the terminal has them, and columns for charts."""
    return {
        "headline": headline(comparison),
        "objective": comparison.objective,
        "direction": comparison.direction,
        "unit": comparison.unit,
        "arms": [
            {"label": shown(arm.label), "runs": [entrant.run.id for entrant in arm.entrants]} for arm in comparison.arms
        ],
        "table": _grid_json(arms_grid(comparison)),
        "tracks": [
            {
                "climb": climb_json(climb),
                "table": _grid_json(track_grid(comparison, track)),
                "verdicts": _verdicts_json(track_verdicts(track)),
            }
            for track, climb in zip(comparison.tracks, climbs_of(comparison), strict=True)
        ],
        "held_out": _verdicts_json([verdict(contest, ON_HELD_OUT) for contest in comparison.held_out]),
        "remarks": [shown(remark) for remark in comparison.remarks],
        "method": METHOD,
        "csv": compare_csv(comparison),
        "latex": compare_latex(comparison),
    }


def _grid_json(grid: Grid) -> dict[str, Any]:
    return {
        "headings": [{"title": heading.title, "text": heading.text} for heading in grid.headings],
        "rows": [list(row) for row in grid.rows],
    }


def _verdicts_json(verdicts: Sequence[Verdict]) -> list[dict[str, str]]:
    return [{"head": each.head, "evidence": each.evidence, "tone": each.tone} for each in verdicts]


TOPIC = Topic("compare", answer, scope="database")
