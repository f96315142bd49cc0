"""Where a run stood as it went on: best objective so far against what had been used up."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, case, func, select

from evolve.domain import Status
from evolve.store import replay
from evolve.store.models import CandidateEntry, EvaluationEntry, Tell, table_of

_candidates, _evaluations, _tells = map(table_of, (CandidateEntry, EvaluationEntry, Tell))
_NOT_RUN = [status.value for status in Status if not status.costs_evaluation]


@dataclass(frozen=True, slots=True)
class Standing:
    """A run right after a tell: `best` is its best objective so far, the rest is what it had used up by then.

    `evaluations` counts candidates that were run, the seed included; `elapsed` is run seconds. `cost` is US dollars
    (None when the price of a call is unknown) and `tokens` those of model calls, both for candidates told so far.
    """

    position: int
    evaluations: int
    elapsed: float
    best: float
    cost: float | None = 0.0
    tokens: int = 0


def standings(connection: Connection, run_id: int) -> list[Standing]:
    """Where the run stood after every new best and after its last tell; empty before the seed is told."""
    was_run = case((_evaluations.c.status.in_(_NOT_RUN), 0), else_=1)
    steps = (
        select(
            _tells.c.position,
            _tells.c.elapsed,
            _tells.c.new_best,
            _evaluations.c.objective,
            func.sum(was_run).over(order_by=_tells.c.position, rows=(None, 0)).label("evaluations"),
            func.max(_tells.c.position).over().label("last"),
        )
        .select_from(_tells)
        .join(_candidates, replay.CANDIDATE_TELL)
        .join(_evaluations, replay.SEARCH_EVALUATION)
        .where(_tells.c.run_id == run_id)
        .subquery()
    )
    query = select(steps).where(steps.c.new_best | (steps.c.position == steps.c.last)).order_by(steps.c.position)
    found: list[Standing] = []
    for row in connection.execute(query):
        best = row.objective if row.new_best else found[-1].best
        found.append(Standing(row.position, int(row.evaluations), row.elapsed, best))
    return found
