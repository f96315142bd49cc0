"""Statistics of small samples of runs: medians with exact intervals, permutation tests, effect sizes.

Everything here is exact for the sample sizes people can afford (a handful of runs), needs no normality, and says so
when a sample is too small to show anything. docs/statistics.md explains it; numpy is imported when a test runs.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEVEL = 0.95
"""Coverage intervals are asked for; what they really have is in `Interval.coverage`."""
ALPHA = 0.05
"""p-values up to this one count as a difference."""
EXACT_LIMIT = 2**20
"""Rearrangements up to which a test goes through all of them (20 pairs); beyond it draws some at random."""
RESAMPLES = 100_000
"""Rearrangements a test draws then: the standard error of a p-value of 0.05 is 0.0007."""

_SEED = 20_250_101
_CHUNK = 2**18
_ROUNDING = 1e-12
"""Sums closer than this, relative to the sum of absolute values, are equal: they differ by rounding alone."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A median and the two order statistics around it; `coverage` is how often such an interval holds the true one.

    `coverage` is below the level asked for when the sample is too small for it; 0 for a single value.
    """

    median: float
    low: float
    high: float
    coverage: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a permutation test found: a two-sided `p`, and `floor`, the smallest that a sample of this size can give.

    `exact` says that every rearrangement was counted; `of` is how many there were or were drawn.
    """

    p: float
    floor: float
    exact: bool
    of: int

    @property
    def can_show(self) -> bool:
        """Whether any data of this size could have given a p of at most `ALPHA`."""
        return self.floor <= ALPHA


def median_interval(values: Sequence[float], level: float = LEVEL) -> Interval:
    """The median and its distribution-free interval, from the k-th smallest to the k-th largest value.

    k is the largest for which the coverage 1 - 2 P(Bin(n, 1/2) < k) is at least `level`; 1 when there is none, as
    below six values at 0.95 (David and Nagaraja, Order Statistics, 2003, section 7.1). Exact for continuous
    distributions, conservative for others. Raises ValueError without a value.
    """
    n = len(values)
    if n == 0:
        raise ValueError("a median needs at least one value")
    return _order_interval(sorted(values), [math.comb(n, count) for count in range(n + 1)], level)


def shift_interval(later: Sequence[float], earlier: Sequence[float], level: float = LEVEL) -> Interval:
    """How much `later` lies above `earlier`: the median of all pairwise differences (Hodges and Lehmann, 1963).

    Its interval goes from the k-th smallest to the k-th largest of them, with k from the null distribution of the
    Mann-Whitney statistic (Moses' interval: Hollander and Wolfe, Nonparametric Statistical Methods, section 4.3). It
    supposes that both samples have the same shape. Raises ValueError when a sample is empty.
    """
    if not later or not earlier:
        raise ValueError("a shift needs at least one value on either side")
    differences = sorted(after - before for after in later for before in earlier)
    return _order_interval(differences, _rank_sum_counts(len(later), len(earlier)), level)


def _order_interval(ordered: Sequence[float], weights: Sequence[int], level: float) -> Interval:
    """The interval between k-th smallest and largest; `weights[i]` in sum(weights) is the chance of i values below."""
    total, below, k = sum(weights), 0, 0
    while k < len(ordered) // 2 and 1 - 2 * (below + weights[k]) / total >= level:
        below += weights[k]
        k += 1
    if k == 0:
        below, k = weights[0], 1
    coverage = max(0.0, 1 - 2 * below / total)
    return Interval(statistics.median(ordered), ordered[k - 1], ordered[-k], coverage)


def _rank_sum_counts(left: int, right: int) -> list[int]:
    """How many of the C(left + right, left) orders have each value 0 .. left * right of the Mann-Whitney statistic.

    The coefficients of the Gaussian binomial, product of (1 - q^(right + i)) / (1 - q^i) over i = 1 .. left.
    """
    counts = [1] + [0] * (left * right)
    for i in range(1, left + 1):
        for u in range(left * right, right + i - 1, -1):
            counts[u] -= counts[u - right - i]
        for u in range(i, left * right + 1):
            counts[u] += counts[u - i]
    return counts


