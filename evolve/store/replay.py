"""Reading a run back for resuming: its tells in order, its open candidates, and programs by number."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, Row, Select, Text, and_, bindparam, func, select, type_coerce

from evolve.domain import Candidate, Estimate, Evaluation, Origin, Outcome, Program, Relook, Split, Status, Verdict
from evolve.store import accounts, codec
from evolve.store.batch import PARENT
from evolve.store.dialogue import Bill
from evolve.store.models import CandidateEntry, EvaluationEntry, Parentage, ProgramText, RelookEntry, Tell, table_of
from evolve.store.records import Remarks, TellRow, UntoldRow

_candidates, _evaluations, _parentage, _programs, _tells = map(
    table_of, (CandidateEntry, EvaluationEntry, Parentage, ProgramText, Tell)
)
_relooks = table_of(RelookEntry)

_STATUS = {status.value: status for status in Status}
_OUTCOME = {outcome.value: outcome for outcome in Outcome}
_FREE = Bill()
_IN_LIST = 500  # numbers per IN (...): far below SQLite's and PostgreSQL's limits on bound values

SEARCH_EVALUATION = and_(
    _evaluations.c.run_id == _candidates.c.run_id,
    _evaluations.c.number == _candidates.c.number,
    _evaluations.c.purpose == Split.SEARCH.value,
)
"""Joins a candidate to its search evaluation."""

CANDIDATE_TELL = and_(_tells.c.run_id == _candidates.c.run_id, _tells.c.number == _candidates.c.number)
"""Joins a candidate to its tell."""

ORIGIN = (
    _candidates.c.operator,
    _candidates.c.island.label("home"),
    _candidates.c.track,
    _candidates.c.tag,
    type_coerce(_candidates.c.idea, Text).label("idea"),
    type_coerce(_candidates.c.model, Text).label("model"),
)
"""The columns that make an origin, in the order `Families.origin` takes them; the last two as they are stored."""

EVALUATION = tuple(column for column in _evaluations.c if column.name not in ("run_id", "number"))
"""The columns `codec.evaluation_from` reads."""

VERDICT = (
    _tells.c.outcome,
    _tells.c.island,
    _tells.c.cell,
    _tells.c.replaced,
    _tells.c.new_best,
    _tells.c.gain,
)
"""The columns that make a verdict, in the order `verdict_from` takes them."""

_SOME_TELLS = (
    select(
        _tells.c.position,
        _tells.c.number,
        *VERDICT,
        _tells.c.elapsed,
        type_coerce(_tells.c.lesson, Text).label("lesson"),
        *ORIGIN,
        _candidates.c.fingerprint,
        _evaluations.c.status,
        _evaluations.c.objective,
        _evaluations.c.stderr,
        _evaluations.c.n,
        _evaluations.c.measures,
    )
    .select_from(_tells)
    .join(_candidates, CANDIDATE_TELL)
    .join(_evaluations, SEARCH_EVALUATION)
    .where(_tells.c.run_id == bindparam("run"), _tells.c.position > bindparam("after"))
    .order_by(_tells.c.position)
    .limit(bindparam("most"))
)
_PARENTAGE = (
    select(_parentage.c.child, _parentage.c.role, _parentage.c.parent)
    .where(_parentage.c.run_id == bindparam("run"))
    .order_by(_parentage.c.child, _parentage.c.role, _parentage.c.position)
)
# A span and not a join over positions, for which SQLite reads the whole table. Told in nearly the order they were
# proposed, the candidates of a stretch of tells span little more than their own numbers.
_PARENTAGE_OF_SPAN = _PARENTAGE.where(_parentage.c.child.between(bindparam("first"), bindparam("last")))


class Families:
    """Parents and inspirations of some candidates, by number."""

    def __init__(self, rows: Iterable[Row[int, str, int]]) -> None:
        self.parents: dict[int, tuple[int, ...]] = {}
        self.inspirations: dict[int, tuple[int, ...]] = {}
        for child, role, parent in rows:
            found = self.parents if role == PARENT else self.inspirations
            found[child] = (*found.get(child, ()), parent)

    def origin(self, number: int, operator: str, island: int, track: str, tag: str, idea: str, model: str) -> Origin:
        """The origin of candidate `number` from its own columns and its family."""
        parents, inspirations = self.parents.get(number, ()), self.inspirations.get(number, ())
        operator, track = sys.intern(operator), sys.intern(track)
        if not (idea or model):  # of a built-in operator; a call less for each of a hundred thousand
            return Origin(operator, island, parents, inspirations, track, tag)
        model = sys.intern(codec.unescape(model))
        return Origin(operator, island, parents, inspirations, track, tag, codec.unescape(idea), model)


def tells_after(connection: Connection, run_id: int, after: int, most: int) -> list[TellRow]:
    """The next `most` tells whose position is above `after`, in order."""
    rows = connection.execute(_SOME_TELLS, {"run": run_id, "after": after, "most": most}).all()
    if not rows:
        return []
    numbers = [row[1] for row in rows]
    span = {"run": run_id, "first": min(numbers), "last": max(numbers)}
    families = Families(connection.execute(_PARENTAGE_OF_SPAN, span).all())
    bills = accounts.bills(connection, run_id, span["first"], span["last"])
    looks = _relooks_between(connection, run_id, rows[0].position, rows[-1].position)
    if not bills and not looks:  # no model was asked, nobody was looked at again
        return [_tell_row(families, _FREE, (), row) for row in rows]
    return [
        _tell_row(families, bills.get(number, _FREE), tuple(looks.get(row.position, ())), row)
        for number, row in zip(numbers, rows, strict=True)
    ]


def _relooks_between(connection: Connection, run_id: int, first: int, last: int) -> dict[int, list[Relook]]:
    """Further looks without their measurements, by the position of their tell."""
    light = [column for column in _relooks.c if column.name != "measurements"]
    query = (
        select(*light)
        .where(_relooks.c.run_id == run_id, _relooks.c.position.between(first, last))
        .order_by(_relooks.c.seq)
    )
    found: dict[int, list[Relook]] = {}
    for row in connection.execute(query):
        found.setdefault(row.position, []).append(codec.relook_from(row._asdict()))
    return found


def late_relooks(connection: Connection, run_id: int) -> tuple[Relook, ...]:
    """Looks that were made after the tells so far, in order, without their measurements."""
    told = select(func.count()).select_from(_tells).where(_tells.c.run_id == run_id)
    position = connection.scalar(told) or 0
    return tuple(_relooks_between(connection, run_id, position, position).get(position, ()))


def relooks(connection: Connection, run_id: int, number: int) -> tuple[Relook, ...]:
    """All further looks at a candidate, in order."""
    mine = (_relooks.c.run_id == run_id, _relooks.c.number == number)
    rows = connection.execute(select(_relooks).where(*mine).order_by(_relooks.c.seq))
    return tuple(codec.relook_from(row._asdict()) for row in rows)


def _tell_row(families: Families, bill: Bill, relooks: tuple[Relook, ...], row: Row[*tuple[Any, ...]]) -> TellRow:
    # Unpacked at once and not by attribute: this runs once per candidate of a resumed run.
    # fmt: off
    (position, number, outcome, island, cell, replaced, new_best, gain, elapsed, lesson,
     operator, home, track, tag, idea, model, fingerprint, status, mean, stderr, n, measures) = row
    # fmt: on
    return TellRow(
        position,
        number,
        families.origin(number, operator, home, track, tag, idea, model),
        fingerprint,
        _STATUS[status],
        None if mean is None else Estimate(mean, stderr, n),
        measures,
        Verdict(_OUTCOME[outcome], island, cell, replaced, new_best, gain),
        elapsed,
        lesson and codec.unescape(lesson),
        bill.cost,
        bill.tokens,
        relooks,
    )


def verdict_from(
    outcome: str, island: int, cell: int | None, replaced: int | None, new_best: bool, gain: float | None
) -> Verdict:
    """The verdict from its columns."""
    return Verdict(_OUTCOME[outcome], island, cell, replaced, new_best, gain)


def families_of(connection: Connection, run_id: int, numbers: Iterable[int]) -> Families:
    """Parents and inspirations of the named candidates."""
    named = in_lists(_PARENTAGE, _parentage.c.child, numbers)
    return Families(row for query in named for row in connection.execute(query, {"run": run_id}))


def untold(connection: Connection, run_id: int) -> list[UntoldRow]:
    """Candidates proposed and not told, by number."""
    query = (
        select(_candidates.c.number, *ORIGIN, _candidates.c.fingerprint, _programs.c.files, *EVALUATION)
        .select_from(_candidates)
        .join(_programs, _programs.c.digest == _candidates.c.program_digest)
        .outerjoin(_evaluations, SEARCH_EVALUATION)
        .outerjoin(_tells, CANDIDATE_TELL)
        .where(_candidates.c.run_id == run_id, _tells.c.number.is_(None))
        .order_by(_candidates.c.number)
    )
    rows = connection.execute(query).all()
    families = families_of(connection, run_id, [row.number for row in rows])
    return [_untold_row(families, row) for row in rows]


def _untold_row(families: Families, row: Row[*tuple[Any, ...]]) -> UntoldRow:
    origin = families.origin(row.number, row.operator, row.home, row.track, row.tag, row.idea, row.model)
    candidate = Candidate(row.number, codec.unpack_program(row.files), origin)
    evaluation = codec.evaluation_from(row._asdict()) if row.status is not None else None
    return UntoldRow(candidate, row.fingerprint, evaluation)


def programs(connection: Connection, run_id: int, numbers: Iterable[int]) -> dict[int, Program]:
    """Programs by candidate number; numbers the run does not have are left out."""
    base = (
        select(_candidates.c.number, _programs.c.files)
        .join(_programs, _programs.c.digest == _candidates.c.program_digest)
        .where(_candidates.c.run_id == run_id)
    )
    return {
        number: codec.unpack_program(files)
        for query in in_lists(base, _candidates.c.number, numbers)
        for number, files in connection.execute(query)
    }


def remarks(connection: Connection, run_id: int, numbers: Iterable[int]) -> dict[int, Remarks]:
    """What evaluators said on search cases, by candidate number; unevaluated candidates are left out."""
    told = (_evaluations.c.feedback, _evaluations.c.metrics, _evaluations.c.artifacts)
    base = select(_evaluations.c.number, *told).where(
        _evaluations.c.run_id == run_id, _evaluations.c.purpose == Split.SEARCH.value
    )
    return {
        number: Remarks(feedback, metrics, codec.unpack_texts(artifacts))
        for query in in_lists(base, _evaluations.c.number, numbers)
        for number, feedback, metrics, artifacts in connection.execute(query)
    }


def evaluation(connection: Connection, run_id: int, number: int, purpose: Split) -> Evaluation | None:
    """What a candidate got on the cases of one purpose, if it was evaluated on them."""
    key = (_evaluations.c.run_id == run_id, _evaluations.c.number == number, _evaluations.c.purpose == purpose.value)
    row = connection.execute(select(*EVALUATION).where(*key)).one_or_none()
    return None if row is None else codec.evaluation_from(row._asdict())


def in_lists(
    query: Select[*tuple[Any, ...]], column: Any, numbers: Iterable[int]
) -> Iterator[Select[*tuple[Any, ...]]]:
    """The query for these values of a column, in as many parts as databases need."""
    wanted = sorted(set(numbers))
    for start in range(0, len(wanted), _IN_LIST):
        yield query.where(column.in_(wanted[start : start + _IN_LIST]))
