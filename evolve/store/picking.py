"""Which candidates of a run, and in which order: the conditions and sortings of lists.

A hundred thousand rows of one table are never joined with a hundred thousand of another, which takes SQLite too long.
A sorted list consists of *parts* (candidates with a value to sort by, then those without one), each read in order from
the one table that has the value; conditions on other tables become sets of numbers (`number IN (SELECT ...)`), each
made by one scan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, exists, func, select

from evolve.domain import Outcome, Split, Status
from evolve.store.models import CandidateEntry, CompletionEntry, EvaluationEntry, RelookEntry, Run, Tell, table_of
from evolve.store.replay import CANDIDATE_TELL, SEARCH_EVALUATION

_runs, _candidates, _evaluations = map(table_of, (Run, CandidateEntry, EvaluationEntry))
_tells, _completions, _relooks = map(table_of, (Tell, CompletionEntry, RelookEntry))

_VALID = Status.VALID.value
_JOINED = _candidates.outerjoin(_evaluations, SEARCH_EVALUATION).outerjoin(_tells, CANDIDATE_TELL)
_FEW = 3_000
"""Candidates that are rather named than found anew by every query."""

Condition = ColumnElement[bool]
Numbers = Select[int]


class Scored(StrEnum):
    """What a candidate's evaluation came to, where no single status is meant."""

    FAILED = "failed"
    OPEN = "open"
    """Proposed, and not evaluated yet."""


class SortKey(StrEnum):
    """What a list of candidates is sorted by. Candidates without a value come last in either direction."""

    NUMBER = "number"
    OBJECTIVE = "objective"
    GAIN = "gain"
    ELAPSED = "elapsed"
    COST = "cost"


@dataclass(frozen=True, slots=True)
class CandidateFilter:
    """Which candidates: those that meet every condition; None, False and "" are none.

    `idea` is text anywhere in the idea, in whatever case; `low` and `high` bound the objective, both included;
    `improved` asks for a gain over the first parent.
    """

    status: Status | Scored | None = None
    operator: str = ""
    model: str = ""
    island: int | None = None
    outcome: Outcome | None = None
    new_best: bool = False
    improved: bool = False
    idea: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class _Source:
    """A table numbers are read from, with the conditions that are about it; `number` is how others narrow it."""

    query: Numbers
    number: ColumnElement[int]
    conditions: tuple[Condition, ...] = ()

    def numbers(self) -> Numbers:
        """Those that meet the table's own conditions, for `IN`."""
        return self.query.where(*self.conditions).correlate(None)


