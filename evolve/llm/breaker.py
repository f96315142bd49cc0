"""A circuit breaker: a model that fails again and again is left alone for a while, then tried with one call."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

FAILURES = 5
"""Failures in a row that open the circuit: at a fault rate of 30 % that is one streak in 400 calls."""
FIRST_HOLD = 2.0
LONGEST_HOLD = 60.0
"""Seconds it stays open after the first failed streak, doubled after every failed trial call up to the longest."""


class Breaker:
    """Closed: calls pass. Open: none does until the hold is over. Then one trial call decides.

    Args:
        failures: Failures in a row that open it.
        first: Seconds of the first hold.
        longest: Most seconds of a hold.
        clock: Monotonic seconds.
        rng: Makes holds between 1 and 1.5 times as long, so that many processes do not come back at once.
    """

    def __init__(
        self,
        failures: int = FAILURES,
        *,
        first: float = FIRST_HOLD,
        longest: float = LONGEST_HOLD,
        clock: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        self._failures, self._first, self._longest = failures, first, longest
        self._clock = clock
        self._rng = rng or random.Random()
        self._streak = 0
        self._holds = 0
        self._until: float | None = None
        self._trial = False

    @property
    def closed(self) -> bool:
        """Whether calls pass freely."""
        return self._until is None

    def wait(self) -> float:
        """Seconds until a call may be tried; 0 when one may now. While a trial call is under way: a moment."""
        if self._until is None:
            return 0.0
        if self._trial:
            return self._first / 10
        return max(0.0, self._until - self._clock())

    def enter(self) -> bool:
        """Take leave to make a call; when the circuit is open only one trial call gets it, once the hold is over."""
        if self._until is None:
            return True
        if self._trial or self._clock() < self._until:
            return False
        self._trial = True
        return True

    def succeeded(self) -> bool:
        """A call was answered. True when that closes the circuit."""
        closes = self._until is not None
        self._streak = self._holds = 0
        self._until, self._trial = None, False
        return closes

    def failed(self) -> bool:
        """A call failed. True when that opens the circuit, or keeps it open after a trial call."""
        self._streak += 1
        if self._until is None and self._streak < self._failures:
            return False
        if self._until is not None and not self._trial:
            return False  # a call that started before the circuit opened
        hold = min(self._longest, self._first * 2**self._holds) * self._rng.uniform(1.0, 1.5)
        self._holds += 1
        self._until, self._trial = self._clock() + hold, False
        return True

    def undecided(self) -> None:
        """A call ended without saying anything of the model's health (cancelled, throttled): another may be tried."""
        self._trial = False
