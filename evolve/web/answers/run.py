"""The run a page is about: what every page shows at its head."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evolve.report.runs import isolation_sentence, run_json
from evolve.store import RunRow
from evolve.web.query import Query, Topic


def answer(query: Query) -> dict[str, Any]:
    """Its summary, the unit of its objective, and what a page may say about it."""
    return head(query.need_run())


def head(run: RunRow) -> dict[str, Any]:
    """The same of a run that is read already."""
    objective: Mapping[str, Any] = run.spec.get("objective", {})
    return {
        **run_json(run.summary),
        "unit": objective.get("unit", ""),
        "summary": run.spec.get("summary", ""),
        "reason": run.stop_reason,
        "random_seed": str(run.seed),  # as text: 64 bits are more than a number of JavaScript keeps
        "islands": run.settings.get("search", {}).get("islands", 1),
        "isolation": isolation_sentence(run.isolation),
        "versions": dict(run.versions),
    }


TOPIC = Topic("run", answer)
