"""What the host and a scaffold say to each other: plain views in, plain drafts out.

A scaffold decides what to try next. It owns no score, archive, clock, budget or source of randomness:
every call gets what it needs as a value, so the same calls give the same answers in any process.
In every view a *score* is the objective with its sign turned so that more is better.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from evolve.domain import Outcome, Status


@dataclass(frozen=True, slots=True)
class EliteView:
    """One scored candidate as a scaffold sees it. `files` is `{path: text}`."""

    number: int
    files: Mapping[str, str]
    score: float
    stderr: float | None
    island: int
    cell: int | None
    children: int
    operator: str
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class PendingView:
    """A proposal that is under way: asked and not yet told."""

    number: int
    operator: str
    tag: str
    parents: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TaskView:
    """What stays the same for a whole run: the statement and what may be edited.

    `editable` lists the paths that may change; a file with EVOLVE-BLOCK markers may change only
    between them. `language` is a name such as "python"; `entry` the main file's path.
    """

    name: str
    statement: str
    language: str
    entry: str
    editable: tuple[str, ...]
    seed_files: Mapping[str, str]
    measures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchView:
    """The state one proposal is based on.

    `elites` is a capped sample of the chosen island, the best ones always among them, sorted by
    score (best first); `others` are the best elites of the other islands; `pinned` holds the
    candidates the scaffold asked to keep in view (`Scaffold.pins`). `seed` is the only randomness.
    `final` asks for polish: simpler programs of equal score, nothing else.
    """

    number: int
    seed: str
    island: int
    elites: tuple[EliteView, ...]
    others: tuple[EliteView, ...] = ()
    best: EliteView | None = None
    pinned: Mapping[int, EliteView] = field(default_factory=dict)
    pending: tuple[PendingView, ...] = ()
    final: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What a scaffold proposes: a finished program, with its parents and the operator that made it.

    `tag` is the scaffold's own note (at most 200 characters); it comes back in `OutcomeView`.
    """

    operator: str
    files: Mapping[str, str]
    parents: tuple[int, ...]
    inspirations: tuple[int, ...] = ()
    tag: str = ""


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """What became of a proposal. `score` and `parent_score` are None where there is none."""

    number: int
    operator: str
    tag: str
    parents: tuple[int, ...]
    island: int
    status: Status
    outcome: Outcome
    score: float | None
    parent_score: float | None
    new_best: bool = False


class Scaffold(Protocol):
    """Decides what to try next.

    `propose` must not change what `observe` builds: asked twice with the same view it answers the same.
    """

    def propose(self, view: SearchView) -> Draft:
        """Draft the next candidate. Raises EditError when no operator finds anything to change."""
        ...

    def observe(self, outcome: OutcomeView) -> None:
        """Learn from an outcome; called once per told candidate, in tell order. No program text is given."""
        ...

    def pins(self) -> frozenset[int]:
        """Candidate numbers (at most 64) that must be in `SearchView.pinned` of the next proposal."""
        ...

    def snapshot(self) -> Mapping[str, object]:
        """What it has learnt, as plain data for people to look at (never needed to resume)."""
        ...
