"""The nouns of a campaign as frozen records.

A campaign's state is a fold over its log (`evolve.meta.state`), whose entries are these records as plain data; nothing
else decides what happens next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from evolve.domain import Direction
from evolve.scaffold.base import Prediction

ZERO = 0
"""The number of the scaffold a campaign begins with, scaffold zero unless told otherwise."""

FAULT = "scaffold_"
"""How the names of a scaffold's own faults begin among a run's statuses. They say which of its proposals without an
edit were its own fault and of what kind: a breakdown, not proposals besides."""


class Rule(StrEnum):
    """How the next parent is chosen; all but the first two are controls."""

    DGM = "dgm"
    """p in proportion to sigmoid(lambda (F - m)) / (1 + children) (Darwin Gödel Machine, arXiv 2505.22954)."""
    CLADE = "clade"
    """Thompson sampling on outcomes pooled over a lineage (Huxley-Gödel Machine, arXiv 2510.21614)."""
    GREEDY = "greedy"
    """Always the best so far."""
    RANDOM = "random"
    """As `dgm`, but edits are drawn without a model and without looking at any result."""
    FLAT = "flat"
    """Every scaffold is a child of the first: best of N."""


class Stage(StrEnum):
    """What a trial is for. Each stage has seeds of its own."""

    CALIBRATE = "calibrate"
    """Scaffold zero alone: which problems have room."""
    ALIVE = "alive"
    """A child's first few calls, on one problem: does it start and answer?"""
    RANK = "rank"
    CONFIRM = "confirm"
    """The leaders and the first scaffold again, on fresh seeds."""
    CERTIFY = "certify"
    """Sealed problems, fresh seeds, once."""
    PROBE = "probe"
    """Safety: problems on which it must not be worse."""
    LONGER = "longer"
    """The first scaffold with the campaign's calls besides."""
    IMP = "imp"
    """Children of a fixed base, for the meta skill alone."""


class Use(StrEnum):
    """What a problem of a suite is for."""

    SEARCH = "search"
    SEALED = "sealed"
    PROBE = "probe"


@dataclass(frozen=True, slots=True)
class SuiteProblem:
    """One problem of a suite.

    `folder` is absolute; `name` unique in the suite. `ceiling` is the objective that counts as 1 (the seed program's
    counts as 0), `bound` one that nothing can beat, if one is known; `direction` says which way is better. `digest` is
    that of the loaded problem.
    """

    name: str
    folder: str
    use: Use
    ceiling: float
    parameters: Mapping[str, bool | int | float | str] = field(default_factory=dict)
    bound: float | None = None
    digest: str = ""
    direction: Direction = Direction.MAXIMIZE


@dataclass(frozen=True, slots=True)
class Suite:
    """Problems, and how many model calls a run on one of them has. A draft without a model counts as a call."""

    name: str
    calls: int
    problems: tuple[SuiteProblem, ...]
    evaluations: int = 0
    """Most evaluations of a run; 0 for four per call."""

    def used(self, use: Use) -> tuple[SuiteProblem, ...]:
        """The problems for one use, in order."""
        return tuple(problem for problem in self.problems if problem.use is use)


@dataclass(frozen=True, slots=True)
class TrialKey:
    """One run of one scaffold: which, where, with which seed, for what, and with how many calls. Measured once."""

    scaffold: int
    problem: str
    seed: int
    stage: Stage
    calls: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of an operator's proposals in a run."""

    proposals: int = 0
    valid: int = 0
    improved: int = 0
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Measured:
    """What the host measured of a run.

    `bests` are the best scores so far (more is better) after 1, 2, ... `calls` model calls, `seed_score` that of the
    seed program. `failed` names an infrastructure failure, which counts as no progress at all and is shown; then
    `bests` is empty. `statuses` counts proposals by status, and once more by kind those that failed
    by the scaffold's own fault (`FAULT`); `feedback` quotes why some failed (at most 10).
    `run` is the run's number in the database, None where there is none. `cost` is in US dollars (None: unknown).
    """

    bests: tuple[float, ...]
    seed_score: float
    calls: int
    evaluations: int = 0
    statuses: Mapping[str, int] = field(default_factory=dict)
    operators: Mapping[str, Tally] = field(default_factory=dict)
    feedback: tuple[str, ...] = ()
    tokens: int = 0
    cost: float | None = 0.0
    wall: float = 0.0
    run: int | None = None
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """A measured run with its normalised area, in [0, 1] unless the ceiling was beaten, and its curve on that scale."""

    key: TrialKey
    measured: Measured
    area: float
    curve: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A scaffold of the archive, which keeps all. `parent` is None for the first; `held` says why it waits for review.

    `calls` are those its making took: the edit itself and its test for life.
    """

    number: int
    digest: str
    parent: int | None
    idea: str
    model: str
    prediction: Prediction | None
    calls: int = 0
    held: str = ""


@dataclass(frozen=True, slots=True)
class Contest:
    """Paired differences (child minus other) of mean areas by problem, and what an exact test says of them.

    `p` is one-sided (better); `floor` the least it could have been with so many problems; the interval is the set of
    shifts that the same test, two-sided at `level`, does not reject.
    """

    differences: Mapping[str, float]
    mean: float
    p: float
    floor: float
    low: float
    high: float
    level: float


@dataclass(frozen=True, slots=True)
class Certificate:
    """The one final test of a campaign: `scaffold` against `base` on sealed problems and fresh seeds.

    `granted` only if p < alpha, the interval lies above zero, no probe is worse and no final score of either side lies
    beyond a proven bound; `reasons` says what was lacking.
    `claimed` is what the search itself said of the winner (uncertified), `seeds` how many runs per problem and side.
    `infrastructure` counts the runs that the machinery failed, `base_failed` those of them that were the base's.
    """

    scaffold: int
    base: int
    contest: Contest
    probes: Contest | None
    alpha: float
    seeds: int
    calls: int
    granted: bool
    reasons: tuple[str, ...]
    claimed: float
    infrastructure: int = 0
    base_failed: int = 0
