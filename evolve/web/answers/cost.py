"""What a run cost in money and time."""

from __future__ import annotations

from typing import Any

from evolve.inspection.cost import Cost
from evolve.inspection.cost_json import cost_json
from evolve.web.query import Query, Topic


def answer(query: Query) -> dict[str, Any]:
    """Sums, parts, limits, times, and how they grew."""
    return cost_json(Cost.of(query.store, query.need_run()))


TOPIC = Topic("cost", answer)
