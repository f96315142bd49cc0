from __future__ import annotations

import asyncio
import statistics

import pytest

from evolve.llm.limits import Limiter
from evolve.llm.pace import Pace
from tests.llm.servers import simulate
from tests.llm.virtual import clock, run
from tests.standin.weather import Allowance

WINDOWS = ("fixed", "sliding", "bucket")


@pytest.mark.parametrize("whole_seconds", [False, True], ids=["retry-after exact", "retry-after in whole seconds"])
@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("told", [True, False], ids=["told", "learnt"])
def test_five_calls_a_second_are_used_and_hardly_exceeded(told: bool, window: str, whole_seconds: bool) -> None:
    found = [
        simulate(Pace(5.0 if told else None), Allowance(5.0, window), whole_seconds=whole_seconds, seed=seed)
        for seed in range(20)
    ]
    assert max(each.refused for each in found) <= 0.05
    assert statistics.median(each.rate for each in found) >= 4.75
    assert min(each.rate for each in found) >= 4.6


@pytest.mark.parametrize("window", WINDOWS)
def test_a_limit_per_minute_is_learnt_too(window: str) -> None:
    server = Allowance(1.0, window, seconds=60.0)
    found = simulate(Pace(), server, seconds=900, slots=32, latency=2.0, whole_seconds=True)
    assert found.rate >= 0.95
    assert found.refused <= 0.12


def test_a_limit_that_is_raised_is_found_again() -> None:
    pace, server = Pace(), Allowance(5.0, "sliding")
    assert simulate(pace, server, seconds=30).rate == pytest.approx(5.0, rel=0.06)
    raised = simulate(pace, Allowance(20.0, "sliding"), seconds=600, slots=32)
    assert raised.pace.rate >= 18.0


def test_a_limit_that_is_lowered_is_found_within_seconds() -> None:
    pace = Pace()
    simulate(pace, Allowance(20.0, "sliding"), seconds=120, slots=32)
    lowered = simulate(pace, Allowance(5.0, "sliding"), seconds=120, slots=32)
    assert lowered.refused <= 0.06
    assert lowered.rate >= 4.4


def test_a_server_that_refuses_now_and_then_without_a_limit_is_not_starved() -> None:
    found = [
        simulate(Pace(), Allowance(1000.0, "bucket"), seconds=120, latency=1.0, noise=0.02, seed=seed)
        for seed in range(20)
    ]
    assert statistics.median(each.rate for each in found) >= 3.5  # of 7.6 without any refusal


def test_without_refusals_there_is_no_limit() -> None:
    found = simulate(Pace(), Allowance(1e6, "bucket"), seconds=20, slots=64, latency=0.5)
    assert found.rate >= 0.9 * 64 / (0.5 * 1.05)


def test_calls_start_in_the_order_they_came() -> None:
    async def main() -> list[int]:
        limiter = Limiter(requests_per_minute=60, clock=clock)
        started: list[int] = []

        async def call(number: int) -> None:
            await limiter.start(100, 100)
            started.append(number)

        await asyncio.gather(*(call(number) for number in range(20)))
        assert clock() == pytest.approx(19 / 0.98, rel=0.01)
        return started

    assert run(main()) == list(range(20))


def test_a_cancelled_call_does_not_hold_up_the_others() -> None:
    async def main() -> None:
        limiter = Limiter(requests_per_minute=6, clock=clock)
        await limiter.start(1, 1)
        waiting = [asyncio.create_task(limiter.start(1, 1)) for _ in range(3)]
        await asyncio.sleep(1)
        waiting[0].cancel()
        waiting[1].cancel()
        await waiting[2]
        assert clock() < 11

    run(main())


def test_all_calls_wait_as_long_as_a_429_says() -> None:
    async def main() -> None:
        limiter = Limiter(clock=clock)
        ticket = await limiter.start(1, 1)
        limiter.refused(ticket, 30.0)
        await limiter.start(1, 1)
        assert clock() >= 30.0

    run(main())


def test_tokens_per_minute_are_kept_over_time_and_given_back_when_unused() -> None:
    async def main() -> None:
        limiter = Limiter(tokens_per_minute=60_000, clock=clock)
        for _ in range(60):
            ticket = await limiter.start(2_000, 8_000)
            limiter.answered(ticket, 2_000, 1_000)
        # 180,000 tokens at 1,000 a second, a burst of ten seconds ahead.
        assert 165 <= clock() <= 185

    run(main())


def test_a_failed_call_gives_its_tokens_back_at_once() -> None:
    async def main() -> None:
        limiter = Limiter(tokens_per_minute=6_000, clock=clock)
        ticket = await limiter.start(1_000, 9_000)
        waiting = asyncio.create_task(limiter.start(1_000, 9_000))
        await asyncio.sleep(1)
        limiter.failed(ticket)
        await waiting
        assert clock() < 2

    run(main())
