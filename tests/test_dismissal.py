"""A candidate that fails a later look leaves the run; a suspect one takes its descendants along, and it replays."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from evolve.domain import Series, Split, Status
from evolve.events import ArchiveChanged, Event
from evolve.problem import Problem, load_problem
from evolve.report.runs import RunDetails, run_details_json
from evolve.sandbox.base import CaseResult, Job
from evolve.session import Session
from evolve.store import Store, open_store
from tests.conftest import PROBLEM_TOML, literal_error, look, write_tiny
from tests.noisy_runs import log, noisy, settings, sit, state


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "evolve.db", create=True) as opened:
        yield opened


@pytest.fixture
def bounded(tmp_path: Path) -> Problem:
    """The tiny problem with a proof that no error is below -50."""
    toml = PROBLEM_TOML.replace('direction = "minimize"', 'direction = "minimize"\nbound = -50.0')
    return load_problem(write_tiny(tmp_path / "bounded", problem_toml=toml))


def chance(job: Job) -> float:
    """Between 0 and 1, the same for the same look at the same program."""
    return random.Random(f"{job.program.digest}:{job.seed}").random()


def brittle(job: Job, case: int) -> CaseResult:
    """Good programs crash now and then."""
    result = noisy(job, case)
    if literal_error(job.program.files[0].text) < 5.0 and chance(job) < 0.2:
        return CaseResult(case, Status.CRASH, feedback="ZeroDivisionError: now and then")
    return result


@pytest.mark.parametrize("order", ["arrival", "ordered"])
def test_who_crashes_on_a_later_look_is_no_elite_and_cannot_win(store: Store, tiny: Problem, order: str) -> None:
    result, session = sit(store, tiny, settings(f"search.order={order}", evaluations=200), brittle)
    out = {
        relook.number
        for number in range(session.search.told)
        for relook in store.relooks(result.run_id, number)
        if relook.status is not Status.VALID
    }
    assert out
    assert not out & set(session.search.islands.held())
    assert result.best_number not in out


def test_a_run_with_dismissals_is_the_same_after_stops(store: Store, tiny: Problem) -> None:
    wanted = settings("search.order=ordered", evaluations=200)
    heard: list[Event] = []
    whole, untouched = sit(store, tiny, wanted, brittle, new=True, heard=heard)
    assert any(isinstance(event, ArchiveChanged) and event.kind == "Dismissed" for event in heard)
    pieces, session = sit(store, tiny, wanted, brittle, new=True, stop_after=5)
    while not pieces.finished:
        pieces, session = sit(store, tiny, wanted, brittle, stop_after=9)
    assert log(store, pieces.run_id) == log(store, whole.run_id)
    assert state(session) == state(untouched)


def forger(job: Job, case: int) -> CaseResult:
    """Programs that got somewhere turn out to be beyond the bound once their looks count for something."""
    result = noisy(job, case)
    if literal_error(job.program.files[0].text) < 5.0 and chance(job) < 0.1:
        return replace(result, metrics={"error": -1000.0, "spread": 0.5})
    return result


def test_a_suspect_takes_its_descendants_along(store: Store, bounded: Problem) -> None:
    result, session = sit(store, bounded, settings(evaluations=300), forger)
    events = store.events(result.run_id, kinds=["Dismissed"])
    suspects = {event.data["number"] for event in events if event.data["status"] == "suspect"}
    assert suspects
    held = set(session.search.islands.held())
    for row in store.tells(result.run_id):
        line = {ancestor.number for ancestor in store.lineage(result.run_id, row.number)}
        if line & suspects:
            assert row.number not in held
            assert row.number != result.best_number
    shown = run_details_json(RunDetails.of(store, store.run(result.run_id)))["dismissed"]
    assert any("suspect" in sentence and "beyond the proven bound" in sentence for sentence in shown)
    again = Session(store, store.run(result.run_id), bounded, settings(evaluations=300))
    again.replay()
    assert state(again) == state(session)


def test_a_winner_that_is_suspect_on_held_out_cases_does_not_win(store: Store, bounded: Problem) -> None:
    def overfitted(job: Job, case: int) -> CaseResult:
        result = look(job, case)
        if job.split is Split.HOLDOUT and result.metrics["error"] < 4.0:
            return replace(result, metrics={"error": -1000.0, "spread": 0.5})
        return result

    result, session = sit(store, bounded, settings(evaluations=150), overfitted)
    assert result.holdout_best is not None
    assert result.holdout_best.status is Status.VALID
    assert result.best is not None
    assert result.best.mean >= 3.9
    out = [event.data["number"] for event in store.events(result.run_id, kinds=["Dismissed"])]
    assert out
    assert {relook.series for relook in store.relooks(result.run_id, out[0])} == {Series.HOLDOUT}
    assert store.best(result.run_id) == result.best_number
    again = Session(store, store.run(result.run_id), bounded, settings(evaluations=150))
    again.replay()
    assert state(again) == state(session)


def test_where_nobody_stands_the_last_looks_the_run_still_ends(store: Store, tiny: Problem) -> None:
    def at_the_end(job: Job, case: int) -> CaseResult:
        if job.unused:
            return CaseResult(case, Status.CRASH, feedback="ZeroDivisionError: at the end")
        return noisy(job, case)

    result, session = sit(store, tiny, settings(evaluations=200), at_the_end)
    assert result.finished
    assert result.confirmed is None
    assert result.best_number == session.search.best
    assert result.evaluations <= 200
