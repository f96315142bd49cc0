"""What a run may still use. Reserved before it is spent, so that nothing in flight can overspend."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from evolve.config import BudgetSettings
from evolve.domain import Direction
from evolve.errors import BudgetSpent

POLISH_SHARE = 0.05
"""Most of the evaluations or seconds of a run that simplifying the winner may take at its end."""
FINALS_SHARE = 0.1
"""Most of them that choosing and confirming the winner of a noisy problem may take."""


class Budget:
    """Counts evaluations, calls and seconds against their limits; money and tokens are the ledger's.

    Args:
        limits: What may be used in all, earlier sessions included.
        direction: Which way the target lies.
        polish: Evaluations kept back for the end (at most `POLISH_SHARE` of the limit).
        evaluations: Spent by earlier sessions.
        seconds: Spent by earlier sessions.
        calls: Spent by earlier sessions.
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
        calls: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = limits
        self._direction = direction
        self._clock = clock
        self._started = clock() - seconds
        self._polish = polish
        self._finals = 0
        self.evaluations = evaluations
        self.calls = calls
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

    def take_call(self) -> None:
        """Take one call out of the budget, before it is made. Raises BudgetSpent when none is left."""
        if (spent := self._calls_spent()) is not None:
            raise BudgetSpent(spent)
        self.calls += 1

    def return_call(self) -> None:
        """Give a call back that was never made."""
        self.calls -= 1

    def spare(self, wanted: int) -> int:
        """How many of the wanted further looks may be made now. They may not use what is kept for the end."""
        if self.overdue:
            return 0
        if self.limits.evaluations is None:
            return wanted
        return max(0, min(wanted, self._most(final=self._polish_began is not None) - self.evaluations))

    def keep(self, looks: int) -> None:
        """Keep so many evaluations, or their share of the seconds, for choosing the winner at the end."""
        self._finals = looks

    def begin_finals(self) -> None:
        """From here on nothing is kept back."""
        self._finals = self._polish = 0

    def halfway(self) -> Callable[[], bool]:
        """Tells when half of the time that is left now has passed; never, without a limit."""
        until = math.inf if self.limits.seconds is None else (self.elapsed + self.limits.seconds) / 2
        return lambda: self.elapsed >= until

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

    def used_up(self, *, final: bool, begun: bool = False) -> str | None:
        """Why no further evaluation may start, or None. Before the final phase its share is kept back.

        Of a proposal that was `begun` in an earlier session the call is taken already.
        """
        limits = self.limits
        if final and self._polish_began is not None and self.evaluations - self._polish_began >= self._polish:
            return f"{self._polish} evaluations of polishing used"
        if limits.evaluations is not None and self.evaluations >= self._most(final=final):
            return f"{limits.evaluations} evaluations used"
        if limits.seconds is not None and self.elapsed >= limits.seconds * (1 - self._kept_share(final=final)):
            return f"{limits.seconds:g} s used"
        if not final and not begun and (spent := self._calls_spent()) is not None:
            return spent
        if not final and self._on_target():
            return f"target {limits.target:g} reached"
        return None

    def _calls_spent(self) -> str | None:
        most = self.limits.calls
        return None if most is None or self.calls < most else f"{most} calls used"

    def _most(self, *, final: bool) -> int:
        """Evaluations after which none is begun in this phase."""
        assert self.limits.evaluations is not None
        limit = self.limits.evaluations
        polish = 0 if final else min(self._polish, int(POLISH_SHARE * limit))
        return limit - polish - min(self._finals, int(FINALS_SHARE * limit))

    def _kept_share(self, *, final: bool) -> float:
        """Share of the seconds that this phase may not use."""
        return (FINALS_SHARE if self._finals else 0.0) + (POLISH_SHARE if self._polish and not final else 0.0)

    def _on_target(self) -> bool:
        target = self.limits.target
        if target is None or self._best is None:
            return False
        return not self._direction.better(target, self._best)
