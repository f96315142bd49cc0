"""The archive of a run retraced from its log: what happened, the board it led to, and what elites were worth when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from evolve.archive.board import Board, Happening, event_of
from evolve.archive.records import ArchiveEvent, BoundsFrozen, Dismissed
from evolve.domain import Estimate
from evolve.inspection.space import Layout, Space
from evolve.store import RunRow, Store
from evolve.store.placements import START, EliteRow, LookedRow, Placements


class Worth:
    """Objectives of candidates as they were known at any time: by their evaluation, and by further looks made since."""

    def __init__(self) -> None:
        self._told = 0
        self._looks: dict[int, list[LookedRow]] = {}

    def note(self, looked: Iterable[LookedRow], told: int) -> None:
        """Take in all further looks made by the time `told` candidates had been told."""
        self._told = told
        for row in looked:
            if not row.failed:
                self._looks.setdefault(row.number, []).append(row)

    def at(self, number: int, first: float, told: int) -> float:
        """The objective after so many tells; `first` is that of the evaluation."""
        rows = self._looks.get(number, ())
        return _mean(first, [row for row in rows if row.position < told or told == self._told])

    def changes(self, first: Mapping[int, float], after: int, until: int) -> list[tuple[int, int, float]]:
        """`(told, number, objective)` whenever looks gave one of these candidates another objective, in order."""
        found = []
        for number in first.keys() & self._looks.keys():
            rows = self._looks[number]
            for index, row in enumerate(rows, start=1):
                told = min(row.position + 1, self._told)
                if after < told <= until:
                    found.append((told, number, _mean(first[number], rows[:index])))
        return sorted(found)


def _mean(first: float, rows: Sequence[LookedRow]) -> float:
    """As `Rivals` has it: every look counts once, the evaluation is look 0, and what was there first stays."""
    if not rows:
        return first
    merged = {0: first}
    for row in rows:
        merged = {**row.values, **merged}
    return Estimate.of(value for _, value in sorted(merged.items())).mean


class Retraced:
    """A run's log, followed as far as `update` was called for. `happenings` are all events read, later ones too."""

    def __init__(self, run: RunRow) -> None:
        self.run = run
        self.mark = START
        self.worth = Worth()
        self.happenings: list[Happening] = []
        self.board = Board(_islands(run), self._score)
        self._rows: dict[int, EliteRow] = {}

    @classmethod
    def of(cls, store: Store, run: RunRow, told: int | None = None) -> Retraced:
        """Read and follow the first `told` tells of a run; all of them by default."""
        traced = cls(run)
        traced.update(store, told)
        return traced

    @property
    def told(self) -> int:
        """How many tells were followed."""
        return self.mark.told

    def update(self, store: Store, told: int | None = None) -> None:
        """Follow what was logged since; up to so many tells in all. Once held back so, it cannot go on."""
        found = store.browse.placements(self.run.id, told, self.mark)
        happenings = self._fresh(_happenings(found))
        self.mark = found.mark
        self.worth.note(found.looked, found.mark.told)
        freeze = next((each.told for each in happenings if isinstance(each.event, BoundsFrozen)), None)
        if freeze is not None:
            # Scores decide nothing but who has which cell when bounds freeze.
            self.elites(store, [*self.board.early, *(row.number for row in found.admitted if row.position < freeze)])
        self.board.follow(found.admitted, happenings, found.mark.told)

    def _fresh(self, happenings: Iterable[Happening]) -> list[Happening]:
        """Those that are new; they are noted. Noisy runs may have logged all earlier ones once more when resumed."""
        fresh: list[Happening] = []
        for _, each in groupby(happenings, key=lambda happening: happening.told):
            group, noted = list(each), len(self.happenings)
            if 0 < noted <= len(group) and _events(group[:noted]) == _events(self.happenings):
                group = group[noted:]
            self.happenings += group
            fresh += group
        return fresh

    def elites(self, store: Store, numbers: Iterable[int]) -> Mapping[int, EliteRow]:
        """Who these candidates are (among others), by number; what was read once is kept."""
        missing = set(numbers) - self._rows.keys()
        if missing:
            self._rows.update((row.number, row) for row in store.browse.elites(self.run.id, missing))
        return self._rows

    @property
    def freeze(self) -> BoundsFrozen | None:
        """The event that fixed learnt bounds, by now or later."""
        events = (happening.event for happening in self.happenings)
        return next((event for event in events if isinstance(event, BoundsFrozen)), None)

    @property
    def learning(self) -> bool:
        """Whether bounds are still being learnt, so that every candidate has a cell of its own."""
        return self.board.frozen is None and (self.freeze is not None or _learns(self.run))

    @property
    def homes(self) -> Mapping[int, int]:
        """Where candidates belong, by bounds that were declared, or learnt by now or later; empty when nobody knows."""
        if not self.learning:
            return self.board.homes
        return {} if self.freeze is None else self.board.belonging(self.freeze)

    def space(self, store: Store) -> Space:
        """Where cells lie."""
        if self.run.spec:
            used = (cell for cells in (self.homes.values(), self.board.homes.values()) for cell in cells)
            return Space.of(self.run, None if self.freeze is None else self.freeze.bounds, used)
        latest = {change.cell: change.number for change in self.board.changes if change.number >= 0}
        if set(latest) <= {0}:
            return Space(Layout.ONE, (), 1, {})
        measured = store.browse.measures(self.run.id, latest.values())
        by_cell = {cell: measured[number] for cell, number in latest.items() if number in measured}
        return Space.seen(by_cell)

    def _score(self, number: int, told: int) -> float:
        return self.run.summary.direction.sign * self.worth.at(number, self._rows[number].objective, told)


def _happenings(placements: Placements) -> list[Happening]:
    failed: dict[int, int] = {}
    for look in placements.looked:
        if look.failed:
            failed.setdefault(look.number, look.position)
    found = []
    for row in placements.events:
        event = event_of(row.kind, row.data)
        if event is not None and row.position is not None:
            # A look that failed for a tell has that tell's position, and the event counts the tell.
            before = isinstance(event, Dismissed) and failed.get(event.number, row.position) < row.position
            found.append(Happening(row.position, event, before))
    return found


def _events(happenings: Iterable[Happening]) -> list[ArchiveEvent]:
    return [happening.event for happening in happenings]


def _learns(run: RunRow) -> bool:
    return any(measure.get("low") is None or measure.get("high") is None for measure in run.spec.get("measures", ()))


def _islands(run: RunRow) -> int:
    return int(run.settings.get("search", {}).get("islands", 1))
