"""What a run may still use. Reserved before it is spent, so that nothing in flight can overspend."""

from __future__ import annotations

import time
from collections.abc import Callable

from evolve.config import BudgetSettings
from evolve.domain import Direction

POLISH_SHARE = 0.05
"""Most of the evaluations or seconds of a run that simplifying the winner may take at its end."""


class Budget:
    """Counts evaluations and seconds against their limits; money and tokens are the ledger's.

    Args:
        limits: What may be used in all, earlier sessions included.
        direction: Which way the target lies.
        polish: Evaluations kept back for the end (at most `POLISH_SHARE` of the limit).
        evaluations: Spent by earlier sessions.
        seconds: Spent by earlier sessions.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        limits: BudgetSettings,
        direction: Direction,
        *,
        polish: int,
        evaluations: int = 0,
        seconds: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = limits
        self._direction = direction
        self._clock = clock
        self._started = clock() - seconds
        self._polish = polish
        self.evaluations = evaluations
        self._best: float | None = None
        self._polish_began: int | None = None

    @property
    def elapsed(self) -> float:
        """Seconds the run was at work, over all its sessions."""
        return self._clock() - self._started

    def reserve(self) -> None:
        """Take one evaluation out of the budget, before it is started."""
        self.evaluations += 1

    def release(self) -> None:
        """Give a reserved evaluation back that was never started."""
        self.evaluations -= 1

    @property
    def overdue(self) -> bool:
        """Whether the seconds are used up, so that not even a finished proposal may start."""
        return self.limits.seconds is not None and self.elapsed >= self.limits.seconds

    @property
    def left(self) -> float | None:
        """Seconds until `overdue`, None without a limit or when it is past."""
        if self.limits.seconds is None or self.overdue:
            return None
        return self.limits.seconds - self.elapsed

    def begin_polish(self) -> None:
        """From here on at most as many evaluations as are kept back for it."""
        self._polish_began = self.evaluations

    def reached(self, objective: float) -> None:
        """Note the best objective so far, for the target."""
        self._best = objective

    def used_up(self, *, final: bool) -> str | None:
        """Why no further evaluation may start, or None. Before the final phase its share is kept back."""
        limits = self.limits
        if final and self._polish_began is not None and self.evaluations - self._polish_began >= self._polish:
            return f"{self._polish} evaluations of polishing used"
        if limits.evaluations is not None:
            kept = 0 if final else min(self._polish, int(POLISH_SHARE * limits.evaluations))
            if self.evaluations >= limits.evaluations - kept:
                return f"{limits.evaluations} evaluations used"
        if limits.seconds is not None:
            kept_seconds = 0.0 if final or not self._polish else POLISH_SHARE * limits.seconds
            if self.elapsed >= limits.seconds - kept_seconds:
                return f"{limits.seconds:g} s used"
        if not final and self._on_target():
            return f"target {limits.target:g} reached"
        return None

    def _on_target(self) -> bool:
        target = self.limits.target
        if target is None or self._best is None:
            return False
        return not self._direction.better(target, self._best)
