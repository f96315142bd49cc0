"""What inspection reads of a run: one method a query. All of them read, none of them needs the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager

from sqlalchemy import Connection

from evolve.domain import Direction
from evolve.store import ancestry, placements, points, recent, stream, tree
from evolve.store.ancestry import Ancestry, Children
from evolve.store.placements import EliteRow, Placements
from evolve.store.points import DotRow, StretchRow
from evolve.store.recent import LatestRow, Pace
from evolve.store.records import EventRow
from evolve.store.tree import TreeRows

Reading = Callable[[], AbstractContextManager[Connection]]
"""Begins a transaction that sees one state of the database."""


class Browse:
    """Queries for views of runs, as `Store.browse`. Every method is one transaction and may raise DatabaseError."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    # ---------------------------------------------------------------- the stream of a live run

    def told_after(self, run_id: int, told: int, most: int) -> list[stream.ToldRow]:
        """The next `most` candidates after the first `told`, in order."""
        with self._reading() as connection:
            return stream.told_after(connection, run_id, told, most)

    def last_event(self, run_id: int) -> int:
        """The number of the last event; 0 before there is one."""
        with self._reading() as connection:
            return stream.last_event(connection, run_id)

    # ---------------------------------------------------------------- lineage

    def ancestry(self, run_id: int, number: int, *, inspirations: bool = False, whole: bool = False) -> Ancestry:
        """The path of a candidate to the seed, and who else had a part in it."""
        with self._reading() as connection:
            return ancestry.ancestry(connection, run_id, number, inspirations=inspirations, whole=whole)

    def children(self, run_id: int, number: int, direction: Direction, most: int = 100) -> Children:
        """The best children of a candidate."""
        with self._reading() as connection:
            return ancestry.children(connection, run_id, number, direction, most)

    def tree(self, run_id: int, direction: Direction, keep: int | None = None, most: int = tree.MOST) -> TreeRows:
        """All candidates of a run with who came from whom, or those that its results and `keep` come from."""
        with self._reading() as connection:
            return tree.tree(connection, run_id, direction, keep, most)

    # ---------------------------------------------------------------- the archive

    def placements(self, run_id: int, told: int | None = None) -> Placements:
        """What happened to the archive in the first `told` tells, or in all of them."""
        with self._reading() as connection:
            return placements.placements(connection, run_id, told)

    def elites(self, run_id: int, numbers: Iterable[int]) -> list[EliteRow]:
        """Who these candidates are, by number; those without a valid evaluation are left out."""
        with self._reading() as connection:
            return placements.elites(connection, run_id, numbers)

    def measures(self, run_id: int, numbers: Iterable[int]) -> dict[int, Mapping[str, float]]:
        """The measures of candidates by number; those that were not evaluated are left out."""
        with self._reading() as connection:
            return placements.measures(connection, run_id, numbers)

    # ---------------------------------------------------------------- the overview

    def dots(self, run_id: int, after: int, step: int) -> list[DotRow]:
        """Valid candidates told after position `after`: one in `step`, and every new best."""
        with self._reading() as connection:
            return points.dots(connection, run_id, after, step)

    def stretches(self, run_id: int, width: int, first: int = 0) -> list[StretchRow]:
        """How many were told and failed, and what was used up, by stretches of `width` positions from `first` on."""
        with self._reading() as connection:
            return points.stretches(connection, run_id, width, first)

    def improvements(self, run_id: int, limit: int) -> list[LatestRow]:
        """The last new bests, newest first."""
        with self._reading() as connection:
            return recent.improvements(connection, run_id, limit)

    def latest(self, run_id: int, limit: int) -> list[LatestRow]:
        """The candidates told last, newest first."""
        with self._reading() as connection:
            return recent.latest(connection, run_id, limit)

    def last_events(self, run_id: int, limit: int) -> list[EventRow]:
        """The last events, newest first."""
        with self._reading() as connection:
            return recent.last_events(connection, run_id, limit)

    def pace(self, run_id: int) -> Pace:
        """How long the last candidates took."""
        with self._reading() as connection:
            return recent.pace(connection, run_id)

    def asked_now(self, run_id: int) -> int:
        """How many candidates are being asked for."""
        with self._reading() as connection:
            return recent.asked_now(connection, run_id)
