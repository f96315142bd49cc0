"""The overview of a run, the points of its figure, and how full its islands are: asked for apart, the dearest last."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from evolve.inspection.coverage import Coverage
from evolve.inspection.overview import Overview, overview_json
from evolve.inspection.points import Points, points_json
from evolve.web.query import Query, Topic


def overview(query: Query) -> dict[str, Any]:
    """How the run stands, but for its islands."""
    data = overview_json(Overview.of(query.store, query.need_run(), coverage=()))
    del data["coverage"]
    return data


def points(query: Query) -> dict[str, Any]:
    """The curve of bests, dots and failures."""
    return points_json(Points.of(query.store, query.need_run()))


def coverage(query: Query) -> list[dict[str, Any]]:
    """Cells held and all cells by island."""
    return [asdict(each) for each in Coverage.of(query.store, query.need_run())]


TOPIC = Topic("overview", overview)
POINTS = Topic("points", points)
COVERAGE = Topic("coverage", coverage)
