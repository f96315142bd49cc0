"""What goes into the store and what comes out of it, as frozen records; needs no database to import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from evolve.domain import (
    Candidate,
    Direction,
    Estimate,
    Evaluation,
    Origin,
    Program,
    Relook,
    Series,
    Split,
    Status,
    Verdict,
)
from evolve.store.dialogue import Answered, Asked, Withdrawn


class RunStatus(StrEnum):
    """What became of a run. Read back, a `running` run whose process is gone is `interrupted`."""

    RUNNING = "running"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


class RunKind(StrEnum):
    """What a run is for. Lists show searches; campaigns and their trials have lists of their own."""

    SEARCH = "search"
    CAMPAIGN = "campaign"
    TRIAL = "trial"


# ---------------------------------------------------------------- written


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run about to start. `objective` names the metric; `settings`, `versions`, `isolation`, `spec` are plain data.

    `settings_digest` and `problem_digest` are what `Store.find_resumable` looks for. `campaign` is the run of the
    campaign that a trial belongs to, or that a campaign is a control of.
    """

    name: str
    problem: str
    problem_path: str
    problem_digest: str
    objective: str
    direction: Direction
    seed: int
    settings: Mapping[str, Any]
    settings_digest: str
    versions: Mapping[str, Any] = field(default_factory=dict)
    isolation: Mapping[str, Any] = field(default_factory=dict)
    spec: Mapping[str, Any] = field(default_factory=dict)
    kind: RunKind = RunKind.SEARCH
    campaign: int | None = None


@dataclass(frozen=True, slots=True)
class Proposed:
    """A candidate exists. `fingerprint` addresses its normalised source (equal means duplicate)."""

    candidate: Candidate
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A candidate was scored, or failed with a status. At most one per candidate and purpose."""

    number: int
    evaluation: Evaluation
    purpose: Split = Split.SEARCH


@dataclass(frozen=True, slots=True)
class Told:
    """The search learnt of a candidate. `position` is its place in the order that is the state.

    Its search evaluation is in the same append or an earlier one. `elapsed` is run seconds, `lesson` what the scaffold
    learnt from it ("" is nothing). `objective` is its mean where there were more looks than its evaluation, and `looks`
    how many further ones were made for this tell, at others, too.
    """

    number: int
    position: int
    verdict: Verdict
    elapsed: float
    lesson: str = ""
    objective: float | None = None
    looks: int = 0


@dataclass(frozen=True, slots=True)
class Looked:
    """Further looks at a candidate, made when `position` candidates had been told."""

    position: int
    relook: Relook


@dataclass(frozen=True, slots=True)
class Leads:
    """This candidate is the best of the run now, or still is and has another objective."""

    number: int
    objective: float


@dataclass(frozen=True, slots=True)
class Event:
    """Something else happened; `data` is plain JSON data, `elapsed` run seconds.

    `position` is how many candidates had been told, where that matters.
    """

    kind: str
    data: Mapping[str, Any]
    elapsed: float
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """Something was used up, perhaps by one candidate: `Spent("evaluation", 1.4, "s", 17)`."""

    kind: str
    amount: float
    unit: str
    number: int | None = None


Record = Proposed | Evaluated | Told | Looked | Leads | Event | Spent | Asked | Answered | Withdrawn
"""What `Store.append` takes."""


# ---------------------------------------------------------------- read


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line of a list of runs. `elapsed` is seconds the run was at work, pauses excluded.

    `valid` counts candidates whose search evaluation is valid; objectives are means over search cases.
    """

    id: int
    name: str
    problem: str
    objective: str
    direction: Direction
    status: RunStatus
    candidates: int
    evaluated: int
    valid: int
    told: int
    best_number: int | None
    best_objective: float | None
    seed_objective: float | None
    elapsed: float
    created: datetime
    confirmed: Estimate | None = None
    """The best by looks that chose nothing; None where there were none."""
    sealed: bool = True
    """Whether a wall stood between programs and their scorer. Without one, a program can forge its score."""
    parameters: Mapping[str, bool | int | float | str] = field(default_factory=dict)
    """The values of the problem's own parameters; none where it declares none."""
    kind: RunKind = RunKind.SEARCH
    campaign: int | None = None
    """The run of the campaign that a trial belongs to, or that a campaign is a control of."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """A whole run: its summary and everything needed to continue it."""

    summary: RunSummary
    problem_path: str
    problem_digest: str
    seed: int
    settings: Mapping[str, Any]
    settings_digest: str
    versions: Mapping[str, Any]
    isolation: Mapping[str, Any]
    stop_reason: str
    ended: datetime | None
    spec: Mapping[str, Any] = field(default_factory=dict)
    """The problem's whole spec, as in its `problem.toml`; empty for runs older than schema 0005."""

    @property
    def id(self) -> int:
        """The run's number in this database."""
        return self.summary.id

    @property
    def status(self) -> RunStatus:
        """What became of the run."""
        return self.summary.status

    @property
    def sealed(self) -> bool:
        """Whether a wall stood between programs and their scorer."""
        return self.summary.sealed

    @property
    def holdout(self) -> str:
        """The folder of held-out files that was given in place of the problem's own; "" where none was."""
        return self.settings.get("problem", {}).get("holdout") or ""

    @property
    def unit(self) -> str:
        """Of the objective; "" where it has none, or nobody noted it."""
        return str(self.spec.get("objective", {}).get("unit", ""))


