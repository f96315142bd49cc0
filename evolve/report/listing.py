"""Tables that fit: a number is never cut, columns that can be done without go first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table

_UNBOUNDED = 100_000
_TEXT_LEAST = 4
_TEXT_WIDTH = 24
"""Columns a text is counted with when deciding what fits; beyond that it folds."""


@dataclass(frozen=True, slots=True)
class Column:
    """A heading; `text` columns fold where they must, but never below the width of it. The others hold figures.

    `optional` ones may be left out; the less one is needed, the higher its `rank`.
    """

    heading: RenderableType
    text: bool = False
    optional: bool = False
    rank: int = 0


class Listing:
    """A table of `rows`, as wide as the terminal allows.

    Of the optional columns those of the highest rank are left out first, of equal rank the last.
    """

    def __init__(self, columns: Sequence[Column], rows: Sequence[Sequence[RenderableType]]) -> None:
        self._columns = columns
        self._rows = rows

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        kept = list(range(len(self._columns)))
        columns = self._columns
        droppable = sorted((index for index in kept if columns[index].optional), key=lambda index: columns[index].rank)
        while droppable and self._width(console, options, kept) > options.max_width:
            kept.remove(droppable.pop())
        yield self._table(console, kept)

    def _width(self, console: Console, options: ConsoleOptions, kept: Sequence[int]) -> int:
        unbounded = options.update(max_width=_UNBOUNDED)
        return Measurement.get(console, unbounded, self._table(console, kept, bounded=True)).maximum

    def _table(self, console: Console, kept: Sequence[int], *, bounded: bool = False) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for column in (self._columns[index] for index in kept):
            if column.text:
                least = max(_TEXT_LEAST, Measurement.get(console, console.options, column.heading).maximum)
                most = max(least, _TEXT_WIDTH) if bounded else None
                table.add_column(column.heading, overflow="fold", min_width=least, max_width=most)
            else:
                table.add_column(column.heading, justify="right", no_wrap=True)
        for row in self._rows:
            table.add_row(*(row[index] for index in kept))
        return table
