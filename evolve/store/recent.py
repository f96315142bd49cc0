"""What happened last in a run: new bests, candidates told, what is under way, and how fast it goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Text, and_, func, select, type_coerce

from evolve.domain import Outcome, Status
from evolve.store import codec, replay
from evolve.store.models import Ask, CandidateEntry, CompletionEntry, EvaluationEntry, EventEntry, Tell, table_of
from evolve.store.records import EventRow

_candidates, _evaluations, _tells, _events = map(table_of, (CandidateEntry, EvaluationEntry, Tell, EventEntry))
_asks, _completions = table_of(Ask), table_of(CompletionEntry)

PACE_TELLS = 200
"""Candidates over which the pace of a run is taken."""


@dataclass(frozen=True, slots=True)
class LatestRow:
    """A told candidate as lists show it. `idea` and `model` are what a model wrote; both are empty for the built-in."""

    position: int
    number: int
    operator: str
    island: int
    status: Status
    objective: float | None
    outcome: Outcome
    new_best: bool
    gain: float | None
    elapsed: float
    idea: str
    model: str


@dataclass(frozen=True, slots=True)
class Pace:
    """`told` candidates were told from run second `since` to run second `until`, when the last one was."""

    told: int
    since: float
    until: float


def improvements(connection: Connection, run_id: int, limit: int) -> list[LatestRow]:
    """The last new bests, newest first."""
    return [_latest_row(row) for row in connection.execute(_newest(run_id, _tells.c.new_best, limit=limit))]


def latest(connection: Connection, run_id: int, limit: int) -> list[LatestRow]:
    """The candidates told last, newest first."""
    return [_latest_row(row) for row in connection.execute(_newest(run_id, limit=limit))]


def _newest(run_id: int, *conditions: ColumnElement[bool], limit: int) -> Select[*tuple[Any, ...]]:
    # Chosen among the tells alone, whose rows are thin, and only then joined with what is fat.
    chosen = (
        select(_tells)
        .where(_tells.c.run_id == run_id, *conditions)
        .order_by(_tells.c.position.desc())
        .limit(limit)
        .subquery("chosen")
    )
    same = and_(_candidates.c.run_id == chosen.c.run_id, _candidates.c.number == chosen.c.number)
    return (
        select(
            chosen.c.position,
            chosen.c.number,
            chosen.c.island,
            chosen.c.outcome,
            chosen.c.new_best,
            chosen.c.gain,
            chosen.c.elapsed,
            _candidates.c.operator,
            type_coerce(_candidates.c.idea, Text).label("idea"),
            type_coerce(_candidates.c.model, Text).label("model"),
            _evaluations.c.status,
            func.coalesce(chosen.c.objective, _evaluations.c.objective).label("objective"),
        )
        .select_from(chosen)
        .join(_candidates, same)
        .join(_evaluations, replay.SEARCH_EVALUATION)
        .order_by(chosen.c.position.desc())
    )


def _latest_row(row: Row[*tuple[Any, ...]]) -> LatestRow:
    return LatestRow(
        row.position,
        row.number,
        row.operator,
        row.island,
        Status(row.status),
        row.objective,
        Outcome(row.outcome),
        row.new_best,
        row.gain,
        row.elapsed,
        codec.unescape(row.idea),
        codec.unescape(row.model),
    )


def last_events(connection: Connection, run_id: int, limit: int) -> list[EventRow]:
    """The last events, newest first."""
    columns = (_events.c.seq, _events.c.at, _events.c.elapsed, _events.c.kind, _events.c.data, _events.c.position)
    query = select(*columns).where(_events.c.run_id == run_id).order_by(_events.c.seq.desc()).limit(limit)
    return [EventRow(*row) for row in connection.execute(query)]


def pace(connection: Connection, run_id: int) -> Pace:
    """How long the last `PACE_TELLS` candidates took; nothing before there are two."""
    query = (
        select(_tells.c.position, _tells.c.elapsed)
        .where(_tells.c.run_id == run_id)
        .order_by(_tells.c.position.desc())
        .limit(PACE_TELLS + 1)
    )
    rows = connection.execute(query).all()
    if len(rows) < 2:
        return Pace(0, 0.0, 0.0)
    return Pace(rows[0].position - rows[-1].position, rows[-1].elapsed, rows[0].elapsed)


def asked_now(connection: Connection, run_id: int) -> int:
    """How many candidates are being asked for: neither the answer to a question nor the candidate itself is there."""
    answered = and_(
        _completions.c.run_id == _asks.c.run_id,
        _completions.c.number == _asks.c.number,
        _completions.c.turn == _asks.c.turn,
    )
    proposed = and_(_candidates.c.run_id == _asks.c.run_id, _candidates.c.number == _asks.c.number)
    query = (
        select(func.count(_asks.c.number.distinct()))
        .select_from(_asks)
        .outerjoin(_completions, answered)
        .outerjoin(_candidates, proposed)
        .where(_asks.c.run_id == run_id, _completions.c.number.is_(None), _candidates.c.number.is_(None))
    )
    return connection.scalar(query) or 0
