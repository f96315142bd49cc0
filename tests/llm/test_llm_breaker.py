from __future__ import annotations

import random

from evolve.llm.breaker import Breaker


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock) -> Breaker:
    breaker = Breaker(3, first=2.0, longest=20.0, clock=clock, rng=random.Random(1))
    assert [breaker.failed() for _ in range(3)] == [False, False, True]
    return breaker


def test_failures_in_a_row_open_it_and_an_answer_in_between_does_not() -> None:
    breaker = Breaker(3)
    for _ in range(10):
        breaker.failed()
        breaker.failed()
        breaker.succeeded()
    assert breaker.closed
    assert breaker.enter()


def test_open_it_lets_nobody_through_and_then_a_single_trial_call() -> None:
    clock = Clock()
    breaker = opened(clock)
    assert not breaker.enter()
    assert 2.0 <= breaker.wait() <= 3.0
    clock.now += breaker.wait()
    assert breaker.enter()
    assert not breaker.enter()
    assert breaker.succeeded()
    assert breaker.closed
    assert breaker.enter()


def test_every_failed_trial_call_doubles_the_hold_up_to_the_longest() -> None:
    clock = Clock()
    breaker = opened(clock)
    holds = []
    for _ in range(7):
        clock.now += breaker.wait()
        assert breaker.enter()
        assert breaker.failed()
        holds.append(breaker.wait())
    for hold, least in zip(holds, (4, 8, 16, 20, 20, 20, 20), strict=True):
        assert least <= hold <= 1.5 * least


def test_calls_that_started_before_it_opened_do_not_prolong_the_hold() -> None:
    clock = Clock()
    breaker = opened(clock)
    wait = breaker.wait()
    assert not breaker.failed()
    assert breaker.wait() == wait


def test_a_trial_call_that_says_nothing_leaves_room_for_another() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += breaker.wait()
    assert breaker.enter()
    breaker.undecided()
    assert breaker.enter()
