"""All candidates of a run with who came from whom, as columns; of a large run, those that its results come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from evolve.domain import Direction, Outcome, Split
from evolve.store import ancestry, replay
from evolve.store.batch import PARENT
from evolve.store.models import CandidateEntry, EvaluationEntry, Parentage, Run, Tell, table_of

_candidates, _evaluations, _parentage, _tells = map(table_of, (CandidateEntry, EvaluationEntry, Parentage, Tell))
_runs = table_of(Run)

MOST = 10_000
"""Candidates of one tree."""
_TAKEN = (Outcome.NEW_CELL.value, Outcome.IMPROVED.value)


@dataclass(frozen=True, slots=True)
class Edges:
    """Pairs of candidates, as two columns of one length."""

    children: Sequence[int]
    parents: Sequence[int]


@dataclass(frozen=True, slots=True)
class TreeRows:
    """Candidates by number, as columns of one length; `parents` are the first ones (None for a root).

    `statuses` are None before the evaluation, `objectives` without a score. `others` leads to further parents,
    `inspirations` to who was only shown. `total` is how many candidates the run has.
    """

    numbers: Sequence[int]
    parents: Sequence[int | None]
    statuses: Sequence[str | None]
    objectives: Sequence[float | None]
    islands: Sequence[int]
    operators: Sequence[str]
    new_bests: Sequence[int]
    others: Edges
    inspirations: Edges
    total: int


def tree(
    connection: Connection, run_id: int, direction: Direction, keep: int | None = None, most: int = MOST
) -> TreeRows:
    """The tree of a run, or the part of it that leads to its results where it has more than `most` candidates.

    That part holds the ancestors of `keep`, of every new best and of the elites (who took each cell last), the best of
    them first, as long as there is room. Raises NotFound for a `keep` that is not there.
    """
    total = connection.scalar(select(_runs.c.candidates).where(_runs.c.id == run_id)) or 0
    chosen = None if total <= most else _leading(connection, run_id, direction, keep, most)

    def read(query: Select[*tuple[Any, ...]], column: ColumnElement[int]) -> list[Row[*tuple[Any, ...]]]:
        parts = [query] if chosen is None else replay.in_lists(query, column, chosen)
        return [row for part in parts for row in connection.execute(part)]

    made = (_candidates.c.number, _candidates.c.island, _candidates.c.operator)
    rows = read(select(*made).where(_candidates.c.run_id == run_id).order_by(made[0]), made[0])
    first, others, inspirations = _links(read(_family(run_id), _parentage.c.child))
    scores = _scores(read(_evaluated(run_id), _evaluations.c.number), read(_remade(run_id), _tells.c.number))
    numbers = [number for number, _, _ in rows]
    return TreeRows(
        numbers=numbers,
        parents=[first.get(number) for number in numbers],
        statuses=[scores.get(number, _UNSCORED)[0] for number in numbers],
        objectives=[scores.get(number, _UNSCORED)[1] for number in numbers],
        islands=[island for _, island, _ in rows],
        operators=[operator for _, _, operator in rows],
        new_bests=[number for number in new_bests(connection, run_id) if chosen is None or number in chosen],
        others=others,
        inspirations=inspirations,
        total=total,
    )


_UNSCORED: tuple[str | None, float | None] = (None, None)


def _family(run_id: int) -> Select[*tuple[Any, ...]]:
    link = (_parentage.c.child, _parentage.c.role, _parentage.c.position, _parentage.c.parent)
    return select(*link).where(_parentage.c.run_id == run_id)


def _evaluated(run_id: int) -> Select[*tuple[Any, ...]]:
    """Three columns of a covering index: the rows themselves are fat."""
    columns = (_evaluations.c.number, _evaluations.c.status, _evaluations.c.objective)
    return select(*columns).where(_evaluations.c.run_id == run_id, _evaluations.c.purpose == Split.SEARCH.value)


def _remade(run_id: int) -> Select[*tuple[Any, ...]]:
    """Objectives of candidates that were looked at again."""
    return select(_tells.c.number, _tells.c.objective).where(_tells.c.run_id == run_id, _tells.c.objective.is_not(None))


def _links(rows: Sequence[Row[*tuple[Any, ...]]]) -> tuple[dict[int, int], Edges, Edges]:
    """First parents by child, edges to other parents, edges to inspirations."""
    first = {child: parent for child, role, position, parent in rows if role == PARENT and position == 0}
    others = [(child, parent) for child, role, position, parent in rows if role == PARENT and position > 0]
    shown = [(child, parent) for child, role, _, parent in rows if role != PARENT]
    return first, _edges(others), _edges(shown)


def _edges(pairs: Sequence[tuple[int, int]]) -> Edges:
    return Edges([child for child, _ in pairs], [parent for _, parent in pairs])


def _scores(
    evaluated: Sequence[Row[*tuple[Any, ...]]], remade: Sequence[Row[*tuple[Any, ...]]]
) -> dict[int, tuple[str | None, float | None]]:
    """Status and objective by number."""
    means = dict(map(tuple, remade))
    return {number: (status, means.get(number, objective)) for number, status, objective in evaluated}


def new_bests(connection: Connection, run_id: int) -> list[int]:
    """Candidates that were the best of the run when they were told, in that order."""
    query = select(_tells.c.number).where(_tells.c.run_id == run_id, _tells.c.new_best).order_by(_tells.c.position)
    return list(connection.scalars(query))


def _leading(connection: Connection, run_id: int, direction: Direction, keep: int | None, most: int) -> set[int]:
    """Numbers of at most `most` candidates; the first parent of each of them is one of them."""
    kept = [] if keep is None else ancestry.ancestors(connection, run_id, keep)
    bests = reversed(new_bests(connection, run_id))
    link = select(_parentage.c.child, _parentage.c.parent).where(
        _parentage.c.run_id == run_id, _parentage.c.role == PARENT, _parentage.c.position == 0
    )
    first: dict[int, int] = dict(map(tuple, connection.execute(link)))
    chosen: set[int] = set()
    for number in (*kept, *bests, *_elites(connection, run_id, direction)):
        missing: list[int] = []
        step: int | None = number
        while step is not None and step not in chosen:
            missing.append(step)
            step = first.get(step)
        if len(chosen) + len(missing) > most:
            break
        chosen.update(missing)
    return chosen


def _elites(connection: Connection, run_id: int, direction: Direction) -> list[int]:
    """Who took each cell of each island last, best first."""
    last = (
        select(func.max(_tells.c.position).label("position"))
        .where(_tells.c.run_id == run_id, _tells.c.outcome.in_(_TAKEN))
        .group_by(_tells.c.island, _tells.c.cell)
        .subquery()
    )
    query = (
        select(_tells.c.number)
        .join(last, last.c.position == _tells.c.position)
        .join(_candidates, replay.CANDIDATE_TELL)
        .join(_evaluations, replay.SEARCH_EVALUATION)
        .where(_tells.c.run_id == run_id)
        .order_by(ancestry.OBJECTIVE * -direction.sign)
    )
    return list(connection.scalars(query))
