"""Runs that ask models: what is stored before and after a question, what is never bought twice, what ends a run."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from evolve.config import Settings, load_settings
from evolve.domain import Completion, Finish, Split, Status
from evolve.errors import ModelRefused, ModelUnavailable, ReplayMiss
from evolve.events import CandidateTold, Event, ModelsReady
from evolve.llm.base import Card, Model, Price, Request
from evolve.llm.ledger import Ledger
from evolve.llm.pool import Pool
from evolve.llm.scripted import ScriptedModel
from evolve.problem import Problem
from evolve.sandbox.base import Job
from evolve.sandbox.scripted import ScriptedSandbox
from evolve.session import Result, Session, choose_run
from evolve.store import Store, open_store
from tests.conftest import look

SIZES = {Split.SEARCH: 4, Split.HOLDOUT: 3}
CARD = Card("openai/tiny", Price(1.0, 4.0), context=32_000, output=2_000)


def writes(request: Request) -> str:
    """A whole file with three other numbers, drawn by the request's seed; a sentence for any other question."""
    if "def curve" not in request.messages[-1].text:
        return "Smaller steps are safer."
    rng = random.Random(f"{request.seed}")
    a, b, c = (round(rng.uniform(-4.0, 4.0), 3) for _ in range(3))
    return (
        f"Idea: try {a}, {b} and {c}\n\n```python\ndef curve(x):\n    # a comment that survives\n"
        f"    a = {a}\n    b = {b}\n    c = {c}\n    return a * x * x + b * x + c\n```\n"
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "evolve.db", create=True) as opened:
        yield opened


def settings(*overrides: str, evaluations: int = 24) -> Settings:
    given = [
        "llm.models=['openai/tiny']",
        f"budget.evaluations={evaluations}",
        "seed=5",
        "workers.evaluations=2",
        "scaffold.tuned=0",
        "scaffold.polish=0",
        "scaffold.form=whole",
    ]
    return load_settings([], [*given, *overrides])


def sit(
    store: Store,
    problem: Problem,
    wanted: Settings,
    model: Model,
    *,
    heard: list[Event] | None = None,
    stop_after: int | None = None,
    pace: Callable[[Job], float] | None = None,
) -> Result:
    """One sitting over a scripted sandbox and the given model; `stop_after` stops it after so many tells."""
    told = 0

    def observe(event: Event) -> None:
        nonlocal told
        if heard is not None:
            heard.append(event)
        told += isinstance(event, CandidateTold)
        if stop_after is not None and told >= stop_after:
            session.stop("stopped by the test")

    run = choose_run(store, problem, wanted)
    session = Session(
        store,
        run,
        problem,
        wanted,
        [observe],
        sandbox_for=lambda sealed, given: ScriptedSandbox(look, SIZES, pace),
        model_for=lambda given: model,
    )
    return asyncio.run(session.run())


def uneven(request: Request) -> float:
    """Seconds that change the order in which answers come."""
    return random.Random(f"wait {request.digest}").uniform(0.0, 0.03)


def log(store: Store, run_id: int) -> list[object]:
    """Everything that decides the state, times left out."""
    return [replace(row, elapsed=0.0) for row in store.tells(run_id)]


def programs(store: Store, run_id: int) -> list[str]:
    numbers = [row.number for row in store.tells(run_id)]
    return [program.digest for _, program in sorted(store.programs(run_id, numbers).items())]


def test_a_model_writes_candidates_that_are_scored_and_paid_for(store: Store, tiny: Problem) -> None:
    model = ScriptedModel(writes, [CARD])
    heard: list[Event] = []
    result = sit(store, tiny, settings(), model, heard=heard)

    assert result.finished
    assert result.evaluations == 24
    rows = [row for row in store.tells(result.run_id) if row.number]
    assert {row.origin.model for row in rows} == {"openai/tiny"}
    assert all(row.origin.idea for row in rows if row.status is Status.VALID)
    assert all(row.cost and row.tokens for row in rows)
    money = store.money(result.run_id)
    assert money.calls == len(model.requests)
    assert money.cost == pytest.approx(sum(row.cost or 0.0 for row in rows))
    assert money.in_flight == 0.0
    ready = next(event for event in heard if isinstance(event, ModelsReady))
    assert ready.models == ("openai/tiny",)
    assert ready.prompt_tokens > 100


