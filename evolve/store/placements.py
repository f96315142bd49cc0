"""What the log says of who lived where in the archive: admitted tells, further looks, and who those elites are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Text, func, select, type_coerce

from evolve.domain import Outcome, Series, Status
from evolve.store import codec, reading, replay
from evolve.store.models import CandidateEntry, EvaluationEntry, RelookEntry, Tell, table_of
from evolve.store.records import EventRow

ARCHIVE_EVENTS = ("BoundsFrozen", "Migrated", "Restarted", "Dismissed")
"""Kinds of events that move elites, all of them."""

MAIN = "main"
"""The track that is searched; others are populations of helpers."""

_candidates, _evaluations, _tells, _relooks = map(table_of, (CandidateEntry, EvaluationEntry, Tell, RelookEntry))
_TOOK_A_CELL = (Outcome.NEW_CELL.value, Outcome.IMPROVED.value)
_IN_LIST = 500  # numbers per IN (...): far below SQLite's and PostgreSQL's limits on bound values


class AdmittedRow(NamedTuple):  # tens of thousands of a long run: a dataclass takes four times as long to make
    """A candidate that took a cell of `island` when it was told at `position`. The seed took it on every island."""

    position: int
    number: int
    island: int
    cell: int


@dataclass(frozen=True, slots=True)
class LookedRow:
    """Further looks of the search at a candidate, made when `position` candidates had been told.

    `values` are objectives by look number. `failed` looks end its time in the archive, whatever they were made for.
    """

    seq: int
    position: int
    number: int
    values: Mapping[int, float]
    failed: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the log was read: so many tells, and the last event and further look."""

    told: int = 0
    event: int = 0
    look: int = 0


START = Mark()


@dataclass(frozen=True, slots=True)
class Placements:
    """What happened to the archive between two marks, each in order; `events` are all there are, later ones too.

    Every event has a `position`: where the log has none, it is worked out from the time.
    """

    mark: Mark
    admitted: Sequence[AdmittedRow]
    looked: Sequence[LookedRow]
    events: Sequence[EventRow]


@dataclass(frozen=True, slots=True)
class EliteRow:
    """Who a candidate in the archive is. `objective` is that of its evaluation, without further looks."""

    number: int
    operator: str
    model: str
    objective: float


def placements(connection: Connection, run_id: int, told: int | None = None, since: Mark = START) -> Placements:
    """What happened to the archive since a mark, in the first `told` tells at most (in all there are, by default)."""
    last = connection.scalar(select(func.max(_tells.c.position)).where(_tells.c.run_id == run_id))
    total = 0 if last is None else last + 1
    upto = total if told is None else min(told, total)
    events = _dated(connection, run_id, reading.events(connection, run_id, since.event, ARCHIVE_EVENTS, None))
    looks = _looked(connection, run_id, since.look, upto if upto < total else total + 1)
    mark = Mark(
        upto,
        max((event.seq for event in events), default=since.event),
        max((look.seq for look in looks), default=since.look),
    )
    return Placements(mark, _admitted(connection, run_id, since.told, upto), looks, events)


def _admitted(connection: Connection, run_id: int, after: int, before: int) -> list[AdmittedRow]:
    query = (
        select(_tells.c.position, _tells.c.number, _tells.c.island, _tells.c.cell)
        .join(_candidates, replay.CANDIDATE_TELL)
        .where(_tells.c.run_id == run_id, _tells.c.position >= after, _tells.c.position < before)
        .where(_tells.c.outcome.in_(_TOOK_A_CELL), _candidates.c.track == MAIN)
        .order_by(_tells.c.position)
    )
    return [AdmittedRow(*row) for row in connection.execute(query).all()]


def _looked(connection: Connection, run_id: int, after: int, before: int) -> list[LookedRow]:
    """Looks that changed scores or failed, above a number and by the position of the tell they were made for."""
    query = (
        select(_relooks.c.seq, _relooks.c.position, _relooks.c.number, _relooks.c.status, _relooks.c.looks)
        .where(_relooks.c.run_id == run_id, _relooks.c.seq > after, _relooks.c.position < before)
        .where((_relooks.c.series == Series.SEARCH.value) | (_relooks.c.status != Status.VALID.value))
        .order_by(_relooks.c.seq)
    )
    return [
        LookedRow(seq, position, number, _by_look(looks), status != Status.VALID.value)
        for seq, position, number, status, looks in connection.execute(query).all()
    ]


def _by_look(looks: Mapping[str, float]) -> Mapping[int, float]:
    return {int(look): value for look, value in looks.items()}


def _dated(connection: Connection, run_id: int, events: Sequence[EventRow]) -> list[EventRow]:
    """Events with positions: one of schema 0004 or older has the very time of the tell that set it off."""
    if all(event.position is not None for event in events):
        return list(events)
    query = select(_tells.c.elapsed).where(_tells.c.run_id == run_id).order_by(_tells.c.position)
    times = connection.scalars(query).all()
    return [
        event if event.position is not None else replace(event, position=bisect_right(times, event.elapsed))
        for event in events
    ]


def elites(connection: Connection, run_id: int, numbers: Iterable[int]) -> list[EliteRow]:
    """Who these candidates are, by number; those without a valid evaluation are left out."""
    query = (
        select(
            _candidates.c.number,
            _candidates.c.operator,
            type_coerce(_candidates.c.model, Text),
            _evaluations.c.objective,
        )
        .join(_evaluations, replay.SEARCH_EVALUATION)
        .where(_candidates.c.run_id == run_id, _evaluations.c.objective.is_not(None))
    )
    return [
        EliteRow(number, operator, codec.unescape(model), objective)
        for part in _in_lists(query, numbers)
        for number, operator, model, objective in connection.execute(part)
    ]


def measures(connection: Connection, run_id: int, numbers: Iterable[int]) -> dict[int, Mapping[str, float]]:
    """The measures of candidates by number; those that were not evaluated are left out."""
    query = (
        select(_candidates.c.number, _evaluations.c.measures)
        .join(_evaluations, replay.SEARCH_EVALUATION)
        .where(_candidates.c.run_id == run_id)
    )
    return {number: found for part in _in_lists(query, numbers) for number, found in connection.execute(part)}


def _in_lists(query: Select[Any], numbers: Iterable[int]) -> Iterator[Select[Any]]:
    wanted = sorted(set(numbers))
    for start in range(0, len(wanted), _IN_LIST):
        part = wanted[start : start + _IN_LIST]
        # Both tables by their own number: SQLite does not carry a list over a join.
        yield query.where(_candidates.c.number.in_(part), _evaluations.c.number.in_(part)).order_by(
            _candidates.c.number
        )
