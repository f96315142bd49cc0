"""A limit on calls: what takes one, that none is taken beyond it, and that sittings share it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from evolve.config import BudgetSettings
from evolve.domain import Completion, Finish
from evolve.events import Event
from evolve.llm.base import Request
from evolve.llm.scripted import Answer, ScriptedModel
from evolve.problem import Problem
from evolve.report.exhausted import Used, exhausted
from evolve.sandbox.base import CaseResult, Job
from evolve.sandbox.scripted import ScriptedSandbox
from evolve.session import Result, Session, choose_run
from evolve.store import Store, open_store
from tests.conftest import look
from tests.test_asking import CARD, SIZES, log, programs, settings, sit, uneven, writes

ORDERED = ("search.order=ordered", "search.window=1")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "evolve.db", create=True) as opened:
        yield opened


def stumbles(request: Request) -> str | Completion:
    """As `writes`; but now and then an answer without a program, or none at all."""
    draw = (request.seed or 0) % 4
    if draw == 0:
        return "I would rather not."
    return Completion("", Finish.FAILED, "openai/tiny", reason="out of order") if draw == 1 else writes(request)


def codes(request: Request) -> str:
    """A program, whatever was asked."""
    a = (request.seed or 0) % 1_000 / 100
    return f"Idea: try {a}\n\n```python\ndef curve(x):\n    a = {a}\n    return a * x * x\n```\n"


def builtin(store: Store, problem: Problem, *overrides: str) -> Result:
    """A run without a model."""
    wanted = settings("llm.models=[]", *overrides, evaluations=500)
    session = Session(
        store,
        choose_run(store, problem, wanted),
        problem,
        wanted,
        sandbox_for=lambda s, g: ScriptedSandbox(look, SIZES),
    )
    return asyncio.run(session.run())


@pytest.mark.parametrize("order", ["arrival", "ordered"])
def test_no_call_is_made_beyond_the_limit(store: Store, tiny: Problem, order: str) -> None:
    model = ScriptedModel(stumbles, [CARD], delay=uneven)
    result = sit(store, tiny, settings("budget.calls=13", f"search.order={order}", evaluations=500), model)
    assert result.finished
    assert result.reason == "13 calls used"
    assert len(model.requests) == 13
    assert sum(store.calls(result.run_id).values()) == 13


@pytest.mark.parametrize(("answer", "step"), [(codes, "lesson"), (stumbles, "nudge")])
def test_lessons_repairs_and_failed_calls_count(store: Store, tiny: Problem, answer: Answer, step: str) -> None:
    model = ScriptedModel(answer, [CARD])
    result = sit(store, tiny, settings("budget.calls=24", *ORDERED, evaluations=500), model)
    steps = {row.step for number in range(25) for row in store.asked(result.run_id, number) if row.completion}
    assert step in steps
    assert store.money(result.run_id).calls == 24 == len(model.requests)


def test_a_proposal_without_a_model_takes_a_call_and_the_seed_none(store: Store, tiny: Problem) -> None:
    result = builtin(store, tiny, "budget.calls=9")
    assert result.reason == "9 calls used"
    assert len(list(store.tells(result.run_id))) == 10
    assert store.calls(result.run_id) == dict.fromkeys(range(1, 10), 1)


def test_simplifying_the_winner_takes_none(store: Store, tiny: Problem) -> None:
    result = builtin(store, tiny, "budget.calls=9", "scaffold.polish=20")
    operators = [row.origin.operator for row in store.tells(result.run_id)]
    assert "simplify" in operators[10:]
    assert sum(store.calls(result.run_id).values()) == 9


@pytest.mark.parametrize("order", ["arrival", "ordered"])
def test_a_proposal_that_fails_without_a_call_takes_one(store: Store, tiny: Problem, order: str) -> None:
    result = builtin(store, tiny, "budget.calls=40", f"search.order={order}", "search.strategy=random")
    assert len(list(store.tells(result.run_id))) == 41


def test_drafts_and_calls_share_the_limit(store: Store, tiny: Problem) -> None:
    model = ScriptedModel(writes, [CARD])
    wanted = settings("budget.calls=20", "scaffold.builtin=0.5", *ORDERED, evaluations=500)
    result = sit(store, tiny, wanted, model)
    drafts = [row.number for row in store.tells(result.run_id) if row.number and not row.origin.model]
    assert 0 < len(drafts) < 20
    assert len(drafts) + len(model.requests) == 20


@pytest.mark.parametrize("stop_after", [1, 6])
def test_sittings_share_the_limit_and_end_as_one(store: Store, tiny: Problem, tmp_path: Path, stop_after: int) -> None:
    wanted = settings("budget.calls=12", "scaffold.builtin=0.3", *ORDERED, evaluations=500)
    broken = ScriptedModel(stumbles, [CARD])
    first = sit(store, tiny, wanted, broken, stop_after=stop_after)
    assert not first.finished
    second = sit(store, tiny, wanted, broken)
    with open_store(tmp_path / "whole.db", create=True) as other:
        model = ScriptedModel(stumbles, [CARD])
        whole = sit(other, tiny, wanted, model)
        assert log(other, whole.run_id) == log(store, second.run_id)
        assert programs(other, whole.run_id) == programs(store, second.run_id)
        assert other.calls(whole.run_id) == store.calls(second.run_id)
        assert [r.digest for r in broken.requests] == [r.digest for r in model.requests]


def test_an_answer_that_took_the_last_call_is_still_used(store: Store, tiny: Problem) -> None:
    """Broken off between an answer and its evaluation, the run goes on with what it paid for."""
    looks = 0

    class Broken(Exception):
        pass

    def breaks(job: Job, case: int) -> CaseResult:
        nonlocal looks
        looks += case == 0
        if looks == 4:
            raise Broken
        return look(job, case)

    wanted = settings(*ORDERED, evaluations=500)
    run = choose_run(store, tiny, wanted)
    session = Session(
        store,
        run,
        tiny,
        wanted,
        sandbox_for=lambda sealed, given: ScriptedSandbox(breaks, SIZES),
        model_for=lambda given: ScriptedModel(writes, [CARD]),
    )
    with pytest.raises(Broken):
        asyncio.run(session.run())
    taken, told = sum(store.calls(run.id).values()), len(list(store.tells(run.id)))
    model = ScriptedModel(writes, [CARD])
    result = sit(store, tiny, settings(f"budget.calls={taken}", *ORDERED, evaluations=500), model)
    assert result.run_id == run.id
    assert result.reason == f"{taken} calls used"
    assert len(list(store.tells(run.id))) == told + 1
    assert model.requests == []


def test_more_calls_let_a_run_go_on(store: Store, tiny: Problem) -> None:
    """Nothing is asked again."""
    model = ScriptedModel(stumbles, [CARD])
    few = settings("budget.calls=6", *ORDERED, evaluations=500)
    run = sit(store, tiny, few, model).run_id
    more = settings("budget.calls=18", *ORDERED, evaluations=500)
    heard: list[Event] = []
    session = Session(
        store,
        store.run(run),
        tiny,
        more,
        [heard.append],
        sandbox_for=lambda s, g: ScriptedSandbox(look, SIZES),
        model_for=lambda given: model,
    )
    assert asyncio.run(session.run()).reason == "18 calls used"
    assert len(model.requests) == 18


def test_a_replay_ends_where_the_recorded_run_did(store: Store, tiny: Problem) -> None:
    from evolve.models import as_recorded

    wanted = settings("budget.calls=14", *ORDERED, evaluations=500)
    recorded = sit(store, tiny, wanted, ScriptedModel(stumbles, [CARD]))
    again = as_recorded(store, tiny, settings("llm.source=replay"), {})
    run = choose_run(store, tiny, again, new=True)
    session = Session(store, run, tiny, again, sandbox_for=lambda s, g: ScriptedSandbox(look, SIZES))
    assert asyncio.run(session.run()).reason == "14 calls used"
    assert programs(store, run.id) == programs(store, recorded.run_id)


def test_a_run_that_used_its_calls_says_how_to_give_it_more() -> None:
    spent = exhausted(BudgetSettings(calls=12), Used(9, 1.0, reason="12 calls used", calls=12))
    assert [(each.limit, each.doubled) for each in spent] == [("12 calls", "--calls 24")]
    assert exhausted(BudgetSettings(calls=12), Used(9, 1.0, calls=11)) == []