def test_a_model_is_never_asked_the_same_twice(store: Store, tiny: Problem) -> None:
    model = ScriptedModel(writes, [CARD])
    sit(store, tiny, settings(), model)
    assert max(Counter(request.digest for request in model.requests).values()) == 1


@pytest.mark.parametrize("order", ["arrival", "ordered"])
def test_answers_of_an_earlier_sitting_are_not_bought_again(store: Store, tiny: Problem, order: str) -> None:
    model = ScriptedModel(writes, [CARD], delay=uneven)
    wanted = settings(f"search.order={order}")
    first = sit(store, tiny, wanted, model, stop_after=7)
    assert not first.finished
    second = sit(store, tiny, wanted, model)
    assert second.run_id == first.run_id
    assert second.finished
    assert max(Counter(request.digest for request in model.requests).values()) == 1
    assert store.money(first.run_id).calls == len(model.requests)


@pytest.mark.slow
def test_an_ordered_run_is_the_same_whatever_the_timing(tmp_path: Path, tiny: Problem) -> None:
    logs = []
    for name, delay in (("a", uneven), ("b", lambda request: 0.03 - uneven(request)), ("c", lambda request: 0.0)):
        with open_store(tmp_path / f"{name}.db", create=True) as store:
            wanted = settings("search.order=ordered", "scaffold.builtin=0.3")
            result = sit(store, tiny, wanted, ScriptedModel(moody, [CARD], delay=delay))
            logs.append((log(store, result.run_id), programs(store, result.run_id)))
    assert logs[0] == logs[1] == logs[2]


def test_an_ordered_run_that_was_stopped_ends_as_one_that_was_not(tmp_path: Path, tiny: Problem) -> None:
    wanted = settings("search.order=ordered", "scaffold.builtin=0.2")
    ends = []
    for name, stops in (("whole", ()), ("stopped", (4, 9))):
        with open_store(tmp_path / f"{name}.db", create=True) as store:
            for stop_after in stops:
                assert not sit(
                    store, tiny, wanted, ScriptedModel(writes, [CARD], delay=uneven), stop_after=stop_after
                ).finished
            result = sit(store, tiny, wanted, ScriptedModel(writes, [CARD], delay=uneven))
            ends.append((log(store, result.run_id), programs(store, result.run_id)))
    assert ends[0] == ends[1]


def moody(request: Request) -> str:
    """As `writes`, but one answer in four is no program or one that was there before."""
    mood = random.Random(f"mood {request.seed}").random()
    if mood < 0.1:
        return "I would rather not say."
    if mood < 0.25 and "def curve" in request.messages[-1].text:
        return "Idea: again\n\n```python\ndef curve(x):\n    a = 1.5\n    return a * x * x\n```\n"
    return writes(request)


def slow_now_and_then(job: Job) -> float:
    return 0.15 if int(job.program.digest, 16) % 5 == 0 else 0.0


@pytest.mark.slow
@pytest.mark.parametrize("stops", [(3,), (6,), (5, 12), (9, 14, 19)])
def test_wherever_an_ordered_run_is_stopped_it_ends_the_same_and_nothing_is_bought_twice(
    tmp_path: Path, tiny: Problem, stops: tuple[int, ...]
) -> None:
    wanted = settings("search.order=ordered", "scaffold.builtin=0.1", "scaffold.tuned=1", evaluations=26)
    ends = []
    for name, halts in (("whole", ()), ("stopped", stops)):
        with open_store(tmp_path / f"{name}.db", create=True) as store:
            model = ScriptedModel(moody, [CARD], delay=uneven)
            for stop_after in halts:
                sit(store, tiny, wanted, model, stop_after=stop_after - told(store), pace=slow_now_and_then)
            result = sit(store, tiny, wanted, model, pace=slow_now_and_then)
            assert result.finished
            ends.append((log(store, result.run_id), programs(store, result.run_id)))
            assert max(Counter(request.digest for request in model.requests).values()) == 1
    assert ends[0] == ends[1]


