from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from evolve.config import Settings, load_settings
from evolve.domain import Split, Status
from evolve.errors import EvaluatorError, ProblemError, RunBusy, SandboxUnavailable
from evolve.events import CandidateTold, EvaluationRetried, Event, HoldoutMeasured, RunStarted, RunStopped
from evolve.problem import Problem, load_problem
from evolve.sandbox.base import CaseResult, Isolation, Job, Level, SealedProblem
from evolve.sandbox.scripted import Look, ScriptedSandbox
from evolve.session import Result, Session, choose_run
from evolve.store import Holder, RunStatus, Store, open_store
from tests.conftest import PROBLEM_TOML, look, write_tiny

SIZES = {Split.SEARCH: 4, Split.HOLDOUT: 3}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "evolve.db", create=True) as opened:
        yield opened


def settings(*overrides: str, evaluations: int = 60) -> Settings:
    given = [
        f"budget.evaluations={evaluations}",
        "seed=11",
        "workers.evaluations=2",
        "search.learn_first=8",
        "search.islands=2",
    ]
    return load_settings([], [*given, *overrides])


def sit(
    store: Store,
    problem: Problem,
    wanted: Settings,
    answer: Look = look,
    *,
    stop_after: int | None = None,
    delay: Callable[[Job], float] | None = None,
    new: bool = False,
    heard: list[Event] | None = None,
) -> Result:
    """One sitting at a run over a scripted sandbox; `stop_after` asks it to stop after so many tells."""
    told = 0
    if stop_after is not None and delay is None:  # events come once they are on disk: the run must not be over by then
        delay = slowly

    def observe(event: Event) -> None:
        nonlocal told
        if heard is not None:
            heard.append(event)
        told += isinstance(event, CandidateTold)
        if stop_after is not None and told >= stop_after:
            session.stop("stopped by the test")

    def sandbox_for(_sealed: SealedProblem, _settings: Settings) -> ScriptedSandbox:
        return ScriptedSandbox(answer, SIZES, delay)

    run = choose_run(store, problem, wanted, new=new)
    session = Session(store, run, problem, wanted, [observe], sandbox_for)
    return asyncio.run(session.run())


def slowly(_: Job) -> float:
    return 0.01


def log(store: Store, run_id: int) -> list[object]:
    """Everything that decides the state, times left out."""
    return [replace(row, elapsed=0.0) for row in store.tells(run_id)]


@pytest.mark.parametrize("order", ["arrival", "ordered"])
def test_a_run_spends_its_budget_to_the_last_evaluation_and_no_further(store: Store, tiny: Problem, order: str) -> None:
    looks = 0

    def counted(job: Job, case: int) -> CaseResult:
        nonlocal looks
        looks += job.split is Split.SEARCH and case == 0
        return look(job, case)

    result = sit(store, tiny, settings(f"search.order={order}", "scaffold.polish=0"), counted)
    assert result.finished
    assert result.evaluations == 60
    assert looks == 61, "a second look at the seed finds no noise and is free"
    assert result.seed is not None
    assert result.best is not None
    assert result.best.mean < result.seed.mean
    row = store.run(result.run_id)
    assert row.status is RunStatus.FINISHED
    assert row.summary.best_number == result.best_number


def test_winner_and_seed_are_measured_on_held_out_cases_once(store: Store, tiny: Problem) -> None:
    heard: list[Event] = []
    result = sit(store, tiny, settings(), heard=heard)
    assert result.holdout_best is not None
    assert result.holdout_best.objective is not None
    assert result.holdout_best.objective.n == 3
    measured = [event.number for event in heard if isinstance(event, HoldoutMeasured)]
    assert measured == [0, result.best_number]
    again = sit(store, tiny, settings(evaluations=61), new=False)
    assert again.holdout_seed is not None


def test_ordered_runs_are_the_same_whatever_the_timing(store: Store, tiny: Problem) -> None:
    wait = random.Random(4)
    calm = sit(store, tiny, settings("search.order=ordered"), new=True)
    wild = sit(
        store,
        tiny,
        settings("search.order=ordered", "workers.evaluations=5"),
        new=True,
        delay=lambda _: wait.random() * 0.01,
    )
    assert calm.run_id != wild.run_id
    assert log(store, calm.run_id) == log(store, wild.run_id)


