"""The figure of a run's course: best so far, every candidate as a dot, what others reached, and the held-out scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from evolve.domain import SEED_NUMBER, Split
from evolve.errors import UserError
from evolve.inspection.plot_style import ACCENT, INK, MUTED, PALE, Measure, label, plain_numbers, spread
from evolve.inspection.points import Points, Used
from evolve.report import figures
from evolve.store import RunRow, Store

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

FARTHEST = 1.0
"""Reference lines farther from the curve than this many times its height are named, not drawn: they flatten it."""

DASHES = (0, (4, 3))
ROW = 0.055
"""Height of a line of small print, as a share of the axes."""


class Axis(StrEnum):
    """What the course is drawn against."""

    EVALUATIONS = "evaluations"
    TIME = "time"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Reference:
    """A value to compare with, as the problem's author gave it."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Course:
    """Everything the figure shows. `held_out` are the seed's and the best's scores on held-out cases, where known."""

    measure: Measure
    points: Points
    references: Sequence[Reference]
    held_out: tuple[float | None, float | None]

    @classmethod
    def of(cls, store: Store, run: RunRow) -> Course:
        """Read it from the database."""
        best = run.summary.best_number
        numbers = (SEED_NUMBER, SEED_NUMBER if best is None else best)
        seed, winner = (_held_out(store, run.id, number) for number in numbers)
        return cls(Measure.of(run), Points.of(store, run), references(run.spec), (seed, winner))


def _held_out(store: Store, run_id: int, number: int) -> float | None:
    found = store.evaluation(run_id, number, Split.HOLDOUT)
    return None if found is None or found.objective is None else found.objective.mean


def references(spec: Mapping[str, Any]) -> list[Reference]:
    """Baselines, best known value, target and proven bound of a problem; none of a run older than its `spec`."""
    objective = spec.get("objective", {})
    found = [Reference(label(name, 24), each["value"]) for name, each in objective.get("baselines", {}).items()]
    if objective.get("best_known"):
        found.append(Reference("best known", objective["best_known"]["value"]))
    return found + [Reference(name, objective[name]) for name in ("target", "bound") if objective.get(name) is not None]


def draw_curve(figure: FigureBase, course: Course, axis: Axis = Axis.EVALUATIONS) -> None:
    """Draw the course against evaluations, run time or money, into a figure of its own.

    Raises UserError for money nobody knows or that was not spent.
    """
    axes = figure.subplots()
    x = _horizontal(axes, course.points.end, axis)
    now = course.points.best
    scores = [*(dot.objective for dot in course.points.bests), *([] if now is None else [now])]
    shown, far = _in_sight(course.references, scores)
    better, worse = 0.08, 0.25
    above, below = (better, worse) if course.measure.more_is_better else (worse, better)
    low, high = spread([*scores, *(each.value for each in shown)], above=above, below=below)
    _dots(axes, course.points, x, low, high)
    _best_so_far(axes, course, x)
    axes.set_ylim(low, high)
    axes.set_xlim(left=0, right=x(course.points.end) or 1)
    axes.set_ylabel(course.measure.axis)
    plain_numbers(axes)
    axes.set_title("best so far")
    axes.set_title(_held_out_words(course), loc="right", fontsize=8, fontweight="normal", color=INK)
    _rules(axes, shown, course.measure)
    if far:
        named = ", ".join(f"{each.name} {course.measure.written(each.value)}" for each in far)
        axes.plot([], [], color=MUTED, linewidth=0.9, linestyle=DASHES, label=f"off the axis: {label(named, 90)}")
    figure.legend(loc="outside lower left", ncols=4, columnspacing=1.5, handletextpad=0.5)


def _horizontal(axes: Axes, end: Used, axis: Axis) -> Callable[[Used], float]:
    """Label the x axis; what was used up, in its unit."""
    if axis is Axis.EVALUATIONS:
        axes.set_xlabel("evaluations")
        return lambda used: used.evaluations
    if axis is Axis.TIME:
        unit, seconds = next((each for each in (("h", 3600), ("min", 60)) if end.elapsed > 3 * each[1]), ("s", 1))
        axes.set_xlabel(f"run time ({unit})")
        return lambda used: used.elapsed / seconds
    if not end.cost:
        raise UserError(
            "the price of this run's model calls is unknown; draw it against evaluations or time"
            if end.cost is None
            else "this run spent no money; draw it against evaluations or time"
        )
    axes.set_xlabel("US dollars")
    return lambda used: used.cost or 0.0


