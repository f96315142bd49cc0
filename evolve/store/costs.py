"""What a run took: calls to models by what became of them, over time, and where the seconds went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Integer, and_, case, cast, func, literal_column, select

from evolve.domain import Series, Split, Status
from evolve.store.models import Ask, CompletionEntry, EvaluationEntry, RelookEntry, Tell, table_of

_asks, _completions, _evaluations, _tells = map(table_of, (Ask, CompletionEntry, EvaluationEntry, Tell))
_relooks = table_of(RelookEntry)
_NOT_RUN = [status.value for status in Status if not status.costs_evaluation]

# Not bound values: PostgreSQL takes two of them for different expressions, and would not group by the second.
_ZERO: ColumnElement[int] = literal_column("0")
_ONE: ColumnElement[int] = literal_column("1")


@dataclass(frozen=True, slots=True)
class CallsRow:
    """Completions of one model for one operator and step, whose candidates came to the same end.

    `status` is None while the candidate is not evaluated; `improved` says it was better than its first parent,
    `new_best` that it became the best of the run. `cost` is US dollars as far as known, `unknown` counts completions
    of unknown price; `lost` and `lost_tokens` are the most that attempts without an answer may have cost on top.
    `cached` tokens are part of `prompt`, `reasoning` of `output`; `seconds` are with queueing and retries.
    """

    model: str
    operator: str
    step: str
    status: Status | None
    improved: bool = False
    new_best: bool = False
    calls: int = 0
    prompt: int = 0
    cached: int = 0
    output: int = 0
    reasoning: int = 0
    cost: float = 0.0
    unknown: int = 0
    lost: float = 0.0
    lost_tokens: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class SpentSlice:
    """Completions of one model that arrived in slice `index` of a run's time; the sums are those of `CallsRow`."""

    index: int
    model: str
    calls: int
    tokens: int
    cost: float
    unknown: int
    lost: float


@dataclass(frozen=True, slots=True)
class ToldSlice:
    """Candidates told in slice `index` of a run's time, the seed among them."""

    index: int
    told: int


@dataclass(frozen=True, slots=True)
class AskedFor:
    """Told candidates that somebody was asked for: how many, and where their seconds went.

    Of the `candidates`, so many were `evaluated`, `improved` on their first parent, or became a `new_best`. `span` is
    from the first question to the tell, all added up. Of it `models` were answers (with queueing for a model) and
    `evaluation` the evaluation; the rest was waiting for a slot, for further looks, or for its turn to be told.
    """

    candidates: int = 0
    evaluated: int = 0
    improved: int = 0
    new_best: int = 0
    span: float = 0.0
    models: float = 0.0
    evaluation: float = 0.0


@dataclass(frozen=True, slots=True)
class EvaluatedRow:
    """Evaluations for one purpose that ended in one status, and their seconds."""

    purpose: Split
    status: Status
    evaluations: int
    seconds: float


@dataclass(frozen=True, slots=True)
class LooksRow:
    """Further looks of one series at candidates of a noisy problem, and their seconds, waiting for a slot included."""

    series: Series
    looks: int
    seconds: float


def calls(connection: Connection, run_id: int) -> list[CallsRow]:
    """Every completion of the run, added up."""
    keys = (
        _completions.c.model,
        _asks.c.operator,
        _asks.c.step,
        _evaluations.c.status,
        case((_tells.c.gain > _ZERO, _ONE), else_=_ZERO).label("improved"),
        case((_tells.c.new_best, _ONE), else_=_ZERO).label("new_best"),
    )
    query = (
        select(
            *keys,
            func.count().label("calls"),
            func.sum(_completions.c.prompt_tokens).label("prompt"),
            func.sum(_completions.c.cached_tokens).label("cached"),
            func.sum(_completions.c.output_tokens).label("output"),
            func.sum(_completions.c.reasoning_tokens).label("reasoning"),
            *_money(),
            func.sum(_completions.c.lost_tokens).label("lost_tokens"),
            func.sum(_completions.c.wall).label("seconds"),
        )
        .select_from(_completions)
        .join(_asks, _same(_asks, "run_id", "number", "turn"))
        .outerjoin(_evaluations, and_(_same(_evaluations), _evaluations.c.purpose == Split.SEARCH.value))
        .outerjoin(_tells, _same(_tells))
        .where(_completions.c.run_id == run_id)
        .group_by(*keys)
    )
    found = [_calls_row(**row._asdict()) for row in connection.execute(query)]
    return sorted(found, key=lambda row: (row.model, row.operator, row.step, row.status or "", row.improved))


