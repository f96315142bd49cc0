"""The pool in virtual time, with models that follow a script."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from evolve.config import ModelSettings
from evolve.domain import Completion, Finish, Message, Role, Usage
from evolve.errors import BudgetSpent, ModelRefused, ModelUnavailable, SettingsError
from evolve.llm.base import Card, Price, Request
from evolve.llm.events import Happened, PoolEvent
from evolve.llm.ledger import Ledger
from evolve.llm.pool import Pool
from evolve.llm.scripted import Answer, ScriptedModel
from tests.llm.virtual import clock, run

PRICE = Price(input=10.0, output=100.0)


def card(name: str, **changes: Any) -> Card:
    return Card(**{"name": name, "price": PRICE, "context": 32_000, "output": 1_000, **changes})


def request(number: int = 0, model: str = "a") -> Request:
    return Request(model, (Message(Role.USER, f"question {number}"),), 100, seed=number)


class Told:
    """A pool of scripted models, what it told, and what was asked of whom."""

    def __init__(
        self,
        scripts: Mapping[str, Answer],
        ledger: Ledger | None = None,
        *,
        retries: int = 5,
        delay: float = 1.0,
        concurrency: int = 8,
        cards: Mapping[str, Card] | None = None,
    ) -> None:
        self.events: list[PoolEvent] = []
        self.clients = {name: ScriptedModel(script, [card(name)], delay) for name, script in scripts.items()}
        self.ledger = ledger or Ledger()
        self.pool = Pool(
            [ModelSettings(name=name, concurrency=concurrency) for name in scripts],
            self.ledger,
            retries,
            clients=self.clients,
            cards=cards or {name: card(name) for name in scripts},
            on_event=self.events.append,
            clock=clock,
            rng=random.Random(1),
        )

    def kinds(self) -> list[Happened]:
        return [event.kind for event in self.events]


def fine(request: Request) -> str:
    return "an answer"


def flaky(failures: int, error: Callable[[], Exception]) -> Answer:
    """Fails so often, then answers."""
    left = [failures]

    def script(request: Request) -> str:
        if left[0]:
            left[0] -= 1
            raise error()
        return "an answer"

    return script


def broken(request: Request) -> str:
    raise ModelUnavailable("a: 503")


def test_the_first_call_goes_alone_and_then_all_slots_are_used() -> None:
    async def main() -> None:
        told = Told({"a": fine})
        tasks = [asyncio.create_task(told.pool.complete(request(number))) for number in range(8)]
        await asyncio.sleep(0.9)
        assert len(told.clients["a"].requests) == 1
        await asyncio.gather(*tasks)
        assert clock() < 3

    run(main())


def test_a_refused_key_costs_exactly_one_call_with_eight_slots() -> None:
    async def main() -> None:
        def refuse(request: Request) -> str:
            raise ModelRefused("a refuses every call (401): bad key; set A_KEY to a valid key")

        told = Told({"a": refuse})
        results = await asyncio.gather(*(told.pool.complete(request(n)) for n in range(8)), return_exceptions=True)
        assert len(told.clients["a"].requests) == 1
        assert all(isinstance(result, ModelRefused) and "A_KEY" in str(result) for result in results)
        assert told.kinds() == [Happened.REFUSED]
        assert told.pool.cards() == ()
        assert (told.ledger.reserved.money, told.ledger.lost.money, told.ledger.spent.money) == (0, 0, 0)

    run(main())


def test_when_one_model_is_refused_the_other_answers() -> None:
    async def main() -> None:
        def refuse(request: Request) -> str:
            raise ModelRefused("a refuses every call")

        told = Told({"a": refuse, "b": fine})
        completions = await asyncio.gather(*(told.pool.complete(request(n)) for n in range(8)))
        assert {completion.model for completion in completions} == {"b"}
        assert len(told.clients["a"].requests) == 1
        assert [each.name for each in told.pool.cards()] == ["b"]
        assert told.pool.usage()["a"].refused == "a refuses every call"

    run(main())


def test_a_failure_of_the_moment_is_tried_again_later_each_time() -> None:
    async def main() -> None:
        told = Told({"a": flaky(4, lambda: ModelUnavailable("a: 503"))})
        completion = await told.pool.complete(request())
        assert (completion.finish, completion.attempts, completion.lost) == (Finish.STOP, 5, 0.0)
        waits = [event.seconds for event in told.events if event.kind is Happened.RETRY]
        for wait, most in zip(waits, (0.5, 1, 2, 4), strict=True):
            assert most / 2 <= wait <= most
        assert completion.wall == pytest.approx(5 + sum(waits), abs=0.1)
        figures = told.pool.usage()["a"]
        assert (figures.calls, figures.answered, figures.faults) == (5, 1, 4)
        assert figures.busy == pytest.approx(5.0)

    run(main())


def test_when_retries_are_used_up_the_completion_says_so_and_what_it_may_have_cost() -> None:
    async def main() -> None:
        def slow(request: Request) -> str:
            raise ModelUnavailable("a: no answer within 600 s", billed=True)

        told = Told({"a": slow}, retries=2)
        completion = await told.pool.complete(request())
        worst, tokens = told.pool.worst(request())
        assert (completion.finish, completion.attempts, completion.cost) == (Finish.FAILED, 3, 0.0)
        assert "no answer within 600 s" in completion.reason
        assert worst is not None
        assert completion.lost == pytest.approx(3 * worst)
        assert completion.lost_tokens == 3 * tokens
        assert told.ledger.lost.money == pytest.approx(3 * worst)
        assert told.ledger.reserved.money == 0

    run(main())


def test_another_model_steps_in_when_one_keeps_failing() -> None:
    async def main() -> None:
        told = Told({"a": broken, "b": fine})
        completion = await told.pool.complete(request())
        assert completion.model == "b"
        assert completion.attempts == 4  # half of six at the first model
        assert Happened.FALLBACK in told.kinds()

    run(main())


def test_an_open_breaker_sends_requests_to_another_model_at_once_and_back_when_it_closes() -> None:
    async def main() -> None:
        told = Told({"a": flaky(8, lambda: ModelUnavailable("a: 503")), "b": fine})
        for number in range(4):
            await told.pool.complete(request(number))
        assert Happened.OPENED in told.kinds()
        asked = len(told.clients["a"].requests)
        began = clock()
        assert (await told.pool.complete(request(9))).model == "b"
        assert clock() - began == pytest.approx(1.0)
        assert len(told.clients["a"].requests) == asked

    run(main())


def test_a_single_model_that_is_down_for_minutes_costs_few_calls_and_no_answer() -> None:
    async def main() -> None:
        def down(request: Request) -> str:
            if clock() < 240:
                raise ModelUnavailable("a: 502")
            return "an answer"

        told = Told({"a": down}, retries=20)
        completions = await asyncio.gather(*(told.pool.complete(request(n)) for n in range(8)))
        assert all(completion.finish is Finish.STOP for completion in completions)
        assert told.pool.usage()["a"].faults < 40
        assert told.kinds().count(Happened.CLOSED) == 1

    run(main())


def test_a_429_holds_all_calls_of_the_model_and_uses_up_no_retries() -> None:
    async def main() -> None:
        throttled = flaky(10, lambda: ModelUnavailable("a: 429", retry_after=20.0, throttled=True))
        told = Told({"a": throttled}, retries=0)
        completion = await told.pool.complete(request())
        assert (completion.finish, completion.attempts) == (Finish.STOP, 11)
        assert clock() >= 200
        assert told.pool.usage()["a"].throttled == 10
        assert Happened.OPENED not in told.kinds()

    run(main())


def test_a_server_that_only_ever_says_429_is_given_up_in_the_end() -> None:
    async def main() -> None:
        def throttle(request: Request) -> str:
            raise ModelUnavailable("a: 429", throttled=True)

        told = Told({"a": throttle}, retries=1)
        completion = await told.pool.complete(request())
        assert completion.finish is Finish.FAILED
        assert completion.attempts < 40

    run(main())


def test_money_holds_with_64_calls_in_flight_whatever_fails() -> None:
    async def main() -> None:
        draw = random.Random(3)
        charged = [0.0]

        def script(request: Request) -> str | Completion:
            fate = draw.random()
            if fate < 0.1:
                raise ModelUnavailable("a: 500")
            most = PRICE.cost(request.prompt_bound, request.max_tokens)
            if fate < 0.2:
                charged[0] += most
                raise ModelUnavailable("a: cut", billed=True)
            prompt, output = request.prompt_bound // 4, draw.randint(1, request.max_tokens)
            cost = PRICE.cost(prompt, output)
            charged[0] += cost
            return Completion("text", Finish.STOP, "a", Usage(prompt, output=output), cost)

        ledger = Ledger(money=3.0)
        told = Told({"a": script}, ledger, concurrency=64)
        results = await asyncio.gather(*(told.pool.complete(request(n)) for n in range(2_000)), return_exceptions=True)
        assert charged[0] <= 3.0
        assert ledger.spent.money + ledger.lost.money == pytest.approx(charged[0])
        assert charged[0] >= 2.9, "the budget is used, too"
        completions = [result for result in results if isinstance(result, Completion)]
        accounted = sum((completion.cost or 0.0) + completion.lost for completion in completions)
        assert accounted == pytest.approx(charged[0])
        assert {type(result) for result in results} == {Completion, BudgetSpent}

    run(main())


def test_a_cancelled_call_counts_as_lost_and_one_that_never_started_as_nothing() -> None:
    async def main() -> None:
        told = Told({"a": fine}, concurrency=2, delay=10.0)
        await told.pool.complete(request())
        tasks = [asyncio.create_task(told.pool.complete(request(number))) for number in range(4)]
        await asyncio.sleep(5)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        worst, _ = told.pool.worst(request())
        assert worst is not None
        assert told.ledger.lost.money == pytest.approx(2 * worst)
        assert told.ledger.reserved.money == 0
        assert told.pool.able() == {"a"}
        assert (await told.pool.complete(request())).finish is Finish.STOP

    run(main())


def test_an_unknown_price_under_a_money_budget_is_said_at_once() -> None:
    unknown = {"a": card("a", price=None)}
    with pytest.raises(SettingsError, match=r"price of a is unknown.*input_price"):
        Told({"a": fine}, Ledger(money=1.0), cards=unknown)

    async def main() -> None:
        told = Told({"a": fine}, Ledger(tokens=10_000), cards=unknown)
        assert told.pool.worst(request())[0] is None
        assert (await told.pool.complete(request())).finish is Finish.STOP

    run(main())


def test_the_worst_case_covers_whichever_model_answers() -> None:
    dear = card("b", price=Price(100.0, 1_000.0))
    told = Told({"a": fine, "b": fine}, cards={"a": card("a"), "b": dear})
    money, tokens = told.pool.worst(request())
    assert money == pytest.approx(dear.price.cost(request().prompt_bound, 100))  # type: ignore[union-attr]
    assert tokens == request().prompt_bound + 100


def test_answers_are_never_longer_than_the_model_that_is_asked_can_give() -> None:
    async def main() -> None:
        told = Told({"a": broken, "b": fine}, cards={"a": card("a"), "b": card("b", output=64)})
        await told.pool.complete(request())
        assert told.clients["b"].requests[0].max_tokens == 64

    run(main())


def test_a_scripted_model_counts_prices_and_cuts_off_like_any_other() -> None:
    async def main() -> None:
        model = ScriptedModel(lambda request: "x" * 900, [card("a")])
        completion = await model.complete(request())
        assert (completion.finish, completion.usage.output, len(completion.text)) == (Finish.LENGTH, 100, 300)
        assert completion.cost == pytest.approx(PRICE.cost(completion.usage.prompt, 100))
        worst, tokens = model.worst(request())
        assert worst is not None
        assert completion.cost is not None
        assert completion.cost <= worst
        assert completion.usage.prompt + completion.usage.output <= tokens

    run(main())
