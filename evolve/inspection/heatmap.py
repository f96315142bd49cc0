"""The cells of an island as a map of boxes on two axes: whom a box shows, and what it is drawn as in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, isqrt

from rich.color import Color
from rich.style import Style
from rich.text import Text

from evolve.domain import Direction
from evolve.inspection.archive import Elite, Scale
from evolve.inspection.space import Layout, Space

EMPTY, NONE = "·", " "
"""A box with cells and no elite, and one without a cell."""
TALL, FINE = 32, 64
"""Rows of a map: in lines, and in half lines where more would not fit."""
_POINTS = 24
"""Most boxes along an axis of an archive whose cells are points."""
_VIRIDIS = ("440154", "472d7b", "3b528b", "2c728e", "21918c", "28ae80", "5ec962", "addc30", "fde725")
"""Viridis (Smith and van der Walt 2015) at ninths: even steps of lightness, told apart by the colour-blind."""
_DARK = 0.6
"""Up to here on the ramp, white can be read on it; beyond, black."""

Box = tuple[int, int]
"""Column and row; row 0 is the lowest."""


@dataclass(frozen=True, slots=True)
class Boxes:
    """`columns` x `rows` boxes of `across` x `up` cells of a grid each; axes by their index, None for one there is not.

    `fine` ones are drawn two to a line.
    """

    space: Space
    x: int | None
    y: int | None
    columns: int
    rows: int
    across: int = 1
    up: int = 1
    fine: bool = False

    @classmethod
    def fitting(cls, space: Space, axes: tuple[int | None, int | None], width: int, *, colours: bool) -> Boxes:
        """As many boxes as fit into `width` columns: of two characters, else of one, else of several cells each."""
        x, y = axes
        columns, rows = _count(space, x), _count(space, y)
        if 2 * columns <= width and rows <= TALL:
            return cls(space, x, y, columns, rows)
        across, up = ceil(columns / max(1, width)), ceil(rows / (FINE if colours else TALL))
        return cls(space, x, y, ceil(columns / across), ceil(rows / up), across, up, fine=True)

    @property
    def width(self) -> int:
        """Columns of the terminal."""
        return self.columns if self.fine else 2 * self.columns

    @property
    def known(self) -> frozenset[Box]:
        """Boxes with at least one cell of the archive; all of them on a grid."""
        if self.space.layout is Layout.POINTS:
            return frozenset(map(self.of, self.space.points)) if self.space.cells is not None else frozenset()
        return frozenset((column, row) for column in range(self.columns) for row in range(self.rows))

    def of(self, cell: int) -> Box:
        """The box of a cell."""
        if self.space.layout is Layout.GRID:
            places = self.space.coordinates(cell)
            return (
                0 if self.x is None else places[self.x] // self.across,
                0 if self.y is None else places[self.y] // self.up,
            )
        at = self.space.points.get(cell)
        return (_share(at, self.x, self.columns), _share(at, self.y, self.rows))

    def shown(self, elites: Iterable[Elite], direction: Direction) -> Mapping[Box, Elite]:
        """The best elite of every box; of equals the one that was there first."""
        found: dict[Box, Elite] = {}
        for elite in sorted(elites, key=lambda elite: (-direction.sign * elite.objective, elite.number)):
            found.setdefault(self.of(elite.cell), elite)
        return found


def _count(space: Space, axis: int | None) -> int:
    if axis is None:
        return 1
    if space.layout is Layout.GRID:
        return space.axes[axis].cells
    return min(_POINTS, max(2, isqrt(space.cells or len(space.points))))


def _share(at: Sequence[float] | None, axis: int | None, boxes: int) -> int:
    return 0 if at is None or axis is None else min(boxes - 1, int(at[axis] * boxes))


def in_order(elites: Sequence[Elite], columns: int) -> Mapping[Box, Elite]:
    """Elites whose place is not known yet, from the top left in the order in which they came."""
    last = (len(elites) - 1) // columns
    return {(index % columns, last - index // columns): elite for index, elite in enumerate(elites)}


def ramp(share: float) -> Color:
    """The colour of a share from 0 (worst) to 1 (best)."""
    place = min(1.0, max(0.0, share)) * (len(_VIRIDIS) - 1)
    low = min(len(_VIRIDIS) - 2, int(place))
    first, second = ([int(hexed[at : at + 2], 16) for at in (0, 2, 4)] for hexed in (_VIRIDIS[low], _VIRIDIS[low + 1]))
    return Color.from_rgb(*(round(a + (place - low) * (b - a)) for a, b in zip(first, second, strict=True)))


@dataclass(frozen=True, slots=True)
class Painter:
    """Draws boxes: in colours, or without them as digits from 0 (worst) to 9 (best). The best elite is marked."""

    scale: Scale
    colours: bool
    best: Elite | None

    def lines(self, shown: Mapping[Box, Elite], known: frozenset[Box], boxes: Boxes) -> list[Text]:
        """From the top."""
        if boxes.fine and self.colours:
            return [self._half_line(shown, boxes.columns, row) for row in range(boxes.rows - 1, -1, -2)]
        width = 1 if boxes.fine else 2
        return [
            Text.assemble(*(self._box(shown.get(box), box in known, width) for box in _row(boxes.columns, row)))
            for row in range(boxes.rows - 1, -1, -1)
        ]

    def _box(self, elite: Elite | None, known: bool, width: int) -> tuple[str, Style]:
        if elite is None:
            return (EMPTY if known else NONE).ljust(width), Style(dim=True)
        share = self.scale.share(elite.objective)
        if not self.colours:
            return ("*" if elite == self.best else str(min(9, int(share * 10)))).ljust(width), Style()
        ink = "#ffffff" if share < _DARK else "#000000"
        mark = "<>"[:width] if elite == self.best else " " * width
        return mark, Style(color=ink, bold=True) + Style.from_color(None, ramp(share))

    def _half_line(self, shown: Mapping[Box, Elite], columns: int, row: int) -> Text:
        line = Text()
        for column in range(columns):
            top, bottom = (self._colour(shown.get((column, each))) for each in (row, row - 1))
            if top is None:
                line.append(NONE if bottom is None else "▄", Style.from_color(bottom))
            else:
                line.append("▀", Style.from_color(top, bottom))
        return line

    def _colour(self, elite: Elite | None) -> Color | None:
        return None if elite is None else ramp(self.scale.share(elite.objective))


def _row(columns: int, row: int) -> list[Box]:
    return [(column, row) for column in range(columns)]
