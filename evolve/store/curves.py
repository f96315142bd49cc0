"""Where a run stood as it went on: best objective so far against what had been used up."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from operator import add, itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, literal, select

from evolve.domain import Split, Status
from evolve.store.models import CompletionEntry, EvaluationEntry, Tell, table_of

_evaluations, _tells, _completions = map(table_of, (EvaluationEntry, Tell, CompletionEntry))
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
    marks = connection.execute(_marks(run_id)).all()
    made = _running(connection.execute(_uncounted(run_id)), connection.execute(_looked(run_id)))
    bills = _running(connection.execute(_bills(run_id)))
    found: list[Standing] = []
    for row in marks:
        best = row.objective if row.new_best else found[-1].best
        (extra,), (cost, unknown, tokens) = made.upto(row.position, 1), bills.upto(row.position, 3)
        evaluations = row.position + 1 + int(extra)
        found.append(
            Standing(row.position, evaluations, row.elapsed, best, None if unknown else float(cost), int(tokens))
        )
    return found


@dataclass(frozen=True, slots=True)
class _Running:
    """Running sums: what had come together by each of some positions, in order."""

    positions: list[int]
    sums: list[tuple[float, ...]]

    def upto(self, position: int, width: int) -> tuple[float, ...]:
        """The sums when this position had been told; `width` zeros before the first."""
        index = bisect_right(self.positions, position)
        return self.sums[index - 1] if index else (0,) * width


def _running(*results: Iterable[Row[*tuple[Any, ...]]]) -> _Running:
    """Add up rows of a position and amounts."""
    positions: list[int] = []
    sums: list[tuple[float, ...]] = []
    for position, *amounts in sorted((tuple(row) for rows in results for row in rows), key=itemgetter(0)):
        positions.append(position)
        sums.append(tuple(map(add, sums[-1], amounts)) if sums else tuple(amounts))
    return _Running(positions, sums)


def _marks(run_id: int) -> Select[*tuple[Any, ...]]:
    """New bests and the last tell. Only theirs are the fat rows that are read."""
    last = select(func.max(_tells.c.position)).where(_tells.c.run_id == run_id).scalar_subquery()
    return (
        select(
            _tells.c.position,
            _tells.c.elapsed,
            _tells.c.new_best,
            func.coalesce(_tells.c.objective, _evaluations.c.objective).label("objective"),
        )
        .join(_evaluations, _same_candidate(_evaluations.c))
        .where(
            _tells.c.run_id == run_id,
            _tells.c.new_best | (_tells.c.position == last),
            _evaluations.c.purpose == Split.SEARCH.value,
        )
        .order_by(_tells.c.position)
    )


def _uncounted(run_id: int) -> Select[*tuple[Any, ...]]:
    """Candidates that were told and never run: one evaluation less each."""
    return (
        select(_tells.c.position, literal(-1))
        .select_from(_evaluations)
        .join(_tells, _same_candidate(_evaluations.c))
        .where(
            _evaluations.c.run_id == run_id,
            _evaluations.c.purpose == Split.SEARCH.value,
            _evaluations.c.status.in_(_NOT_RUN),
        )
    )


def _looked(run_id: int) -> Select[*tuple[Any, ...]]:
    """Further looks: one evaluation more each."""
    return select(_tells.c.position, _tells.c.looks).where(_tells.c.run_id == run_id, _tells.c.looks > 0)


def _bills(run_id: int) -> Select[*tuple[Any, ...]]:
    """What the completions of each candidate cost: US dollars, calls of unknown price, tokens."""
    tokens = _completions.c.prompt_tokens + _completions.c.output_tokens + _completions.c.lost_tokens
    return (
        select(
            _tells.c.position,
            func.coalesce(_completions.c.cost + _completions.c.lost, 0.0),
            case((_completions.c.cost.is_(None), 1), else_=0),
            tokens,
        )
        .join(_tells, _same_candidate(_completions.c))
        .where(_completions.c.run_id == run_id)
    )


def _same_candidate(columns: Any) -> ColumnElement[bool]:
    return and_(columns.run_id == _tells.c.run_id, columns.number == _tells.c.number)
