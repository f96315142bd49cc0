"""What became of candidates by model, operator and status; on both databases."""

from __future__ import annotations

from evolve.domain import Outcome, Status
from evolve.store import Store
from evolve.store.funnel import FateRow
from tests.store.inspected import Writer
from tests.store.store_samples import filled


def test_candidates_are_counted_by_who_made_them_how_and_what_became_of_them(store: Store) -> None:
    other = Writer.begin(store)
    other.add(operator="rewrite", model="n")
    run = Writer.begin(store)
    run.add(wall=0.25, outcome=Outcome.IMPROVED, gain=0.5)
    run.add(wall=0.5, outcome=Outcome.NOT_ADDED, gain=-0.5)
    run.add(wall=1.0, outcome=Outcome.NEW_CELL, gain=0.0)
    run.add(wall=2.0, outcome=Outcome.NEW_CELL, gain=0.5, new_best=True)
    run.add(Status.CRASH, wall=4.0)
    run.add(model="m", operator="rewrite", outcome=Outcome.NOT_ADDED)
    run.add(None, model="m", operator="rewrite")
    assert store.browse.fates(run.run_id) == [
        FateRow("", "mutate", Status.CRASH, 1, seconds=4.0),
        FateRow("", "mutate", Status.VALID, 4, improved=2, new_cell=2, new_best=1, seconds=3.75),
        FateRow("m", "rewrite", None, 1),
        FateRow("m", "rewrite", Status.VALID, 1),
    ]


def test_the_seed_is_nobodys(store: Store) -> None:
    assert store.browse.fates(filled(store, 1)) == []
    assert store.browse.fates(999) == []
