"""What is appended comes back the same, all of it or nothing, on every kind of database."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_samples import FAILED, NEW_RUN, candidate, filled, program, scored, steps, verdict

from evolve.domain import (
    Candidate,
    Estimate,
    Evaluation,
    Measurement,
    Origin,
    Outcome,
    Program,
    Split,
    Status,
    Verdict,
)
from evolve.errors import DatabaseError, NotFound
from evolve.store import Evaluated, Event, Proposed, Spent, SpentRow, Store, Told, UntoldRow

# NUL and lone surrogates, too, for candidates print them; and what `escape` writes may have been there before.
NASTY = ["\x00", "\x1a", "\ud800", "\udfff", "\x1a0041", "\r\n"]
ANY_TEXT = st.lists(st.sampled_from(NASTY) | st.text(max_size=8), max_size=4).map("".join)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
SECONDS = st.floats(0, 1e6)
NAMED = st.dictionaries(st.sampled_from(["radius", "größe", "a b"]), NUMBERS, max_size=3)
TEXTS = st.dictionaries(ANY_TEXT, ANY_TEXT, max_size=2)

measurements = st.builds(
    Measurement,
    stage=ANY_TEXT,
    split=st.sampled_from(Split),
    case=st.integers(0, 1000),
    repeat=st.integers(0, 9),
    status=st.sampled_from(Status),
    metrics=NAMED,
    feedback=ANY_TEXT,
    artifacts=TEXTS,
    wall=SECONDS,
    cpu=SECONDS,
    peak_rss=st.integers(0, 2**40),
)
estimates = st.builds(Estimate, NUMBERS, st.none() | SECONDS, st.integers(1, 1000))


@st.composite
def evaluations(draw: st.DrawFn) -> Evaluation:
    status = draw(st.sampled_from(Status))
    return Evaluation(
        status,
        draw(estimates) if status is Status.VALID else None,
        metrics=draw(NAMED),
        measures=draw(NAMED),
        feedback=draw(ANY_TEXT),
        artifacts=draw(TEXTS),
        measurements=tuple(draw(st.lists(measurements, max_size=3))),
        wall=draw(SECONDS),
    )


programs = st.dictionaries(ANY_TEXT, ANY_TEXT, max_size=3).map(Program.of)
origins = st.builds(
    Origin,
    ANY_TEXT,
    st.integers(0, 9),
    st.just((0, 1)),
    st.just((1, 0)),
    st.sampled_from(["main", "prompts"]),
    ANY_TEXT,
)
verdicts = st.builds(
    Verdict,
    st.sampled_from(Outcome),
    st.integers(0, 9),
    st.none() | st.integers(0, 10**6),
    st.none() | st.integers(0, 10**6),
    st.booleans(),
    st.none() | NUMBERS,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(program=programs, origin=origins, search=evaluations(), holdout=evaluations(), verdict=verdicts)
def test_whatever_is_appended_comes_back_equal(
    store: Store, program: Program, origin: Origin, search: Evaluation, holdout: Evaluation, verdict: Verdict
) -> None:
    run_id = store.create_run(NEW_RUN)
    store.append(run_id, [*steps(0), *steps(1)])
    proposed = Proposed(Candidate(2, program, origin), "same as nothing")
    store.append(run_id, [proposed, Evaluated(2, search)])
    assert store.untold(run_id) == [UntoldRow(proposed.candidate, "same as nothing", search)]

    store.append(run_id, [Told(2, 2, verdict, 3.5), Evaluated(2, holdout, Split.HOLDOUT)])
    row = store.candidate(run_id, 2)
    assert (row.program, row.origin, row.evaluation, row.holdout) == (program, origin, search, holdout)
    assert (row.verdict, row.elapsed, row.position, row.fingerprint) == (verdict, 3.5, 2, "same as nothing")
    told = list(store.tells(run_id))[2]
    assert (told.origin, told.verdict, told.status) == (origin, verdict, search.status)
    assert (told.objective, told.measures) == (search.objective, search.measures)
    assert store.untold(run_id) == []


def test_tells_come_back_in_tell_order_however_far_it_is_from_ask_order(store: Store) -> None:
    count = 2500  # more than one read
    run_id = store.create_run(NEW_RUN)
    order = list(range(1, count))
    random.Random(0).shuffle(order)
    store.append(run_id, steps(0))
    for start in range(0, len(order), 500):
        some = order[start : start + 500]
        proposals = [Proposed(candidate(number, 0, shown=(0,)), "") for number in some]
        told = [Told(number, 1 + start + place, verdict(), 0.0) for place, number in enumerate(some)]
        store.append(run_id, [*proposals, *(Evaluated(number, scored(number, 1)) for number in some), *told])
    rows = list(store.tells(run_id))
    assert [row.number for row in rows] == [0, *order]
    assert [row.position for row in rows] == list(range(count))
    assert all(row.origin.parents == (0,) and row.origin.inspirations == (0,) for row in rows[1:])
    assert all(row.objective == Estimate(row.number, 0.125, 1) for row in rows[1:])


def test_a_program_is_stored_once_and_each_candidate_finds_it(store: Store) -> None:
    run_id = store.create_run(NEW_RUN)
    same = program(0)
    store.append(run_id, [Proposed(Candidate(number, same, Origin("mutate", 0)), "") for number in (0, 1)])
    store.append(run_id, [Proposed(Candidate(2, same, Origin("mutate", 0)), "")])
    assert store.programs(run_id, [0, 2, 99]) == {0: same, 2: same}
    assert store.programs(run_id, range(2000)) == {0: same, 1: same, 2: same}


def test_a_refused_record_takes_the_whole_append_with_it(store: Store) -> None:
    run_id = filled(store, 8)
    before = (store.run(run_id), list(store.tells(run_id)), store.events(run_id), store.next_number(run_id))
    good = [Event("note", {}, 99.0), Proposed(candidate(20), ""), Evaluated(20, FAILED)]
    for bad in (
        Proposed(candidate(0), ""),  # the number is taken
        Proposed(candidate(50, 49), ""),  # no such parent
        Evaluated(60, FAILED),  # no such candidate
        Evaluated(0, FAILED),  # scored before
        Told(0, 70, verdict(), 1.0),  # told before
        Told(20, 3, verdict(), 1.0),  # the position is taken
    ):
        with pytest.raises(DatabaseError, match="refused a record"):
            store.append(run_id, [*good, bad])
        after = (store.run(run_id), list(store.tells(run_id)), store.events(run_id), store.next_number(run_id))
        assert after == before
    store.append(run_id, good)
    assert store.next_number(run_id) == 21


def test_a_tell_needs_an_evaluation_now_or_before(store: Store) -> None:
    run_id = store.create_run(NEW_RUN)
    store.append(run_id, [Proposed(candidate(0), ""), Proposed(candidate(1), ""), Evaluated(0, FAILED)])
    store.append(run_id, [Told(0, 0, verdict(), 1.0)])
    with pytest.raises(DatabaseError, match="candidate 1 was told before it was evaluated"):
        store.append(run_id, [Evaluated(1, FAILED, Split.HOLDOUT), Told(1, 1, verdict(), 1.0)])
    assert store.candidate(run_id, 1).holdout is None


def test_a_number_that_is_not_finite_is_never_stored(store: Store) -> None:
    run_id, number = filled(store, 1), math.nan
    new = Proposed(candidate(1), "")
    look = Measurement("full", Split.SEARCH, 0, 0, Status.VALID, {"radius": number})
    evaluation = "in the evaluation of candidate 1 is nan"
    for records, sentence in (
        ([new, Evaluated(1, Evaluation(Status.CRASH, metrics={"radius": number}))], f"'radius' {evaluation}"),
        ([new, Evaluated(1, Evaluation(Status.CRASH, measures={"length": number}))], f"'length' {evaluation}"),
        ([new, Evaluated(1, Evaluation(Status.CRASH, measurements=(look,)))], f"'radius' {evaluation}"),
        ([new, Evaluated(1, scored(1.0, stderr=math.inf))], "the standard error of candidate 1 is inf"),
        ([new, Evaluated(1, FAILED), Told(1, 1, verdict(gain=number), 1.0)], "the gain of candidate 1 is nan"),
        ([Spent("evaluation", number, "s")], "the amount spent on evaluation is nan"),
        ([Event("note", {"x": number}, 1.0)], "not JSON compliant"),
    ):
        with pytest.raises(ValueError, match=sentence):
            store.append(run_id, records)
    assert store.next_number(run_id) == 1
    assert store.events(run_id) == []


def test_events_are_numbered_per_run_and_can_be_followed(store: Store) -> None:
    first, second = store.create_run(NEW_RUN), store.create_run(NEW_RUN)
    store.append(first, [Event("migration", {"from": 0}, 1.0), Event("restart", {"island": 1}, 2.0)])
    store.append(second, [Event("restart", {}, 1.0)])
    store.append(first, [Event("migration", {"from": 1}, 3.0)])
    assert [(row.seq, row.kind) for row in store.events(first)] == [(1, "migration"), (2, "restart"), (3, "migration")]
    assert [row.data for row in store.events(first, after=1)] == [{"island": 1}, {"from": 1}]
    assert [row.elapsed for row in store.events(first, kinds=["migration"])] == [1.0, 3.0]
    assert [row.seq for row in store.events(first, limit=1)] == [1]
    assert [row.seq for row in store.events(second)] == [1]
    assert store.elapsed(first) == 3.0


def test_spending_adds_up_by_kind_and_unit(store: Store) -> None:
    run_id = filled(store, 2)
    assert store.spent(run_id) == []
    store.append(run_id, [Spent("evaluation", 1.5, "s", 0), Spent("model", 0.25, "USD")])
    store.append(run_id, [Spent("evaluation", 2.0, "s", 1), Spent("evaluation", 1, "calls", 1)])
    assert store.spent(run_id) == [
        SpentRow("evaluation", "calls", 1.0),
        SpentRow("evaluation", "s", 3.5),
        SpentRow("model", "USD", 0.25),
    ]


def test_an_unknown_run_is_not_written_to(store: Store) -> None:
    with pytest.raises(NotFound, match="no run 7"):
        store.append(7, [Event("note", {}, 1.0)])
