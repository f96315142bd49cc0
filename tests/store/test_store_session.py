"""A whole run on either database: searched, stopped, taken up again, summed up."""

from __future__ import annotations

import asyncio

import pytest

from evolve.config import Settings, load_settings
from evolve.domain import Split
from evolve.events import CandidateTold, Event
from evolve.problem import Problem
from evolve.sandbox.base import SealedProblem
from evolve.sandbox.scripted import ScriptedSandbox
from evolve.session import Result, Session, choose_run
from evolve.store import RunStatus, Store
from tests.conftest import look


def sit(store: Store, problem: Problem, settings: Settings, stop_after: int) -> Result:
    told = 0

    def observe(event: Event) -> None:
        nonlocal told
        told += isinstance(event, CandidateTold)
        if told >= stop_after:
            session.stop("enough for now")

    def sandbox_for(_sealed: SealedProblem, _settings: Settings) -> ScriptedSandbox:
        return ScriptedSandbox(look, {Split.SEARCH: 4, Split.HOLDOUT: 3}, lambda _: 0.01)

    session = Session(store, choose_run(store, problem, settings), problem, settings, [observe], sandbox_for)
    return asyncio.run(session.run())


@pytest.mark.parametrize("order", ["arrival", "ordered"])
def test_a_run_is_stopped_and_taken_up_again(store: Store, tiny: Problem, order: str) -> None:
    chosen = ["seed=3", f"search.order={order}", "budget.evaluations=80", "search.learn_first=8", "scaffold.polish=0"]
    settings = load_settings([], chosen)
    first = sit(store, tiny, settings, stop_after=20)
    assert store.run(first.run_id).status is RunStatus.INTERRUPTED
    before = list(store.tells(first.run_id))
    last = sit(store, tiny, settings, stop_after=10_000)
    assert (last.run_id, last.finished, last.evaluations) == (first.run_id, True, 80)
    assert list(store.tells(last.run_id))[: len(before)] == before
    assert last.holdout_best is not None
    assert store.run(last.run_id).status is RunStatus.FINISHED
