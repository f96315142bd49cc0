"""Runs of the tiny problem with noise in its scores, for tests."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace

from evolve.config import Settings, load_settings
from evolve.domain import Split, Status
from evolve.events import CandidateTold, Event
from evolve.problem import Problem
from evolve.sandbox.base import CaseResult, Job, SealedProblem
from evolve.sandbox.scripted import Look, ScriptedSandbox
from evolve.session import Result, Session, choose_run
from evolve.store import Store
from tests.conftest import literal_error

SD = 1.0
SIZES = {Split.SEARCH: 1, Split.HOLDOUT: 3}


def luck(job: Job, case: int) -> float:
    """Noise of a look, of its own for every program: a function of the seed, as in a real sandbox."""
    return random.Random(f"{job.program.digest}:{job.split}:{job.seed}:{case}").gauss(0.0, SD)


def noisy(job: Job, case: int) -> CaseResult:
    error = literal_error(job.program.files[0].text)
    return CaseResult(case, Status.VALID, {"error": error + luck(job, case), "spread": error % 1.0})


def settings(*overrides: str, evaluations: int = 120) -> Settings:
    given = ["seed=5", "workers.evaluations=2", "search.learn_first=8", "search.islands=2", "scaffold.polish=0"]
    given += ["noise.looks=4", "noise.contender_looks=16"]  # more duels than by default, to see more of them
    return load_settings([], [*given, f"budget.evaluations={evaluations}", *overrides])


def sit(
    store: Store,
    problem: Problem,
    wanted: Settings,
    answer: Look = noisy,
    *,
    stop_after: int | None = None,
    delay: Callable[[Job], float] | None = None,
    new: bool = False,
    heard: list[Event] | None = None,
) -> tuple[Result, Session]:
    """One sitting at a run over a scripted sandbox; `stop_after` asks it to stop after so many tells."""
    told = 0
    if stop_after is not None and delay is None:
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
    return asyncio.run(session.run()), session


def slowly(_: Job) -> float:
    return 0.005


def log(store: Store, run_id: int) -> list[object]:
    """Everything that decides the state, times left out."""
    return [
        replace(row, elapsed=0.0, relooks=tuple(replace(look, wall=0.0) for look in row.relooks))
        for row in store.tells(run_id)
    ]


def state(session: Session) -> object:
    """Who lives where with which score, and who is the best with which."""
    search, islands = session.search, session.search.islands
    elites = [
        sorted((islands.cell(island, number), number, search.objective(number)) for number in islands.elites(island))
        for island in range(islands.count)
    ]
    return search.best, elites