def _calls_row(*, status: str | None, improved: int, new_best: int, **sums: Any) -> CallsRow:
    return CallsRow(
        status=None if status is None else Status(status), improved=bool(improved), new_best=bool(new_best), **sums
    )


def spent_slices(connection: Connection, run_id: int, width: float) -> list[SpentSlice]:
    """Completions by slices of `width` run seconds and by model, in this order."""
    index = _slice(_completions.c.elapsed, width)
    tokens = _completions.c.prompt_tokens + _completions.c.output_tokens
    query = (
        select(
            index.label("index"), _completions.c.model, func.count().label("calls"), func.sum(tokens).label("tokens"),
            *_money(),
        )
        .where(_completions.c.run_id == run_id)
        .group_by("index", _completions.c.model)
    )  # fmt: skip
    found = [SpentSlice(**row._asdict()) for row in connection.execute(query)]
    return sorted(found, key=lambda row: (row.index, row.model))


def told_slices(connection: Connection, run_id: int, width: float) -> list[ToldSlice]:
    """Tells by slices of `width` run seconds."""
    query = (
        select(_slice(_tells.c.elapsed, width).label("index"), func.count())
        .where(_tells.c.run_id == run_id)
        .group_by("index")
        .order_by("index")
    )
    return [ToldSlice(*row) for row in connection.execute(query)]


def asked_for(connection: Connection, run_id: int) -> AskedFor:
    """The told candidates that have a completion."""
    asked = (
        select(
            _completions.c.number,
            func.min(_completions.c.elapsed - _completions.c.wall).label("began"),
            func.sum(_completions.c.wall).label("models"),
        )
        .where(_completions.c.run_id == run_id)
        .group_by(_completions.c.number)
        .subquery()
    )
    its_own = and_(
        _evaluations.c.run_id == run_id,
        _evaluations.c.number == asked.c.number,
        _evaluations.c.purpose == Split.SEARCH.value,
    )
    query = (
        select(
            func.count(),
            _count(_evaluations.c.status.not_in(_NOT_RUN)),
            _count(_tells.c.gain > 0),
            _count(_tells.c.new_best),
            func.sum(_tells.c.elapsed - asked.c.began),
            func.sum(asked.c.models),
            func.sum(_evaluations.c.wall),
        )
        .select_from(asked)
        .join(_tells, and_(_tells.c.run_id == run_id, _tells.c.number == asked.c.number))
        .join(_evaluations, its_own)
    )
    candidates, *sums = connection.execute(query).one()
    return AskedFor(candidates, *sums) if candidates else AskedFor()


def evaluated(connection: Connection, run_id: int) -> list[EvaluatedRow]:
    """Evaluations by purpose and status."""
    query = (
        select(_evaluations.c.purpose, _evaluations.c.status, func.count(), func.sum(_evaluations.c.wall))
        .where(_evaluations.c.run_id == run_id)
        .group_by(_evaluations.c.purpose, _evaluations.c.status)
        .order_by(_evaluations.c.purpose, _evaluations.c.status)
    )
    return [
        EvaluatedRow(Split(purpose), Status(status), count, seconds)
        for purpose, status, count, seconds in connection.execute(query)
    ]


def looked(connection: Connection, run_id: int) -> list[LooksRow]:
    """Further looks by series."""
    query = (
        select(_relooks.c.series, func.sum(_relooks.c.n), func.sum(_relooks.c.wall))
        .where(_relooks.c.run_id == run_id)
        .group_by(_relooks.c.series)
        .order_by(_relooks.c.series)
    )
    return [LooksRow(Series(series), int(looks), seconds) for series, looks, seconds in connection.execute(query)]


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _money() -> tuple[ColumnElement[Any], ...]:
    return (
        func.coalesce(func.sum(_completions.c.cost), 0.0).label("cost"),
        (func.count() - func.count(_completions.c.cost)).label("unknown"),
        func.sum(_completions.c.lost).label("lost"),
    )


def _same(table: FromClause, *names: str) -> ColumnElement[bool]:
    return and_(*(table.c[name] == _completions.c[name] for name in names or ("run_id", "number")))


def _slice(elapsed: ColumnElement[float], width: float) -> ColumnElement[int]:
    # SQLite casts by cutting off, PostgreSQL by rounding, and floor() may be missing: what was rounded up goes back.
    place = elapsed / width
    whole = cast(place, Integer)
    return whole - case((whole > place, _ONE), else_=_ZERO)