@dataclass(frozen=True, slots=True)
class Picking:
    """The conditions of a filter on a run by the table they are about.

    `score` is the objective that is listed; `unscored` and `untold` are candidates that wait.
    """

    run_id: int
    proposed: _Source
    evaluated: _Source
    told: _Source
    score: ColumnElement[Any]
    unscored: Condition
    untold: Condition

    @classmethod
    def of(cls, connection: Connection, run_id: int, wanted: CandidateFilter) -> Picking:
        """The conditions, once it is known whether the run looked at candidates more than once."""
        scored, score = _scored(connection, run_id)
        unscored, untold = _waiting(connection, run_id)
        proposed = select(_candidates.c.number).where(_candidates.c.run_id == run_id)
        evaluated = (
            select(_evaluations.c.number)
            .select_from(scored)
            .where(_evaluations.c.run_id == run_id, _evaluations.c.purpose == Split.SEARCH.value)
        )
        told = select(_tells.c.number).where(_tells.c.run_id == run_id)
        return cls(
            run_id,
            _Source(proposed, _candidates.c.number, tuple(_of_candidate(wanted, unscored))),
            # + 0: looked up by number, each would cost a read of its whole row; the covering index is scanned instead.
            _Source(evaluated, _evaluations.c.number + 0, tuple(_of_evaluation(wanted, score))),
            _Source(told, _tells.c.number, tuple(_of_tell(wanted))),
            score,
            unscored,
            untold,
        )

    def narrowed(self, connection: Connection) -> Picking:
        """The same candidates named by their numbers, if one table's conditions alone leave few: then all is quick."""
        for source in (self.evaluated, self.told, self.proposed):
            if not source.conditions:
                continue
            numbers = connection.scalars(source.numbers().limit(_FEW + 1)).all()
            if len(numbers) > _FEW:
                continue
            column = _candidates.c.number
            query = select(column).select_from(_JOINED).where(_candidates.c.run_id == self.run_id)
            few = connection.scalars(query.where(column.in_(numbers), *self.conditions)).all()
            return replace(
                self,
                proposed=replace(self.proposed, conditions=(column.in_(few),)),
                evaluated=replace(self.evaluated, conditions=()),
                told=replace(self.told, conditions=()),
            )
        return self

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All of them, for a query that has joined the three tables."""
        return (*self.proposed.conditions, *self.evaluated.conditions, *self.told.conditions)

    def count(self, connection: Connection) -> int:
        """How many candidates there are."""
        if not self.conditions:
            return connection.scalar(select(_runs.c.candidates).where(_runs.c.id == self.run_id)) or 0
        return connection.scalar(select(func.count()).select_from(self._any().subquery())) or 0

    def parts(self, key: SortKey, descending: bool) -> tuple[Numbers, ...]:
        """Queries for the numbers, to be read one after the other."""

        def ordered(query: Numbers, value: ColumnElement[Any], number: ColumnElement[int]) -> Numbers:
            return query.order_by(value.desc() if descending else value, number)

        if key is SortKey.NUMBER:
            return (_by_number(self._any(), descending),)
        if key is SortKey.OBJECTIVE:
            valid = self._from(self.evaluated, _evaluations.c.status == _VALID)
            failed = self._from(self.evaluated, _evaluations.c.status != _VALID)
            scored = bool(self.evaluated.conditions or self.told.conditions)
            rest = [] if scored else [self._from(self.proposed, self.unscored)]
            return (ordered(valid, self.score, _evaluations.c.number), *map(_by_number, (failed, *rest)))
        if key is SortKey.COST:
            price = func.sum(_completions.c.cost + _completions.c.lost)
            known = _priced(self.run_id)
            rest = [self._from(self.proposed, _candidates.c.number.not_in(known.query.correlate(None)))]
            return (ordered(self._from(known), price, _completions.c.number), *map(_by_number, rest))
        # Tells are stored in the order of their positions, and time never goes back.
        value = _tells.c.gain if key is SortKey.GAIN else _tells.c.position
        rest = [self._from(self.told, _tells.c.gain.is_(None))] if key is SortKey.GAIN else []
        rest += [] if self.told.conditions else [self._from(self.proposed, self.untold)]
        there = ordered(self._from(self.told, value.is_not(None)), value, _tells.c.number)
        return (there, *map(_by_number, rest))

    def _any(self) -> Numbers:
        """The numbers from the table that is best read through: sets are made fastest of what is in order of number."""
        sources = (self.evaluated, self.told, self.proposed)
        return self._from(next((source for source in sources if source.conditions), self.proposed))

    def _from(self, source: _Source, *more: Condition) -> Numbers:
        """Numbers of a table that meet all conditions, those on other tables included."""
        others = [other for other in (self.proposed, self.evaluated, self.told) if other is not source]
        among = [source.number.in_(other.numbers()) for other in others if other.conditions]
        return source.query.where(*source.conditions, *among, *more)


def _by_number(query: Numbers, descending: bool = False) -> Numbers:
    number = query.selected_columns[0]
    # + 0: for this order, SQLite would leave the covering index of evaluations for whole rows.
    key = number + 0 if number.table is _evaluations else number
    return query.order_by(key.desc() if descending else key)


def _priced(run_id: int) -> _Source:
    """Candidates all of whose completions have a known price."""
    number = _completions.c.number
    all_known = func.count(_completions.c.cost) == func.count()
    query = select(number).where(_completions.c.run_id == run_id).group_by(number).having(all_known)
    return _Source(query, number)


def _scored(connection: Connection, run_id: int) -> tuple[FromClause, ColumnElement[Any]]:
    """Evaluations and the objective that is listed, which later looks may have changed when the candidate was told."""
    looked = connection.scalar(select(_relooks.c.run_id).where(_relooks.c.run_id == run_id).limit(1))
    if looked is None:
        return _evaluations, _evaluations.c.objective
    same = and_(_tells.c.run_id == _evaluations.c.run_id, _tells.c.number == _evaluations.c.number)
    return _evaluations.outerjoin(_tells, same), func.coalesce(_tells.c.objective, _evaluations.c.objective)


def _waiting(connection: Connection, run_id: int) -> tuple[Condition, Condition]:
    """That a candidate is not evaluated, and that it is not told."""
    columns = (_runs.c.candidates, _runs.c.evaluated, _runs.c.told)
    row = connection.execute(select(*columns).where(_runs.c.id == run_id)).one_or_none()
    everybody, evaluated, told = (0, 0, 0) if row is None else row
    some, scores, tells = _candidates.alias("some"), _evaluations.alias("scores"), _tells.alias("told")
    score = and_(scores.c.run_id == run_id, scores.c.number == some.c.number, scores.c.purpose == Split.SEARCH.value)
    tell = and_(tells.c.run_id == run_id, tells.c.number == some.c.number)

    def last(count: int, there: Condition) -> Condition:
        # Found from the highest numbers down, where they are, and not beyond the last one: their count is known.
        query = select(some.c.number).where(some.c.run_id == run_id, ~there).order_by(some.c.number.desc())
        return _candidates.c.number.in_(query.limit(count).correlate(None))

    return (
        last(everybody - evaluated, exists(select(scores.c.run_id).where(score).correlate(some))),
        last(everybody - told, exists(select(tells.c.run_id).where(tell).correlate(some))),
    )


def _of_candidate(wanted: CandidateFilter, unscored: Condition) -> Iterator[Condition]:
    if wanted.operator:
        yield _candidates.c.operator == wanted.operator
    if wanted.model:
        yield _candidates.c.model == wanted.model
    if wanted.island is not None:
        yield _candidates.c.island == wanted.island
    if wanted.idea:
        yield _candidates.c.idea.icontains(wanted.idea, autoescape=True)
    if wanted.status is Scored.OPEN:
        yield unscored


def _of_evaluation(wanted: CandidateFilter, score: ColumnElement[Any]) -> Iterator[Condition]:
    if wanted.status is Scored.FAILED:
        yield _evaluations.c.status != _VALID
    elif isinstance(wanted.status, Status):
        yield _evaluations.c.status == wanted.status.value
    if wanted.low is not None or wanted.high is not None:
        yield _evaluations.c.status == _VALID
    if wanted.low is not None:
        yield score >= wanted.low
    if wanted.high is not None:
        yield score <= wanted.high


def _of_tell(wanted: CandidateFilter) -> Iterator[Condition]:
    if wanted.outcome is not None:
        yield _tells.c.outcome == wanted.outcome.value
    if wanted.new_best:
        yield _tells.c.new_best
    if wanted.improved:
        yield _tells.c.gain > 0
