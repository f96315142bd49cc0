"""A curve in a few lines of block characters."""

from __future__ import annotations

import math
from collections.abc import Sequence

from evolve.inspection.points import Points

_BLOCKS = " ▁▂▃▄▅▆▇█"
_EIGHTHS = len(_BLOCKS) - 1


def curve_values(points: Points, columns: int) -> list[float]:
    """The best so far at `columns` places evenly spread over the evaluations of a run that has a valid candidate.

    The last one is the best as the run sees it now, which further looks or the choice of a winner may have changed.
    """
    bests, end = points.bests, points.end.evaluations
    found, at = [], 0
    for column in range(columns):
        reached = end * column / max(1, columns - 1)
        while at + 1 < len(bests) and bests[at + 1].used.evaluations <= reached:
            at += 1
        found.append(bests[at].objective)
    return found if points.best is None else [*found[:-1], points.best]


def spark(values: Sequence[float], rows: int) -> list[str]:
    """`values` as columns of `rows` lines, highest line first; the least of them is one eighth of a line high."""
    values = [value / 2 for value in values]  # so that not even the span of the largest numbers overflows
    low, high = min(values), max(values)
    top = rows * _EIGHTHS
    heights = [1 if high == low else 1 + round((top - 1) * ((value - low) / (high - low))) for value in values]
    return ["".join(_block(height - row * _EIGHTHS) for height in heights) for row in reversed(range(rows))]


def _block(eighths: int) -> str:
    return _BLOCKS[max(0, min(_EIGHTHS, math.floor(eighths)))]
