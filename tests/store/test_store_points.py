from __future__ import annotations

from itertools import pairwise

import pytest

from evolve.domain import Status
from evolve.store import Event, Store
from evolve.store.points import DotRow, StretchRow
from tests.report.compared_runs import add_run
from tests.store.store_samples import NEW_RUN, answered, asked, filled

COURSE = [1.0, None, 3.0, 2.0, None, 4.0, 4.0, 3.5]


def test_dots_are_valid_candidates_and_bests_are_kept_whatever_the_step(store: Store) -> None:
    run = add_run(store, "a", 1, COURSE)
    every = store.browse.dots(run, -1, 1)
    assert [dot.number for dot in every] == [0, 2, 3, 5, 6, 7]
    assert every[1] == DotRow(2, 2, 3.0, True, 2.0)
    assert [dot.number for dot in store.browse.dots(run, -1, 0)] == [0, 2, 5]
    some = store.browse.dots(run, -1, 4)
    assert {0, 2, 5} <= {dot.number for dot in some} <= {dot.number for dot in every}
    assert store.browse.dots(run, 4, 1) == every[3:]


def test_a_step_meets_every_island_that_takes_its_turn(store: Store) -> None:
    run = add_run(store, "a", 1, [9.0] * 400)
    chosen = [dot.position for dot in store.browse.dots(run, -1, 8)]
    assert 49 <= len(chosen) <= 51
    assert len({position % 4 for position in chosen}) == 4
    assert max(later - earlier for earlier, later in pairwise(chosen)) < 16


def test_stretches_add_up_to_where_the_run_stands(store: Store) -> None:
    run = add_run(store, "a", 1, COURSE, cost=0.25)
    add_run(store, "another", 1, [1.0, None], cost=1.0)
    stretches = store.browse.stretches(run, 4)
    assert stretches == [StretchRow(0, 4, 1, 3, 0.75, 3.0), StretchRow(4, 4, 1, 3, 1.0, 7.0)]
    end = store.standings(run)[-1]
    assert sum(row.evaluations for row in stretches) == end.evaluations
    assert sum(row.cost or 0.0 for row in stretches) == end.cost
    assert store.browse.stretches(run, 4, first=4) == stretches[1:]
    assert store.browse.stretches(run, 4, first=8) == []


def test_a_call_of_unknown_price_is_no_call_for_nothing(store: Store) -> None:
    run = add_run(store, "a", 1, [1.0, 2.0, 3.0], cost=[0.5, None])
    assert [row.cost for row in store.browse.stretches(run, 1)] == [0.0, 0.5, None]


def test_further_looks_are_evaluations(store: Store) -> None:
    run = filled(store, 3)
    assert [row.evaluations for row in store.browse.stretches(run, 1)] == [1, 1, 1]


def test_the_last_improvements_and_candidates_come_newest_first(store: Store) -> None:
    run = add_run(store, "a", 1, COURSE)
    assert [(row.number, row.objective) for row in store.browse.improvements(run, 2)] == [(5, 4.0), (2, 3.0)]
    latest = store.browse.latest(run, 4)
    assert [row.number for row in latest] == [7, 6, 5, 4]
    assert (latest[3].status, latest[3].objective) == (Status.DUPLICATE, None)
    assert store.browse.latest(add_run(store, "empty", 1, []), 4) == []


def test_the_pace_is_that_of_the_last_candidates(store: Store) -> None:
    run = add_run(store, "a", 1, [1.0] * 300)
    pace = store.browse.pace(run)
    assert (pace.told, pace.until - pace.since) == (200, pytest.approx(200.0))
    assert store.browse.pace(add_run(store, "b", 1, [1.0])).told == 0


def test_a_candidate_is_being_asked_for_until_its_answer_is_there(store: Store) -> None:
    run = filled(store, 2)
    store.append(run, [asked(2), asked(3), asked(3, 1)])
    assert store.browse.asked_now(run) == 2
    store.append(run, [answered(2)])
    assert store.browse.asked_now(run) == 1


def test_the_last_events_come_newest_first(store: Store) -> None:
    run = store.create_run(NEW_RUN)
    store.append(run, [Event("one", {}, 1.0), Event("two", {"a": 1}, 2.0, position=7)])
    assert [(event.kind, event.position) for event in store.browse.last_events(run, 5)] == [("two", 7), ("one", None)]
    assert [event.kind for event in store.browse.last_events(run, 1)] == ["two"]
