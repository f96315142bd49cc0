"""Questions and completions: what is stored comes back the same, and nothing that was paid for is asked again."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_samples import FAILED, NEW_RUN, answered, asked, candidate, filled, steps, verdict
from test_store_log import ANY_TEXT, SECONDS
from test_store_reading import plain_sql

from evolve.domain import Completion, Finish, Origin, Usage
from evolve.errors import DatabaseError, NotFound
from evolve.store import PERSON, Answered, Asked, Evaluated, Proposed, Store, Told, Withdrawn

COUNTS = st.integers(0, 10**6)
MONEY = st.floats(0, 1e6)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | MONEY | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=6,
)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
questions = st.builds(
    Asked,
    st.just(3),
    st.just(0),
    st.integers(0, 9),
    ANY_TEXT,
    ANY_TEXT,
    ANY_TEXT,
    st.dictionaries(ANY_TEXT, DATA, max_size=3),
    st.text("0123456789abcdef", max_size=64),
    st.none() | MONEY,
    COUNTS,
    st.sampled_from(["model", "person"]),
    st.none() | MOMENTS,
)
completions = st.builds(
    Completion,
    ANY_TEXT,
    st.sampled_from(Finish),
    ANY_TEXT,
    st.builds(Usage, COUNTS, COUNTS, COUNTS, COUNTS),
    st.none() | MONEY,
    SECONDS,
    st.integers(1, 99),
    ANY_TEXT,
    MONEY,
    COUNTS,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=questions, answer=completions, texts=st.tuples(ANY_TEXT, ANY_TEXT, ANY_TEXT))
def test_whatever_is_asked_and_answered_comes_back_equal(
    store: Store, question: Asked, answer: Completion, texts: tuple[str, str, str]
) -> None:
    run_id = filled(store, 1)
    store.append(run_id, [question])
    (row,) = store.asked(run_id, 3)
    for field in Asked.__slots__:
        assert getattr(row, field) == getattr(question, field)
    assert (row.completion, row.handouts, store.completion(run_id, 3, 0)) == (None, 1, None)

    store.append(run_id, [Answered(3, 0, question.request_digest, answer, 4.5)])
    found = store.completion(run_id, 3, 0)
    assert found is not None
    assert (found.completion, found.request_digest, found.elapsed) == (answer, question.request_digest, 4.5)
    assert store.completion_of(run_id, question.request_digest) == [found]
    assert store.asked(run_id, 3) == [replace(row, completion=found)]
    assert store.elapsed(run_id) == 4.5

    idea, model, lesson = texts
    origin = Origin("mutate", 0, (0,), idea=idea, model=model)
    told = Told(3, 1, verdict(), 5.0, lesson)
    store.append(run_id, [Proposed(replace(candidate(3), origin=origin), ""), Evaluated(3, FAILED), told])
    assert (store.candidate(run_id, 3).origin, store.candidate(run_id, 3).lesson) == (origin, lesson)
    row = list(store.tells(run_id))[1]
    assert (row.origin, row.lesson) == (origin, lesson)
    step = store.lineage(run_id, 3)[0]
    assert (step.idea, step.model) == (idea, model)


def test_an_answer_of_ten_megabytes_is_kept(store: Store) -> None:
    run_id = filled(store, 1)
    text = "\x00x = 'ü'\ud800\n" * 1_000_000
    store.append(run_id, [asked(1), answered(1, text=text)])
    found = store.completion(run_id, 1, 0)
    assert found is not None
    assert found.completion.text == text


def test_open_is_what_was_asked_about_and_not_told(store: Store) -> None:
    run_id = filled(store, 3)
    store.append(
        run_id, [asked(3), asked(4), answered(4), asked(4, 1), answered(4, 1), asked(4, 2), asked(5), answered(5)]
    )
    store.append(run_id, [*steps(5, 3)[:2], asked(5, 1, step="lesson"), asked(6), answered(6), *steps(6, 4)])
    rows = store.open_questions(run_id)
    assert [(row.number, row.proposed, len(row.turns)) for row in rows] == [(3, False, 1), (4, False, 3), (5, True, 2)]
    assert [(turn.turn, turn.completion is not None) for turn in rows[1].turns] == [(0, True), (1, True), (2, False)]
    assert rows[1].first.completion == store.completion(run_id, 4, 0)
    assert (rows[2].last.step, rows[2].last.completion) == ("lesson", None)
    assert [row.candidate.number for row in store.untold(run_id)] == [5]

    store.append(run_id, [steps(5, 3)[2]])
    store.append(run_id, [Proposed(candidate(3), ""), Evaluated(3, FAILED), Told(3, 5, verdict(), 1.0)])
    assert [row.number for row in store.open_questions(run_id)] == [4]
    assert [row.turn for row in store.asked(run_id, 4)] == [0, 1, 2]
    assert store.asked(run_id, 0) == []


def test_many_open_questions_are_all_found(store: Store) -> None:
    run_id = filled(store, 1)
    store.append(run_id, [asked(number) for number in range(1, 1202)])
    assert [row.number for row in store.open_questions(run_id)] == list(range(1, 1202))


def test_a_number_that_is_asked_about_is_taken(store: Store) -> None:
    run_id = filled(store, 2)
    store.append(run_id, [asked(7)])
    assert store.next_number(run_id) == 8
    with pytest.raises(NotFound, match=f"candidate 7 of run {run_id} does not exist yet: it is being asked for"):
        store.candidate(run_id, 7)
    with pytest.raises(NotFound, match="has no candidate 5; its candidates are 0 to 1"):
        store.candidate(run_id, 5)


def test_work_that_expired_is_handed_out_again(store: Store) -> None:
    run_id = filled(store, 1)
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    first = asked(1, asker=PERSON, request_digest="", money=0.0, expires=noon)
    store.append(run_id, [first, asked(2)])
    store.append(run_id, [replace(first, expires=noon + timedelta(hours=1))])
    (row,) = store.asked(run_id, 1)
    assert (row.expires, row.handouts, row.prompt) == (noon + timedelta(hours=1), 2, first.prompt)
    assert [(row.number, row.last.handouts) for row in store.open_questions(run_id)] == [(1, 2), (2, 1)]
    store.append(run_id, [answered(1, cost=0.0)])
    assert store.asked(run_id, 1)[0].completion == store.completion(run_id, 1, 0)


def test_a_question_has_one_prompt_and_one_answer(store: Store) -> None:
    run_id = filled(store, 2)
    store.append(run_id, [asked(2), answered(2), asked(3)])
    before = (store.run(run_id), store.open_questions(run_id), store.money(run_id))
    for bad, sentence in (
        (asked(2), "question 0 of candidate 2 has its answer already; use that instead of asking again"),
        (asked(3, prompt={"sections": []}), "question 0 of candidate 3 was asked before, with another prompt"),
        (answered(2), "refused a record"),  # answered before
        (answered(3, 1), "refused a record"),  # never asked
        (Withdrawn(4, 0), "refused a record"),  # never asked
    ):
        with pytest.raises(DatabaseError, match=sentence):
            store.append(run_id, [asked(9), answered(9), bad])
        assert (store.run(run_id), store.open_questions(run_id), store.money(run_id)) == before
    store.append(run_id, [asked(3, request_digest="with another temperature"), answered(3)])


def test_money_that_is_not_finite_is_never_stored(store: Store) -> None:
    run_id = filled(store, 1)
    for records, sentence in (
        ([asked(1, money=math.inf)], "the money for candidate 1 is inf"),
        ([asked(1), answered(1, cost=math.nan)], "the cost of the completion for candidate 1 is nan"),
        ([asked(1), answered(1, lost=math.inf)], "the loss of the completion for candidate 1 is inf"),
        ([asked(1), answered(1, wall=math.nan)], "the wall time of the completion for candidate 1 is nan"),
        ([asked(1, prompt={"temperature": math.nan})], "not JSON compliant"),
    ):
        with pytest.raises(ValueError, match=sentence):
            store.append(run_id, records)
    assert store.open_questions(run_id) == []


def test_equal_requests_are_told_apart_by_their_order(store: Store, database: str) -> None:
    run_id, other = filled(store, 1), filled(store, 1)
    same = {"request_digest": "same"}
    for run, number, turn in ((run_id, 9, 1), (run_id, 2, 0), (other, 1, 0), (run_id, 9, 0), (run_id, 10, 0)):
        store.append(run, [asked(number, turn, **same), replace(answered(number, turn), **same)])
    store.append(run_id, [asked(3), answered(3), asked(4, **same)])
    places = [(row.number, row.turn) for row in store.completion_of(run_id, "same")]
    assert places == [(2, 0), (9, 0), (9, 1), (10, 0)]
    assert store.completion_of(run_id, "never asked") == []
    seen = plain_sql(
        database, f"SELECT number, turn, occurrence FROM calls WHERE run_id = {run_id} ORDER BY number, turn"
    )
    assert seen == [(2, 0, 0), (3, 0, 0), (4, 0, None), (9, 0, 1), (9, 1, 2), (10, 0, 3)]


def test_the_nearest_request_is_of_the_same_turn_or_the_operators_last(store: Store) -> None:
    run_id = filled(store, 1)
    assert store.nearest_request(run_id, 1, 0, "mutate") is None
    store.append(run_id, [asked(1, operator="mutate"), asked(2, operator="repair"), asked(3, operator="mutate")])
    store.append(run_id, [asked(3, 1, operator="mutate"), answered(3), asked(4, operator="simplify")])

    def nearest(number: int, turn: int, operator: str) -> tuple[int, int]:
        found = store.nearest_request(run_id, number, turn, operator)
        assert found is not None
        return found.number, found.turn

    assert nearest(2, 0, "mutate") == (2, 0)
    assert nearest(2, 5, "mutate") == (3, 1)
    assert nearest(9, 0, "repair") == (2, 0)
    assert nearest(9, 0, "crossover") == (4, 0)
    whole = store.nearest_request(run_id, 3, 0, "mutate")
    assert whole == store.asked(run_id, 3)[0]
    assert whole.completion is not None


def test_a_run_without_models_has_nothing_of_all_that(store: Store) -> None:
    run_id = store.create_run(NEW_RUN)
    store.append(run_id, steps(0))
    assert store.open_questions(run_id) == []
    assert store.usage(run_id) == []
    assert store.money(run_id).spent == 0.0
    assert [(row.cost, row.tokens, row.lesson) for row in store.tells(run_id)] == [(0.0, 0, "")]
