"""Where a candidate comes from and what came of it: its path to the seed, everyone it descends from, its children."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Row, and_, func, literal, select

from evolve.domain import Direction, Outcome, Status
from evolve.store import codec, reading, replay
from evolve.store.batch import INSPIRATION, PARENT
from evolve.store.models import CandidateEntry, EvaluationEntry, Parentage, Tell, table_of
from evolve.store.replay import Families

_candidates, _evaluations, _parentage, _tells = map(table_of, (CandidateEntry, EvaluationEntry, Parentage, Tell))

OBJECTIVE = func.coalesce(_tells.c.objective, _evaluations.c.objective)
"""The mean of all looks at a candidate where it was looked at again, of its evaluation otherwise."""

_ROWS = (
    select(
        _candidates.c.number,
        *replay.ORIGIN,
        _tells.c.outcome,
        _tells.c.gain,
        _tells.c.new_best,
        _tells.c.elapsed,
        _evaluations.c.status,
        OBJECTIVE.label("objective"),
    )
    .select_from(_candidates)
    .outerjoin(_evaluations, replay.SEARCH_EVALUATION)
    .outerjoin(_tells, replay.CANDIDATE_TELL)
)


@dataclass(frozen=True, slots=True)
class LineageRow:
    """One candidate of a lineage; fields are None for a candidate not yet scored or told.

    `objective` is the mean of all looks at it, `gain` its score minus its first parent's when it was told (more is
    better), `elapsed` run seconds.
    """

    number: int
    operator: str
    island: int
    status: Status | None
    objective: float | None
    outcome: Outcome | None
    gain: float | None
    elapsed: float | None
    idea: str = ""
    model: str = ""
    parents: tuple[int, ...] = ()
    inspirations: tuple[int, ...] = ()
    new_best: bool = False


@dataclass(frozen=True, slots=True)
class Ancestry:
    """Whom a candidate descends from: `path` are its first parents (itself first, the seed last), `rows` all by number.

    Who is only among the `inspirations` of somebody was shown and receives no credit.
    """

    path: tuple[int, ...]
    rows: Mapping[int, LineageRow]


@dataclass(frozen=True, slots=True)
class Children:
    """The best children of a candidate, and how many it has in all; `inspired` counts those it was only shown for."""

    rows: tuple[LineageRow, ...]
    total: int
    inspired: int


def lineage(connection: Connection, run_id: int, number: int) -> list[LineageRow]:
    """The candidate, its first parent, that one's first parent, and so on to the seed. Raises NotFound."""
    numbers = path(connection, run_id, number)
    rows = rows_of(connection, run_id, numbers)
    return [rows[step] for step in numbers]


def changes(path: Sequence[LineageRow]) -> list[float | None]:
    """How the objective changed from each candidate's first parent, the next one, to it; None where one has none."""
    return [
        None
        if parent is None or row.objective is None or parent.objective is None
        else row.objective - parent.objective
        for row, parent in zip(path, [*path[1:], None], strict=True)
    ]


def ancestry(connection: Connection, run_id: int, number: int, *, inspirations: bool, whole: bool) -> Ancestry:
    """The path of first parents and who else had a part in it. Raises NotFound.

    Beside the path these are the other parents of its candidates and, if asked for, their `inspirations`; `whole` goes
    on from all of those in the same way until nobody is left.
    """
    steps = path(connection, run_id, number)
    if whole:
        everyone = set(ancestors(connection, run_id, number, inspirations=inspirations))
    else:
        family = replay.families_of(connection, run_id, steps)
        shown = family.inspirations.values() if inspirations else ()
        everyone = {*steps, *chain(*family.parents.values(), *shown)}
    return Ancestry(tuple(steps), rows_of(connection, run_id, everyone))


