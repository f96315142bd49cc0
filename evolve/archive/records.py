"""What goes into the archive and what it answers, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass

from evolve.domain import Outcome, Status


@dataclass(frozen=True, slots=True)
class Entry:
    """One told valid candidate: `score` is sign-turned (more is better), `measures` in the order of the axes.

    `island` is where it was told; a migrant keeps it. `stderr` is the standard error of the score.
    """

    number: int
    island: int
    score: float
    stderr: float | None
    measures: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class BoundsFrozen:
    """The bounds of every axis, in order, are fixed from now on: `(low, high)`.

    `cells` says where each candidate told so far belongs, in tell order.
    """

    bounds: tuple[tuple[float, float], ...]
    cells: tuple[int, ...]

    def __str__(self) -> str:
        spans = ", ".join(f"{low:g} to {high:g}" for low, high in self.bounds)
        return f"the archive's bounds are fixed: {spans}"


@dataclass(frozen=True, slots=True)
class Migrated:
    """These candidates of island `source` are now elites of island `target` as well."""

    source: int
    target: int
    numbers: tuple[int, ...]

    def __str__(self) -> str:
        return f"{len(self.numbers)} of the best migrated from island {self.source} to island {self.target}"


@dataclass(frozen=True, slots=True)
class Restarted:
    """Island `island` had stagnated; it was emptied and begins again with these elites of other islands."""

    island: int
    founders: tuple[int, ...]

    def __str__(self) -> str:
        return f"island {self.island} had stagnated and begins again with {len(self.founders)} elites of the others"


@dataclass(frozen=True, slots=True)
class Dismissed:
    """A candidate left the archive because a later look at it failed, and with a suspect one all its `descendants`."""

    number: int
    status: Status
    reason: str
    descendants: tuple[int, ...] = ()

    def __str__(self) -> str:
        too = f" and with it its {len(self.descendants)} descendants" if self.descendants else ""
        return f"candidate {self.number} is taken out of the run{too}, {self.status} on a later look: {self.reason}"


ArchiveEvent = BoundsFrozen | Migrated | Restarted | Dismissed


@dataclass(frozen=True, slots=True)
class Placement:
    """What one tell did.

    `cell` is the flat cell index on `island` (None when rejected), `replaced` the elite it displaced
    there, `events` what else this tell set off, in order. `reason` says why an entry was rejected.
    """

    outcome: Outcome
    island: int
    cell: int | None = None
    replaced: int | None = None
    events: tuple[ArchiveEvent, ...] = ()
    reason: str = ""