def _in_sight(found: Sequence[Reference], scores: Sequence[float]) -> tuple[list[Reference], list[Reference]]:
    low, high = min(scores), max(scores)
    reach = FARTHEST * ((high - low) or abs(high) or 1.0)
    near = [each for each in found if low - reach <= each.value <= high + reach]
    return near, [each for each in found if each not in near]


def _dots(axes: Axes, points: Points, x: Callable[[Used], float], low: float, high: float) -> None:
    """Draw every candidate; those out of sight at the edge, and pale."""
    inside = [dot for dot in points.dots if low <= dot.objective <= high]
    outside = [dot for dot in points.dots if not low <= dot.objective <= high]
    style: dict[str, Any] = {"linewidths": 0, "clip_on": False, "rasterized": len(points.dots) > 500}
    axes.scatter([x(dot.used) for dot in inside], [dot.objective for dot in inside], s=9, color=MUTED, alpha=0.45,
                 label=_sampled(points), **style)  # fmt: skip
    if outside:
        edge = [min(max(dot.objective, low), high) for dot in outside]
        axes.scatter([x(dot.used) for dot in outside], edge, s=7, color=PALE,
                     label=f"{figures.count(len(outside))} of them beyond the axis", **style)  # fmt: skip


def _sampled(points: Points) -> str:
    return "candidates" if points.step <= 1 else f"candidates (one in {points.step})"


def _best_so_far(axes: Axes, course: Course, x: Callable[[Used], float]) -> None:
    """The line, and where the best stands now if looking at it again has changed its score."""
    points, bests = course.points, course.points.bests
    scores = [dot.objective for dot in bests]
    across = [x(dot.used) for dot in bests]
    end = x(points.end)
    axes.step([*across, end], [*scores, scores[-1]], where="post", color=ACCENT, linewidth=1.8, zorder=3,
              label="best so far")  # fmt: skip
    axes.plot(across, scores, "o", color=ACCENT, markersize=3.5, zorder=3, clip_on=False)
    now = points.best
    if now is not None and now != scores[-1]:
        axes.plot([end, end], [scores[-1], now], color=ACCENT, linewidth=1, linestyle=":", clip_on=False, zorder=3)
        axes.plot([end], [now], "o", color=ACCENT, markerfacecolor="white", markersize=5.5, clip_on=False, zorder=4,
                  label=f"the best by all looks at it: {course.measure.written(now)}")  # fmt: skip


def _rules(axes: Axes, shown: Sequence[Reference], measure: Measure) -> None:
    """Draw reference lines, named at the right without one name over another."""
    ordered = sorted(shown, key=lambda reference: reference.value)
    low, high = axes.get_ylim()
    places = apart([(each.value - low) / (high - low) for each in ordered], ROW)
    for reference, place in zip(ordered, places, strict=True):
        axes.axhline(reference.value, color=MUTED, linewidth=0.9, linestyle=DASHES, zorder=1)
        axes.annotate(
            f"{reference.name} {measure.written(reference.value)}", (1, place), xytext=(4, 0),
            xycoords="axes fraction", textcoords="offset points", va="center", color=MUTED, fontsize=7.5,
        )  # fmt: skip


def apart(places: Sequence[float], gap: float, top: float = 1.0) -> list[float]:
    """Ascending places moved as little as it takes, so that neighbours are `gap` apart and none is above `top`."""
    moved: list[float] = []
    for place in places:
        moved.append(max([place, *(each + gap for each in moved[-1:])]))
    for index in reversed(range(len(moved))):
        moved[index] = min(moved[index], top - gap * (len(moved) - 1 - index))
    return moved


def _held_out_words(course: Course) -> str:
    seed, best = course.held_out
    if best is None:
        return "held-out cases: not measured"
    before = "" if seed is None else f"seed {course.measure.written(seed)}, "
    return f"on held-out cases: {before}best {course.measure.written(best)}"
