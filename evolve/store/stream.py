"""What is new in a run's log since a place in it: thin rows for readers that follow a run."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection, Text, func, select, type_coerce

from evolve.store import codec, replay
from evolve.store.models import CandidateEntry, EvaluationEntry, EventEntry, Tell, table_of

_candidates, _evaluations, _tells, _events = map(table_of, (CandidateEntry, EvaluationEntry, Tell, EventEntry))


@dataclass(frozen=True, slots=True)
class ToldRow:
    """A candidate that was told: `position` in the order of tells, `elapsed` in run seconds, `gain` over its parent."""

    position: int
    number: int
    operator: str
    model: str
    island: int
    status: str
    objective: float | None
    outcome: str
    new_best: bool
    gain: float | None
    elapsed: float


def told_after(connection: Connection, run_id: int, told: int, most: int) -> list[ToldRow]:
    """The next `most` candidates after the first `told`, in order."""
    query = (
        select(
            _tells.c.position,
            _tells.c.number,
            _candidates.c.operator,
            type_coerce(_candidates.c.model, Text),
            _tells.c.island,
            _evaluations.c.status,
            func.coalesce(_tells.c.objective, _evaluations.c.objective),
            _tells.c.outcome,
            _tells.c.new_best,
            _tells.c.gain,
            _tells.c.elapsed,
        )
        .select_from(_tells)
        .join(_candidates, replay.CANDIDATE_TELL)
        .join(_evaluations, replay.SEARCH_EVALUATION)
        .where(_tells.c.run_id == run_id, _tells.c.position >= told)
        .order_by(_tells.c.position)
        .limit(most)
    )
    rows = [ToldRow(*row) for row in connection.execute(query)]
    return [replace(row, model=codec.unescape(row.model)) if row.model else row for row in rows]


def last_event(connection: Connection, run_id: int) -> int:
    """The number of the last event; 0 before there is one."""
    return connection.scalar(select(func.max(_events.c.seq)).where(_events.c.run_id == run_id)) or 0