def told(store: Store) -> int:
    return sum(run.told for run in store.runs())


@pytest.mark.parametrize("order", ["arrival", "ordered"])
def test_when_the_money_is_gone_everything_scored_is_told_and_replays(store: Store, tiny: Problem, order: str) -> None:
    wanted = settings(f"search.order={order}", evaluations=500)
    wanted = wanted.model_copy(update={"budget": wanted.budget.model_copy(update={"money": 0.04})})
    result = sit(store, tiny, wanted, pooled(moody, Ledger(0.04), delay=0.01))
    assert result.finished
    assert "$0.04 used" in result.reason
    assert not store.untold(result.run_id)
    assert store.money(result.run_id).spent <= 0.04
    best = min(row.objective.mean for row in store.tells(result.run_id) if row.objective)
    assert result.best is not None
    assert result.best.mean == best
    if order == "ordered":
        again = settings("search.order=ordered", "llm.source=replay", f"llm.recording={result.run_id}", evaluations=500)
        replayed = sit(store, tiny, again, ScriptedModel(forbidden, [CARD]))
        answered = [row.fingerprint for row in store.tells(result.run_id) if row.status is not Status.NO_ANSWER]
        assert [row.fingerprint for row in store.tells(replayed.run_id)] == answered


def test_a_model_too_dear_for_the_budget_does_not_end_the_run_of_a_cheap_one(store: Store, tiny: Problem) -> None:
    dear = Card("openai/dear", Price(500.0, 2000.0), context=32_000, output=2_000)
    wanted = load_settings(
        [],
        ["llm.models=['openai/dear', 'openai/tiny']", "budget.evaluations=12", "budget.money=0.5", "seed=5",
         "scaffold.polish=0", "scaffold.tuned=0"],
    )  # fmt: skip
    clients = {card.name: ScriptedModel(writes, [card]) for card in (dear, CARD)}
    pool = Pool(wanted.llm.models, Ledger(0.5), 2, clients=clients, cards={card.name: card for card in (dear, CARD)})
    result = sit(store, tiny, wanted, pool)
    assert result.evaluations == 12
    assert not clients["openai/dear"].requests
    assert {row.origin.model for row in store.tells(result.run_id) if row.number} == {"openai/tiny"}


def test_after_a_stop_nothing_is_asked_that_was_not_under_way(store: Store, tiny: Problem) -> None:
    asked_at_stop = -1

    def late(request: Request) -> str:
        nonlocal asked_at_stop
        if len(client.requests) >= 10 and asked_at_stop < 0:
            asked_at_stop = len(client.requests)
            session.stop("stopped by the test")
        return writes(request)

    wanted = load_settings([], ["llm.models=[{name='openai/tiny', requests_per_minute=1200}]", "seed=5"])
    client = ScriptedModel(late, [CARD], delay=0.05)
    pool = Pool(wanted.llm.models, Ledger(), 2, clients={"openai/tiny": client}, cards={"openai/tiny": CARD})
    session = Session(
        store,
        choose_run(store, tiny, wanted),
        tiny,
        wanted,
        sandbox_for=lambda sealed, given: ScriptedSandbox(look, SIZES),
        model_for=lambda given: pool,
    )
    assert not asyncio.run(session.run()).finished
    assert 0 < asked_at_stop <= len(client.requests) <= asked_at_stop + 2
    assert store.money(1).in_flight == 0.0


