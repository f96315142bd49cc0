"""What a candidate earned for those that led to it: its relative improvement over the parent, in units of its day."""

from __future__ import annotations

from collections import deque

from evolve.scaffold.bandit import relative_gain
from evolve.scaffold.base import OutcomeView

RECENT = 32
"""Improvements that say what is usual: a run with models makes a few dozen of them."""

USUAL = 0.75
"""The quantile of recent improvements that earns 1. Gains shrink by orders of magnitude over a run (Fialho et al.
2010), so that in fixed units early arms would look better for ever; above the quantile one lucky gain would."""


class Earnings:
    """Turns outcomes into earnings in [0, 1]; proportional to the improvement up to what is usual lately."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=RECENT)
        self._scale = 0.0

    def of(self, outcome: OutcomeView) -> float:
        """What one outcome earned: 0 for a failure and for a child that is not better than its parent.

        The improvement counts towards what is usual. Without a parent's score only a new best earns anything.
        """
        if outcome.score is None:
            return 0.0
        if outcome.parent_score is None:
            return 1.0 if outcome.new_best else 0.0
        if outcome.score <= outcome.parent_score:
            return 0.0
        gain = relative_gain(outcome.score, outcome.parent_score)
        self._recent.append(gain)
        ordered = sorted(self._recent)
        self._scale = ordered[int(USUAL * (len(ordered) - 1))]
        return min(1.0, gain / self._scale) if self._scale > 0.0 else 1.0
