"""Where a run stood as it went on: best objective so far against what had been used up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Subquery, case, func, select

from evolve.domain import Status
from evolve.store import replay
from evolve.store.models import CandidateEntry, CompletionEntry, EvaluationEntry, Tell, table_of

_candidates, _evaluations, _tells, _completions = map(
    table_of, (CandidateEntry, EvaluationEntry, Tell, CompletionEntry)
)
_NOT_RUN = [status.value for status in Status if not status.costs_evaluation]


@dataclass(frozen=True, slots=True)
class Standing:
    """A run right after a tell: `best` is its best objective so far, the rest is what it had used up by then.

    `evaluations` counts candidates that were run, the seed included, and further looks at any of them; `elapsed` is run
    seconds. `cost` is US dollars (None when the price of a call is unknown) and `tokens` those of the completions of
    all candidates told so far, with what attempts without an answer may have cost.
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
    bills = _bills(run_id)

    def so_far(value: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.sum(func.coalesce(value, 0)).over(order_by=_tells.c.position, rows=(None, 0))

    steps = (
        select(
            _tells.c.position,
            _tells.c.elapsed,
            _tells.c.new_best,
            func.coalesce(_tells.c.objective, _evaluations.c.objective).label("objective"),
            so_far(was_run + _tells.c.looks).label("evaluations"),
            so_far(bills.c.cost).label("cost"),
            so_far(bills.c.unknown).label("unknown"),
            so_far(bills.c.tokens).label("tokens"),
            func.max(_tells.c.position).over().label("last"),
        )
        .select_from(_tells)
        .join(_candidates, replay.CANDIDATE_TELL)
        .join(_evaluations, replay.SEARCH_EVALUATION)
        .outerjoin(bills, bills.c.number == _tells.c.number)
        .where(_tells.c.run_id == run_id)
        .subquery()
    )
    query = select(steps).where(steps.c.new_best | (steps.c.position == steps.c.last)).order_by(steps.c.position)
    found: list[Standing] = []
    for row in connection.execute(query):
        best = row.objective if row.new_best else found[-1].best
        cost = None if row.unknown else float(row.cost)
        found.append(Standing(row.position, int(row.evaluations), row.elapsed, best, cost, int(row.tokens)))
    return found


def _bills(run_id: int) -> Subquery:
    """What the completions of each candidate cost: US dollars, calls of unknown price, tokens."""
    tokens = _completions.c.prompt_tokens + _completions.c.output_tokens + _completions.c.lost_tokens
    return (
        select(
            _completions.c.number,
            func.sum(_completions.c.cost + _completions.c.lost).label("cost"),
            func.sum(case((_completions.c.cost.is_(None), 1), else_=0)).label("unknown"),
            func.sum(tokens).label("tokens"),
        )
        .where(_completions.c.run_id == run_id)
        .group_by(_completions.c.number)
        .subquery()
    )