def test_the_time_limit_ends_conversations(store: Store, tiny: Problem) -> None:
    wanted = load_settings([], ["llm.models=['openai/tiny']", "budget.seconds=1", "seed=5", "scaffold.polish=0"])
    result = sit(store, tiny, wanted, ScriptedModel(moody, [CARD], delay=0.7))
    assert result.finished
    assert result.elapsed < 2.5
    assert not store.untold(result.run_id)


def test_a_replay_of_an_ordered_run_is_bit_identical_and_asks_nobody(store: Store, tiny: Problem) -> None:
    wanted = settings("search.order=ordered", "scaffold.builtin=0.25", "scaffold.tuned=2")
    recorded = sit(store, tiny, wanted, ScriptedModel(writes, [CARD], delay=uneven))
    replays = settings(
        "search.order=ordered",
        "scaffold.builtin=0.25",
        "scaffold.tuned=2",
        "llm.source=replay",
        f"llm.recording={recorded.run_id}",
    )
    nobody = ScriptedModel(forbidden, [CARD])
    replayed = sit(store, tiny, replays, nobody)
    assert replayed.run_id != recorded.run_id
    assert log(store, replayed.run_id) == log(store, recorded.run_id)
    assert programs(store, replayed.run_id) == programs(store, recorded.run_id)
    assert nobody.requests == []


def forbidden(request: Request) -> str:
    raise AssertionError("a replay asked a model")


def test_a_replay_that_asks_something_new_shows_what_is_new(store: Store, tiny: Problem) -> None:
    recorded = sit(store, tiny, settings("search.order=ordered"), ScriptedModel(writes, [CARD]))
    other = settings(
        "search.order=ordered", "scaffold.form=diff", "llm.source=replay", f"llm.recording={recorded.run_id}"
    )
    with pytest.raises(ReplayMiss) as failure:
        sit(store, tiny, other, ScriptedModel(forbidden, [CARD]))
    assert re.search(r"question 0 of candidate \d+", str(failure.value))
    assert "--- recorded" in str(failure.value)
    assert "SEARCH" in str(failure.value)


def pooled(answer: Callable[[Request], str | Completion], ledger: Ledger, delay: float = 0.0) -> Pool:
    """A real pool over a scripted client."""
    wanted = load_settings([], ["llm.models=[{name='openai/tiny', concurrency=64}]"])
    client = ScriptedModel(answer, [CARD], delay=delay)
    return Pool(wanted.llm.models, ledger, 2, clients={"openai/tiny": client}, cards={"openai/tiny": CARD})


@pytest.mark.slow
def test_a_budget_in_money_holds_with_64_questions_in_flight(store: Store, tiny: Problem) -> None:
    wanted = load_settings(
        [],
        [
            "llm.models=[{name='openai/tiny', concurrency=64}]",
            "budget.money=0.06",
            "seed=5",
            "scaffold.polish=0",
            "scaffold.tuned=0",
            "workers.queue=64",
        ],
    )
    result = sit(store, tiny, wanted, pooled(writes, Ledger(0.06), delay=0.02))
    money = store.money(result.run_id)
    assert result.finished
    assert "0.06" in result.reason
    assert 0.03 < money.spent <= 0.06
    assert money.in_flight == 0.0
    more = wanted.model_copy(update={"budget": wanted.budget.model_copy(update={"money": 0.09})})
    ledger = Ledger(0.09, spent_money=money.spent)
    run = store.run(result.run_id)
    session = Session(
        store,
        run,
        tiny,
        more,
        sandbox_for=lambda sealed, given: ScriptedSandbox(look, SIZES),
        model_for=lambda given: pooled(writes, ledger),
    )
    asyncio.run(session.run())
    assert money.spent < store.money(result.run_id).spent <= 0.09