@pytest.mark.parametrize("order", ["arrival", "ordered"])
def test_a_stopped_run_goes_on_where_it_was(store: Store, tiny: Problem, order: str) -> None:
    wanted = settings(f"search.order={order}", "scaffold.polish=0")
    first = sit(store, tiny, wanted, stop_after=5)
    assert not first.finished
    assert store.run(first.run_id).status is RunStatus.INTERRUPTED
    before = log(store, first.run_id)
    heard: list[Event] = []
    for _ in range(40):
        result = sit(store, tiny, wanted, stop_after=7, heard=heard)
        assert result.run_id == first.run_id
        if result.finished:
            break
    assert result.finished
    assert result.evaluations == 60
    assert log(store, first.run_id)[: len(before)] == before
    assert any(isinstance(event, RunStarted) and event.resumed for event in heard)
    numbers = [row.number for row in store.tells(first.run_id)]
    assert len(set(numbers)) == len(numbers)


def test_stops_leave_no_trace_in_an_ordered_run(store: Store, tiny: Problem) -> None:
    wanted = settings("search.order=ordered", evaluations=120)
    whole = sit(store, tiny, wanted, new=True)
    pieces = sit(store, tiny, wanted, new=True, stop_after=3)
    steps = random.Random(1)
    while not pieces.finished:
        pieces = sit(store, tiny, wanted, stop_after=steps.randrange(1, 30), delay=lambda _: steps.random() * 0.003)
    assert pieces.run_id != whole.run_id
    assert log(store, pieces.run_id) == log(store, whole.run_id)


def test_a_failing_sandbox_is_retried_and_changes_no_score(store: Store, tiny: Problem) -> None:
    faults = random.Random(2)

    def shaky(job: Job, case: int) -> CaseResult:
        if faults.random() < 0.05:
            raise SandboxUnavailable("the slot died")
        return look(job, case)

    wanted = settings("search.order=ordered", "sandbox.retries=8", evaluations=30)
    calm = sit(store, tiny, wanted, new=True)
    heard: list[Event] = []
    shaken = sit(store, tiny, wanted, shaky, new=True, heard=heard)
    assert any(isinstance(event, EvaluationRetried) for event in heard)
    assert log(store, shaken.run_id) == log(store, calm.run_id)


def test_a_dead_sandbox_stops_the_run_and_loses_nothing(store: Store, tiny: Problem) -> None:
    looks = 0

    def dying(job: Job, case: int) -> CaseResult:
        nonlocal looks
        looks += 1
        if looks > 60:
            raise SandboxUnavailable("the daemon is gone")
        return look(job, case)

    wanted = settings("sandbox.retries=0")
    with pytest.raises(SandboxUnavailable, match="the daemon is gone"):
        sit(store, tiny, wanted, dying)
    (run,) = store.runs()
    assert run.status is RunStatus.FAILED
    assert run.valid >= 10
    assert sit(store, tiny, wanted).run_id == run.id


def test_a_candidate_the_evaluator_chokes_on_is_wrong_and_the_run_goes_on(store: Store, tiny: Problem) -> None:
    def choking(job: Job, case: int) -> CaseResult:
        if len(job.program.files[0].text) % 5 == 0 and job.program != tiny.seed:
            raise EvaluatorError("TypeError: no")
        return look(job, case)

    result = sit(store, tiny, settings(), choking)
    assert result.finished
    assert store.statuses(result.run_id)[Status.WRONG] > 0


def test_an_evaluator_that_fails_on_the_seed_stops_the_run(store: Store, tiny: Problem) -> None:
    def broken(job: Job, case: int) -> CaseResult:
        raise EvaluatorError("NameError in evaluate.py line 3")

    with pytest.raises(EvaluatorError, match="line 3"):
        sit(store, tiny, settings(), broken)


def test_an_invalid_seed_is_a_users_mistake(store: Store, tiny: Problem) -> None:
    def refuse(job: Job, case: int) -> CaseResult:
        return CaseResult(case, Status.CRASH, feedback="ZeroDivisionError: division by zero")

    with pytest.raises(ProblemError, match="ZeroDivisionError"):
        sit(store, tiny, settings(), refuse)


def test_a_target_ends_the_search(store: Store, tiny: Problem) -> None:
    result = sit(store, tiny, settings("budget.target=6.0", "scaffold.polish=0", evaluations=2000))
    assert result.finished
    assert result.reason == "target 6 reached"
    assert result.evaluations < 2000


def test_a_live_run_is_not_written_by_two(store: Store, tiny: Problem) -> None:
    run = choose_run(store, tiny, settings())
    store.acquire(run.id, Holder.here())
    with pytest.raises(RunBusy):
        sit(store, tiny, settings())


