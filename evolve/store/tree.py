"""All candidates of a run with who came from whom, as columns; of a large run, those that its results come from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, select

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

    made = (_candidates.c.number, _candidates.c.island, _candidates.c.operator)
    rows = _read(connection, select(*made).where(_candidates.c.run_id == run_id).order_by(made[0]), made[0], chosen)
    first, others, inspirations = _links(_read(connection, _family(run_id), _parentage.c.child, chosen))
    scores = _scores(connection, run_id, chosen)
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


def _read(
    connection: Connection,
    query: Select[*tuple[Any, ...]],
    column: ColumnElement[int],
    chosen: Collection[int] | None,
) -> list[Row[*tuple[Any, ...]]]:
    """Rows of the `chosen` candidates by a column with their numbers, or of all."""
    parts = [query] if chosen is None else replay.in_lists(query, column, chosen)
    return [row for part in parts for row in connection.execute(part).all()]


_UNSCORED: tuple[str | None, float | None] = (None, None)


def _family(run_id: int) -> Select[*tuple[Any, ...]]:
    link = (_parentage.c.child, _parentage.c.role, _parentage.c.position, _parentage.c.parent)
    return select(*link).where(_parentage.c.run_id == run_id).order_by(*link[:3])


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
    connection: Connection, run_id: int, chosen: Collection[int] | None
) -> dict[int, tuple[str | None, float | None]]:
    """Status and objective by number."""
    means = dict(map(tuple, connection.execute(_remade(run_id)).all()))
    evaluated = _read(connection, _evaluated(run_id), _evaluations.c.number, chosen)
    return {number: (status, means.get(number, objective)) for number, status, objective in evaluated}


def new_bests(connection: Connection, run_id: int) -> list[int]:
    """Candidates that were the best of the run when they were told, in that order."""
    query = select(_tells.c.number).where(_tells.c.run_id == run_id, _tells.c.new_best).order_by(_tells.c.position)
    return list(connection.scalars(query))


def _leading(connection: Connection, run_id: int, direction: Direction, keep: int | None, most: int) -> set[int]:
    """Numbers of at most `most` candidates; the first parent of each of them is one of them."""
    kept = [] if keep is None else ancestry.ancestors(connection, run_id, keep)
    family = replay.families_of(connection, run_id, kept)
    first = {child: parents[0] for child, parents in family.parents.items()} | _first_parents(connection, run_id)
    bests = reversed(new_bests(connection, run_id))
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


def _last_taken(run_id: int) -> Select[int]:
    """Positions at which each cell of each island was taken last."""
    return (
        select(func.max(_tells.c.position))
        .where(_tells.c.run_id == run_id, _tells.c.outcome.in_(_TAKEN))
        .group_by(_tells.c.island, _tells.c.cell)
    )


def _first_parents(connection: Connection, run_id: int) -> dict[int, int]:
    """The first parents of new bests, of elites and of everybody on their paths to the seed."""
    leads = _tells.c.new_best | _tells.c.position.in_(_last_taken(run_id))
    found = select(_tells.c.number).where(_tells.c.run_id == run_id, leads).cte("found", recursive=True)
    link = and_(_parentage.c.run_id == run_id, _parentage.c.role == PARENT, _parentage.c.position == 0)
    up = and_(link, _parentage.c.child == found.c.number)
    found = found.union(select(_parentage.c.parent).join(found, up))
    pairs = select(_parentage.c.child, _parentage.c.parent).join(
        found, and_(link, _parentage.c.child == found.c.number)
    )
    return dict(map(tuple, connection.execute(pairs).all()))


def _elites(connection: Connection, run_id: int, direction: Direction) -> list[int]:
    """Who took each cell of each island last, best first."""
    # Not one query with their evaluations: SQLite then looks for every candidate at every one of the positions.
    taken = select(_tells.c.number).where(_tells.c.run_id == run_id, _tells.c.position.in_(_last_taken(run_id)))
    numbers = list(connection.scalars(taken))
    scores = _scores(connection, run_id, numbers)
    return sorted(numbers, key=lambda number: -direction.sign * (scores[number][1] or 0.0))
