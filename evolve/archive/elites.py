"""The elites of one island: who lives in which cell, in compact columns."""

from __future__ import annotations

import heapq
import math
import random
from array import array
from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from typing import Any, overload

from evolve.archive.records import Entry

TOP = 64
"""How many of the best are kept in order."""

_EMPTY = -1


class Elites:
    """MAP-Elites (Mouret & Clune 2015, fig. 2) for one island: each cell keeps the best candidate told to it.

    A tie never replaces, unless whoever places an entry knows better than its score. Occupied cells have *slots* in
    the order in which they were first filled; every column is indexed by slot, so an elite costs about 150 bytes and a
    million fit. Only building one, and giving an elite another score, take longer the more elites there are.
    """

    def __init__(self, cells: int, axes: int) -> None:
        """`cells` cells, each elite with `axes` measures."""
        self.cells = cells
        self._axes = axes
        self._slot_of_cell = array("i", [_EMPTY]) * cells
        self._slot_of_number: dict[int, int] = {}
        self._cell = array("i")
        self._number = array("q")
        self._score = array("d")
        self._stderr = array("d")  # NaN stands for None
        self._home = array("i")
        self._measures = array("d")  # row by row
        self._top: list[tuple[float, int]] = []  # (-score, number) of the best, best first

    def __len__(self) -> int:
        return len(self._number)

    def __contains__(self, number: int) -> bool:
        return number in self._slot_of_number

    @property
    def best(self) -> float:
        """The greatest score; minus infinity while empty."""
        return -self._top[0][0] if self._top else -math.inf

    def occupant(self, cell: int) -> int | None:
        """The elite of a cell, if it has one."""
        slot = self._slot_of_cell[cell]
        return None if slot == _EMPTY else self._number[slot]

    def admits(self, cell: int, score: float) -> bool:
        """Whether a candidate of this score would become the elite of this cell."""
        slot = self._slot_of_cell[cell]
        return slot == _EMPTY or score > self._score[slot]

    def place(self, cell: int, entry: Entry) -> int | None:
        """Make `entry` the elite of a cell; the number it displaced, or None in a new cell."""
        slot = self._slot_of_cell[cell]
        if slot == _EMPTY:
            self._append(cell, entry)
            self._enter_top(entry)
            return None
        replaced, weaker = self._number[slot], entry.score < self._score[slot]
        self._drop_from_top(slot)
        del self._slot_of_number[replaced]
        self._overwrite(slot, entry)
        if weaker:
            self._rank()
        else:
            self._enter_top(entry)
        return replaced

    def rescore(self, number: int, score: float, stderr: float | None) -> None:
        """Note what further looks made of a current elite. Raises KeyError if it is none."""
        slot = self._slot_of_number[number]
        self._score[slot] = score
        self._stderr[slot] = math.nan if stderr is None else stderr
        self._rank()

    def remove(self, number: int) -> None:
        """Free the cell of a current elite; the last slot moves to its place. Raises KeyError if it is none."""
        slot, last = self._slot_of_number.pop(number), len(self._number) - 1
        self._slot_of_cell[self._cell[slot]] = _EMPTY
        if slot != last:
            self._slot_of_cell[self._cell[last]] = slot
            self._slot_of_number[self._number[last]] = slot
        columns: tuple[array[Any], ...] = (self._cell, self._number, self._score, self._stderr, self._home)
        for column in columns:
            column[slot] = column[last]
            column.pop()
        width = self._axes
        self._measures[slot * width : (slot + 1) * width] = self._measures[last * width :]
        del self._measures[last * width :]
        self._rank()

    def cell_of(self, number: int) -> int:
        """The cell of a current elite. Raises KeyError if it is none."""
        return self._cell[self._slot_of_number[number]]

    def standing(self, number: int) -> tuple[int, int, float]:
        """Number, cell and score of a current elite. Raises KeyError if it is none."""
        slot = self._slot_of_number[number]
        return number, self._cell[slot], self._score[slot]

    def entry(self, number: int) -> Entry:
        """The record of a current elite. Raises KeyError if it is none."""
        slot = self._slot_of_number[number]
        stderr = self._stderr[slot]
        measures = self._measures[slot * self._axes : (slot + 1) * self._axes]
        return Entry(
            number, self._home[slot], self._score[slot], None if math.isnan(stderr) else stderr, tuple(measures)
        )

    def numbers(self) -> Sequence[int]:
        """All elites in the order in which their cells were first filled; a live view, not a copy."""
        return _ReadOnly(self._number)

    def top(self, k: int) -> tuple[int, ...]:
        """The best `k` (at most 64), best first; of equal scores the lower number first."""
        return tuple(number for _, number in self._top[: max(0, k)])

    def sample(self, k: int, rng: random.Random) -> tuple[int, ...]:
        """`k` distinct elites (all of them if there are fewer), each cell as likely as any other."""
        count = len(self._number)
        return tuple(self._number[slot] for slot in rng.sample(range(count), min(max(0, k), count)))

    def _append(self, cell: int, entry: Entry) -> None:
        slot = len(self._number)
        self._slot_of_cell[cell] = slot
        self._slot_of_number[entry.number] = slot
        self._cell.append(cell)
        self._number.append(entry.number)
        self._score.append(entry.score)
        self._stderr.append(math.nan if entry.stderr is None else entry.stderr)
        self._home.append(entry.island)
        self._measures.extend(entry.measures)

    def _overwrite(self, slot: int, entry: Entry) -> None:
        self._slot_of_number[entry.number] = slot
        self._number[slot] = entry.number
        self._score[slot] = entry.score
        self._stderr[slot] = math.nan if entry.stderr is None else entry.stderr
        self._home[slot] = entry.island
        self._measures[slot * self._axes : (slot + 1) * self._axes] = array("d", entry.measures)

    def _drop_from_top(self, slot: int) -> None:
        # What replaces it enters in its stead, so the top never lacks one that was pushed out: `place` sees to it.
        key = (-self._score[slot], self._number[slot])
        position = bisect_left(self._top, key)
        if position < len(self._top) and self._top[position] == key:
            del self._top[position]

    def _rank(self) -> None:
        """Find the best anew: one of them may be less than it was."""
        self._top = heapq.nsmallest(TOP, zip((-score for score in self._score), self._number, strict=True))

    def _enter_top(self, entry: Entry) -> None:
        key = (-entry.score, entry.number)
        if len(self._top) < TOP or key < self._top[-1]:
            insort(self._top, key)
            del self._top[TOP:]


class _ReadOnly(Sequence[int]):
    """A view of an integer column that can be read and not changed."""

    def __init__(self, column: array[int]) -> None:
        self._column = column

    def __len__(self) -> int:
        return len(self._column)

    def __iter__(self) -> Iterator[int]:
        return iter(self._column)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        return tuple(self._column[index]) if isinstance(index, slice) else self._column[index]
