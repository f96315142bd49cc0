"""Noise is handled by the engine: who is looked at again, what it costs, and that a run stays repeatable."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from evolve.domain import Series, Split
from evolve.problem import Problem
from evolve.sandbox.base import CaseResult, Job
from evolve.session import Session
from evolve.store import Store, open_store
from tests.conftest import look
from tests.noisy_runs import log, noisy, settings, sit, state


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "evolve.db", create=True) as opened:
        yield opened


@pytest.mark.parametrize("order", ["arrival", "ordered"])
@pytest.mark.parametrize("evaluations", [1, 5, 120])
def test_every_look_counts_against_the_budget(store: Store, tiny: Problem, order: str, evaluations: int) -> None:
    looks = 0

    def counted(job: Job, case: int) -> CaseResult:
        nonlocal looks
        looks += job.split is Split.SEARCH
        return noisy(job, case)

    result, _ = sit(store, tiny, settings(f"search.order={order}", evaluations=evaluations), counted)
    assert result.finished
    assert looks == result.evaluations <= evaluations
    assert looks > 0.8 * evaluations


def test_an_ordered_noisy_run_is_the_same_whatever_the_timing(store: Store, tiny: Problem) -> None:
    wait = random.Random(4)
    calm, _ = sit(store, tiny, settings("search.order=ordered"), new=True)
    wild, _ = sit(
        store,
        tiny,
        settings("search.order=ordered", "workers.evaluations=5"),
        new=True,
        delay=lambda _: wait.random() * 0.01,
    )
    assert any(row.relooks for row in store.tells(calm.run_id) if row.number)
    assert log(store, wild.run_id) == log(store, calm.run_id)


def test_stops_leave_no_trace_in_an_ordered_noisy_run(store: Store, tiny: Problem) -> None:
    wanted = settings("search.order=ordered", "search.migration_interval=15")
    whole, untouched = sit(store, tiny, wanted, new=True)
    pieces, session = sit(store, tiny, wanted, new=True, stop_after=3)
    steps = random.Random(1)
    while not pieces.finished:
        pieces, session = sit(store, tiny, wanted, stop_after=steps.randrange(1, 20))
    assert pieces.run_id != whole.run_id
    assert log(store, pieces.run_id) == log(store, whole.run_id)
    assert state(session) == state(untouched)


@pytest.mark.parametrize("order", ["arrival", "ordered"])
def test_what_the_archive_did_is_logged_once_however_often_a_run_is_taken_up(
    store: Store, tiny: Problem, order: str
) -> None:
    wanted = settings(f"search.order={order}", "search.migration_interval=10", evaluations=300)
    result, _ = sit(store, tiny, wanted, stop_after=60)
    before = store.events(result.run_id)
    assert [event.kind for event in before].count("Migrated") > 1
    result, _ = sit(store, tiny, wanted, stop_after=20)
    after = store.events(result.run_id)
    assert after[: len(before)] == before
    assert not [event for event in after[len(before) :] if event.data in [known.data for known in before]]


def test_a_resumed_run_knows_all_it_knew(store: Store, tiny: Problem) -> None:
    wanted = settings("search.migration_interval=10", evaluations=300)
    result, before = sit(store, tiny, wanted, stop_after=60)
    assert any(row.relooks for row in store.tells(result.run_id) if row.number)
    after = Session(store, store.run(result.run_id), tiny, wanted)
    after.replay()
    assert state(after) == state(before)


def test_a_problem_without_noise_is_looked_at_once_and_its_log_holds_no_looks(store: Store, tiny: Problem) -> None:
    looked: Counter[str] = Counter()

    def counted(job: Job, case: int) -> CaseResult:
        looked[job.program.digest] += job.split is Split.SEARCH
        return look(job, case)

    result, _ = sit(store, tiny, settings(), counted)
    assert looked.pop(tiny.seed.digest) == 2
    assert set(looked.values()) == {1}
    assert not any(row.relooks for row in store.tells(result.run_id))
    assert store.further_looks(result.run_id) == 0


def test_the_winner_is_reported_by_looks_that_chose_nothing(store: Store, tiny: Problem) -> None:
    seeds: dict[str, set[int]] = {}

    def counted(job: Job, case: int) -> CaseResult:
        if job.split is Split.SEARCH:
            seeds.setdefault("confirm" if job.unused else "choosing", set()).add(job.seed)
        return noisy(job, case)

    result, _ = sit(store, tiny, settings(evaluations=200), counted)
    assert result.confirmed is not None
    assert result.confirmed.n == len(seeds["confirm"]) >= 8
    assert not seeds["confirm"] & seeds["choosing"]
    row = store.candidate(result.run_id, result.best_number or 0)
    assert row.estimate(Series.CONFIRM) == result.confirmed == store.run(result.run_id).summary.confirmed
    assert {
        look.stage for relook in row.relooks for look in relook.measurements if relook.series is Series.CONFIRM
    } == {"confirm"}
    assert store.best(result.run_id) == result.best_number
    assert result.evaluations <= 200
    assert result.seed is not None
    assert result.seed.n >= 8
