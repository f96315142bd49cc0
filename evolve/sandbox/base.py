"""The seam between the engine and whatever runs candidates: what a sandbox takes and gives.

Three parties (see docs/security.md): the host asks; the *evaluator* (the problem author's code) knows
the cases and computes metrics; the *candidate* is hostile. They never share a process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from evolve.domain import Limits, Program, Split, Status

NO_SANDBOX = "none"
"""The backend of runs that a function in the person's own process scores."""

Say = Callable[[str], None]
"""Told one sentence about what takes long."""


def silent(_: str) -> None:
    """Say nothing to anybody."""


class Level(StrEnum):
    """How well a candidate is walled off, strongest first. It never goes down silently."""

    CONTAINER = "container"
    NAMESPACES = "namespaces"
    LANDLOCK = "landlock"
    PROCESS = "process"


@dataclass(frozen=True, slots=True)
class Isolation:
    """What the sandbox isolates: printed at the start of a run, stored with it, shown beside scores."""

    backend: str
    level: Level
    layers: tuple[str, ...]
    missing: tuple[str, ...] = ()
    image: str = ""
    """The container image, by a tag that names its content; empty without containers."""
    note: str = ""
    """What a person should know besides, such as why containers are not used."""

    def sentence(self) -> str:
        """One line for people: what is isolated and what is not."""
        held = ", ".join(self.layers) or "nothing"
        if self.backend == NO_SANDBOX:
            return f"no sandbox: {held}"
        lacking = f"; not isolated: {', '.join(self.missing)}" if self.missing else ""
        where = f" in {self.image}" if self.image else ""
        note = f". {self.note}" if self.note else ""
        return f"sandbox {self.backend}{where} ({self.level}): {held}{lacking}{note}"


@dataclass(frozen=True, slots=True)
class SealedProblem:
    """What a sandbox needs to know of a problem; the evaluator's files never reach a candidate.

    `evaluator` is `{path: text}` with `evaluate.py` in it; other files are importable or readable
    beside it. `case_seed` is handed to `cases(split, seed)` when the author's function takes a seed.
    `preload` names modules imported before forking (both sides). `resident` lets one evaluator
    process serve many candidates. `build` and `command` are argv templates for other languages.
    `limits` are those of its jobs, which size a container; `image` and `requirements` (the text of a
    requirements.txt) say what a container holds beyond the usual; `kept_image` is the one earlier scores of the same
    run were made in, taken again where it is still there. `companions` are files laid beside every candidate.
    Where it is not `sealed` the scorer is one of them: no layer stands between it and the candidate.
    """

    name: str
    evaluator: Mapping[str, str]
    entry: str
    language: str = "python"
    case_seed: int = 0
    preload: tuple[str, ...] = ()
    resident: bool = False
    build: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    image: str = ""
    requirements: str = ""
    kept_image: str = ""
    companions: Mapping[str, str] = field(default_factory=dict)
    sealed: bool = True

    def between(self, layer: str) -> tuple[str, ...]:
        """A layer that keeps evaluator and candidate apart, where one does."""
        return (layer,) if self.sealed else ()


@dataclass(frozen=True, slots=True)
class Job:
    """One candidate looked at once on some cases of one split.

    `cases` are indices into the author's `cases(split)`; each (seed, case) seeds the evaluator's and
    the candidate's random modules, so that the same job gives the same noise. `limits` are per call.
    With `fail_fast` the first case that is not valid ends the job and later cases have no result.
    `unused` asks for a slot in which no program ever ran: what is reported of a winner comes from one.
    """

    program: Program
    split: Split
    cases: tuple[int, ...]
    seed: int
    limits: Limits = field(default_factory=Limits)
    fail_fast: bool = False
    unused: bool = False


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What one case gave. `metrics` are finite numbers and empty unless `status` is valid.

    `feedback` is text from the evaluator or about the candidate's failure; `wall` and `cpu` are
    seconds in the candidate, `peak_rss` its bytes.
    """

    case: int
    status: Status
    metrics: Mapping[str, float] = field(default_factory=dict)
    feedback: str = ""
    artifacts: Mapping[str, str] = field(default_factory=dict)
    wall: float = 0.0
    cpu: float = 0.0
    peak_rss: int = 0


class Sandbox(Protocol):
    """Runs one candidate at a time per slot; `slots` jobs may be in flight at once."""

    @property
    def isolation(self) -> Isolation:
        """What it isolates; known once it has started."""
        ...

    async def start(self, say: Say = silent) -> None:
        """Warm every slot. Raises SandboxUnavailable (cannot run here) or EvaluatorError (author's code fails)."""
        ...

    async def cases(self, split: Split) -> int:
        """How many cases the author's `cases(split)` gives. Raises EvaluatorError, SandboxUnavailable."""
        ...

    async def run(self, job: Job) -> tuple[CaseResult, ...]:
        """One result per case, in order (fewer after a failure when the job is `fail_fast`).

        Raises EvaluatorError when the author's code fails, SandboxUnavailable when the sandbox does;
        a candidate's failure is a result with a status.
        """
        ...

    async def close(self) -> None:
        """End every process and remove what `start` made; safe to call twice and after a failure."""
        ...


@dataclass(frozen=True, slots=True)
class Reply:
    """What a program answered: `text`, unless `status` names a failure, which `feedback` explains."""

    status: Status
    text: str = ""
    feedback: str = ""
    wall: float = 0.0


class Talk(Protocol):
    """A conversation with one program that lives behind the walls as long as the conversation does."""

    async def say(self, text: str, seconds: float) -> Reply:
        """The program's answer to a text. After a reply that is not valid the program is gone: `close`.

        Raises SandboxUnavailable when the sandbox fails.
        """
        ...

    async def close(self) -> None:
        """End the program and give the slot back; safe to call twice."""
        ...


class TalkingSandbox(Protocol):
    """A sandbox for programs that are talked with; `slots` conversations at once."""

    @property
    def isolation(self) -> Isolation:
        """What it isolates; known once it has started."""
        ...

    async def start(self, say: Say = silent) -> None:
        """Warm every slot. Raises SandboxUnavailable."""
        ...

    async def talk(self, program: Program, limits: Limits) -> Talk:
        """A conversation with a program, which is loaded by the first text; waits for a free slot.

        `limits.cpu` and `limits.memory` are those of the whole conversation. Raises SandboxUnavailable.
        """
        ...

    async def close(self) -> None:
        """End every conversation and remove what `start` made; safe to call twice."""
        ...
