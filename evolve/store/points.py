"""Every candidate of a run as a point of a figure: thinned, and counted in stretches where each one is too many.

Tells are only ever added, so both can be read on from where an earlier reading stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select

from evolve.domain import Split, Status
from evolve.store.models import CompletionEntry, EvaluationEntry, Tell, table_of

_tells, _evaluations, _completions = map(table_of, (Tell, EvaluationEntry, CompletionEntry))

_SPREAD = 0.618_034
"""Golden ratio: multiples of it, modulo 1, are spread evenly (Knuth, The Art of Computer Programming, vol. 3, 6.4)."""
_NOT_RUN = [status.value for status in Status if not status.costs_evaluation]
_FAILURES = [status.value for status in Status if status is not Status.VALID]


@dataclass(frozen=True, slots=True)
class DotRow:
    """A valid candidate, told at `position` after `elapsed` run seconds."""

    position: int
    number: int
    objective: float
    new_best: bool
    elapsed: float


@dataclass(frozen=True, slots=True)
class StretchRow:
    """The candidates told from `position` on to the next stretch.

    `failed` of `told` failed; `evaluations` were made for them, further looks included; they cost `cost` US dollars
    (None when the price of a call is unknown); `elapsed` is run seconds when the last of them was told.
    """

    position: int
    told: int
    failed: int
    evaluations: int
    cost: float | None
    elapsed: float


def dots(connection: Connection, run_id: int, after: int, step: int) -> list[DotRow]:
    """Valid candidates told after position `after`, in order: one in `step` of all told, and every new best.

    With `step` 0 they are the new bests alone. Which ones are chosen depends on `step` and their positions only.
    """
    position = _tells.c.position
    chosen: ColumnElement[bool] = _tells.c.new_best
    if step:
        # Not the first of every `step`: islands take turns, and one would always meet the same of them.
        offset = (position // step) * (int(step * _SPREAD) | 1) % step
        chosen = or_(chosen, position % step == offset)
    objective = func.coalesce(_tells.c.objective, _evaluations.c.objective)
    query = (
        select(position, _tells.c.number, objective, _tells.c.new_best, _tells.c.elapsed)
        .join(_evaluations, _same_candidate(_evaluations.c))
        .where(
            _tells.c.run_id == run_id,
            position > after,
            chosen,
            _evaluations.c.purpose == Split.SEARCH.value,
            _evaluations.c.status == Status.VALID.value,
        )
        .order_by(position)
    )
    return [DotRow(*row) for row in connection.execute(query)]


def stretches(connection: Connection, run_id: int, width: int, first: int = 0) -> list[StretchRow]:
    """A run in stretches of `width` positions, from position `first` on, a multiple of it; the last may be shorter."""
    told = connection.execute(
        _by_stretch(width, func.count(), func.sum(_tells.c.looks), func.max(_tells.c.elapsed)).where(
            *_from(run_id, first)
        )
    ).all()
    failed = {row[0]: row[1:] for row in connection.execute(_failed(run_id, width, first))}
    costs = {row[0]: row[1:] for row in connection.execute(_costs(run_id, width, first))}
    found: list[StretchRow] = []
    for number, count, looks, elapsed in told:
        failures, not_run = failed.get(number, (0, 0))
        cost, unknown = costs.get(number, (0.0, 0))
        evaluations = count - int(not_run) + int(looks)
        found.append(
            StretchRow(number * width, count, failures, evaluations, None if unknown else float(cost), elapsed)
        )
    return found


def _from(run_id: int, first: int) -> Sequence[ColumnElement[bool]]:
    # Left out where it says nothing: SQLite would then begin with the tells, and look every fat row up.
    return (_tells.c.run_id == run_id, *([_tells.c.position >= first] if first else []))


def _by_stretch(width: int, *columns: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    number = (_tells.c.position // width).label("stretch")
    return select(number, *columns).group_by(number).order_by(number)


def _failed(run_id: int, width: int, first: int) -> Select[*tuple[Any, ...]]:
    """Failures by stretch, and how many of them were not even run."""
    not_run = func.sum(case((_evaluations.c.status.in_(_NOT_RUN), 1), else_=0))
    return (
        _by_stretch(width, func.count(), not_run)
        .select_from(_evaluations)
        .join(_tells, _same_candidate(_evaluations.c))
        .where(
            *_from(run_id, first),
            _evaluations.c.run_id == run_id,
            _evaluations.c.purpose == Split.SEARCH.value,
            _evaluations.c.status.in_(_FAILURES),
        )
    )


def _costs(run_id: int, width: int, first: int) -> Select[*tuple[Any, ...]]:
    """US dollars by stretch, and calls of unknown price."""
    cost = func.coalesce(func.sum(_completions.c.cost + _completions.c.lost), 0.0)
    return (
        _by_stretch(width, cost, func.count() - func.count(_completions.c.cost))
        .select_from(_completions)
        .join(_tells, _same_candidate(_completions.c))
        .where(*_from(run_id, first), _completions.c.run_id == run_id)
    )


def _same_candidate(columns: Any) -> ColumnElement[bool]:
    return and_(columns.run_id == _tells.c.run_id, columns.number == _tells.c.number)
