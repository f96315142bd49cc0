"""How a candidate came about: its first parents back to the seed, and who else had a part in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from evolve.domain import Direction
from evolve.store import LineageRow, RunRow, Store
from evolve.store.ancestry import Ancestry, Children, changes
from evolve.store.tree import TreeRows


@dataclass(frozen=True, slots=True)
class Step:
    """A candidate on the path. `change` is how the objective differs from its first parent's, None where one has none.

    `gain` is the same of which more is better; `better` whether its score beats everybody's before it on the path.
    """

    row: LineageRow
    change: float | None
    gain: float | None
    better: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """Steps in a row that are told in one line, for none of them has a better score."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Lineage:
    """The path from a candidate (first) to the seed (last); `others` are other parents and inspirations, by number.

    `sealed` says whether programs of the run were walled off from their scorer.
    """

    run_id: int
    direction: Direction
    unit: str
    steps: Sequence[Step]
    others: Mapping[int, LineageRow]
    sealed: bool

    @classmethod
    def of(cls, store: Store, run: RunRow, number: int) -> Lineage:
        """Read the lineage of a candidate. Raises NotFound."""
        found = store.browse.ancestry(run.id, number, inspirations=True)
        path = [found.rows[step] for step in found.path]
        unit = run.unit
        steps = _steps(path, run.summary.direction)
        return cls(run.id, run.summary.direction, unit, steps, found.rows, run.sealed)

    def passages(self, *, every: bool = False) -> Iterator[Step | Stretch]:
        """The path with stretches of two and more steps that bettered nothing put together, unless `every` is wanted.

        The candidate itself and the seed stand for themselves.
        """
        first, last = self.steps[0], self.steps[-1]
        for kept, group in groupby(self.steps, lambda step: every or step.better or step is first or step is last):
            steps = tuple(group)
            if kept or len(steps) == 1:
                yield from steps
            else:
                yield Stretch(steps)


def _steps(path: Sequence[LineageRow], direction: Direction) -> list[Step]:
    """The steps of a path whose seed is last."""
    best: float | None = None
    steps: list[Step] = []
    for row, change in reversed(list(zip(path, changes(path), strict=True))):
        better = row.objective is not None and (best is None or direction.better(row.objective, best))
        best = row.objective if better else best
        steps.append(Step(row, change, None if change is None else change * direction.sign, better))
    return steps[::-1]


def lineage_json(lineage: Lineage) -> list[dict[str, Any]]:
    """The path as plain data, newest first; `step` is the change of the objective from the first parent.

    `gain` is what the search made of it: more is better in either direction.
    """
    return [{**asdict(step.row), "step": step.change, "sealed": lineage.sealed} for step in lineage.steps]


def family_json(ancestry: Ancestry) -> dict[str, Any]:
    """The path, newest first, and columns of everybody in it or beside it."""
    return {"path": list(ancestry.path), "rows": _columns(list(ancestry.rows.values()))}


def children_json(children: Children) -> dict[str, Any]:
    """Columns of the best children, how many there are, and how many candidates were only shown their parent."""
    return {"rows": _columns(children.rows), "total": children.total, "inspired": children.inspired}


_COLUMNS = ("number", "operator", "island", "status", "objective", "elapsed", "model", "parents", "inspirations")
IDEA_MOST = 1_000
"""Characters of an idea in columns."""


def _columns(rows: Sequence[LineageRow]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {name: [getattr(row, name) for row in rows] for name in _COLUMNS}
    return {**columns, "idea": [row.idea[:IDEA_MOST] for row in rows]}


def tree_json(tree: TreeRows) -> dict[str, Any]:
    """A tree as columns; words that are the same for many candidates are given once, and meant by their place."""
    operators, operator = _places(tree.operators)
    statuses, status = _places(tree.statuses)
    return {
        "total": tree.total,
        "number": list(tree.numbers),
        "parent": list(tree.parents),
        "objective": list(tree.objectives),
        "island": list(tree.islands),
        "operator": operator,
        "status": status,
        "operators": operators,
        "statuses": statuses,
        "new_best": list(tree.new_bests),
        "others": {"child": list(tree.others.children), "parent": list(tree.others.parents)},
        "inspirations": {"child": list(tree.inspirations.children), "parent": list(tree.inspirations.parents)},
    }


def _places(values: Sequence[str | None]) -> tuple[list[str | None], list[int]]:
    """The different values, most frequent first, and the place of each value among them."""
    words = [word for word, _ in Counter(values).most_common()]
    place = {word: index for index, word in enumerate(words)}
    return words, [place[value] for value in values]
