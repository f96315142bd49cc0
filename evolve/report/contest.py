"""One arm of runs against another: by how much it differs, how sure that is, and the sentence that says so."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from evolve.domain import Direction
from evolve.statistics import (
    ALPHA,
    Interval,
    Outcome,
    holm,
    median_interval,
    shift_interval,
    sign_flip_test,
    superiority,
    two_sample_test,
)

Sample = Sequence[tuple[int, float]]
"""The runs of an arm: (run seed, objective) each."""


@dataclass(frozen=True, slots=True)
class Contest:
    """`arm` against `against`, the first arm; differences are `arm` minus `against`, in units of the objective.

    Paired by run seed when both arms have the same seeds, once each: then `difference` is the median of the pairs'
    differences and the test the sign-flip test. Otherwise it is the Hodges-Lehmann shift, and the test deals out all
    values anew. `mean` is the difference of means, which is what both tests look at. `superiority` is the chance that
    a run of `arm` is better than one of `against` (Vargha and Delaney); `wins`, `ties` and `losses` count pairs, and
    are all 0 without pairs. `p` is corrected for the number of arms tested (Holm), `outcome.p` is not.
    """

    arm: str
    against: str
    n: tuple[int, int]
    paired: bool
    mean: float
    difference: Interval
    superiority: float
    wins: int
    ties: int
    losses: int
    outcome: Outcome
    p: float
    tests: int
    better: bool | None
    """Whether `arm` is shown to be better; None when no difference is shown."""

    @property
    def can_show(self) -> bool:
        """Whether so few runs could have shown any difference at all."""
        return self.outcome.floor * self.tests <= ALPHA

    @property
    def divided(self) -> bool:
        """Whether mean and median point in different directions."""
        return self.mean * self.difference.median < 0


def contests(samples: Sequence[tuple[str, Sample]], direction: Direction) -> list[Contest]:
    """Every arm but the first against the first."""
    (against, base), *others = samples
    found = [_Raw.of(base, sample, direction) for _, sample in others]
    corrected = holm([raw.outcome.p for raw in found])
    return [
        raw.contest(arm, against, p, len(found), direction)
        for (arm, _), raw, p in zip(others, found, corrected, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Raw:
    """A contest before the correction for how many there are."""

    n: tuple[int, int]
    pairs: Sequence[float] | None
    mean: float
    difference: Interval
    superiority: float
    outcome: Outcome

    @classmethod
    def of(cls, base: Sample, other: Sample, direction: Direction) -> _Raw:
        left, right = ([value for _, value in sample] for sample in (other, base))
        scores = [[direction.sign * value for value in values] for values in (left, right)]
        pairs = _pairs(base, other)
        return cls(
            n=(len(left), len(right)),
            pairs=pairs,
            mean=statistics.fmean(left) - statistics.fmean(right),
            difference=shift_interval(left, right) if pairs is None else median_interval(pairs),
            superiority=superiority(*scores),
            outcome=two_sample_test(left, right) if pairs is None else sign_flip_test(pairs),
        )

    def contest(self, arm: str, against: str, p: float, tests: int, direction: Direction) -> Contest:
        gains = [direction.sign * pair for pair in self.pairs or ()]
        return Contest(
            arm=arm,
            against=against,
            n=self.n,
            paired=self.pairs is not None,
            mean=self.mean,
            difference=self.difference,
            superiority=self.superiority,
            wins=sum(gain > 0 for gain in gains),
            ties=sum(gain == 0 for gain in gains),
            losses=sum(gain < 0 for gain in gains),
            outcome=self.outcome,
            p=p,
            tests=tests,
            better=self.mean * direction.sign > 0 if p <= ALPHA else None,
        )


def _pairs(base: Sample, other: Sample) -> list[float] | None:
    """Differences by seed, other minus base; None unless both have the same seeds, once each."""
    left, right = dict(other), dict(base)
    if len(left) < len(other) or len(right) < len(base) or left.keys() != right.keys():
        return None
    return [left[seed] - right[seed] for seed in sorted(left)]


def needed(contest: Contest) -> str:
    """How many runs could show a difference, when so many as there are cannot."""
    bar = ALPHA / contest.tests
    if contest.paired:
        return f"{next(n for n in range(1, 64) if 2 / 2**n <= bar)} pairs"
    return f"{next(n for n in range(1, 64) if 2 / math.comb(2 * n, n) <= bar)} runs of each"
