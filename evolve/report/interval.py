"""Intervals over held-out cases: how sure one can be of a score, and of a difference between two programs."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from evolve.domain import Direction, Estimate, Evaluation, Status
from evolve.report import figures

LEVEL = 0.95
"""Confidence of every interval that is printed."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over `n` cases and the two-sided interval around it at confidence `LEVEL`."""

    mean: float
    low: float
    high: float
    n: int

    def excludes_zero(self) -> bool:
        """Whether zero lies outside."""
        return self.low > 0 or self.high < 0


def t_interval(estimate: Estimate) -> Interval | None:
    """Student's interval, mean ± t(n - 1) * stderr; None when there are fewer than two cases.

    It treats cases as independent draws of the problem's instances, with means close to normal.
    """
    if estimate.stderr is None or estimate.n < 2:
        return None
    # The quantile that scipy.stats.t.ppf computes, without the 1 CPU s that importing scipy.stats takes.
    from scipy.special import stdtrit

    half = float(stdtrit(estimate.n - 1, (1 + LEVEL) / 2)) * estimate.stderr
    return Interval(estimate.mean, estimate.mean - half, estimate.mean + half, estimate.n)


def confirmed_text(estimate: Estimate, unit: str = "") -> str:
    """A winner by looks that chose nothing: mean, interval and how many."""
    interval = t_interval(estimate)
    looks = figures.plural(estimate.n, "look")
    span = "no interval"
    if interval is not None:
        span = f"{LEVEL:.0%} interval {figures.number(interval.low)} to {figures.number(interval.high)}"
    return f"{figures.objective(estimate.mean, unit)}  ({span}) over {looks} that chose nothing"


def confirmed_json(estimate: Estimate | None) -> dict[str, Any] | None:
    """The same as plain data; None when nothing was confirmed."""
    if estimate is None:
        return None
    interval = t_interval(estimate)
    return {
        "level": LEVEL,
        "mean": estimate.mean,
        "stderr": estimate.stderr,
        "low": None if interval is None else interval.low,
        "high": None if interval is None else interval.high,
        "looks": estimate.n,
    }


def case_means(evaluation: Evaluation, metric: str) -> dict[int, float]:
    """Mean of a metric over the repeats of each case; empty when a case is not valid."""
    seen: dict[int, list[float]] = defaultdict(list)
    for look in evaluation.measurements:
        if look.status is not Status.VALID or metric not in look.metrics:
            return {}
        seen[look.case].append(look.metrics[metric])
    return {case: math.fsum(values) / len(values) for case, values in seen.items()}


@dataclass(frozen=True, slots=True)
class Difference:
    """How much `later` differs from `earlier` on the same cases; `interval` is None with fewer than two cases."""

    mean: float
    interval: Interval | None
    n: int
    better: bool
    """Whether the mean difference is an improvement and the interval excludes zero."""


def paired_difference(
    later: Evaluation | None, earlier: Evaluation | None, metric: str, direction: Direction
) -> Difference | None:
    """Differences case by case (later minus earlier); None unless both were measured on the same valid cases.

    Pairing takes out how hard each case is, so the interval is usually far narrower than those of the scores.
    """
    if later is None or earlier is None:
        return None
    after, before = case_means(later, metric), case_means(earlier, metric)
    if not after or after.keys() != before.keys():
        return None
    estimate = Estimate.of(after[case] - before[case] for case in sorted(after))
    interval = t_interval(estimate)
    improved = estimate.mean * direction.sign > 0
    better = improved and interval is not None and interval.excludes_zero()
    return Difference(estimate.mean, interval, estimate.n, better)
