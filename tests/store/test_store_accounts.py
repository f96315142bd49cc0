"""What models cost: sums that agree with the calls, and worst cases that are never forgotten."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_samples import answered, asked, candidate, completion, filled, scored, verdict

from evolve.domain import Evaluation, Finish, Origin, Outcome, Status, Verdict
from evolve.store import (
    PERSON,
    Answered,
    Bill,
    Evaluated,
    MoneyRow,
    Proposed,
    Store,
    Told,
    UsageRow,
    Withdrawn,
    bill_of,
)

TOKENS = 700
"""Of one sample completion."""


def told(number: int, position: int, status: Status = Status.VALID, *, of: str = "m", **changes: object) -> list:
    """A candidate of model `of`, from proposal to tell."""
    proposal = replace(candidate(number), origin=Origin("mutate", 0, (0,), model=of))
    evaluation = scored(1.0) if status is Status.VALID else Evaluation(status)
    judged = verdict(gain=None) if status is Status.VALID else Verdict(Outcome.REJECTED, 0)
    return [
        Proposed(proposal, ""),
        Evaluated(number, evaluation),
        Told(number, position, replace(judged, **changes), 1.0),
    ]


def test_what_is_reserved_is_in_flight_until_it_is_answered(store: Store) -> None:
    run_id = filled(store, 1)
    assert store.money(run_id) == MoneyRow()
    store.append(run_id, [asked(1), asked(2), asked(3, money=None, tokens=50)])
    assert store.money(run_id) == MoneyRow(in_flight=1.0, tokens_in_flight=2050, unknown_in_flight=1)
    store.append(run_id, [answered(1), answered(3, cost=None, lost=0.125, lost_tokens=9)])
    money = store.money(run_id)
    assert money == MoneyRow(
        calls=2,
        cost=0.25,
        lost=0.125,
        in_flight=0.5,
        unknown=1,
        tokens=2 * TOKENS,
        lost_tokens=9,
        tokens_in_flight=1000,
    )
    assert (money.spent, money.spent_tokens) == (0.375, 1409)
    assert store.money(filled(store, 1)) == MoneyRow()


def test_what_a_killed_engine_may_have_been_charged_for_stays_in_the_books(store: Store) -> None:
    run_id = filled(store, 1)
    store.append(run_id, [asked(1)])
    store.append(run_id, [asked(1)])  # by the next engine: the first call may have been billed
    assert store.money(run_id) == MoneyRow(lost=0.5, lost_tokens=1000, in_flight=0.5, tokens_in_flight=1000)
    store.append(run_id, [answered(1)])
    assert store.money(run_id) == MoneyRow(calls=1, cost=0.25, lost=0.5, tokens=TOKENS, lost_tokens=1000)


def test_a_call_that_was_refused_gives_its_reservation_back(store: Store) -> None:
    run_id = filled(store, 1)
    store.append(run_id, [asked(1), asked(2), asked(3)])
    store.append(run_id, [Withdrawn(1, 0, reason="401"), Withdrawn(2, 0, money=0.25, tokens=10), Withdrawn(3, 0, None)])
    assert store.money(run_id) == MoneyRow(lost=0.25, lost_tokens=10, unknown=1)
    assert [row.number for row in store.open_questions(run_id)] == [1, 2, 3]
    # One append may hold the end of one hand-out and the beginning of the next.
    store.append(run_id, [asked(1), Withdrawn(1, 0), asked(1), answered(1), asked(2)])
    assert store.money(run_id) == MoneyRow(
        calls=1,
        cost=0.25,
        lost=0.25,
        lost_tokens=10,
        unknown=1,
        tokens=TOKENS,
        in_flight=0.5,
        tokens_in_flight=1000,
    )
    assert [row.handouts for number in (1, 2, 3) for row in store.asked(run_id, number)] == [3, 2, 1]


def test_a_question_that_nobody_waits_for_any_more_is_lost(store: Store) -> None:
    run_id = filled(store, 1)
    store.append(run_id, [asked(1), answered(1), asked(1, 1, step="lesson")])
    store.append(run_id, told(1, 1))
    assert store.money(run_id) == MoneyRow(calls=1, cost=0.25, lost=0.5, tokens=TOKENS, lost_tokens=1000)


def test_people_reserve_nothing(store: Store) -> None:
    run_id = filled(store, 1)
    person = {"asker": PERSON, "money": None, "request_digest": ""}
    store.append(run_id, [asked(1, **person), asked(1, **person), asked(2, **person)])
    store.append(run_id, [Answered(1, 0, "", completion(0.0), 1.0)])
    assert store.money(run_id) == MoneyRow(calls=1, tokens=TOKENS)


costs = st.lists(st.tuples(st.floats(0, 10), st.floats(0, 1)), min_size=1, max_size=6)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(costs=costs)
def test_a_candidates_bill_is_the_same_live_and_from_the_log(store: Store, costs: list[tuple[float, float]]) -> None:
    run_id = filled(store, 1)
    calls = [completion(cost, lost=lost, lost_tokens=turn) for turn, (cost, lost) in enumerate(costs)]
    for turn, call in reversed(list(enumerate(calls))):  # however they came in
        store.append(run_id, [asked(1, turn), Answered(1, turn, "", call, 1.0)])
    store.append(run_id, told(1, 1))
    seed, row = store.tells(run_id)
    live = Bill()
    for call in calls:
        live += bill_of([call])
    assert Bill(row.cost, row.tokens) == live == bill_of(calls)
    assert row.cost == pytest.approx(sum(map(sum, costs)))
    assert Bill(seed.cost, seed.tokens) == Bill(0.0, 0)


def test_one_call_of_unknown_price_makes_a_candidates_bill_unknown(store: Store) -> None:
    run_id = filled(store, 1)
    store.append(run_id, [asked(1), answered(1), asked(1, 1), answered(1, 1, None), *told(1, 1)])
    store.append(run_id, [asked(2), answered(2), *told(2, 2)])
    assert [(row.cost, row.tokens) for row in store.tells(run_id)] == [(0.0, 0), (None, 2 * TOKENS), (0.25, TOKENS)]


@pytest.mark.slow
def test_bills_are_found_for_every_stretch_of_a_long_run(store: Store) -> None:
    run_id = filled(store, 1)
    for start in range(1, 2401, 600):
        numbers = range(start, start + 600)
        calls = [record for number in numbers if number % 3 for record in (asked(number), answered(number))]
        store.append(run_id, [*calls, *(record for number in numbers for record in told(number, number))])
    rows = list(store.tells(run_id))
    assert [row.cost for row in rows] == [0.25 if number % 3 else 0.0 for number in range(2401)]


def test_usage_counts_what_became_of_each_models_candidates(store: Store) -> None:
    run_id = filled(store, 1)
    no_edit = (Status.NO_ANSWER, Status.EMPTY, Status.TRUNCATED, Status.BLOCKED, Status.NO_EDIT)
    no_program = (Status.EDIT_NOT_APPLIED, Status.OUTSIDE_REGION)
    fates = [
        *((status, {}) for status in (*no_edit, *no_program, Status.DUPLICATE, Status.CRASH)),
        (Status.VALID, {"outcome": Outcome.NOT_ADDED, "gain": -0.5}),
        (Status.VALID, {"outcome": Outcome.IMPROVED, "gain": 0.5}),
        (Status.VALID, {"outcome": Outcome.NEW_CELL, "gain": 0.5, "new_best": True}),
    ]
    for number, (status, changes) in enumerate(fates, start=1):
        store.append(run_id, [asked(number), answered(number), *told(number, number, status, **changes)])
    store.append(run_id, [asked(13), answered(13, cost=None, lost=0.5), *told(13, 13)[:1]])  # not evaluated yet
    store.append(run_id, [asked(14), answered(14, model="other", finish=Finish.LENGTH), asked(14, 1)])
    store.append(run_id, [asked(15, operator="crossover"), answered(15)])
    by_name = {(row.model, row.operator): row for row in store.usage(run_id)}
    assert sorted(by_name) == [("m", "crossover"), ("m", "mutate"), ("other", "mutate")]
    assert by_name["m", "mutate"] == UsageRow(
        model="m",
        operator="mutate",
        calls=13,
        prompt=13 * 600,
        cached=13 * 500,
        output=13 * 100,
        reasoning=13 * 40,
        cost=12 * 0.25,
        lost=0.5,
        unknown=1,
        seconds=13 * 1.5,
        proposed=13,
        parsed=8,
        applied=6,
        valid=3,
        improved=2,
        new_cell=1,
        new_best=1,
    )
    assert (by_name["m", "crossover"].calls, by_name["m", "crossover"].proposed) == (1, 0)
    assert sum(row.cost for row in store.usage(run_id)) == store.money(run_id).cost
