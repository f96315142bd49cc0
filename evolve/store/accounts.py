"""What questions cost: per candidate for replay, per model and operator for people, and for a whole run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, bindparam, case, func, or_, select

from evolve.domain import SEED_NUMBER, Outcome, Split, Status
from evolve.store.dialogue import MODEL, PERSON, Bill, MoneyRow, UsageRow
from evolve.store.models import (
    Ask,
    CandidateEntry,
    CompletionEntry,
    EvaluationEntry,
    Handout,
    Run,
    Tell,
    Withdrawal,
    table_of,
)

_asks, _handouts, _withdrawals, _completions = map(table_of, (Ask, Handout, Withdrawal, CompletionEntry))
_runs = table_of(Run)
_candidates, _evaluations, _tells = map(table_of, (CandidateEntry, EvaluationEntry, Tell))

_TOKENS = _completions.c.prompt_tokens + _completions.c.output_tokens

# Added up here and in order of turns: a sum over columns may round otherwise, and on PostgreSQL differently each time.
_BILLS = (
    select(_completions.c.number, _completions.c.cost + _completions.c.lost, _TOKENS + _completions.c.lost_tokens)
    .where(
        _completions.c.run_id == bindparam("run"), _completions.c.number.between(bindparam("first"), bindparam("last"))
    )
    .order_by(_completions.c.number, _completions.c.turn)
)
_NOTHING = Bill()

_later = _handouts.alias("later")
_QUESTION = ("run_id", "number", "turn")


def _same(left: FromClause, right: FromClause, names: tuple[str, ...]) -> ColumnElement[bool]:
    return and_(*(left.c[name] == right.c[name] for name in names))


_HANDED_ON = and_(_same(_later, _handouts, _QUESTION), _later.c.attempt == _handouts.c.attempt + 1)

# Hand-outs to models of which no completion came: all of questions without one, all but the last of the others.
_UNANSWERED = (
    select(
        case((_withdrawals.c.run_id.is_not(None), _withdrawals.c.money), else_=_handouts.c.money).label("money"),
        func.coalesce(_withdrawals.c.tokens, _handouts.c.tokens).label("tokens"),
        and_(_later.c.run_id.is_(None), _withdrawals.c.run_id.is_(None), _tells.c.run_id.is_(None)).label("waiting"),
    )
    .select_from(_handouts)
    .outerjoin(_completions, _same(_completions, _handouts, _QUESTION))
    .outerjoin(_later, _HANDED_ON)
    .outerjoin(_withdrawals, _same(_withdrawals, _handouts, (*_QUESTION, "attempt")))
    .outerjoin(_tells, _same(_tells, _handouts, ("run_id", "number")))
    .where(
        _handouts.c.run_id == bindparam("run"),
        _handouts.c.asker == MODEL,
        or_(_completions.c.run_id.is_(None), _later.c.run_id.is_not(None)),
    )
)

SIMPLIFYING = "simplify"
"""The operator of drafts that simplify the winner at the end, in runs that do so."""

UNPARSED = frozenset({Status.NO_ANSWER, Status.EMPTY, Status.TRUNCATED, Status.BLOCKED, Status.NO_EDIT})
"""What becomes of an answer in which there is no edit."""

UNAPPLIED = UNPARSED | {Status.EDIT_NOT_APPLIED, Status.OUTSIDE_REGION}
"""What becomes of an answer of which no program could be made."""


def _values(statuses: Iterable[Status]) -> list[str]:
    return sorted(status.value for status in statuses)


def bills(connection: Connection, run_id: int, first: int, last: int) -> dict[int, Bill]:
    """What the completions of candidates `first` to `last` cost, by number; without the candidates that have none."""
    found: dict[int, Bill] = {}
    for number, cost, tokens in connection.execute(_BILLS, {"run": run_id, "first": first, "last": last}):
        found[number] = found.get(number, _NOTHING) + Bill(cost, tokens)
    return found


def calls(connection: Connection, run_id: int) -> dict[int, int]:
    """Calls taken out of the budget by candidate number: each completion of a model is one, and so is a candidate that
    nobody was asked for, unless it is the seed or simplifies the winner.
    """
    ours = (_completions.c.run_id == run_id, _completions.c.model != PERSON)
    bought = select(_completions.c.number, func.count()).where(*ours).group_by(_completions.c.number)
    found = {int(number): int(count) for number, count in connection.execute(bought)}
    settings = connection.scalar(select(_runs.c.settings).where(_runs.c.id == run_id)) or {}
    polishes = settings.get("scaffold", {}).get("polish", 0) > 0
    drafted = (
        select(_candidates.c.number)
        .where(_candidates.c.run_id == run_id, _candidates.c.number != SEED_NUMBER)
        .where(~select(_asks.c.turn).where(_same(_asks, _candidates, ("run_id", "number"))).exists())
        .where(*([_candidates.c.operator != SIMPLIFYING] if polishes else []))
    )
    return found | dict.fromkeys(connection.scalars(drafted), 1)


def usage(connection: Connection, run_id: int) -> list[UsageRow]:
    """Calls and candidates per model and operator, by name."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for query in (_calls(run_id), _written(run_id)):
        for row in connection.execute(query):
            known = rows.setdefault((row.model, row.operator), asdict(UsageRow(row.model, row.operator)))
            known.update(row._asdict())
    return [UsageRow(**rows[key]) for key in sorted(rows)]


