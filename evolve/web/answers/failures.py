"""Why candidates failed."""

from __future__ import annotations

from typing import Any

from evolve.inspection.failures import Failures, failures_json
from evolve.web.query import Query, Topic


def answer(query: Query) -> dict[str, Any]:
    """Kinds of failures with their statuses and the commonest messages."""
    return failures_json(Failures.of(query.store, query.need_run()))


TOPIC = Topic("failures", answer)
