"""What became of the candidates of operators and models."""

from __future__ import annotations

from typing import Any

from evolve.inspection.operators import Operators, operators_json
from evolve.web.query import Query, Topic


def answer(query: Query) -> dict[str, Any]:
    """Families of operators, operators, models, and both together."""
    return operators_json(Operators.of(query.store, query.need_run()))


TOPIC = Topic("operators", answer)
