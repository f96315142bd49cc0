"""Who held which cell after any number of tells, from what a run's log says: nothing is asked or compared anew.

`Islands` decides; this follows. A tell that was admitted names its cell, an event names who moved, and a candidate's
cell is the same on every island, so neither pyribs nor measures are needed, and 100,000 tells take some milliseconds.
The one thing no log line says is who won its cell when learnt bounds froze: that is decided by the scores, as there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from evolve.archive.records import ArchiveEvent, BoundsFrozen, Dismissed, Migrated, Restarted
from evolve.domain import SEED_NUMBER, Status

EMPTY = -1
"""Stands for a candidate's number where a cell has no elite."""

ScoreAt = Callable[[int, int], float]
"""The score (more is better) of a candidate by the looks there were when so many candidates had been told."""


class Admission(Protocol):
    """A candidate took a cell of its island when it was told, after `position` others."""

    @property
    def position(self) -> int:
        """How many had been told before it."""
        ...

    @property
    def number(self) -> int:
        """The candidate."""
        ...

    @property
    def island(self) -> int:
        """The island it was told to. The seed is told to all of them, and this is the first."""
        ...

    @property
    def cell(self) -> int:
        """The cell, while bounds are learnt one of its own."""
        ...


@dataclass(frozen=True, slots=True)
class Happening:
    """An event of the archive when `told` candidates had been told.

    `before` says that it came before the last of them was placed: a dismissal by a look that this tell asked for.
    """

    told: int
    event: ArchiveEvent
    before: bool = False


class Change(NamedTuple):
    """From the `told`-th tell on, `number` held this cell; `EMPTY`: nobody."""

    told: int
    island: int
    cell: int
    number: int


class Board:
    """The islands as they were after `told` tells; goes forward only.

    Args:
        islands: How many there are.
        score: Decides cells when learnt bounds freeze.
    """

    def __init__(self, islands: int, score: ScoreAt) -> None:
        self.told = 0
        self.frozen: int | None = None
        """After how many tells learnt bounds froze. Before that every candidate had a cell of its own."""
        self.homes: dict[int, int] = {}
        """The cell of each candidate that ever took one, the same on every island."""
        self.changes: list[Change] = []
        self._score = score
        self._holders: list[dict[int, int]] = [{} for _ in range(islands)]
        self._cells: list[dict[int, int]] = [{} for _ in range(islands)]
        self._first: list[tuple[int, int]] = []
        self._gone: set[int] = set()

    @property
    def islands(self) -> int:
        """How many islands there are."""
        return len(self._holders)

    @property
    def early(self) -> list[int]:
        """Everybody who took a cell before bounds froze; all of them where none were learnt."""
        return [number for number, _ in self._first]

    def belonging(self, event: BoundsFrozen) -> Mapping[int, int]:
        """The cells of everybody told while bounds were learnt, by the bounds that freeze in the end."""
        # Entries, not candidates: the seed is there once an island. The last may have won no cell and not be there.
        return {number: cell for (number, _), cell in zip(self._first, event.cells, strict=False)}

    def holders(self, island: int) -> Mapping[int, int]:
        """The elites of an island by cell."""
        return self._holders[island]

    def follow(
        self, admissions: Iterable[Admission], happenings: Iterable[Happening], until: int | None = None
    ) -> Board:
        """Go on with what happened next, up to `until` tells; both in order. Returns the board itself."""
        for step in _in_order(admissions, happenings):
            told = step.told if isinstance(step, Happening) else step.position + 1
            if until is not None and told > until:
                break
            self.told = told
            if isinstance(step, Happening):
                self._happen(step.event)
            else:
                self._admit(step)
        self.told = self.told if until is None else until
        return self

    def _admit(self, step: Admission) -> None:
        islands = range(len(self._holders)) if step.number == SEED_NUMBER else (step.island,)
        self.homes[step.number] = step.cell
        for island in islands:
            if self.frozen is None:
                self._first.append((step.number, island))
            self._place(island, step.cell, step.number)

    def _happen(self, event: ArchiveEvent) -> None:
        match event:
            case BoundsFrozen():
                self._freeze(event)
            case Migrated():
                self._settle(event.target, event.numbers)
            case Restarted():
                self._clear(event.island)
                self._settle(event.island, event.founders)
            case Dismissed():
                self._dismiss((event.number, *event.descendants))

    def _freeze(self, event: BoundsFrozen) -> None:
        """Rebuild as `Islands` does: everybody told so far again, in order, each into the cell where it belongs."""
        self.frozen = self.told
        self.homes = dict(self.belonging(event))
        for island in range(len(self._holders)):
            self._clear(island)
        for number, island in self._first:
            if number not in self._gone and self._wins(island, self.homes[number], number):
                self._place(island, self.homes[number], number)
        self._first = []

    def _settle(self, island: int, numbers: Iterable[int]) -> None:
        """Elites of other islands take the cells where they belong; the event names none but those who won them."""
        for number in numbers:
            self._place(island, self.homes[number], number)

    def _wins(self, island: int, cell: int, number: int) -> bool:
        holder = self._holders[island].get(cell)
        return holder is None or self._score(number, self.told) > self._score(holder, self.told)

    def _dismiss(self, numbers: Iterable[int]) -> None:
        """They leave every island; one that lost its last elite goes on from the seed."""
        for number in numbers:
            self._gone.add(number)
            for island, cells in enumerate(self._cells):
                if number in cells:
                    self._free(island, cells[number])
        for island, holders in enumerate(self._holders):
            if not holders and SEED_NUMBER in self.homes:
                self._place(island, self.homes[SEED_NUMBER], SEED_NUMBER)

    def _clear(self, island: int) -> None:
        for cell in tuple(self._holders[island]):
            self._free(island, cell)

    def _free(self, island: int, cell: int) -> None:
        del self._cells[island][self._holders[island].pop(cell)]
        self.changes.append(Change(self.told, island, cell, EMPTY))

    def _place(self, island: int, cell: int, number: int) -> None:
        replaced = self._holders[island].get(cell)
        if replaced is not None:
            del self._cells[island][replaced]
        self._holders[island][cell] = number
        self._cells[island][number] = cell
        self.changes.append(Change(self.told, island, cell, number))


def _in_order(admissions: Iterable[Admission], happenings: Iterable[Happening]) -> Iterator[Admission | Happening]:
    """What a tell did: dismissals by its looks, then its placing, then what that set off."""
    waiting = list(happenings)
    position = 0
    for admission in admissions:
        start = position
        while position < len(waiting) and _precedes(waiting[position], admission):
            position += 1
        yield from waiting[start:position]
        yield admission
    yield from waiting[position:]


def _precedes(happening: Happening, admission: Admission) -> bool:
    return happening.told <= admission.position or (happening.told == admission.position + 1 and happening.before)


def event_of(kind: str, data: Mapping[str, Any]) -> ArchiveEvent | None:
    """An event as it was logged, by the name of its class and its fields as plain data; None for other kinds."""
    match kind:
        case "BoundsFrozen":
            return BoundsFrozen(tuple((low, high) for low, high in data["bounds"]), tuple(data["cells"]))
        case "Migrated":
            return Migrated(data["source"], data["target"], tuple(data["numbers"]))
        case "Restarted":
            return Restarted(data["island"], tuple(data["founders"]))
        case "Dismissed":
            descendants = tuple(data.get("descendants", ()))
            return Dismissed(data["number"], Status(data["status"]), data["reason"], descendants)
    return None
