"""What inspection reads of a run: one method a query. All of them read, none of them needs the engine."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager

from sqlalchemy import Connection

from evolve.domain import Direction, Status
from evolve.store import ancestry, candidates, costs, failures, funnel, placements, points, recent, stream, tree
from evolve.store.ancestry import Ancestry, Children
from evolve.store.candidates import CandidateChoices, CandidateLine, CandidatePage, Neighbours
from evolve.store.costs import AskedFor, CallsRow, EvaluatedRow, LooksRow, SpentSlice, ToldSlice
from evolve.store.failures import FeedbackRow
from evolve.store.funnel import FateRow
from evolve.store.picking import CandidateFilter, SortKey
from evolve.store.placements import EliteRow, Mark, Placements
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

    # ---------------------------------------------------------------- candidates

    def candidate_choices(self, run_id: int) -> CandidateChoices:
        """What the candidates of a run can be filtered by."""
        with self._reading() as connection:
            return candidates.choices(connection, run_id)

    def candidate_chunk(
        self, run_id: int, wanted: CandidateFilter, first: int
    ) -> tuple[tuple[CandidateLine, ...], int | None]:
        """Wanted candidates by number, some thousand from `first` on, and where the next ones begin."""
        with self._reading() as connection:
            return candidates.chunk(connection, run_id, wanted, first)

    def candidate_lines(self, run_id: int, numbers: Collection[int]) -> tuple[CandidateLine, ...]:
        """Lines of the named candidates, in that order; without numbers the run does not have."""
        with self._reading() as connection:
            return candidates.lines(connection, run_id, numbers)

    def candidate_page(
        self,
        run_id: int,
        wanted: CandidateFilter,
        key: SortKey = SortKey.NUMBER,
        *,
        descending: bool = False,
        limit: int = 50,
        offset: int = 0,
    ) -> CandidatePage:
        """A page of the sorted list of wanted candidates, and how long that list is."""
        with self._reading() as connection:
            return candidates.page(connection, run_id, wanted, key, descending=descending, limit=limit, offset=offset)

    def neighbours(self, run_id: int, number: int) -> Neighbours:
        """The candidates before and after one by number."""
        with self._reading() as connection:
            return candidates.neighbours(connection, run_id, number)

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

    def placements(self, run_id: int, told: int | None = None, since: Mark = placements.START) -> Placements:
        """What happened to the archive since a mark, in the first `told` tells at most."""
        with self._reading() as connection:
            return placements.placements(connection, run_id, told, since)

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

    # ---------------------------------------------------------------- operators, models, failures

    def fates(self, run_id: int) -> list[FateRow]:
        """What became of every candidate but the seed, by model, operator and status."""
        with self._reading() as connection:
            return funnel.fates(connection, run_id)

    def feedbacks(self, run_id: int, status: Status, latest: int) -> list[FeedbackRow]:
        """What the latest candidates that failed in this way were told."""
        with self._reading() as connection:
            return failures.feedbacks(connection, run_id, status, latest)

    # ---------------------------------------------------------------- money and time

    def asked_for(self, run_id: int) -> AskedFor:
        """Told candidates that somebody was asked for, and where their seconds went."""
        with self._reading() as connection:
            return costs.asked_for(connection, run_id)

    def calls(self, run_id: int) -> list[CallsRow]:
        """What every model was asked, by operator, step and what became of the candidate."""
        with self._reading() as connection:
            return costs.calls(connection, run_id)

    def evaluated(self, run_id: int) -> list[EvaluatedRow]:
        """Evaluations and their seconds, by purpose and status."""
        with self._reading() as connection:
            return costs.evaluated(connection, run_id)

    def looked(self, run_id: int) -> list[LooksRow]:
        """Further looks and their seconds, by series."""
        with self._reading() as connection:
            return costs.looked(connection, run_id)

    def spent_slices(self, run_id: int, width: float) -> list[SpentSlice]:
        """What models were asked in each stretch of `width` run seconds."""
        with self._reading() as connection:
            return costs.spent_slices(connection, run_id, width)

    def told_slices(self, run_id: int, width: float) -> list[ToldSlice]:
        """How many candidates were told in each stretch of `width` run seconds."""
        with self._reading() as connection:
            return costs.told_slices(connection, run_id, width)