def sign_flip_test(differences: Sequence[float]) -> Outcome:
    """Whether paired differences are centred on zero: the share of sign patterns whose sum is as far from it.

    Fisher's randomisation test (The Design of Experiments, 1935, section 21): if it made no difference which of a pair
    was which, every pattern of signs was as likely. Two-sided. Zeros say nothing and are left out.
    """
    told = [value for value in differences if value != 0]
    floor = min(1.0, 2 / 2 ** len(differences))
    if not told:
        return Outcome(p=1.0, floor=floor, exact=True, of=1)
    patterns = 2 ** len(told)
    if patterns <= EXACT_LIMIT:
        # The last sign may stay as it is: turning all signs around gives the same distance from zero.
        sums = _signed_sums(told[:-1]) + told[-1]
        return Outcome(_share(sums, told), floor, exact=True, of=patterns)
    return _drawn(told, len(told), floor, paired=True)


def two_sample_test(left: Sequence[float], right: Sequence[float]) -> Outcome:
    """Whether two samples have one source: the share of all ways to deal out their values with means as far apart.

    Fisher and Pitman's permutation test on the difference of means (Pitman, 1937). Two-sided. Raises ValueError when
    a sample is empty.
    """
    if not left or not right:
        raise ValueError("a test needs at least one value on either side")
    few, many = sorted((left, right), key=len)
    centre = math.fsum([*few, *many]) / (len(few) + len(many))
    values = [value - centre for value in (*few, *many)]
    deals = math.comb(len(values), len(few))
    floor = (2 if len(few) == len(many) else 1) / deals
    if deals <= EXACT_LIMIT:
        return Outcome(_share(_subset_sums(values, len(few)), values[: len(few)], values), floor, exact=True, of=deals)
    return _drawn(values, len(few), floor, paired=False)


def _signed_sums(values: Sequence[float]) -> Floats:
    """The sums under every pattern of signs."""
    import numpy as np

    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate((sums + value, sums - value))
    return sums


def _subset_sums(values: Sequence[float], size: int) -> Floats:
    """The sums of every subset of `size` values."""
    import numpy as np

    sums = [np.zeros(1), *(np.empty(0) for _ in range(size))]
    for value in values:
        for count in range(size, 0, -1):
            sums[count] = np.concatenate((sums[count], sums[count - 1] + value))
    return sums[size]


def _share(sums: Floats, observed: Sequence[float], scale: Sequence[float] | None = None) -> float:
    """The share of sums at least as far from zero as that of the observed values."""
    return float((abs(sums) >= _bar(observed, scale)).mean())


def _bar(observed: Sequence[float], scale: Sequence[float] | None) -> float:
    rounding = _ROUNDING * math.fsum(map(abs, observed if scale is None else scale))
    return abs(math.fsum(observed)) - rounding


def _drawn(values: Sequence[float], size: int, floor: float, *, paired: bool) -> Outcome:
    """The test on random rearrangements: p = (1 + as far) / (1 + drawn), which is never 0 (Phipson and Smyth, 2010)."""
    import numpy as np

    random = np.random.default_rng(_SEED)
    array, bar = np.asarray(values), _bar(values[:size], values)
    as_far, left = 0, RESAMPLES
    while left > 0:
        rows = min(left, max(1, _CHUNK // len(values)))
        left -= rows
        if paired:
            sums = (random.integers(0, 2, (rows, size)) * 2 - 1) @ array
        else:
            sums = random.permuted(np.tile(array, (rows, 1)), axis=1)[:, :size].sum(axis=1)
        as_far += int((abs(sums) >= bar).sum())
    p = (1 + as_far) / (1 + RESAMPLES)
    return Outcome(p, max(floor, 1 / (1 + RESAMPLES)), exact=False, of=RESAMPLES)


def superiority(left: Sequence[float], right: Sequence[float]) -> float:
    """How often a value of `left` is above one of `right`, ties counted half: 0.5 is no difference.

    A-hat of Vargha and Delaney (2000), equation 14. Raises ValueError when a sample is empty.
    """
    if not left or not right:
        raise ValueError("a comparison needs at least one value on either side")
    wins = sum((a > b) + 0.5 * (a == b) for a in left for b in right)
    return wins / (len(left) * len(right))


def holm(ps: Sequence[float]) -> list[float]:
    """p-values of several tests, raised so that any of them is at most alpha by chance with probability alpha.

    Holm (1979): the i-th smallest of m is multiplied by m - i + 1 and never below the one before; at most 1.
    """
    adjusted = [0.0] * len(ps)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        highest = max(highest, min(1.0, ps[index] * (len(ps) - rank)))
        adjusted[index] = highest
    return adjusted
