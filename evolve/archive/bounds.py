"""Bounds of the axes from the first valid candidates: robust to a freak value, and never of width zero."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from evolve.archive.settings import MAX_BOUND, Axis

FENCE = 3.0
"""Values further than this many interquartile ranges outside the quartiles are "far out" (Tukey 1977, ch. 2)."""

MARGIN = 0.25
"""Room left on each learnt side, as a share of the width seen: a search moves away from its first candidates."""


def learn(axes: Sequence[Axis], samples: Sequence[Sequence[float]]) -> tuple[tuple[float, float], ...]:
    """`(low, high)` per axis from the measures of the first candidates (one row each, finite values).

    Declared bounds are kept. A learnt bound is the extreme value that is not far out, plus a margin.
    """
    return tuple(_axis_bounds(axis, [row[position] for row in samples]) for position, axis in enumerate(axes))


def _axis_bounds(axis: Axis, values: Sequence[float]) -> tuple[float, float]:
    seen_low, seen_high = _typical_range([min(max(value, -MAX_BOUND / 4), MAX_BOUND / 4) for value in values])
    margin = MARGIN * (seen_high - seen_low)
    low = seen_low - margin if axis.low is None else axis.low
    high = seen_high + margin if axis.high is None else axis.high
    if low < high:
        return low, high
    return _around(axis, seen_low)


def _typical_range(values: Sequence[float]) -> tuple[float, float]:
    """The least and greatest value inside Tukey's outer fences; plain extremes when the quartiles coincide."""
    if len(values) < 2:
        return values[0], values[0]
    lower, _, upper = statistics.quantiles(values, n=4, method="inclusive")
    if not lower < upper:
        return min(values), max(values)
    fence = FENCE * (upper - lower)
    inside = [value for value in values if lower - fence <= value <= upper + fence]
    return min(inside), max(inside)


def _around(axis: Axis, value: float) -> tuple[float, float]:
    """Bounds for an axis on which only `value` was seen, or everything lay beyond its one declared bound."""
    if axis.low is not None:
        return axis.low, axis.low + _room(axis.low)
    if axis.high is not None:
        return axis.high - _room(axis.high), axis.high
    return value - _room(value), value + _room(value)


def _room(value: float) -> float:
    """Half of the value, and at least 1."""
    return max(1.0, abs(value) / 2)
