"""Lists of candidates for people: pages of a sorted list, and everything a stretch of numbers at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select

from evolve.domain import Outcome, Status
from evolve.store import codec, replay
from evolve.store.dialogue import Bill
from evolve.store.models import CandidateEntry, CompletionEntry, EvaluationEntry, Tell, table_of
from evolve.store.picking import CandidateFilter, Picking, SortKey

_candidates, _evaluations, _tells = map(table_of, (CandidateEntry, EvaluationEntry, Tell))
_completions = table_of(CompletionEntry)

IDEA_HEAD = 300
"""Characters of an idea that a line of a list carries."""
MOST_ROWS = 1_000
"""Lines one page may have."""
_IN_LIST = 500
_CHUNK = 2_000
"""Candidate numbers read at once when all of them are."""


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """One line of a list. `status` is None before its evaluation; `elapsed` and what follows from a tell before that.

    `objective` is what the search took it for when it was told: the mean of all looks until then. `cost` is US dollars
    (None when nobody knows) and `tokens` those of its completions, `asked` how many there are; `idea` is cut.
    """

    number: int
    operator: str
    model: str
    island: int
    status: Status | None
    objective: float | None
    gain: float | None
    outcome: Outcome | None
    new_best: bool
    cell: int | None
    elapsed: float | None
    cost: float | None
    tokens: int
    asked: int
    parents: tuple[int, ...]
    idea: str


@dataclass(frozen=True, slots=True)
class CandidatePage:
    """Some lines of a list, and how many it has in all."""

    lines: tuple[CandidateLine, ...]
    total: int


@dataclass(frozen=True, slots=True)
class CandidateChoices:
    """What a run's candidates can be filtered by."""

    operators: tuple[str, ...]
    models: tuple[str, ...]
    islands: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The candidates before and after one, by number; None at either end."""

    previous: int | None
    next: int | None


# ---------------------------------------------------------------- what is read


def page(
    connection: Connection,
    run_id: int,
    wanted: CandidateFilter,
    key: SortKey = SortKey.NUMBER,
    *,
    descending: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> CandidatePage:
    """Lines `offset` to `offset + limit` (`MOST_ROWS` at most) of the sorted list of wanted candidates."""
    picking = Picking.of(connection, run_id, wanted).narrowed(connection)
    total = picking.count(connection)
    limit = min(limit, MOST_ROWS, max(0, total - offset))
    numbers: list[int] = []
    for part in picking.parts(key, descending) if limit else ():
        found = list(connection.scalars(part.limit(limit - len(numbers)).offset(offset)))
        numbers += found
        if len(numbers) == limit:
            break
        whole = part.order_by(None).subquery()
        offset = 0 if found else offset - (connection.scalar(select(func.count()).select_from(whole)) or 0)
    return CandidatePage(lines(connection, run_id, numbers), total)


def lines(connection: Connection, run_id: int, numbers: Collection[int]) -> tuple[CandidateLine, ...]:
    """Lines of the named candidates, in the order they are named; without numbers the run does not have."""
    found: dict[int, CandidateLine] = {}
    ordered = sorted(set(numbers))
    for start in range(0, len(ordered), _IN_LIST):
        some = ordered[start : start + _IN_LIST]
        rows = connection.execute(_LINE.where(_candidates.c.run_id == run_id, _candidates.c.number.in_(some))).all()
        found |= {line.number: line for line in _lines(connection, run_id, rows)}
    return tuple(found[number] for number in numbers if number in found)


def chunk(
    connection: Connection, run_id: int, wanted: CandidateFilter, first: int
) -> tuple[tuple[CandidateLine, ...], int | None]:
    """Wanted candidates by number from `first` on, some thousand at most, and where to go on (None at the end)."""
    last = first + _CHUNK - 1
    there = (_candidates.c.run_id == run_id, _candidates.c.number.between(first, last))
    picking = Picking.of(connection, run_id, wanted)
    rows = connection.execute(_LINE.where(*there, *picking.conditions).order_by(_candidates.c.number)).all()
    more = connection.scalar(
        select(func.min(_candidates.c.number)).where(_candidates.c.run_id == run_id, _candidates.c.number > last)
    )
    return tuple(_lines(connection, run_id, rows)), more


def choices(connection: Connection, run_id: int) -> CandidateChoices:
    """The operators, models and islands of a run's candidates, in order; no model is none of them."""
    columns = (_candidates.c.operator, _candidates.c.model, _candidates.c.island)
    # DISTINCT and not GROUP BY, for which SQLite sorts all rows.
    rows = connection.execute(select(*columns).where(_candidates.c.run_id == run_id).distinct()).all()
    operators, models, islands = (sorted({row[index] for row in rows}) for index in range(3))
    return CandidateChoices(tuple(operators), tuple(model for model in models if model), tuple(islands))


def neighbours(connection: Connection, run_id: int, number: int) -> Neighbours:
    """Who comes before and after a number."""
    column, mine = _candidates.c.number, _candidates.c.run_id == run_id
    return Neighbours(
        connection.scalar(select(func.max(column)).where(mine, column < number)),
        connection.scalar(select(func.min(column)).where(mine, column > number)),
    )


# ---------------------------------------------------------------- lines

_LINE = (
    select(
        _candidates.c.number,
        _candidates.c.operator,
        _candidates.c.model,
        _candidates.c.island,
        func.substr(_candidates.c.idea, 1, IDEA_HEAD).label("idea"),
        _evaluations.c.status,
        func.coalesce(_tells.c.objective, _evaluations.c.objective).label("objective"),
        _tells.c.gain,
        _tells.c.outcome,
        _tells.c.new_best,
        _tells.c.cell,
        _tells.c.elapsed,
    )
    .select_from(_candidates)
    .outerjoin(_evaluations, replay.SEARCH_EVALUATION)
    .outerjoin(_tells, replay.CANDIDATE_TELL)
)


def _lines(connection: Connection, run_id: int, rows: Collection[Row[*tuple[Any, ...]]]) -> Iterator[CandidateLine]:
    numbers = [row.number for row in rows]
    families = replay.families_of(connection, run_id, numbers)
    bills = _bills(connection, run_id, numbers)
    for row in rows:
        calls = bills.get(row.number, ())
        bill = sum(calls, Bill())
        yield CandidateLine(
            number=row.number,
            operator=row.operator,
            model=row.model,
            island=row.island,
            status=None if row.status is None else Status(row.status),
            objective=row.objective,
            gain=row.gain,
            outcome=None if row.outcome is None else Outcome(row.outcome),
            new_best=bool(row.new_best),
            cell=row.cell,
            elapsed=row.elapsed,
            cost=bill.cost,
            tokens=bill.tokens,
            asked=len(calls),
            parents=families.parents.get(row.number, ()),
            idea=codec.unescape(row.idea),
        )


def _bills(connection: Connection, run_id: int, numbers: list[int]) -> dict[int, list[Bill]]:
    """What each completion of the named candidates cost, in order of turns."""
    tokens = _completions.c.prompt_tokens + _completions.c.output_tokens + _completions.c.lost_tokens
    columns = (_completions.c.number, _completions.c.cost + _completions.c.lost, tokens)
    found: dict[int, list[Bill]] = {}
    for start in range(0, len(numbers), _IN_LIST):
        mine = (_completions.c.run_id == run_id, _completions.c.number.in_(numbers[start : start + _IN_LIST]))
        query = select(*columns).where(*mine).order_by(_completions.c.number, _completions.c.turn)
        for number, cost, used in connection.execute(query):
            found.setdefault(number, []).append(Bill(cost, used))
    return found
