"""What a person may choose about the archive, checked once, as frozen records."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from evolve.errors import SettingsError

MAX_CELLS = 1_000_000
"""Cells of one island. Every island holds four bytes per cell, and pyribs reserves its own arrays for all of them."""

MAX_BOUND = 1e300
"""Bounds stay below this, so that the width of an axis never overflows a float."""


class Kind(StrEnum):
    """How the measure space is cut into cells: equal boxes, or the Voronoi cells of evenly spread points."""

    GRID = "grid"
    CVT = "cvt"


class Topology(StrEnum):
    """Where migrants go: to the next island, around a ring drawn anew each time, or nowhere."""

    RING = "ring"
    RANDOM_RING = "random_ring"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Axis:
    """One measure as an axis of the archive, cut into `cells` (a CVT archive has its own number of cells).

    A bound that is None is learnt from the first valid candidates. Measures outside the bounds are
    not rejected: they count as lying on the nearest edge.

    Raises SettingsError when a bound is not finite, the bounds are not in order, or there is no cell.
    """

    name: str
    low: float | None = None
    high: float | None = None
    cells: int = 10

    def __post_init__(self) -> None:
        for key, bound in (("low", self.low), ("high", self.high)):
            if bound is not None and not abs(bound) <= MAX_BOUND:
                raise SettingsError(
                    f"axis {self.name!r}: {key} is {bound}; give a number within ±{MAX_BOUND:g}, or none to learn it"
                )
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise SettingsError(f"axis {self.name!r}: low {self.low} must be less than high {self.high}")
        if self.cells < 1:
            raise SettingsError(f"axis {self.name!r}: cells is {self.cells}; give at least 1")

    @property
    def declared(self) -> bool:
        """Whether both bounds were given, so that nothing is to be learnt."""
        return self.low is not None and self.high is not None


@dataclass(frozen=True, slots=True)
class ArchiveSettings:
    """The whole archive of one track. Its state is a function of these settings and the ordered tells.

    - `axes`: the measures, in the order of `Entry.measures`; none means one cell, the plain best.
    - `cvt_cells`: the number of cells when `kind` is cvt (the `cells` of the axes are then unused).
    - `learn_first`: how many valid candidates (over all islands) set the bounds that were not declared.
    - `migration_interval`: tells between migrations, over all islands; 0 turns migration off.
    - `migration_rate`: the share of an island's elites that migrates, at least one and at most 16.
    - `stagnation`: tells *to one island* without a better best after which it is restarted; 0 is never.
    - `founders`: how many elites of other islands a restarted island begins with.

    Raises SettingsError, naming the key, for a value that cannot work.
    """

    axes: tuple[Axis, ...] = ()
    islands: int = 1
    kind: Kind = Kind.GRID
    cvt_cells: int = 1000
    learn_first: int = 32
    migration_interval: int = 100
    migration_rate: float = 0.1
    topology: Topology = Topology.RING
    stagnation: int = 0
    founders: int = 4
    seed: int = 0

    def __post_init__(self) -> None:
        names = [axis.name for axis in self.axes]
        if len(set(names)) != len(names):
            raise SettingsError(f"archive axes {names} name a measure twice; each may be one axis only")
        for key, least in _LEAST.items():
            value = getattr(self, key)
            if value < least:
                raise SettingsError(f"archive {key} is {value}; give at least {least}")
        if not 0.0 < self.migration_rate <= 1.0:
            raise SettingsError(f"archive migration_rate is {self.migration_rate}; give a share above 0 and at most 1")
        if self.cells > MAX_CELLS:
            raise SettingsError(f"the archive would have {self.cells} cells per island; {MAX_CELLS} is the most")

    @property
    def cells(self) -> int:
        """Cells of one island once its bounds are known."""
        if not self.axes:
            return 1
        return self.cvt_cells if self.kind is Kind.CVT else math.prod(axis.cells for axis in self.axes)

    @property
    def learns(self) -> bool:
        """Whether any bound is left to be learnt."""
        return not all(axis.declared for axis in self.axes)


_LEAST = {
    "islands": 1,
    "cvt_cells": 1,
    "learn_first": 1,
    "migration_interval": 0,
    "stagnation": 0,
    "founders": 1,
}
