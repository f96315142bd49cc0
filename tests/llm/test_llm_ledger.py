from __future__ import annotations

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.llm.ledger import Amount, Ledger
from tests.llm.virtual import run

CALLS = st.lists(
    st.tuples(
        st.floats(0.0, 2.0),  # worst case, dollars
        st.floats(0.0, 1.0),  # share of it that the call costs
        st.sampled_from(["settle", "settle", "settle", "release", "lose", "cancel"]),
        st.integers(0, 5),  # seconds it takes
    ),
    min_size=1,
    max_size=120,
)


@given(calls=CALLS, money=st.floats(0.0, 20.0), tokens=st.integers(0, 3_000), spent=st.floats(0.0, 5.0))
@settings(max_examples=120, deadline=None)
def test_the_budget_is_never_exceeded_with_64_calls_in_flight(
    calls: list[tuple[float, float, str, int]], money: float, tokens: int, spent: float
) -> None:
    ledger = Ledger(money, tokens, spent_money=min(spent, money))
    slots = asyncio.Semaphore(64)
    paid = [min(spent, money)]
    used = [0]

    def check() -> None:
        assert paid[0] <= money + 1e-9
        assert used[0] <= tokens
        whole = ledger.spent.money + ledger.lost.money + ledger.reserved.money
        assert whole <= money + 1e-9
        assert ledger.spent.tokens + ledger.lost.tokens + ledger.reserved.tokens <= tokens

    async def call(worst: float, share: float, end: str, seconds: int) -> None:
        amount = Amount(worst, int(worst * 100))
        async with slots:
            hold = await ledger.reserve(amount)
            if hold is None:
                return
            check()
            await asyncio.sleep(seconds)
            if end == "release":
                ledger.release(hold)
            elif end == "settle":
                paid[0] += worst * share
                used[0] += int(amount.tokens * share)
                ledger.settle(hold, Amount(worst * share, int(amount.tokens * share)))
            else:
                paid[0] += worst
                used[0] += amount.tokens
                ledger.lose(hold)
            check()

    async def main() -> None:
        tasks = [asyncio.create_task(call(*each)) for each in calls]
        await asyncio.sleep(0.5)
        for task, each in zip(tasks, calls, strict=True):
            if each[2] == "cancel" and each[3] == 0:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    run(main())
    assert ledger.reserved.money == pytest.approx(0.0)
    assert ledger.reserved.tokens == 0


def test_a_call_waits_for_money_that_others_in_flight_may_leave_over() -> None:
    async def main() -> None:
        ledger = Ledger(1.0)
        first = await ledger.reserve(Amount(0.9, 10))
        assert first is not None
        waiting = asyncio.create_task(ledger.reserve(Amount(0.5, 10)))
        await asyncio.sleep(1)
        assert not waiting.done()
        ledger.settle(first, Amount(0.1, 5))
        second = await waiting
        assert second is not None
        assert (ledger.spent.money, ledger.reserved.money) == pytest.approx((0.1, 0.5))

    run(main())


def test_a_waiting_call_is_turned_away_as_soon_as_nothing_can_free_enough() -> None:
    async def main() -> None:
        ledger = Ledger(1.0)
        first = await ledger.reserve(Amount(0.9))
        assert first is not None
        waiting = asyncio.create_task(ledger.reserve(Amount(0.5)))
        await asyncio.sleep(0)
        ledger.lose(first)
        assert await waiting is None
        assert ledger.lost.money == pytest.approx(0.9)
        assert await ledger.reserve(Amount(0.2)) is None
        assert await ledger.reserve(Amount(0.05)) is not None

    run(main())


def test_small_calls_do_not_overtake_a_large_one_for_ever() -> None:
    async def main() -> list[str]:
        ledger = Ledger(1.0)
        order: list[str] = []
        first = await ledger.reserve(Amount(0.8))
        assert first is not None

        async def call(name: str, worst: float) -> None:
            hold = await ledger.reserve(Amount(worst))
            order.append(name)
            assert hold is not None
            ledger.settle(hold, Amount(0.0))

        large = asyncio.create_task(call("large", 0.9))
        await asyncio.sleep(0)
        small = asyncio.create_task(call("small", 0.1))
        await asyncio.sleep(0)
        assert order == []
        ledger.release(first)
        await asyncio.gather(large, small)
        return order

    assert run(main()) == ["large", "small"]


def test_cancelling_a_waiting_call_neither_keeps_money_nor_blocks_those_behind_it() -> None:
    async def main() -> None:
        ledger = Ledger(1.0)
        first = await ledger.reserve(Amount(0.5))
        assert first is not None
        large = asyncio.create_task(ledger.reserve(Amount(0.9)))
        await asyncio.sleep(0)
        small = asyncio.create_task(ledger.reserve(Amount(0.3)))
        await asyncio.sleep(0)
        large.cancel()
        assert await small is not None
        third = asyncio.create_task(ledger.reserve(Amount(0.5)))
        await asyncio.sleep(0)
        ledger.release(first)  # lets the third in at the very moment it is cancelled
        third.cancel()
        await asyncio.gather(third, return_exceptions=True)
        assert ledger.reserved.money == pytest.approx(0.3)

    run(main())


def test_an_unknown_price_is_not_nothing() -> None:
    async def main() -> None:
        with pytest.raises(ValueError, match="unknown price"):
            await Ledger(1.0).reserve(Amount(None, 10))
        hold = await Ledger(tokens=100).reserve(Amount(None, 100))
        assert hold is not None
        assert await Ledger(tokens=100).reserve(Amount(None, 101)) is None

    run(main())


def test_what_earlier_sessions_spent_counts() -> None:
    async def main() -> None:
        ledger = Ledger(2.0, 100, spent_money=1.5, spent_tokens=90)
        assert await ledger.reserve(Amount(0.6, 1)) is None
        assert await ledger.reserve(Amount(0.1, 11)) is None
        assert await ledger.reserve(Amount(0.5, 10)) is not None

    run(main())


def test_a_hold_ends_once() -> None:
    async def main() -> None:
        ledger = Ledger(1.0)
        hold = await ledger.reserve(Amount(0.5))
        assert hold is not None
        ledger.settle(hold, Amount(0.2))
        with pytest.raises(ValueError, match="once"):
            ledger.release(hold)

    run(main())


def test_rounding_does_not_add_up_over_many_calls() -> None:
    async def main() -> None:
        ledger = Ledger(1e6)
        draw = random.Random(1)
        for _ in range(2_000):
            holds = [await ledger.reserve(Amount(draw.random())) for _ in range(3)]
            for hold in holds:
                assert hold is not None
                ledger.release(hold)
        assert ledger.reserved.money == 0.0

    run(main())
