"""How a candidate came about and what came of it: its path to the seed, everybody beside it, its best children."""

from __future__ import annotations

from typing import Any

from evolve.domain import SEED_NUMBER
from evolve.inspection.lineage import children_json, family_json
from evolve.web.query import Query, Topic

CHILDREN = 50
"""Children of one answer, the best ones; it says how many there are."""


def answer(query: Query) -> dict[str, Any]:
    """The lineage of candidate `n`, of the run's best one when it is left out. Nothing of a run without candidates."""
    run = query.need_run()
    best = run.summary.best_number
    number = query.integer("n", SEED_NUMBER if best is None else best)
    if number is None or not run.summary.candidates:
        return {"number": None}
    found = query.store.browse.ancestry(run.id, number, inspirations=True)
    children = query.store.browse.children(run.id, number, run.summary.direction, CHILDREN)
    return {"number": number, **family_json(found), "children": children_json(children)}


TOPIC = Topic("lineage", answer)