def _calls(run_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            _completions.c.model,
            _asks.c.operator,
            func.count().label("calls"),
            func.sum(_completions.c.prompt_tokens).label("prompt"),
            func.sum(_completions.c.cached_tokens).label("cached"),
            func.sum(_completions.c.output_tokens).label("output"),
            func.sum(_completions.c.reasoning_tokens).label("reasoning"),
            func.coalesce(func.sum(_completions.c.cost), 0.0).label("cost"),
            func.sum(_completions.c.lost).label("lost"),
            (func.count() - func.count(_completions.c.cost)).label("unknown"),
            func.sum(_completions.c.wall).label("seconds"),
        )
        .join(_asks, _same(_asks, _completions, _QUESTION))
        .where(_completions.c.run_id == run_id)
        .group_by(_completions.c.model, _asks.c.operator)
    )


def _written(run_id: int) -> Select[*tuple[Any, ...]]:
    ours = ("run_id", "number")
    evaluated = and_(_same(_evaluations, _candidates, ours), _evaluations.c.purpose == Split.SEARCH.value)

    def count(condition: Any) -> Any:
        return func.sum(case((condition, 1), else_=0))

    # A candidate that is not evaluated yet has a program, so its answer was parsed and applied.
    return (
        select(
            _candidates.c.model,
            _candidates.c.operator,
            func.count().label("proposed"),
            count(func.coalesce(_evaluations.c.status, "").not_in(_values(UNPARSED))).label("parsed"),
            count(func.coalesce(_evaluations.c.status, "").not_in(_values(UNAPPLIED))).label("applied"),
            count(_evaluations.c.status == Status.VALID.value).label("valid"),
            count(_tells.c.gain > 0).label("improved"),
            count(_tells.c.outcome == Outcome.NEW_CELL.value).label("new_cell"),
            count(_tells.c.new_best).label("new_best"),
        )
        .outerjoin(_evaluations, evaluated)
        .outerjoin(_tells, _same(_tells, _candidates, ours))
        .where(_candidates.c.run_id == run_id, _candidates.c.model != "")
        .group_by(_candidates.c.model, _candidates.c.operator)
    )


def money(connection: Connection, run_id: int) -> MoneyRow:
    """What a run's questions cost, what may be lost, and what is reserved for answers that are still to come."""
    totals = connection.execute(
        select(
            func.count(),
            func.coalesce(func.sum(_completions.c.cost), 0.0),
            func.coalesce(func.sum(_completions.c.lost), 0.0),
            func.count() - func.count(_completions.c.cost),
            func.coalesce(func.sum(_TOKENS), 0),
            func.coalesce(func.sum(_completions.c.lost_tokens), 0),
        ).where(_completions.c.run_id == run_id)
    ).one()
    calls, cost, lost, unknown, tokens, lost_tokens = totals
    in_flight, unknown_in_flight, tokens_in_flight = 0.0, 0, 0
    for row in connection.execute(_UNANSWERED, {"run": run_id}):
        if row.waiting:
            in_flight += row.money or 0.0
            unknown_in_flight += row.money is None
            tokens_in_flight += row.tokens
        else:
            lost += row.money or 0.0
            unknown += row.money is None
            lost_tokens += row.tokens
    return MoneyRow(
        calls, cost, lost, in_flight, unknown, unknown_in_flight, int(tokens), int(lost_tokens), tokens_in_flight
    )
