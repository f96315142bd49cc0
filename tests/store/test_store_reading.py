"""What people ask of a store, and counters that never differ from a recount."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from store_samples import FAILED, NEW_RUN, candidate, filled, scored, steps, verdict

from evolve.domain import Direction, Outcome, Split, Status
from evolve.errors import DatabaseError, NotFound
from evolve.store import CurvePoint, Evaluated, Holder, Proposed, RunStatus, Store, Told, open_store


def test_a_run_comes_back_as_it_was_created(store: Store) -> None:
    run = store.run(store.create_run(NEW_RUN))
    for field in ("problem_path", "problem_digest", "seed", "settings", "settings_digest", "versions", "isolation"):
        assert getattr(run, field) == getattr(NEW_RUN, field)
    summary = run.summary
    assert (summary.name, summary.problem, summary.objective) == ("first", "packing", "sum_of_radii")
    assert summary.direction is Direction.MAXIMIZE
    assert (summary.candidates, summary.best_number, summary.seed_objective, summary.elapsed) == (0, None, None, 0.0)
    assert summary.created.tzinfo is not None
    assert store.next_number(run.id) == 0


def test_the_numbers_of_a_run_are_those_that_are_there(store: Store) -> None:
    run_id = store.create_run(NEW_RUN)
    assert store.numbers(run_id) == []
    store.append(run_id, [*steps(0), *steps(1_000_000, 1)])  # as far apart as a campaign's
    assert store.numbers(run_id) == [0, 1_000_000]


def test_runs_are_listed_newest_first_a_page_at_a_time(store: Store) -> None:
    ids = [store.create_run(NEW_RUN) for _ in range(5)]
    assert [row.id for row in store.runs()] == ids[::-1]
    assert [row.id for row in store.runs(limit=2, offset=1)] == [ids[3], ids[2]]


def test_what_is_not_there_is_said_with_what_is(store: Store) -> None:
    with pytest.raises(NotFound, match="no run 1; the database has no runs yet"):
        store.run(1)
    run_id = store.create_run(NEW_RUN)
    with pytest.raises(NotFound, match=f"no run 99; the runs there are: {run_id}"):
        store.run(99)
    with pytest.raises(NotFound, match=f"run {run_id} has no candidate 3; it has no candidates yet"):
        store.candidate(run_id, 3)
    store.append(run_id, steps(0))
    with pytest.raises(NotFound, match=f"run {run_id} has no candidate 3; its candidates are 0 to 0"):
        store.lineage(run_id, 3)
    with pytest.raises(NotFound, match="no run 99"):
        store.candidate(99, 0)


def test_numbers_no_database_can_hold_are_not_there_either(store: Store) -> None:
    run_id = store.create_run(NEW_RUN)
    with pytest.raises(NotFound):
        store.run(10**30)
    with pytest.raises(NotFound):
        store.candidate(run_id, 10**30)


def test_the_latest_unfinished_run_of_the_same_problem_and_settings_is_the_one_to_resume(store: Store) -> None:
    digests = (NEW_RUN.problem_digest, NEW_RUN.settings_digest)
    assert store.find_resumable(*digests) is None
    older, newer = store.create_run(NEW_RUN), store.create_run(NEW_RUN)
    found = store.find_resumable(*digests)
    assert found is not None
    assert found.id == newer
    holder = Holder.here()
    store.acquire(newer, holder)
    store.release(newer, holder, RunStatus.FINISHED, "budget of 100 evaluations spent")
    found = store.find_resumable(*digests)
    assert found is not None
    assert found.id == older
    assert store.find_resumable(digests[0], "other settings") is None


def test_counters_agree_with_a_recount(store: Store, database: str) -> None:
    run_id = store.create_run(NEW_RUN)
    parent = None
    for start, stop in ((0, 1), (1, 9), (9, 10), (10, 30)):
        records = []
        for number in range(start, stop):
            records += steps(number, best=number % 3 == 0, parent=parent)
            parent = number
        store.append(run_id, records)
    store.append(run_id, [Proposed(candidate(30), ""), Proposed(candidate(31), ""), Evaluated(31, scored(1.0))])
    store.append(run_id, [Evaluated(0, scored(2.0), Split.HOLDOUT), Evaluated(27, FAILED, Split.HOLDOUT)])
    summary = store.run(run_id).summary
    assert (summary.candidates, summary.evaluated, summary.valid, summary.told) == (32, 31, 25, 30)
    assert (summary.best_number, summary.best_objective, summary.seed_objective) == (27, 27.0, 0.0)
    assert summary.elapsed == pytest.approx(2.9)
    assert summary == store.runs()[0]
    assert store.best(run_id) == 27
    assert store.statuses(run_id) == {Status.VALID: 25, Status.CRASH: 6}
    recount = """SELECT (SELECT count(*) FROM candidates), count(*), sum(CASE status WHEN 'valid' THEN 1 ELSE 0 END),
                 (SELECT count(*) FROM tells) FROM evaluations WHERE purpose = 'search'"""
    assert plain_sql(database, recount) == [(32, 31, 25, 30)]


def test_a_best_told_after_it_was_scored_is_counted_as_well(store: Store) -> None:
    run_id = store.create_run(NEW_RUN)
    store.append(run_id, [Proposed(candidate(0), "")])
    store.append(run_id, [Evaluated(0, scored(4.0))])
    assert store.run(run_id).summary.seed_objective == 4.0
    store.append(run_id, [Told(0, 0, verdict(new_best=True), 1.25)])
    assert store.run(run_id).summary.best_objective == 4.0
    assert store.best_curve(run_id) == [CurvePoint(0, 1.25, 0, 4.0)]


def test_the_lineage_follows_first_parents_to_the_seed(store: Store) -> None:
    run_id = store.create_run(NEW_RUN)
    for number in range(4):
        store.append(run_id, steps(number))
    store.append(run_id, [Proposed(candidate(4, 2, 1, shown=(3,)), ""), Evaluated(4, FAILED)])
    store.append(run_id, [Proposed(candidate(5, 4, operator="crossover"), "")])
    path = store.lineage(run_id, 5)
    assert [step.number for step in path] == [5, 4, 2]
    assert [step.operator for step in path] == ["crossover", "mutate", "mutate"]
    assert [step.status for step in path] == [None, Status.CRASH, Status.VALID]
    assert (path[2].objective, path[2].outcome, path[2].gain, path[2].elapsed) == (2.0, Outcome.NEW_CELL, 0.5, 0.2)
    assert (path[0].outcome, path[0].objective) == (None, None)
    assert [store.candidate(run_id, number).children for number in (1, 2, 3, 4, 5)] == [1, 1, 0, 1, 0]


def test_a_long_lineage_is_whole(store: Store) -> None:
    run_id = filled(store, 300)
    assert [step.number for step in store.lineage(run_id, 299)] == list(range(299, -1, -1))


def test_feedback_and_evaluations_can_be_had_alone(store: Store) -> None:
    run_id = filled(store, 6)
    store.append(run_id, [Evaluated(2, FAILED, Split.HOLDOUT)])
    said = store.remarks(run_id, [2, 4, 77])
    assert {number: remarks.feedback for number, remarks in said.items()} == {
        2: "two circles touch",
        4: "ZeroDivisionError: division by zero",
    }
    for number, remarks in said.items():
        evaluation = store.evaluation(run_id, number)
        assert evaluation is not None
        assert (remarks.metrics, remarks.artifacts) == (evaluation.metrics, evaluation.artifacts)
    assert store.evaluation(run_id, 2) == scored(2.0)
    assert store.evaluation(run_id, 2, Split.HOLDOUT) == FAILED
    assert store.evaluation(run_id, 3, Split.HOLDOUT) is None


def plain_sql(database: str, query: str) -> list[tuple[object, ...]]:
    """What another tool sees."""
    engine = sa.create_engine(database.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(sa.text(query))]
    engine.dispose()
    return rows


def test_a_snapshot_stays_as_it_was_while_others_write(store: Store, database: str) -> None:
    run_id = store.create_run(NEW_RUN)
    store.append(run_id, steps(0))
    with open_store(database, create=False, read_only=True) as reader:
        with reader.snapshot() as still:
            before = still.run(run_id)
            store.append(run_id, steps(1))  # which waits for nobody
            assert still.run(run_id) == before
            assert [tell.number for tell in still.tells(run_id)] == [0]
            assert [row.number for row in still.browse.told_after(run_id, 0, 9)] == [0]
            with still.snapshot() as same:
                assert same.run(run_id) == before
            still.close()
            with pytest.raises(NotFound, match="no candidate 1; its candidates are 0 to 0"):
                still.candidate(run_id, 1)
            with pytest.raises(DatabaseError, match="reading only"):
                still.create_run(NEW_RUN)
        assert reader.run(run_id).summary.candidates == before.summary.candidates + 1
        assert reader.candidate(run_id, 1).number == 1
