"""What calls and evaluations took, by what became of them and over time; on both databases."""

from __future__ import annotations

import pytest

from evolve.domain import Outcome, Relook, Series, Split, Status
from evolve.store import Looked, Store
from evolve.store.costs import AskedFor, CallsRow, EvaluatedRow, LooksRow, SpentSlice, ToldSlice
from tests.store.inspected import Writer
from tests.store.store_samples import asked, filled


def test_calls_are_added_up_by_who_answered_what_for_and_what_became_of_it(store: Store) -> None:
    run = Writer.begin(store)
    run.add(model="m", gain=0.5, new_best=True, calls=({"step": "plan"}, {"step": "edit"}))
    run.add(model="m", gain=0.5, calls=({"step": "edit"},))
    run.add(model="m", gain=0.5, calls=({"step": "edit", "cost": None, "lost": 0.125, "lost_tokens": 9},))
    run.add(Status.CRASH, model="m", calls=({"step": "edit"},))
    run.add(None, model="n", operator="rewrite", calls=({"step": "rewrite"},))
    store.append(run.run_id, [asked(run.number)])  # nobody answered yet

    def row(model: str, operator: str, step: str, status: Status | None, calls: int, **more: object) -> CallsRow:
        sums = {"prompt": 600, "cached": 500, "output": 100, "reasoning": 40, "cost": 0.25, "seconds": 1.5}
        given = {name: calls * value for name, value in sums.items()}
        return CallsRow(model, operator, step, status, calls=calls, **{**given, **more})  # pyright: ignore

    assert store.browse.calls(run.run_id) == [
        row("m", "mutate", "edit", Status.CRASH, 1),
        row("m", "mutate", "edit", Status.VALID, 2, improved=True, cost=0.25, unknown=1, lost=0.125, lost_tokens=9),
        row("m", "mutate", "edit", Status.VALID, 1, improved=True, new_best=True),
        row("m", "mutate", "plan", Status.VALID, 1, improved=True, new_best=True),
        row("n", "rewrite", "rewrite", None, 1),
    ]
    money = store.money(run.run_id)
    assert sum(each.cost for each in store.browse.calls(run.run_id)) == money.cost
    assert sum(each.calls for each in store.browse.calls(run.run_id)) == money.calls


def test_time_is_cut_into_slices_that_begin_where_the_last_one_ended(store: Store) -> None:
    run = Writer.begin(store)
    for at in (0.0, 0.999, 1.0, 1.5, 2.999, 3.001):
        run.add(model="m" if at else "n", elapsed=at + 0.0005, calls=({"at": at},))
    assert store.browse.spent_slices(run.run_id, 1.0) == [
        SpentSlice(0, "m", 1, 700, 0.25, 0, 0.0),
        SpentSlice(0, "n", 1, 700, 0.25, 0, 0.0),
        SpentSlice(1, "m", 2, 1400, 0.5, 0, 0.0),
        SpentSlice(2, "m", 1, 700, 0.25, 0, 0.0),
        SpentSlice(3, "m", 1, 700, 0.25, 0, 0.0),
    ]
    told = store.browse.told_slices(run.run_id, 1.0)
    assert told == [ToldSlice(0, 3), ToldSlice(1, 2), ToldSlice(2, 1), ToldSlice(3, 1)]  # with the seed


def test_the_way_of_a_candidate_from_question_to_result(store: Store) -> None:
    run = Writer.begin(store)
    run.add(operator="tune", wall=8.0)  # nobody was asked
    run.add(model="m", gain=0.5, wall=0.5, elapsed=10.0, calls=({"at": 4.0, "wall": 1.5}, {"at": 9.0, "wall": 2.0}))
    run.add(Status.DUPLICATE, model="m", elapsed=5.0, calls=({"at": 5.0, "wall": 1.0},))
    run.add(None, model="m", calls=({"at": 6.0},))
    assert store.browse.asked_for(run.run_id) == AskedFor(
        candidates=2, evaluated=1, improved=1, new_best=0, span=7.5 + 1.0, models=4.5, evaluation=0.5
    )
    assert store.browse.asked_for(filled(store, 3)) == AskedFor()


def test_evaluations_and_looks_are_summed_up(store: Store) -> None:
    run = Writer.begin(store)
    number = run.add(wall=1.0, outcome=Outcome.NOT_ADDED)
    run.add(Status.TIMEOUT, wall=3.0)
    run.add(Status.TIMEOUT, wall=3.5)
    looks = Relook(number, Status.VALID, {1: 1.0, 2: 1.25}, wall=0.75)
    final = Relook(number, Status.VALID, {0: 1.0}, wall=0.25, series=Series.FINAL)
    store.append(run.run_id, [Looked(2, looks), Looked(2, looks), Looked(2, final)])
    assert store.browse.evaluated(run.run_id) == [
        EvaluatedRow(Split.SEARCH, Status.TIMEOUT, 2, 6.5),
        EvaluatedRow(Split.SEARCH, Status.VALID, 2, 1.5),
    ]
    assert store.browse.looked(run.run_id) == [LooksRow(Series.FINAL, 1, 0.25), LooksRow(Series.SEARCH, 4, 1.5)]


@pytest.mark.parametrize("width", [0.1, 7.0])
def test_a_run_without_models_has_no_calls(store: Store, width: float) -> None:
    run_id = filled(store, 3)
    assert store.browse.calls(run_id) == []
    assert store.browse.spent_slices(run_id, width) == []
    assert sum(row.told for row in store.browse.told_slices(run_id, width)) == 3
