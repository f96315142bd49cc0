"""One record per thing that happens in a run; observers get each of them once, in order.

An observer is any callable of one event. It runs in the engine's thread, so it must return quickly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from evolve.domain import Estimate, Outcome, Status


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run is created or taken up again. `told` counts what earlier sessions scored."""

    run_id: int
    problem: str
    isolation: str
    resumed: bool
    told: int


@dataclass(frozen=True, slots=True)
class CandidateTold:
    """A candidate was stored and told to the search. `elapsed` is in seconds of the run.

    `model` wrote it ("" for the built-in proposer), and `cost` is what that took in US dollars (None: nobody knows).
    """

    number: int
    operator: str
    island: int
    status: Status
    objective: Estimate | None
    outcome: Outcome
    new_best: bool
    gain: float | None
    elapsed: float
    model: str = ""
    cost: float | None = 0.0


@dataclass(frozen=True, slots=True)
class ModelsReady:
    """The models a run asks, with US dollars per million tokens in and out (None: nobody knows), in the order given.

    `prompt_tokens` and `output_tokens` are what one question is expected to take. `replay` names the recording that
    answers instead of them, if one does.
    """

    models: tuple[str, ...]
    prices: tuple[tuple[float, float] | None, ...]
    prompt_tokens: int
    output_tokens: int
    replay: str = ""


@dataclass(frozen=True, slots=True)
class ModelTrouble:
    """Something about a model that a person should know: refused, rate limited, out of reach, back again."""

    model: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ArchiveChanged:
    """Bounds froze, elites migrated or an island restarted; `detail` is one sentence."""

    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class SandboxPrepared:
    """What a person should know of the start of the sandbox: an image is being made, Docker is not used."""

    sentence: str


@dataclass(frozen=True, slots=True)
class EvaluationRetried:
    """The sandbox failed (not the candidate) and the evaluation is tried again."""

    number: int
    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class PolishStarted:
    """The search is over; what is left of the budget goes into simplifying the winner."""

    best: int


@dataclass(frozen=True, slots=True)
class FinalsStarted:
    """The search on a noisy problem is over; the winner is chosen among these by fresh looks."""

    finalists: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TimingDoubtful:
    """Two copies of the seed, timed in turn, look different: `p` is the chance of that between equals."""

    p: float


@dataclass(frozen=True, slots=True)
class HoldoutMeasured:
    """The seed or the winner was measured on held-out cases."""

    number: int
    objective: Estimate | None
    status: Status


@dataclass(frozen=True, slots=True)
class RunStopped:
    """The run is over or interrupted; `reason` is a short phrase for people."""

    finished: bool
    reason: str


Event = (
    RunStarted
    | ModelsReady
    | ModelTrouble
    | SandboxPrepared
    | CandidateTold
    | ArchiveChanged
    | EvaluationRetried
    | PolishStarted
    | FinalsStarted
    | TimingDoubtful
    | HoldoutMeasured
    | RunStopped
)
Observer = Callable[[Event], None]