def test_a_refused_model_ends_the_run_in_one_sentence_and_keeps_what_was_scored(store: Store, tiny: Problem) -> None:
    answered = 0

    def until_the_key_expires(request: Request) -> str:
        nonlocal answered
        answered += 1
        if answered > 10:
            raise ModelRefused("the key of openai/tiny has expired; set OPENAI_API_KEY")
        return writes(request)

    with pytest.raises(ModelRefused, match="OPENAI_API_KEY"):
        sit(store, tiny, settings(), ScriptedModel(until_the_key_expires, [CARD]))
    run = store.runs()[0]
    assert store.money(run.id).calls == 10
    assert store.money(run.id).in_flight == 0.0
    again = ScriptedModel(writes, [CARD])
    assert sit(store, tiny, settings(), again).finished
    assert store.money(run.id).calls == 10 + len(again.requests), "the ten answers are used, not bought again"


def test_models_that_never_answer_end_the_run_with_a_sentence(store: Store, tiny: Problem) -> None:
    def silence(request: Request) -> Completion:
        return Completion("", Finish.FAILED, request.model, cost=0.0, reason="timeout after 600 s")

    with pytest.raises(ModelUnavailable, match=r"no model answered 24 times in a row.*timeout after 600 s"):
        sit(store, tiny, settings(), ScriptedModel(silence, [CARD]))


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("", Status.EMPTY),
        ("I would rather talk about the weather.", Status.NO_EDIT),
        (Completion("Idea: x\n```python\ndef", Finish.LENGTH, "openai/tiny", cost=0.0), Status.TRUNCATED),
        (Completion("", Finish.BLOCKED, "openai/tiny", cost=0.0), Status.BLOCKED),
    ],
)
def test_answers_that_are_no_program_cost_no_evaluation(
    store: Store, tiny: Problem, answer: str | Completion, status: Status
) -> None:
    wanted = settings(evaluations=5)
    told: list[CandidateTold] = []

    def answers(request: Request) -> str | Completion:
        return answer if len(model.requests) <= 30 else writes(request)

    model = ScriptedModel(answers, [CARD])
    result = sit(store, tiny, wanted, model)
    statuses = store.statuses(result.run_id)
    assert result.finished
    assert result.evaluations == 5
    assert statuses[status] >= 3
    assert sum(count for found, count in statuses.items() if found.costs_evaluation) == 5
    assert not told


def test_the_builtin_proposer_makes_its_share(store: Store, tiny: Problem) -> None:
    result = sit(store, tiny, settings("scaffold.builtin=0.3", evaluations=100), ScriptedModel(writes, [CARD]))
    rows = [row for row in store.tells(result.run_id) if row.number]
    builtin = sum(not row.origin.model for row in rows)
    assert 0.2 < builtin / len(rows) < 0.4


def test_new_elites_of_a_model_have_their_constants_tuned(store: Store, tiny: Problem) -> None:
    result = sit(store, tiny, settings("scaffold.tuned=3", evaluations=60), ScriptedModel(writes, [CARD]))
    rows = {row.number: row for row in store.tells(result.run_id)}
    tuned = [row for row in rows.values() if row.origin.operator == "tune"]
    assert tuned
    assert all(rows[row.origin.parents[0]].origin.model for row in tuned if row.origin.parents[0])


@pytest.mark.slow
def test_best_of_n_always_edits_the_seed_and_sequential_the_best(tmp_path: Path, tiny: Problem) -> None:
    for strategy in ("best-of-n", "sequential", "random"):
        with open_store(tmp_path / f"{strategy}.db", create=True) as store:
            wanted = settings(f"search.strategy={strategy}", "search.order=ordered", "search.window=1")
            result = sit(store, tiny, wanted, ScriptedModel(writes, [CARD]))
            rows = [row for row in store.tells(result.run_id) if row.number]
            parents = [row.origin.parents[0] for row in rows]
            assert not any(row.origin.inspirations for row in rows)
            if strategy == "best-of-n":
                assert set(parents) == {0}
            elif strategy == "sequential":
                best, expected = 0, []
                for row in rows:
                    expected.append(best)
                    best = row.number if row.verdict.new_best else best
                assert parents == expected
            else:
                assert len(set(parents)) > 2
