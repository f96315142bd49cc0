"""What an exported file holds: the answers of every topic about a run, as pages would get them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from evolve.domain import SEED_NUMBER
from evolve.errors import DatabaseError, UserError
from evolve.inspection.placing import Retraced
from evolve.store import RunRow, Store
from evolve.web.query import Query, Topic
from evolve.web.recording_pieces import Recorded

NUMBER = "n"
"""The parameter that is a candidate's number, in every topic that has one."""


def chosen(store: Store, run: RunRow, most: int) -> Collection[int] | None:
    """Which candidates are kept whole: None for all if they are at most `most`, else some of them.

    Those are the best one, the seed, every best there was, the best one's first parents, the elites of every island,
    and an even spread of the others.
    """
    if run.summary.candidates <= most:
        return None
    bests = [point.number for point in reversed(store.best_curve(run.id))]
    best = run.summary.best_number
    path = [] if best is None else [row.number for row in store.lineage(run.id, best)]
    board = Retraced.of(store, run).board
    elites = [number for island in range(board.islands) for number in board.holders(island).values()]
    kept = dict.fromkeys(list(dict.fromkeys([*path[:1], SEED_NUMBER, *bests, *path, *elites]))[:most])
    step = store.next_number(run.id) / most
    for index in range(most):
        if len(kept) >= most:
            break
        kept.setdefault(int(index * step))
    return kept.keys()


def recorded(
    store: Store, run: RunRow, topics: Mapping[str, Topic], kept: Collection[int] | None
) -> Iterator[Recorded]:
    """Every answer; those about single candidates last, and of those `kept` alone, if not None.

    They contradict each other if the run goes on meanwhile: give a `Store.snapshot` of it.
    """
    query = Query(store, run, recording=True)
    later: list[tuple[Topic, Mapping[str, str]]] = []
    for topic in topics.values():
        if topic.scope != "run":
            continue
        for params in topic.recorded(query):
            if NUMBER not in params:
                yield _answered(query, topic, params)
            elif kept is None or int(params[NUMBER]) in kept:
                later.append((topic, params))
    # By candidate: what one has in common with itself compresses best side by side.
    for topic, params in sorted(later, key=lambda pair: int(pair[1][NUMBER])):
        yield _answered(query, topic, params)


def _answered(query: Query, topic: Topic, params: Mapping[str, str]) -> Recorded:
    try:
        return Recorded(topic.name, params, topic.answer(replace(query, params=params)))
    except DatabaseError:
        raise
    except UserError as error:
        return Recorded(topic.name, params, str(error), failed=True)
