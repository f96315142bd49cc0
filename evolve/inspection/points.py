"""The figure of a run: its best so far against what that took, and every candidate as a thinned dot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evolve.inspection.kept import Kept
from evolve.store import RunRow, Store
from evolve.store.points import DotRow, StretchRow

MOST_DOTS = 2_000
"""Candidates drawn, new bests not counted."""
MOST_STRETCHES = 4_096
"""Stretches a run is counted in. A run of no more candidates is counted exactly; in a longer one, what was used up at a
dot is that at the end of its stretch, less than a thousandth of the axis away."""
RUG = 60
"""Parts of a run whose share of failures is shown."""


@dataclass(frozen=True, slots=True)
class Used:
    """What a run had used up: candidates told, evaluations, run seconds, US dollars (None: nobody knows)."""

    told: int
    evaluations: int
    elapsed: float
    cost: float | None


_NOTHING = Used(0, 0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Dot:
    """A valid candidate, and what the run had used up when it was told. `used.told` counts the ones before, and it."""

    number: int
    objective: float
    new_best: bool
    used: Used


@dataclass(frozen=True, slots=True)
class Failures:
    """How many candidates of a part of a run failed; `used` is what the run had used up at its end."""

    used: Used
    told: int
    failed: int


@dataclass(frozen=True, slots=True)
class Points:
    """A run as it stands: dots in the order they were told, one in `step` and every new best; `end` is now."""

    dots: Sequence[Dot]
    failures: Sequence[Failures]
    end: Used
    step: int
    best: float | None

    @property
    def bests(self) -> list[Dot]:
        """Every new best, in order."""
        return [dot for dot in self.dots if dot.new_best]

    @classmethod
    def of(cls, store: Store, run: RunRow, *, dots: bool = True) -> Points:
        """Read them: the whole run the first time, then only what was added since. Without `dots` new bests alone."""
        with _growing.use(store, (run.id, dots), lambda: _Growing(MOST_DOTS if dots else 0)) as growing:
            return growing.read(store, run)


class _Growing:
    """The points of a run, read on as it grows: what is in the log stays as it is."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._dots: list[DotRow] = []
        self._stretches: list[StretchRow] = []
        self._ends: list[Used] = []
        self._width = self._step = 1

    def read(self, store: Store, run: RunRow) -> Points:
        """The points of the run as it is now."""
        self._count(store, run)
        end = self._ends[-1] if self._ends else _NOTHING
        self._fetch(store, run.id, end.told)
        dots = tuple(self._dot(row) for row in self._dots)
        return Points(dots, self._failures(), end, self._step, run.summary.best_objective)

    def _count(self, store: Store, run: RunRow) -> None:
        """Count what was added since; the last stretch once more, for it may have been shorter than the others."""
        width = _power_of_two(run.summary.told, MOST_STRETCHES)
        if width != self._width:
            self._stretches, self._ends, self._width = [], [], width
        first = self._stretches.pop().position if self._stretches else 0
        del self._ends[len(self._stretches) :]
        for row in store.browse.stretches(run.id, width, first):
            self._stretches.append(row)
            self._ends.append(_plus(self._ends[-1] if self._ends else _NOTHING, row))

    def _fetch(self, store: Store, run_id: int, told: int) -> None:
        """Fetch the dots among those that were counted."""
        step = _power_of_two(told, self._most) if self._most else 0
        if step != self._step:
            self._dots, self._step = [], step
        last = self._dots[-1].position if self._dots else -1
        self._dots += [row for row in store.browse.dots(run_id, last, step) if row.position < told]

    def _dot(self, row: DotRow) -> Dot:
        at = self._ends[row.position // self._width]
        return Dot(
            row.number, row.objective, row.new_best, Used(row.position + 1, at.evaluations, row.elapsed, at.cost)
        )

    def _failures(self) -> tuple[Failures, ...]:
        """The stretches, joined into `RUG` parts."""
        size = max(1, -(-len(self._stretches) // RUG))
        parts = [self._stretches[first : first + size] for first in range(0, len(self._stretches), size)]
        ends = self._ends[size - 1 :: size] + ([self._ends[-1]] if len(self._ends) % size else [])
        return tuple(
            Failures(end, sum(row.told for row in part), sum(row.failed for row in part))
            for part, end in zip(parts, ends, strict=True)
        )


_growing: Kept[_Growing] = Kept()


def _plus(before: Used, row: StretchRow) -> Used:
    cost = None if before.cost is None or row.cost is None else before.cost + row.cost
    elapsed = max(before.elapsed, row.elapsed)  # the clock of a resumed run is right to a heartbeat only
    return Used(row.position + row.told, before.evaluations + row.evaluations, elapsed, cost)


def _power_of_two(told: int, most: int) -> int:
    """The least power of two by which `told` things make at most `most` portions."""
    step = 1
    while told > step * most:
        step *= 2
    return step


def points_json(points: Points) -> dict[str, Any]:
    """Points as columns.

    Each has `number`, `objective`, `position`, and on the axes `evaluations`, `elapsed` and `cost`. `curve` ends where
    the run stands, with the objective of its best now.
    """
    curve = points.bests
    columns = _columns(curve)
    if curve and points.best is not None:
        columns["number"].append(None)
        columns["objective"].append(points.best)
        for name, value in _used_columns([points.end]).items():
            columns[name] += value
    return {
        "curve": columns,
        "dots": _columns(points.dots),
        "failures": {
            **_used_columns([part.used for part in points.failures]),
            "share": [round(part.failed / part.told, 4) for part in points.failures],
        },
        "step": points.step,
        "told": points.end.told,
    }


def _columns(dots: Sequence[Dot]) -> dict[str, list[Any]]:
    return {
        "number": [dot.number for dot in dots],
        "objective": [dot.objective for dot in dots],
        **_used_columns([dot.used for dot in dots]),
    }


def _used_columns(used: Sequence[Used]) -> dict[str, list[Any]]:
    return {
        "position": [each.told - 1 for each in used],
        "evaluations": [each.evaluations for each in used],
        "elapsed": [round(each.elapsed, 3) for each in used],
        "cost": [None if each.cost is None else round(each.cost, 6) for each in used],
    }
