"""How the arms of a comparison climbed: the median best so far and its interval, at equal amounts, for charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evolve.report.compare_words import track_title
from evolve.report.comparison import Arm, Comparison, Track
from evolve.report.entrant import Axis
from evolve.statistics import Interval, median_interval

POINTS = 60
"""Amounts a band is drawn at: one about every ten pixels of a chart."""


@dataclass(frozen=True, slots=True)
class Band:
    """One arm: the median of its runs' best so far and the distribution-free interval of it, one of each per amount."""

    label: str
    runs: int
    intervals: Sequence[Interval]


@dataclass(frozen=True, slots=True)
class Climb:
    """Every arm at equal `amounts` of one thing (evaluations, US dollars or tokens), up to what every run has used."""

    axis: Axis
    title: str
    amounts: Sequence[float]
    bands: Sequence[Band]


def climbs_of(comparison: Comparison) -> list[Climb]:
    """One climb for every track of a comparison."""
    return [_climb(comparison, track) for track in comparison.tracks]


def _climb(comparison: Comparison, track: Track) -> Climb:
    amounts = _amounts(track.axis, track.checkpoints[-1].amount)
    bands = [_band(arm, track.axis, amounts) for arm in comparison.arms]
    return Climb(track.axis, track_title(comparison, track), amounts, bands)


def _amounts(axis: Axis, most: float) -> list[float]:
    """Evenly from the seed program to `most`; whole numbers but for money."""
    if axis is Axis.MONEY:
        return [most * step / POINTS for step in range(POINTS + 1)]
    least = 1 if axis is Axis.EVALUATIONS else 0
    return [
        float(each) for each in sorted({least + round((most - least) * step / POINTS) for step in range(POINTS + 1)})
    ]


def _band(arm: Arm, axis: Axis, amounts: Sequence[float]) -> Band:
    # The curve ends where the last line of the table stands: at what noisy runs say of their bests in the end.
    *way, last = amounts
    runs = [[*entrant.bests_at(axis, way), entrant.verdict_at(axis, last)] for entrant in arm.entrants]
    return Band(arm.label, len(runs), [median_interval(values) for values in zip(*runs, strict=True)])


def climb_json(climb: Climb) -> dict[str, Any]:
    """A climb as plain data, columns of equal length."""
    return {
        "axis": climb.axis,
        "title": climb.title,
        "amount": list(climb.amounts),
        "arms": [
            {
                "arm": band.label,
                "runs": band.runs,
                "coverage": band.intervals[0].coverage,
                "median": [interval.median for interval in band.intervals],
                "low": [interval.low for interval in band.intervals],
                "high": [interval.high for interval in band.intervals],
            }
            for band in climb.bands
        ],
    }
