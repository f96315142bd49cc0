"""How a candidate came about: its first parents back to the seed, and who else had a part in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from evolve.domain import Direction
from evolve.store import LineageRow, RunRow, Store
from evolve.store.ancestry import changes


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
    """The path from a candidate (first) to the seed (last); `others` are other parents and inspirations, by number."""

    run_id: int
    direction: Direction
    unit: str
    steps: Sequence[Step]
    others: Mapping[int, LineageRow]

    @classmethod
    def of(cls, store: Store, run: RunRow, number: int) -> Lineage:
        """Read the lineage of a candidate. Raises NotFound."""
        found = store.browse.ancestry(run.id, number, inspirations=True)
        path = [found.rows[step] for step in found.path]
        unit = str(run.spec.get("objective", {}).get("unit", ""))
        steps = _steps(path, run.summary.direction)
        return cls(run.id, run.summary.direction, unit, steps, found.rows)

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
    return [{**asdict(step.row), "step": step.change} for step in lineage.steps]
