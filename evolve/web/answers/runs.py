"""The runs of a database, newest first."""

from __future__ import annotations

from typing import Any

from evolve.report.runs import run_json
from evolve.web.query import Query, Topic

MOST = 100
"""Runs of one answer."""


def answer(query: Query) -> dict[str, Any]:
    """Up to `MOST` runs from `offset` on; `more` says whether there are others."""
    offset = query.integer("offset", 0) or 0
    rows = query.store.runs(MOST + 1, offset)
    return {"database": query.store.url, "runs": [run_json(row) for row in rows[:MOST]], "more": len(rows) > MOST}


TOPIC = Topic("runs", answer, scope="database")
