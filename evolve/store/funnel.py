"""What became of candidates, by who made them and how: from proposed to new best, in one grouped query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, func, select

from evolve.domain import SEED_NUMBER, Outcome, Status
from evolve.store import replay
from evolve.store.models import CandidateEntry, EvaluationEntry, Tell, table_of

_candidates, _evaluations, _tells = map(table_of, (CandidateEntry, EvaluationEntry, Tell))


@dataclass(frozen=True, slots=True)
class FateRow:
    """Candidates that one model ("" is the built-in proposer) made with one operator and that came to one status.

    `status` is None while they wait for their evaluation. Of the valid ones so many `improved` on their first parent,
    opened a `new_cell`, or became a `new_best`. `seconds` is how long evaluating them took, further looks not counted.
    """

    model: str
    operator: str
    status: Status | None
    candidates: int
    improved: int = 0
    new_cell: int = 0
    new_best: int = 0
    seconds: float = 0.0


def fates(connection: Connection, run_id: int) -> list[FateRow]:
    """What became of every candidate but the seed, by model, operator and status, in this order."""
    # In this order because most rows differ in the first: sorting them for the groups is a good part of the time.
    keys = (_candidates.c.operator, _evaluations.c.status, _candidates.c.model)
    query = (
        select(
            *keys,
            func.count(),
            _count(_tells.c.gain > 0),
            _count(_tells.c.outcome == Outcome.NEW_CELL.value),
            _count(_tells.c.new_best),
            func.coalesce(func.sum(_evaluations.c.wall), 0.0),
        )
        .select_from(_candidates)
        .outerjoin(_evaluations, replay.SEARCH_EVALUATION)
        .outerjoin(_tells, replay.CANDIDATE_TELL)
        .where(_candidates.c.run_id == run_id, _candidates.c.number > SEED_NUMBER)
        .group_by(*keys)
    )
    found = [
        FateRow(model, operator, None if status is None else Status(status), *sums)
        for operator, status, model, *sums in connection.execute(query)
    ]
    return sorted(found, key=lambda row: (row.model, row.operator, row.status or ""))


def _count(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))
