"""Reading questions and completions: what is open, what was asked for a candidate, what was answered to a request."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select

from evolve.domain import Completion, Finish, Usage
from evolve.store import codec
from evolve.store.dialogue import AskedRow, CompletionRow, QuestionRow
from evolve.store.models import Ask, CandidateEntry, CompletionEntry, Handout, Tell, table_of

_asks, _handouts, _completions = map(table_of, (Ask, Handout, CompletionEntry))
_candidates, _tells = map(table_of, (CandidateEntry, Tell))

_IN_LIST = 500

_COMPLETION = (
    _completions.c.number,
    _completions.c.turn,
    _completions.c.request_digest,
    _completions.c.elapsed,
    _completions.c.at,
    _completions.c.text,
    _completions.c.finish,
    _completions.c.model,
    _completions.c.prompt_tokens,
    _completions.c.cached_tokens,
    _completions.c.output_tokens,
    _completions.c.reasoning_tokens,
    _completions.c.cost,
    _completions.c.wall,
    _completions.c.attempts,
    _completions.c.reason,
    _completions.c.lost,
    _completions.c.lost_tokens,
)


def last_answered(connection: Connection, run_id: int) -> int:
    """The highest candidate number with a completion; 0 when there is none."""
    highest = select(func.coalesce(func.max(_completions.c.number), 0)).where(_completions.c.run_id == run_id)
    return int(connection.execute(highest).scalar_one())


def completion(connection: Connection, run_id: int, number: int, turn: int) -> CompletionRow | None:
    """The answer to a question, if it has one."""
    mine = (_completions.c.run_id == run_id, _completions.c.number == number, _completions.c.turn == turn)
    row = connection.execute(select(*_COMPLETION).where(*mine)).one_or_none()
    return None if row is None else _completion(row)


def completions_of(connection: Connection, run_id: int, request_digest: str) -> list[CompletionRow]:
    """Every answer to equal requests, in the order of their numbers and turns."""
    mine = (_completions.c.run_id == run_id, _completions.c.request_digest == request_digest)
    order = (_completions.c.number, _completions.c.turn)
    return [_completion(row) for row in connection.execute(select(*_COMPLETION).where(*mine).order_by(*order))]


def asked(connection: Connection, run_id: int, number: int) -> list[AskedRow]:
    """Every question for a candidate, by turn."""
    return _asked(connection, run_id, _asks.c.number == number)


def open_questions(connection: Connection, run_id: int) -> list[QuestionRow]:
    """Numbers that were asked about and not told, with all their questions."""
    told = and_(_tells.c.run_id == _asks.c.run_id, _tells.c.number == _asks.c.number)
    there = and_(_candidates.c.run_id == _asks.c.run_id, _candidates.c.number == _asks.c.number)
    query = (
        select(_asks.c.number, _candidates.c.number.is_not(None))
        .distinct()
        .select_from(_asks)
        .outerjoin(_tells, told)
        .outerjoin(_candidates, there)
        .where(_asks.c.run_id == run_id, _tells.c.number.is_(None))
    )
    proposed = {number: bool(is_there) for number, is_there in connection.execute(query)}
    rows = [row for some in _pieces(proposed) for row in _asked(connection, run_id, _asks.c.number.in_(some))]
    return [
        QuestionRow(number, tuple(turns), proposed[number]) for number, turns in groupby(rows, lambda row: row.number)
    ]


def nearest(connection: Connection, run_id: int, number: int, turn: int, operator: str) -> AskedRow | None:
    """The recorded question most like one that is missing: the same turn, or else the latest of its operator."""
    mine = _asks.c.run_id == run_id
    latest = select(_asks.c.number, _asks.c.turn).order_by(_asks.c.number.desc(), _asks.c.turn.desc()).limit(1)
    for wanted in (
        and_(mine, _asks.c.number == number, _asks.c.turn == turn),
        and_(mine, _asks.c.operator == operator),
        mine,
    ):
        found = connection.execute(latest.where(wanted)).one_or_none()
        if found is not None:
            return _asked(connection, run_id, and_(_asks.c.number == found.number, _asks.c.turn == found.turn))[0]
    return None


def _asked(connection: Connection, run_id: int, which: ColumnElement[bool]) -> list[AskedRow]:
    """Questions by number and turn, each with its last hand-out and its completion."""
    given = (
        select(_handouts)
        .join(_asks, _of_same(_handouts))
        .where(_asks.c.run_id == run_id, which)
        .order_by(_handouts.c.number, _handouts.c.turn, _handouts.c.attempt)
    )
    last = {(row.number, row.turn): row for row in connection.execute(given)}
    said = select(*_COMPLETION).join(_asks, _of_same(_completions)).where(_asks.c.run_id == run_id, which)
    answers = {(row.number, row.turn): _completion(row) for row in connection.execute(said)}
    query = select(_asks).where(_asks.c.run_id == run_id, which).order_by(_asks.c.number, _asks.c.turn)
    rows = connection.execute(query).all()
    return [_asked_row(row, last[row.number, row.turn], answers.get((row.number, row.turn))) for row in rows]


def _of_same(table: Any) -> ColumnElement[bool]:
    return and_(table.c.run_id == _asks.c.run_id, table.c.number == _asks.c.number, table.c.turn == _asks.c.turn)


def _pieces(numbers: Iterable[int]) -> Iterable[list[int]]:
    wanted = sorted(numbers)
    return (wanted[start : start + _IN_LIST] for start in range(0, len(wanted), _IN_LIST))


def _asked_row(row: Row[*tuple[Any, ...]], given: Row[*tuple[Any, ...]], answer: CompletionRow | None) -> AskedRow:
    return AskedRow(
        number=row.number,
        turn=row.turn,
        island=row.island,
        operator=row.operator,
        step=row.step,
        model=row.model,
        prompt=codec.unpack_data(row.prompt),
        request_digest=given.request_digest,
        money=given.money,
        tokens=given.tokens,
        asker=given.asker,
        expires=given.expires_at,
        at=given.at,
        handouts=given.attempt + 1,
        completion=answer,
    )


def _completion(row: Row[*tuple[Any, ...]]) -> CompletionRow:
    usage = Usage(row.prompt_tokens, row.cached_tokens, row.output_tokens, row.reasoning_tokens)
    answer = Completion(
        text=codec.unpack_text(row.text),
        finish=Finish(row.finish),
        model=row.model,
        usage=usage,
        cost=row.cost,
        wall=row.wall,
        attempts=row.attempts,
        reason=row.reason,
        lost=row.lost,
        lost_tokens=row.lost_tokens,
    )
    return CompletionRow(row.number, row.turn, row.request_digest, answer, row.elapsed, row.at)
