"""Where a cell of the archive lies: its axes, and coordinates of a flat cell index, without pyribs and numpy."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import count, islice
from typing import Any, Self

from evolve.archive.settings import Kind
from evolve.errors import UserError
from evolve.store import RunRow

OLD_RUN = (
    "this run was begun by an older evolve, which did not store how measures are cut into cells: elites are shown where"
    " their measures are, in boxes that are not the archive's cells"
)

MOST_POINTS = 5_000
"""More cells of a CVT archive are not drawn while they are empty."""


class Layout(StrEnum):
    """How cells lie: in boxes, at points in the space of measures (CVT), or all in one."""

    GRID = "grid"
    POINTS = "points"
    ONE = "one"


@dataclass(frozen=True, slots=True)
class AxisShown:
    """A measure as an axis. Bounds are None while they are being learnt; `cells` is 0 where the axis has none."""

    name: str
    low: float | None
    high: float | None
    cells: int
    learnt: bool


@dataclass(frozen=True, slots=True)
class Space:
    """The cells of every island of a run.

    `cells` counts those of one island, None when nobody knows. `points` are the centres of the cells of a CVT archive
    by cell, each axis scaled to 0..1. `note` says what a reader of an old run must know.
    """

    layout: Layout
    axes: tuple[AxisShown, ...]
    cells: int | None
    points: Mapping[int, Sequence[float]]
    note: str = ""

    @classmethod
    def of(cls, run: RunRow, learnt: Sequence[Sequence[float]] | None, used: Iterable[int] = ()) -> Self:
        """The space of a run that stored its spec; `learnt` are bounds that froze, by axis.

        Of a CVT archive of very many cells only those that are `used` have points.
        """
        search = run.settings.get("search", {})
        measures: Sequence[Mapping[str, Any]] = run.spec.get("measures", ())
        axes = tuple(
            _axis(measure, None if learnt is None else learnt[index]) for index, measure in enumerate(measures)
        )
        if not axes:
            return cls(Layout.ONE, (), 1, {})
        if search.get("archive") == Kind.CVT:
            cells = int(search.get("cvt_cells", 0))
            wanted = range(cells) if cells <= MOST_POINTS else sorted(set(used))
            return cls(Layout.POINTS, axes, cells, dict(zip(wanted, _centres(wanted, len(axes)), strict=True)))
        return cls(Layout.GRID, axes, math.prod(axis.cells for axis in axes), {})

    @classmethod
    def seen(cls, measures: Mapping[int, Mapping[str, float]]) -> Self:
        """The space of a run without a spec, by what elites measured, by cell; axes by name."""
        names = sorted({name for found in measures.values() for name in found})
        axes = tuple(_seen_axis(name, [found[name] for found in measures.values() if name in found]) for name in names)
        points = {cell: tuple(_unit(axis, found.get(axis.name)) for axis in axes) for cell, found in measures.items()}
        return cls(Layout.POINTS, axes, None, points, OLD_RUN)

    def coordinates(self, cell: int) -> tuple[int, ...]:
        """The place of a cell of a grid along each axis. Flat indices count the last axis first, as NumPy does."""
        places: list[int] = []
        for axis in reversed(self.axes):
            cell, place = divmod(cell, axis.cells)
            places.append(place)
        return tuple(reversed(places))

    def pick(self, x: str | None, y: str | None) -> tuple[int | None, int | None]:
        """The axes to draw, by their names; the first two by default. Raises UserError for a name there is not."""
        chosen_x, chosen_y = self._named(x, "x"), self._named(y, "y")
        if chosen_x is not None and chosen_x == chosen_y:
            raise UserError(f"--x and --y are both {x!r}; give two measures, or leave one out")
        rest = [index for index in range(len(self.axes)) if index not in (chosen_x, chosen_y)]
        if chosen_x is None and rest:
            chosen_x = rest.pop(0)
        if chosen_y is None and rest:
            chosen_y = rest.pop(0)
        return chosen_x, chosen_y

    def _named(self, name: str | None, letter: str) -> int | None:
        names = [axis.name for axis in self.axes]
        if name is None:
            return None
        if name not in names:
            there = f"its axes are {', '.join(names)}" if names else "its archive has no axes"
            raise UserError(f"--{letter} is {name!r}, no axis of this run; {there}")
        return names.index(name)


def _axis(measure: Mapping[str, Any], learnt: Sequence[float] | None) -> AxisShown:
    low, high = measure.get("low"), measure.get("high")
    learns = low is None or high is None
    if learns and learnt is not None:
        low, high = learnt
    return AxisShown(str(measure["name"]), low, high, int(measure["cells"]), learns)


def _seen_axis(name: str, values: Sequence[float]) -> AxisShown:
    return AxisShown(name, min(values), max(values), 0, learnt=True)


def _unit(axis: AxisShown, value: float | None) -> float:
    if value is None or axis.low is None or axis.high is None or not axis.low < axis.high:
        return 0.0
    return (value - axis.low) / (axis.high - axis.low)


def centres(cells: int, axes: int) -> list[tuple[float, ...]]:
    """The centres of a CVT archive's cells in the unit cube, by cell."""
    return list(_centres(range(cells), axes))


def _centres(cells: Iterable[int], axes: int) -> Iterator[tuple[float, ...]]:
    """Those of some cells: the Halton points of `archive.grid`."""
    bases = list(islice(_primes(), axes))
    return (tuple(_radical_inverse(cell + 1, base) for base in bases) for cell in cells)


def _radical_inverse(index: int, base: int) -> float:
    """The digits of an index in this base, mirrored at the point (Halton 1960)."""
    inverse, place = 0.0, 1.0
    while index:
        place /= base
        index, digit = divmod(index, base)
        inverse += digit * place
    return inverse


def _primes() -> Iterator[int]:
    found: list[int] = []
    for number in count(2):
        if all(number % prime for prime in found):
            found.append(number)
            yield number
