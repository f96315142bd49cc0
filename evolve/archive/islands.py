"""Several MAP-Elites archives that exchange elites: the whole population of one track.

Everything is a function of the settings and the ordered tells. Randomness comes only from
`Random(f"{seed}:{purpose}:{tell}")`, so replaying the tells gives the same archive, whatever happened between.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from evolve.archive.bounds import learn
from evolve.archive.elites import Elites
from evolve.archive.grid import Cells, all_finite
from evolve.archive.records import ArchiveEvent, BoundsFrozen, Entry, Migrated, Placement, Restarted
from evolve.archive.settings import ArchiveSettings, Topology
from evolve.domain import Outcome

__all__ = ["ArchiveEvent", "BoundsFrozen", "Entry", "Islands", "Migrated", "Placement", "Restarted"]

MAX_MIGRANTS = 16
"""More at once would make two islands one, and a migration would take longer as the archive grows."""

FOUNDER_POOL = 8
"""A restarted island draws its founders from this many of the best of each other island."""


class Islands:
    """The archive: candidate numbers on islands, each a MAP-Elites grid of the same cells.

    - While bounds are being learnt, each candidate has a cell of its own; there are no migrations or
      restarts. With the last of `learn_first` candidates the bounds freeze and the archive is rebuilt.
    - Every `migration_interval` tells, each island sends its best and a uniform draw of other elites to its
      successor. A migrant is the same candidate on two islands, not a copy, and must earn its cell there.
    - An island that is told `stagnation` candidates without a better best begins anew with elites of the
      others; the leading island (the first to reach the best score) never does. A better migrant counts.

    An entry with a measure or score that is NaN or infinite is rejected: it has no place, and no tell is counted.
    """

    def __init__(self, settings: ArchiveSettings) -> None:
        """An empty archive. Imports nothing heavy until the first candidate needs a cell."""
        self._settings = settings
        self._tells = 0
        self._leader = 0
        self._stale = [0] * settings.islands  # tells to the island since its best last rose
        self._distinct = 0  # how many numbers are an elite somewhere
        self._first: list[Entry] = []  # what was told while bounds are being learnt
        self._gone: set[int] = set()  # who was removed: they are not told again when the bounds freeze
        self._cells: Cells | None = None if settings.learns else Cells(settings, _declared(settings))
        self._islands = [self._empty() for _ in range(settings.islands)]

    @property
    def count(self) -> int:
        """How many islands there are."""
        return len(self._islands)

    def bounds(self) -> tuple[tuple[float, float], ...] | None:
        """`(low, high)` per axis, or None while they are being learnt."""
        return None if self._cells is None else self._cells.bounds

    def add(
        self,
        entry: Entry,
        *,
        admitted: bool | None = None,
        cell: int | None = None,
        frozen: Sequence[int] | None = None,
    ) -> Placement:
        """Tell one valid candidate, and carry out the migration or restart that is due at this tell.

        `admitted` is the word of somebody who knows better than the scores whether it takes its cell (once bounds are
        known). `cell` and `frozen` come from the log and spare working them out, as in `replay`.

        A candidate may be told to several islands (as the seed is). Where it is an elite already, it ties with
        itself and nothing changes. Raises ValueError for an island that is not there or a wrong number of
        measures: a caller's mistake, not a candidate's.
        """
        self._check(entry)
        reason = self._unplaceable(entry)
        if reason:
            return Placement(Outcome.REJECTED, entry.island, reason=reason)
        if self._cells is None:
            return self._learn_from(entry, frozen)
        return self._tell(entry, self._cells.of(entry.measures) if cell is None else cell, admitted=admitted)

    def cell_for(self, entry: Entry) -> int | None:
        """The cell an entry would be told into; None while bounds are being learnt, or when no cell can hold it."""
        return self._cells.of(entry.measures) if self._cells is not None and self._fits(entry) else None

    def occupant(self, island: int, cell: int) -> int | None:
        """The elite of a cell, if it has one."""
        return self._islands[island].occupant(cell)

    def rescore(self, number: int, score: float, stderr: float | None) -> None:
        """Note what further looks made of a candidate, wherever it is an elite. That is neither a tell nor progress."""
        for elites in self._islands:
            if number in elites:
                elites.rescore(number, score, stderr)
        self._first = [
            replace(told, score=score, stderr=stderr) if told.number == number else told for told in self._first
        ]
        self._lead()

    def remove(self, number: int) -> None:
        """Free the cells of a candidate, wherever it is an elite."""
        homes = [elites for elites in self._islands if number in elites]
        for elites in homes:
            elites.remove(number)
        self._distinct -= bool(homes)
        self._gone.add(number)
        self._lead()

    def found(self, entry: Entry) -> None:
        """Give an island that lost its last elite this one to go on from; no tell."""
        cell = self.cell_for(entry)
        self._place(entry.island, self._free_cell(entry.island) if cell is None else cell, entry)

    def travellers(
        self, entry: Entry, cell: int, admitted: bool | None, rescored: Iterable[tuple[int, float, float | None]]
    ) -> tuple[int, ...]:
        """Who would migrate if `entry` were told now, after these elites were given other scores; mostly nobody."""
        interval = self._settings.migration_interval
        if self.count == 1 or not interval or (self._tells + 1) % interval:
            return ()
        trial = copy.copy(self)
        trial._islands, trial._stale = copy.deepcopy(self._islands), list(self._stale)
        for number, score, stderr in rescored:
            trial.rescore(number, score, stderr)
        trial._tell(entry, cell, settle=False, admitted=admitted)
        sent = (trial._migrants(source, target) for source, target in trial._routes())
        return tuple(dict.fromkeys(traveller.number for migrants in sent for _, traveller in migrants))

    def replay(
        self,
        entries: Sequence[Entry],
        cells: Sequence[int | None] | None = None,
        frozen: Sequence[int] | None = None,
    ) -> None:
        """Tell many: the same final state as `add` one by one, at a tenth of the cost.

        `cells` are those the entries' placements named, `frozen` those of `BoundsFrozen`. Who has logged them spares
        this from working them out, and with it the seconds that importing pyribs takes.
        """
        learnt = 0
        while self._cells is None and learnt < len(entries):
            if self._fits(entries[learnt]):
                self._learn_from(entries[learnt], frozen)
            learnt += 1
        if self._cells is None:
            return
        known = [None] * len(entries) if cells is None else cells
        rest = [
            (entry, cell) for entry, cell in zip(entries[learnt:], known[learnt:], strict=True) if self._fits(entry)
        ]
        missing = iter(self._cells.of_all([entry.measures for entry, cell in rest if cell is None]))
        for entry, cell in rest:
            self._tell(entry, next(missing) if cell is None else cell)

    def elites(self, island: int) -> Sequence[int]:
        """All elites of an island in the order in which their cells were filled: a view, good until the next tell."""
        return self._islands[island].numbers()

    def top(self, island: int, k: int) -> tuple[int, ...]:
        """The best `k` (at most 64) of an island, best first; of equal scores the lower number first."""
        return self._islands[island].top(k)

    def sample(self, island: int, k: int, rng: random.Random) -> tuple[int, ...]:
        """`k` distinct elites of an island, uniformly over its cells; all of them if there are fewer."""
        return self._islands[island].sample(k, rng)

    def entry(self, number: int) -> Entry:
        """The record of a current elite. Raises KeyError if the number is an elite nowhere."""
        for elites in self._islands:
            if number in elites:
                return elites.entry(number)
        raise KeyError(f"candidate {number} is not an elite of any island")

    def cell(self, island: int, number: int) -> int:
        """The flat index of the cell that this elite holds on this island. Raises KeyError if it holds none."""
        elites = self._islands[island]
        if number not in elites:
            raise KeyError(f"candidate {number} is not an elite of island {island}")
        return elites.cell_of(number)

    def coverage(self, island: int) -> tuple[int, int]:
        """Occupied cells and all cells of an island; while bounds are learnt, one cell per candidate needed."""
        return len(self._islands[island]), self._islands[island].cells

    def size(self, island: int) -> int:
        """How many elites an island has."""
        return len(self._islands[island])

    def held(self) -> Collection[int]:
        """All numbers that are an elite somewhere: a view, good until the next tell."""
        return _Held(self._islands, self._distinct)

    def __contains__(self, number: int) -> bool:
        return any(number in elites for elites in self._islands)

    def _empty(self) -> Elites:
        cells = self._settings.learn_first if self._cells is None else self._cells.count
        return Elites(cells, len(self._settings.axes))

    def _check(self, entry: Entry) -> None:
        if not 0 <= entry.island < self.count:
            raise ValueError(f"candidate {entry.number} is for island {entry.island}; there are {self.count}")
        if len(entry.measures) != len(self._settings.axes):
            axes = [axis.name for axis in self._settings.axes]
            raise ValueError(f"candidate {entry.number} has {len(entry.measures)} measures; the axes are {axes}")

    def _fits(self, entry: Entry) -> bool:
        self._check(entry)
        return not self._unplaceable(entry)

    def _unplaceable(self, entry: Entry) -> str:
        """Why no cell can hold this entry, or the empty string."""
        if not all_finite((entry.score,)):
            return f"its score is {entry.score}; only a finite number can be compared"
        if not all_finite(entry.measures):
            wrong = zip(self._settings.axes, entry.measures, strict=True)
            named = ", ".join(f"{axis.name} is {value}" for axis, value in wrong if not all_finite((value,)))
            return f"{named}; a measure must be a finite number to place a candidate in the archive"
        return ""

    def _learn_from(self, entry: Entry, frozen: Sequence[int] | None = None) -> Placement:
        """Keep the entry in a cell of its own; with the last one needed, freeze the bounds and rebuild.

        `frozen` are the cells of all of them, if they are known.
        """
        self._first.append(entry)
        if len(self._first) < self._settings.learn_first:
            return self._tell(entry, self._free_cell(entry.island), settle=False)
        self._cells = Cells(self._settings, learn(self._settings.axes, [told.measures for told in self._first]))
        self._restart_clocks()
        cells = tuple(frozen or self._cells.of_all([told.measures for told in self._first]))
        for told, cell in zip(self._first[:-1], cells[:-1], strict=True):
            if told.number not in self._gone:
                self._tell(told, cell, settle=False)
        self._first = []
        last = self._tell(entry, cells[-1])
        events = (BoundsFrozen(self._cells.bounds, cells), *last.events)
        return Placement(last.outcome, last.island, last.cell, last.replaced, events)

    def _free_cell(self, island: int) -> int:
        """While bounds are learnt: the next cell nobody had, also when some have left theirs."""
        return self.size(island) + sum(told.number in self._gone for told in self._first if told.island == island)

    def _lead(self) -> None:
        """The leading island may be another one since somebody has another score, or none."""
        best = max(elites.best for elites in self._islands)
        if self._islands[self._leader].best < best:
            self._leader = next(index for index, elites in enumerate(self._islands) if elites.best == best)

    def _restart_clocks(self) -> None:
        self._tells = 0
        self._leader = 0
        self._distinct = 0
        self._stale = [0] * self.count
        self._islands[:] = [self._empty() for _ in range(self.count)]

    def _tell(self, entry: Entry, cell: int, *, settle: bool = True, admitted: bool | None = None) -> Placement:
        """Place an entry in its cell if it earns it; then, if `settle`, do what is due at this tell."""
        island = entry.island
        self._tells += 1
        self._stale[island] += 1
        outcome, replaced = Outcome.NOT_ADDED, None
        if admitted is None:
            admitted = self._admits(island, cell, entry.number, entry.score)
        if admitted and entry.number not in self._islands[island]:
            replaced = self._place(island, cell, entry)
            outcome = Outcome.NEW_CELL if replaced is None else Outcome.IMPROVED
        events = self._settle(island) if settle else ()
        return Placement(outcome, island, cell, replaced, events)

    def _admits(self, island: int, cell: int, number: int, score: float) -> bool:
        elites = self._islands[island]
        return elites.admits(cell, score) and number not in elites

    def _place(self, island: int, cell: int, entry: Entry) -> int | None:
        elites = self._islands[island]
        if entry.score > elites.best:
            self._stale[island] = 0
            if entry.score > self._islands[self._leader].best:
                self._leader = island
        self._distinct += entry.number not in self
        replaced = elites.place(cell, entry)
        if replaced is not None:
            self._distinct -= replaced not in self
        return replaced

    def _settle(self, island: int) -> tuple[ArchiveEvent, ...]:
        settings = self._settings
        events: tuple[ArchiveEvent, ...] = ()
        if self.count == 1:
            return events
        if settings.migration_interval and self._tells % settings.migration_interval == 0:
            events = self._migrate()
        if settings.stagnation and self._stale[island] >= settings.stagnation and island != self._leader:
            events = (*events, *self._restart(island))
        return events

    def _migrate(self) -> tuple[Migrated, ...]:
        """Every island sends before any receives, so that the order of the islands does not matter."""
        sent = [(source, target, self._migrants(source, target)) for source, target in self._routes()]
        for _, target, migrants in sent:
            for cell, entry in migrants:
                self._place(target, cell, entry)
        return tuple(
            Migrated(source, target, tuple(entry.number for _, entry in migrants))
            for source, target, migrants in sent
            if migrants
        )

    def _routes(self) -> list[tuple[int, int]]:
        if self._settings.topology is Topology.NONE:
            return []
        order = list(range(self.count))
        if self._settings.topology is Topology.RANDOM_RING:
            self._random("routes").shuffle(order)
        return list(zip(order, [*order[1:], order[0]], strict=True))

    def _migrants(self, source: int, target: int) -> list[tuple[int, Entry]]:
        """Of the best elite and a uniform draw of others, those that earn a cell on the target, with that cell."""
        here = self._islands[source]
        wanted = min(MAX_MIGRANTS, max(1, round(self._settings.migration_rate * len(here))))
        drawn = here.sample(wanted, self._random(f"migrate:{source}"))
        travellers = list(dict.fromkeys((*here.top(1), *drawn)))[:wanted]
        return [
            (cell, here.entry(number))
            for number, cell, score in map(here.standing, travellers)
            if self._admits(target, cell, number, score)
        ]

    def _restart(self, island: int) -> tuple[Restarted, ...]:
        """Begin the island anew with elites from the best of the others."""
        pool = dict.fromkeys(
            number
            for source in range(self.count)
            if source != island
            for number in self._islands[source].top(FOUNDER_POOL)
        )
        chosen = self._random(f"restart:{island}").sample(list(pool), min(self._settings.founders, len(pool)))
        founders = [(self._cell_anywhere(number), self.entry(number)) for number in chosen]
        abandoned, self._islands[island] = self._islands[island], self._empty()
        self._distinct -= sum(1 for number in abandoned.numbers() if number not in self)
        for cell, entry in founders:
            if self._admits(island, cell, entry.number, entry.score):
                self._place(island, cell, entry)
        return (Restarted(island, tuple(self._islands[island].numbers())),)

    def _cell_anywhere(self, number: int) -> int:
        return next(elites.cell_of(number) for elites in self._islands if number in elites)

    def _random(self, purpose: str) -> random.Random:
        return random.Random(f"{self._settings.seed}:archive-{purpose}:{self._tells}")


def _declared(settings: ArchiveSettings) -> tuple[tuple[float, float], ...]:
    return tuple((axis.low, axis.high) for axis in settings.axes if axis.low is not None and axis.high is not None)


class _Held(Collection[int]):
    """The union of the elites of all islands, looked at and not copied."""

    def __init__(self, islands: Sequence[Elites], count: int) -> None:
        self._islands = islands
        self._count = count

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and any(number in elites for elites in self._islands)

    def __iter__(self) -> Iterator[int]:
        return iter(dict.fromkeys(chain.from_iterable(elites.numbers() for elites in self._islands)))

    def __len__(self) -> int:
        return self._count