def test_a_run_never_goes_on_behind_weaker_walls(store: Store, tiny: Problem) -> None:
    wanted = settings()

    def walled(level: Level) -> Callable[[SealedProblem, Settings], ScriptedSandbox]:
        def make(_sealed: SealedProblem, _settings: Settings) -> ScriptedSandbox:
            sandbox = ScriptedSandbox(look, SIZES)
            sandbox.isolation = Isolation("scripted", level, ())
            return sandbox

        return make

    run = choose_run(store, tiny, wanted)
    session = Session(store, run, tiny, wanted, (), walled(Level.NAMESPACES))
    session.stop("at once")
    asyncio.run(session.run())
    weaker = Session(store, store.run(run.id), tiny, wanted, (), walled(Level.PROCESS))
    with pytest.raises(SandboxUnavailable, match="namespaces"):
        asyncio.run(weaker.run())
    same = Session(store, store.run(run.id), tiny, wanted, (), walled(Level.CONTAINER))
    asyncio.run(same.run())


def test_a_stage_that_is_not_passed_ends_the_evaluation(store: Store, tmp_path: Path) -> None:
    stages = (
        '\n[[stages]]\nname = "quick"\ncases = 1\npass = "error <= 5.5"\n\n[[stages]]\nname = "full"\nrepeats = 2\n'
    )
    problem = load_problem(write_tiny(tmp_path / "staged", problem_toml=PROBLEM_TOML + stages))

    def from_half(job: Job, case: int) -> CaseResult:
        result = look(job, case)
        error = result.metrics["error"] - 2.0
        return replace(result, metrics={"error": error, "spread": 0.5})

    result = sit(store, problem, settings(), from_half)
    rows = [store.candidate(result.run_id, row.number) for row in store.tells(result.run_id)]
    refused = [row.evaluation for row in rows if row.evaluation and "stage quick" in row.evaluation.feedback]
    assert refused
    assert all(len(evaluation.measurements) == 1 for evaluation in refused)
    passed = [row.evaluation for row in rows if row.evaluation and row.evaluation.objective]
    assert {len(evaluation.measurements) for evaluation in passed} == {1 + 2 * 4}
    assert all(
        evaluation.objective.stderr == pytest.approx(0.0, abs=1e-9) for evaluation in passed if evaluation.objective
    )


def test_the_last_word_is_how_it_ended(store: Store, tiny: Problem) -> None:
    heard: list[Event] = []
    sit(store, tiny, settings(), heard=heard)
    assert heard[-1] == RunStopped(True, "60 evaluations used")


def test_an_evaluator_that_chokes_on_the_winners_held_out_cases_does_not_undo_the_run(
    store: Store, tiny: Problem
) -> None:
    def choking(job: Job, case: int) -> CaseResult:
        if job.split is Split.HOLDOUT and job.program != tiny.seed:
            raise EvaluatorError("IndexError in evaluate.py line 9")
        return look(job, case)

    result = sit(store, tiny, settings(), choking)
    assert result.finished
    assert result.holdout_best is not None
    assert result.holdout_best.status is Status.WRONG
    assert "line 9" in result.holdout_best.feedback


def test_what_the_archive_did_is_logged_once_however_often_a_run_stops(store: Store, tiny: Problem) -> None:
    wanted = settings("search.order=ordered", "search.migration_interval=10", "scaffold.polish=0", evaluations=90)
    whole = sit(store, tiny, wanted, new=True)
    pieces = sit(store, tiny, wanted, new=True, stop_after=4)
    while not pieces.finished:
        pieces = sit(store, tiny, wanted, stop_after=9)

    def happened(run_id: int) -> list[object]:
        return [(event.kind, event.data) for event in store.events(run_id)]

    assert happened(whole.run_id)
    assert happened(pieces.run_id) == happened(whole.run_id)


def test_polishing_keeps_to_its_limit(store: Store, tiny: Problem) -> None:
    result = sit(store, tiny, settings("scaffold.polish=3", "budget.target=5.5", evaluations=400))
    polished = [row for row in store.tells(result.run_id) if row.origin.operator == "simplify"]
    assert 1 <= sum(row.status.costs_evaluation for row in polished) <= 3


def test_the_budget_of_the_last_sitting_is_the_runs_own(store: Store, tiny: Problem) -> None:
    first = sit(store, tiny, settings(evaluations=20), stop_after=3)
    sit(store, tiny, settings(evaluations=50), stop_after=3)
    assert store.run(first.run_id).settings["budget"]["evaluations"] == 50
