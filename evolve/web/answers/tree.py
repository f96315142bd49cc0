"""Who came from whom in a whole run, for the picture of its tree."""

from __future__ import annotations

from typing import Any

from evolve.inspection.lineage import tree_json
from evolve.web.query import Query, Topic


def answer(query: Query) -> dict[str, Any]:
    """Every candidate; of a very large run those that its results, and candidate `n` if given, come from."""
    run = query.need_run()
    return tree_json(query.store.browse.tree(run.id, run.summary.direction, query.integer("n")))


TOPIC = Topic("tree", answer)