@dataclass(frozen=True, slots=True)
class TellRow:
    """One told candidate, as replay needs it: everything but its program, feedback and measurements.

    `cost` and `tokens` are the `Bill` of its completions: US dollars (None when nobody knows), 0 without a model.
    """

    position: int
    number: int
    origin: Origin
    fingerprint: str
    status: Status
    objective: Estimate | None
    measures: Mapping[str, float]
    verdict: Verdict
    elapsed: float
    lesson: str = ""
    cost: float | None = 0.0
    tokens: int = 0
    relooks: tuple[Relook, ...] = ()


@dataclass(frozen=True, slots=True)
class Remarks:
    """What an evaluator said of a candidate besides its status and objective."""

    feedback: str
    metrics: Mapping[str, float]
    artifacts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class UntoldRow:
    """A candidate that was proposed and not told; `evaluation` when it is already scored."""

    candidate: Candidate
    fingerprint: str
    evaluation: Evaluation | None


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """All there is to know of one candidate. `children` counts candidates it is a parent of."""

    run_id: int
    number: int
    program: Program
    origin: Origin
    fingerprint: str
    evaluation: Evaluation | None
    holdout: Evaluation | None
    position: int | None
    verdict: Verdict | None
    elapsed: float | None
    children: int
    lesson: str = ""
    relooks: tuple[Relook, ...] = ()

    def estimate(self, series: Series = Series.SEARCH) -> Estimate | None:
        """The objective over all looks of a series, the evaluation among those of the search; None if there are none.

        A candidate with a failed look has none either.
        """
        own = [relook for relook in self.relooks if relook.series is series]
        if any(relook.status is not Status.VALID for relook in own):
            return None
        values = [value for relook in own for value in relook.values.values()]
        first = self.evaluation.objective if series is Series.SEARCH and self.evaluation is not None else None
        if series is Series.SEARCH and (first is None or not values):
            return first
        return Estimate.of([*values, *([first.mean] if first else [])]) if values else None


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event of a run; `seq` counts from 1 within it, `position` is how many candidates had been told (if known)."""

    seq: int
    at: datetime
    elapsed: float
    kind: str
    data: Mapping[str, Any]
    position: int | None = None


@dataclass(frozen=True, slots=True)
class SpentRow:
    """The total spent on one kind of thing in one unit."""

    kind: str
    unit: str
    amount: float


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A tell that made a new best: its place in the order, run seconds, the candidate, and its objective."""

    position: int
    elapsed: float
    number: int
    objective: float