def path(connection: Connection, run_id: int, number: int) -> list[int]:
    """The numbers of a candidate and its first parents back to the seed. Raises NotFound."""
    steps = select(literal(number).label("number"), literal(0).label("step")).cte("path", recursive=True)
    first_parent = and_(
        _parentage.c.run_id == run_id,
        _parentage.c.child == steps.c.number,
        _parentage.c.role == PARENT,
        _parentage.c.position == 0,
    )
    steps = steps.union_all(select(_parentage.c.parent, steps.c.step + 1).join(steps, first_parent))
    _expect(connection, run_id, number)
    return list(connection.scalars(select(steps.c.number).order_by(steps.c.step)))


def ancestors(connection: Connection, run_id: int, number: int, *, inspirations: bool = False) -> list[int]:
    """The numbers of a candidate and of all its parents, theirs and so on, newest first. Raises NotFound.

    With `inspirations`, whoever was shown for one of them counts, and so do its own ancestors: often most of the run.
    """
    found = select(literal(number).label("number")).cte("found", recursive=True)
    link = and_(_parentage.c.run_id == run_id, _parentage.c.child == found.c.number)
    if not inspirations:
        link = and_(link, _parentage.c.role == PARENT)
    found = found.union(select(_parentage.c.parent).join(found, link))
    _expect(connection, run_id, number)
    return list(connection.scalars(select(found.c.number).order_by(found.c.number.desc())))


def rows_of(connection: Connection, run_id: int, numbers: Iterable[int]) -> dict[int, LineageRow]:
    """These candidates by number, newest first, with the numbers of their parents and inspirations."""
    wanted = set(numbers)
    query = _ROWS.where(_candidates.c.run_id == run_id)
    found = [
        row for part in replay.in_lists(query, _candidates.c.number, wanted) for row in connection.execute(part).all()
    ]
    family = replay.families_of(connection, run_id, wanted)
    return {row.number: _row(row, family) for row in sorted(found, key=lambda row: -row.number)}


def children(connection: Connection, run_id: int, number: int, direction: Direction, most: int) -> Children:
    """The `most` best children of a candidate by objective; those without one come last. Raises NotFound."""
    _expect(connection, run_id, number)
    role, child = _parentage.c.role, _parentage.c.child
    mine = and_(_parentage.c.run_id == run_id, _parentage.c.parent == number)
    counted = select(role, func.count(child.distinct())).where(mine).group_by(role)
    counts = {kind: int(count) for kind, count in connection.execute(counted)}
    theirs = select(child).where(mine, role == PARENT).distinct().subquery()
    best = (
        select(theirs.c.child)
        .join(_candidates, and_(_candidates.c.run_id == run_id, _candidates.c.number == theirs.c.child))
        .outerjoin(_evaluations, replay.SEARCH_EVALUATION)
        .outerjoin(_tells, replay.CANDIDATE_TELL)
        .order_by(OBJECTIVE.is_(None), OBJECTIVE * -direction.sign, theirs.c.child)
        .limit(most)
    )
    numbers = list(connection.scalars(best))
    rows = rows_of(connection, run_id, numbers)
    return Children(tuple(rows[each] for each in numbers), counts.get(PARENT, 0), counts.get(INSPIRATION, 0))


def _expect(connection: Connection, run_id: int, number: int) -> None:
    there = and_(_candidates.c.run_id == run_id, _candidates.c.number == number)
    if connection.scalar(select(_candidates.c.number).where(there)) is None:
        raise reading.no_candidate(connection, run_id, number)


def _row(row: Row[*tuple[Any, ...]], family: Families) -> LineageRow:
    return LineageRow(
        number=row.number,
        operator=row.operator,
        island=row.home,
        status=None if row.status is None else Status(row.status),
        objective=row.objective,
        outcome=None if row.outcome is None else Outcome(row.outcome),
        gain=row.gain,
        elapsed=row.elapsed,
        idea=codec.unescape(row.idea),
        model=codec.unescape(row.model),
        parents=family.parents.get(row.number, ()),
        inspirations=family.inspirations.get(row.number, ()),
        new_best=bool(row.new_best),
    )
