"""The figure of how the best candidate came about: its score and those of its first parents, step by step."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evolve.inspection.plot_style import INK, LINE, MUTED, PALETTE, Measure, label, plain_numbers, spread
from evolve.store import LineageRow, RunRow, Store

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

MOST_NUMBERED = 24
"""Steps that are numbered; a longer path has its new bests numbered, or only its ends."""
MOST_OPERATORS = len(PALETTE) - 1
FAR = 3.0
"""Scores farther from both ends than this many times the way between them stand at the edge."""

Heights = Sequence[float | None]
"""Where each step is drawn; None for one without a score."""


@dataclass(frozen=True, slots=True)
class Descent:
    """The path from the seed to a candidate, seed first, and everybody who had a part in it, by number."""

    measure: Measure
    path: Sequence[LineageRow]
    rows: Mapping[int, LineageRow]

    @classmethod
    def of(cls, store: Store, run: RunRow, number: int) -> Descent:
        """Read it from the database. Raises NotFound."""
        found = store.browse.ancestry(run.id, number)
        return cls(Measure.of(run), [found.rows[step] for step in reversed(found.path)], found.rows)

    @property
    def crossed(self) -> list[tuple[int, LineageRow]]:
        """Steps with a second parent (or more), and each such parent."""
        return [
            (step, self.rows[parent])
            for step, row in enumerate(self.path)
            for parent in row.parents[1:]
            if parent in self.rows
        ]


def draw_lineage(figure: FigureBase, descent: Descent) -> None:
    """Draw the score over steps from the seed, into a figure of its own.

    Other parents of crossovers are joined by dashed lines. Steps that failed, and those far worse than both ends, stand
    at the edge.
    """
    from matplotlib.ticker import MaxNLocator

    axes = figure.subplots()
    low, high = _limits(descent)
    heights = [None if row.objective is None else min(max(row.objective, low), high) for row in descent.path]
    known = [(step, height) for step, height in enumerate(heights) if height is not None]
    axes.plot([step for step, _ in known], [height for _, height in known], color=LINE, linewidth=1.5, zorder=1)
    _crossovers(axes, descent, heights, (low, high))
    _steps(axes, descent.path, heights)
    _failed(axes, descent.path)
    _numbers(axes, descent, (low, high))
    axes.margins(x=0.04)
    axes.set_ylim(low, high)
    axes.set_xlabel("steps from the seed")
    axes.set_ylabel(descent.measure.axis)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    plain_numbers(axes)
    axes.set_title(f"how candidate {descent.path[-1].number} came about")
    figure.legend(loc="outside lower left", ncols=4, columnspacing=1.2, handletextpad=0.4)


def _limits(descent: Descent) -> tuple[float, float]:
    """The range that is drawn: all steps, unless one is so far off that it would flatten the way from seed to best."""
    scores = [row.objective for row in descent.path if row.objective is not None]
    others = [row.objective for _, row in descent.crossed if row.objective is not None]
    first, last = scores[0], scores[-1]
    reach = FAR * abs(last - first)
    near = [value for value in (*scores, *others) if reach == 0 or min(abs(value - first), abs(value - last)) <= reach]
    return spread(near, above=0.14, below=0.14)


def _steps(axes: Axes, path: Sequence[LineageRow], heights: Heights) -> None:
    """One marker per step, in the colour of its operator."""
    operators = list(dict.fromkeys(row.operator for row in path))
    groups = [([operator], label(operator, 20)) for operator in operators[:MOST_OPERATORS]]
    if rest := operators[MOST_OPERATORS:]:
        groups.append((rest, "other operators"))
    size = 5 if len(path) <= 2 * MOST_NUMBERED else 3
    for (mine, name), color in zip(groups, PALETTE, strict=False):
        spots = [(step, heights[step]) for step, row in enumerate(path) if row.operator in mine]
        axes.plot([step for step, _ in spots], [math.nan if height is None else height for _, height in spots], "o",
                  color=color, markersize=size, label=name, zorder=3, clip_on=False)  # fmt: skip


def _crossovers(axes: Axes, descent: Descent, heights: Heights, limits: tuple[float, float]) -> None:
    low, high = limits
    name: str | None = "other parent of a crossover"
    for step, parent in descent.crossed:
        child = heights[step]
        if child is None or parent.objective is None:
            continue
        start = min(max(parent.objective, low), high)
        axes.plot([step - 1, step], [start, child], color=MUTED, linewidth=1, linestyle=(0, (3, 2)), zorder=2,
                  marker="D", markevery=[0], markersize=4, markerfacecolor="white", clip_on=False,
                  label=name)  # fmt: skip
        name = None


def _failed(axes: Axes, path: Sequence[LineageRow]) -> None:
    steps = [step for step, row in enumerate(path) if row.objective is None]
    if steps:
        axes.plot(steps, [0.02] * len(steps), "x", color=MUTED, markersize=5, label="failed, repaired later",
                  transform=axes.get_xaxis_transform())  # fmt: skip


def _numbers(axes: Axes, descent: Descent, limits: tuple[float, float]) -> None:
    """Candidate numbers, as many as there is room for; with the score of those that stand at the edge."""
    low, high = limits
    chosen = list(enumerate(descent.path))
    if len(chosen) > MOST_NUMBERED:
        bests = [(step, row) for step, row in chosen if row.new_best]
        chosen = bests if len(bests) <= MOST_NUMBERED else [chosen[0], chosen[-1]]
    for step, row in chosen:
        if row.objective is None:
            continue
        beyond = not low <= row.objective <= high
        text = f"{row.number}\n({descent.measure.written(row.objective)})" if beyond else str(row.number)
        down = row.objective > high
        axes.annotate(text, (step, min(max(row.objective, low), high)), xytext=(0, -6 if down else 6), fontsize=7,
                      textcoords="offset points", ha="center", va="top" if down else "bottom", color=INK)  # fmt: skip
