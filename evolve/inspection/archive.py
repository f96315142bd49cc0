"""The archive of a run: who held which cell of every island after any number of tells, and how that came about."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import quantiles
from typing import Any, Self

from evolve.archive.bounds import FENCE
from evolve.domain import Direction
from evolve.errors import UserError
from evolve.inspection.placing import Retraced
from evolve.inspection.space import Layout, Space
from evolve.store import RunRow, Store
from evolve.store.placements import EliteRow

_FENCED = 8
"""Fewer objectives have no quartiles to speak of."""


@dataclass(frozen=True, slots=True)
class Elite:
    """A candidate in a cell; its objective is by the looks there were at it by then."""

    cell: int
    number: int
    objective: float
    operator: str
    model: str


@dataclass(frozen=True, slots=True)
class Island:
    """One island: its elites by cell, and their QD-score; None where there is none (`ArchiveState.no_qd`)."""

    index: int
    elites: tuple[Elite, ...]
    best: Elite | None
    qd: float | None


@dataclass(frozen=True, slots=True)
class Scale:
    """The objectives that colours span: from `worst` to `best`, both None where there is none.

    A freak that is far worse than all others does not count, so that these can be told apart; `clipped` says so.
    """

    worst: float | None
    best: float | None
    clipped: bool = False

    @classmethod
    def of(cls, objectives: Sequence[float], direction: Direction) -> Self:
        """Up to the outer fence of Tukey (1977, ch. 2) on the worse side, all of the better one."""
        scores = sorted(direction.sign * objective for objective in objectives)
        if not scores:
            return cls(None, None)
        low = scores[0]
        if len(scores) >= _FENCED:
            lower, _, upper = quantiles(scores, n=4, method="inclusive")
            fence = lower - FENCE * (upper - lower)
            low = scores[bisect_left(scores, fence)] if upper > lower else low
        return cls(direction.sign * low, direction.sign * scores[-1], low > scores[0])

    def share(self, objective: float) -> float:
        """Where an objective is on the scale: 0 is worst, 1 is best; 1 where all are equal."""
        if self.worst is None or self.best is None or self.worst == self.best:
            return 1.0
        return min(1.0, max(0.0, (objective - self.worst) / (self.best - self.worst)))

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ArchiveState:
    """Every island of a run after `told` tells.

    While bounds are being learnt (`learning`), every candidate keeps a cell of its own. Its `cell` here is where it
    belongs by the bounds learnt since, so that several share one; where those are not known yet (`placed` is false),
    it says in which order they came. `scale` spans all islands. `no_qd` says why there is no QD-score.
    """

    run: RunRow
    told: int
    space: Space
    learning: bool
    placed: bool
    islands: tuple[Island, ...]
    scale: Scale
    no_qd: str

    @classmethod
    def of(cls, store: Store, run: RunRow, told: int | None = None) -> Self:
        """Read it. Raises UserError when the run has not that many tells."""
        if told is not None and not 0 <= told <= run.summary.told:
            raise UserError(f"--at is {told}; give 0 to {run.summary.told}, for that many were told in run {run.id}")
        log = Retraced.of(store, run, told)
        rows = log.elites(store, _everybody(log))
        learning, direction = log.learning, run.summary.direction
        found = [_elites(log, island, rows) for island in range(log.board.islands)]
        objectives = [elite.objective for elites in found for elite in elites]
        no_qd = _no_qd(direction, learning, objectives)
        islands = tuple(_island(index, elites, direction, counts=not no_qd) for index, elites in enumerate(found))
        scale = Scale.of(objectives, direction)
        return cls(run, log.told, log.space(store), learning, not learning or bool(log.homes), islands, scale, no_qd)

    def chosen(self, island: int | None) -> tuple[Island, ...]:
        """One island, or all of them. Raises UserError for one that is not there."""
        if island is None:
            return self.islands
        if not 0 <= island < len(self.islands):
            there = "one, 0" if len(self.islands) == 1 else f"{len(self.islands)}, 0 to {len(self.islands) - 1}"
            raise UserError(f"--island is {island}; run {self.run.id} has {there}")
        return (self.islands[island],)


def _everybody(log: Retraced) -> set[int]:
    return {number for island in range(log.board.islands) for number in log.board.holders(island).values()}


def _elites(log: Retraced, island: int, rows: Mapping[int, EliteRow]) -> tuple[Elite, ...]:
    found, homes = [], log.homes if log.learning else {}
    for cell, number in sorted(log.board.holders(island).items()):
        row = rows[number]
        shown = homes.get(number, cell)
        objective = log.worth.at(number, row.objective, log.told)
        found.append(Elite(shown, number, objective, row.operator, row.model))
    return tuple(found)


def _island(index: int, elites: tuple[Elite, ...], direction: Direction, *, counts: bool) -> Island:
    best = min(elites, key=lambda elite: (-direction.sign * elite.objective, elite.number), default=None)
    return Island(index, elites, best, sum(elite.objective for elite in elites) if counts else None)


def _no_qd(direction: Direction, learning: bool, objectives: Sequence[float]) -> str:
    """Why a sum over filled cells would mean nothing (Pugh et al. 2016 count from 0), or the empty string."""
    if learning:
        return "bounds are being learnt, and every candidate has a cell of its own"
    if direction is Direction.MINIMIZE:
        return "less is better here, and there is no worst value to count from"
    if any(objective < 0 for objective in objectives):
        return "an elite has an objective below 0, and would take from the sum"
    return ""


def archive_json(state: ArchiveState, island: int | None = None) -> dict[str, Any]:
    """A state as plain data, of all islands or one; elites as columns, `place` with the coordinates on a grid.

    Raises UserError for an island that is not there.
    """
    return {
        "run": state.run.id,
        "sealed": state.run.sealed,
        "told": state.told,
        "learning": state.learning,
        **space_json(state.space),
        "no_qd": state.no_qd,
        "islands": [_island_json(state, each) for each in state.chosen(island)],
    }


def _island_json(state: ArchiveState, island: Island) -> dict[str, Any]:
    elites = island.elites
    grid = state.space.layout is Layout.GRID and state.placed
    return {
        "island": island.index,
        "filled": len(elites),
        "qd": island.qd,
        "best": None if island.best is None else island.best.number,
        "elites": {
            "cell": [elite.cell for elite in elites] if state.placed else [],
            "place": [list(state.space.coordinates(elite.cell)) for elite in elites] if grid else [],
            "number": [elite.number for elite in elites],
            "objective": [elite.objective for elite in elites],
            "operator": [elite.operator for elite in elites],
            "model": [elite.model for elite in elites],
        },
    }


def space_json(space: Space) -> dict[str, Any]:
    """A space as plain data; `points` as columns: cells, and their positions in 0..1 along each axis."""
    axes = [
        {"name": axis.name, "low": axis.low, "high": axis.high, "cells": axis.cells, "learnt": axis.learnt}
        for axis in space.axes
    ]
    points = {
        "cell": list(space.points),
        "at": [[round(point[index], 4) for point in space.points.values()] for index in range(len(space.axes))],
    }
    return {"layout": space.layout, "axes": axes, "cells": space.cells, "points": points, "note": space.note}
