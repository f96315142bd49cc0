"""The nouns of `evolve` as frozen records; imports nothing of the project, and only the standard library."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

SEED_NUMBER = 0
"""The candidate number of the seed program in every run."""


class Direction(StrEnum):
    """Whether more or less of the objective is better."""

    MAXIMIZE = "maximize"
    MINIMIZE = "minimize"

    @property
    def sign(self) -> float:
        """+1 or -1: `sign * objective` is a score of which more is always better."""
        return 1.0 if self is Direction.MAXIMIZE else -1.0

    def better(self, left: float, right: float) -> bool:
        """Whether `left` is strictly better than `right`."""
        return left * self.sign > right * self.sign


class Status(StrEnum):
    """What became of a candidate: `valid`, or a named failure. A failure has no objective.

    A model that could not be reached to the end is `no_answer`; an answer without text `empty`, one that was cut off
    at the token limit `truncated`, one withheld by a content policy `blocked`.
    """

    VALID = "valid"
    NO_ANSWER = "no_answer"
    EMPTY = "empty"
    TRUNCATED = "truncated"
    BLOCKED = "blocked"
    NO_EDIT = "no_edit"
    EDIT_NOT_APPLIED = "edit_not_applied"
    OUTSIDE_REGION = "outside_region"
    DUPLICATE = "duplicate"
    SYNTAX = "syntax"
    CRASH = "crash"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    OUTPUT = "output"
    WRONG = "wrong"
    SUSPECT = "suspect"
    INFRASTRUCTURE = "infrastructure"

    @property
    def costs_evaluation(self) -> bool:
        """Whether a candidate of this status was run; the others failed before that."""
        return self not in _BEFORE_EVALUATION


_BEFORE_EVALUATION = frozenset(
    {
        Status.NO_ANSWER,
        Status.EMPTY,
        Status.TRUNCATED,
        Status.BLOCKED,
        Status.NO_EDIT,
        Status.EDIT_NOT_APPLIED,
        Status.OUTSIDE_REGION,
        Status.DUPLICATE,
    }
)


class Split(StrEnum):
    """Which cases: `search` steers the run, `holdout` is never shown to a proposal."""

    SEARCH = "search"
    HOLDOUT = "holdout"


class Outcome(StrEnum):
    """What the archive did with a candidate."""

    NEW_CELL = "new_cell"
    IMPROVED = "improved"
    NOT_ADDED = "not_added"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, order=True)
class SourceFile:
    """One file of a program: a relative POSIX path and its text (newlines as given)."""

    path: str
    text: str


@dataclass(frozen=True)
class Program:
    """The files under search, sorted by path; equal files mean an equal program."""

    files: tuple[SourceFile, ...]

    def __post_init__(self) -> None:
        if list(self.files) != sorted(self.files, key=lambda file: file.path):
            raise ValueError("a Program's files must be sorted by path; use Program.of")

    @classmethod
    def of(cls, files: Mapping[str, str]) -> Program:
        """Build a program from `{path: text}`."""
        return cls(tuple(SourceFile(path, text) for path, text in sorted(files.items())))

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) over the length-prefixed paths and texts: the program's address."""
        hasher = hashlib.sha256()
        for file in self.files:
            for part in (file.path, file.text):
                raw = part.encode("utf-8", "surrogatepass")
                hasher.update(len(raw).to_bytes(8, "big"))
                hasher.update(raw)
        return hasher.hexdigest()

    def as_dict(self) -> dict[str, str]:
        """`{path: text}`, in path order."""
        return {file.path: file.text for file in self.files}

    def with_files(self, changed: Mapping[str, str]) -> Program:
        """A program in which the named files have new text."""
        return Program.of({**self.as_dict(), **changed})


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measured number: mean, standard error of the mean (None when n < 2) and sample size."""

    mean: float
    stderr: float | None = None
    n: int = 1

    @classmethod
    def of(cls, samples: Iterable[float]) -> Estimate:
        """Mean and standard error (sample sd with n - 1, over sqrt n) of independent samples."""
        values = list(samples)
        if not values:
            raise ValueError("an Estimate needs at least one sample")
        n = len(values)
        mean = math.fsum(values) / n
        if n < 2:
            return cls(mean, None, n)
        variance = math.fsum((value - mean) ** 2 for value in values) / (n - 1)
        return cls(mean, math.sqrt(variance / n), n)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One look at one case: what the evaluator said about the candidate, and what it cost.

    `wall` and `cpu` are seconds spent in the candidate, `peak_rss` bytes; all as seen from outside it.
    """

    stage: str
    split: Split
    case: int
    repeat: int
    status: Status
    metrics: Mapping[str, float] = field(default_factory=dict)
    feedback: str = ""
    artifacts: Mapping[str, str] = field(default_factory=dict)
    wall: float = 0.0
    cpu: float = 0.0
    peak_rss: int = 0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one candidate got. `objective` is None unless `status` is valid.

    `metrics` are means over cases; `measures` place the candidate in the archive; `wall` is the
    seconds the whole evaluation took, queueing excluded.
    """

    status: Status
    objective: Estimate | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    measures: Mapping[str, float] = field(default_factory=dict)
    feedback: str = ""
    artifacts: Mapping[str, str] = field(default_factory=dict)
    measurements: tuple[Measurement, ...] = ()
    wall: float = 0.0

    def __post_init__(self) -> None:
        if (self.status is Status.VALID) != (self.objective is not None):
            raise ValueError(f"status {self.status} and objective {self.objective} contradict each other")
        if self.objective is not None and not math.isfinite(self.objective.mean):
            raise ValueError(f"objective {self.objective.mean} is not finite; that is a failure, not a score")


class Series(StrEnum):
    """What a look was for. Each series has noise of its own: what one chose, another reports."""

    SEARCH = "search"
    FINAL = "final"
    """Chose the winner among the finalists."""
    CONFIRM = "confirm"
    """Chose nothing; the winner is reported by it."""
    CHECK = "check"
    """The seed against itself, where scores are times."""
    HOLDOUT = "holdout"
    """Held-out cases. Listed here for the candidates that leave the run because of them."""


@dataclass(frozen=True, slots=True)
class Relook:
    """Further looks at a candidate after its evaluation: the objective by look number, look 0 being the evaluation.

    A look is one run of all stages. `status` is valid or the first failure among these looks, `feedback` its reason.
    """

    number: int
    status: Status
    values: Mapping[int, float] = field(default_factory=dict)
    feedback: str = ""
    measurements: tuple[Measurement, ...] = ()
    wall: float = 0.0
    series: Series = Series.SEARCH


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a candidate comes from. Parents receive credit for the child; inspirations were only shown.

    `tag` is the scaffold's own note on the proposal; it comes back with the outcome, unread by the host.
    `idea` is what the proposer says it tried, in a sentence or two; `model` the model that wrote the program.
    """

    operator: str
    island: int
    parents: tuple[int, ...] = ()
    inspirations: tuple[int, ...] = ()
    track: str = "main"
    tag: str = ""
    idea: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A program with a number and an origin in a run."""

    number: int
    program: Program
    origin: Origin


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the archive did with a told candidate.

    `cell` is the flat cell index on `island` (None when rejected), `replaced` the elite it displaced,
    `new_best` whether it is now the best of the run, `gain` its score minus its first parent's
    (more is better; None when either has no score).
    """

    outcome: Outcome
    island: int
    cell: int | None = None
    replaced: int | None = None
    new_best: bool = False
    gain: float | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call into a candidate may use: seconds, seconds of CPU, and bytes."""

    wall: float = 10.0
    cpu: float = 10.0
    memory: int = 512 * 1024**2
    output: int = 64 * 1024
    file_size: int = 16 * 1024**2
    processes: int = 64


class Role(StrEnum):
    """Who speaks in a conversation with a model."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation. `stable` text is the same in many requests: a provider may cache it."""

    role: Role
    text: str
    stable: bool = False


class Finish(StrEnum):
    """How a model's answer ended."""

    STOP = "stop"
    LENGTH = "length"
    """Cut off at the output limit."""
    BLOCKED = "blocked"
    """Withheld or refused by a content policy."""
    OVERFLOW = "overflow"
    """The prompt was longer than the model's context window; nothing was answered."""
    FAILED = "failed"
    """No answer in spite of all retries and fallbacks."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call as the provider counts them. `cached` are part of `prompt`, `reasoning` of `output`."""

    prompt: int = 0
    cached: int = 0
    output: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class Completion:
    """What came of one request to a model.

    `model` is the one that answered (a fallback perhaps), `cost` US dollars (None when its price is unknown), `wall`
    seconds with queueing and retries, `attempts` calls made, `reason` why there is no answer when `finish` says so.
    `lost` and `lost_tokens` are the most that attempts without an answer may have cost, in US dollars and tokens.
    """

    text: str
    finish: Finish
    model: str
    usage: Usage = Usage()
    cost: float | None = None
    wall: float = 0.0
    attempts: int = 1
    reason: str = ""
    lost: float = 0.0
    lost_tokens: int = 0
