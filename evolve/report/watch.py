"""What a person watching a run is shown: collected from events and looks at its progress, drawn by others."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from evolve.config import BudgetSettings
from evolve.domain import SEED_NUMBER, Direction, Status
from evolve.engine import Progress
from evolve.events import (
    ArchiveChanged,
    CandidateTold,
    EvaluationRetried,
    Event,
    FinalsStarted,
    ModelsReady,
    ModelTrouble,
    PolishStarted,
    RunStarted,
    RunStopped,
    SandboxPrepared,
    TimingDoubtful,
)
from evolve.llm.base import Card, Price
from evolve.report import figures
from evolve.report.estimate import estimate
from evolve.store import CurvePoint, RunSummary

RATE_SECONDS = 5.0
"""The span over which evaluations per second are counted."""
ISLANDS_SHOWN = 6
"""Islands shown one by one; more than that are summed up, for a view has to fit."""
IMPROVEMENTS = 6
"""The latest improvements kept for display."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What does not change while a run is watched."""

    run_id: int
    problem: str
    metric: str
    unit: str
    direction: Direction
    limits: BudgetSettings
    sealed: bool = True


@dataclass(frozen=True, slots=True)
class Improvement:
    """A candidate that became the best of the run; `step` is the objective's change from the best listed before."""

    number: int
    operator: str
    objective: float
    step: float | None
    elapsed: float
    model: str = ""

    @property
    def author(self) -> str:
        """Who made it, and how: `plan by openai/x`, or the built-in operator's name."""
        return f"{self.operator} by {self.model}" if self.model else self.operator


def beginning(event: RunStarted) -> str:
    """What is said when a sitting begins, a continued one above all."""
    if not event.resumed:
        return f"run {event.run_id} of {event.problem}"
    return f"going on with run {event.run_id} of {event.problem} after {event.told:,} candidates"


def coverage(progress: Progress) -> list[tuple[str, int, int]]:
    """Occupied and all cells by island, or of all islands together when there are many of them."""
    if len(progress.coverage) <= ISLANDS_SHOWN:
        return [(f"island {index}", *cells) for index, cells in enumerate(progress.coverage)]
    held, cells = (sum(counts) for counts in zip(*progress.coverage, strict=True))
    return [(f"{len(progress.coverage)} islands", held, cells)]


def under_way(watch: Watch, progress: Progress) -> str:
    """How many evaluations are running or being asked for; with the built-in proposer alone it is never of interest."""
    if not watch.models or progress.under_way <= 0:
        return ""
    return f" · {figures.count(progress.under_way)} under way"


def buys(event: ModelsReady, limits: BudgetSettings) -> str:
    """What the budget buys of the models, as one sentence."""
    priced = zip(event.models, event.prices, strict=True)
    cards = [Card(name, None if price is None else Price(*price), 0, 0) for name, price in priced]
    return estimate(cards, event.prompt_tokens, event.output_tokens, limits).sentence


def doubtful(event: TimingDoubtful) -> str:
    """The warning that this machine does not time programs well enough now."""
    return (
        f"two copies of the seed look different: p = {event.p:.2g}; times of this machine drift or it is busy with"
        " something else, so small differences between candidates mean little"
    )


class Display(Protocol):
    """Shows a run while it goes on."""

    def observe(self, event: Event) -> None:
        """Take note of an event; returns at once."""
        ...

    def tick(self, progress: Progress | None) -> None:
        """Bring the display up to date; called several times a second."""
        ...

    def stopping(self) -> None:
        """Say from now on that nothing more is begun, and what is waited for."""
        ...

    def close(self) -> None:
        """Leave the terminal as it was."""
        ...


class Watch:
    """What has been seen of a run, earlier sittings included.

    Args:
        scene: What does not change.
        summary: The run as this sitting finds it.
        statuses: Outcomes of earlier sittings.
        curve: Bests of earlier sittings.
        clock: Monotonic seconds.

    `best` is the best so far, the seed program included; `improvements` are those a reader can tell apart.
    `unpriced` says that nobody knows the price of some model, `replay` what answers instead of models.
    """

    def __init__(
        self,
        scene: Scene,
        summary: RunSummary,
        statuses: Mapping[Status, int],
        curve: Sequence[CurvePoint],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.scene = scene
        self.seed = summary.seed_objective
        self.statuses = Counter(statuses)
        self.improvements: deque[Improvement] = deque(maxlen=IMPROVEMENTS)
        self.isolation = ""
        self.models: tuple[str, ...] = ()
        self.unpriced = False
        self.replay = ""
        self.is_stopping = False
        self.best: Improvement | None = None
        self.note = "starting the sandbox and the archive"
        self.polishing = False
        self._clock = clock
        self._looks: deque[tuple[float, int]] = deque()
        for point in curve:
            self._improve(point.number, "", point.objective, point.elapsed)

    def observe(self, event: Event) -> None:
        """Take note of an event."""
        match event:
            case RunStarted():
                self.isolation, self.note = event.isolation, ""
            case ModelsReady():
                self._ready(event)
            case ModelTrouble():
                self.note = event.sentence
            case CandidateTold():
                self._told(event)
            case ArchiveChanged():
                self.note = event.detail
            case SandboxPrepared():
                self.note = event.sentence
            case EvaluationRetried():
                self.note = f"the sandbox failed on candidate {event.number}, trying again: {event.reason}"
            case FinalsStarted():
                self.note = f"choosing the winner among {len(event.finalists)} by fresh looks"
            case TimingDoubtful():
                self.note = doubtful(event)
            case PolishStarted():
                self.polishing, self.note = True, f"simplifying the winner, candidate {event.best}"
            case RunStopped():
                self.note = event.reason

    def _ready(self, event: ModelsReady) -> None:
        self.models, self.replay = event.models, event.replay
        self.unpriced = any(price is None for price in event.prices)
        if event.replay:
            self.note = f"{event.replay} answers for them; nothing is asked or paid"
        else:
            self.note = buys(event, self.scene.limits)

    def _told(self, event: CandidateTold) -> None:
        self.statuses[event.status] += 1
        if event.objective is None:
            return
        if event.number == SEED_NUMBER:
            self.seed = event.objective.mean
        if event.new_best:
            self._improve(event.number, event.operator, event.objective.mean, event.elapsed, event.model)

    def _improve(self, number: int, operator: str, objective: float, elapsed: float, model: str = "") -> None:
        """Note a new best, and list it unless it is better by less than anybody could see."""
        listed = self.improvements[-1].objective if self.improvements else None
        step = None if listed is None else objective - listed
        self.best = Improvement(number, operator, objective, step, elapsed, model)
        if listed is None or not step or figures.number(objective) != figures.number(listed):
            self.improvements.append(self.best)

    def failures(self) -> list[tuple[Status, int]]:
        """How many candidates failed in each way, most frequent first."""
        return [(status, count) for status, count in self.statuses.most_common() if status is not Status.VALID]

    def rate(self, progress: Progress) -> float:
        """Evaluations per second over the last `RATE_SECONDS` of looks."""
        now = self._clock()
        self._looks.append((now, progress.evaluations))
        while len(self._looks) > 2 and self._looks[1][0] <= now - RATE_SECONDS:
            self._looks.popleft()
        then, before = self._looks[0]
        return max(0.0, (progress.evaluations - before) / (now - then)) if now > then else 0.0

    def waiting(self, progress: Progress | None) -> str:
        """What a run that was asked to stop still waits for."""
        if progress is not None and progress.talking:
            return f"stopping: waiting for {figures.plural(progress.talking, 'answer')}; Ctrl-C again drops them"
        return "stopping: finishing what is being evaluated; Ctrl-C again stops at once"

    def spent(self, progress: Progress) -> str:
        """What the answers of models came to so far."""
        if self.replay:
            cost = "an unknown amount" if progress.money is None else figures.dollars(progress.money)
            return f"the answers replayed cost {cost} when recorded, nothing now"
        unknown = self.unpriced and not progress.money  # $0 would be a claim
        return figures.spent(None if unknown else progress.money, progress.tokens)

    def used(self, progress: Progress) -> list[tuple[str, float, float]]:
        """The limits of the budget: name, what is used or under way, and the limit."""
        limits = self.scene.limits
        used: list[tuple[str, float, float]] = []
        if limits.seconds is not None:
            used.append(("time", progress.elapsed, limits.seconds))
        if limits.evaluations is not None:
            taken = progress.evaluations + max(0, progress.under_way)
            used.append(("evaluations", float(taken), float(limits.evaluations)))
        if limits.calls is not None:
            used.append(("calls", float(progress.calls), float(limits.calls)))
        if limits.money is not None and progress.money is not None:
            used.append(("money", progress.money, limits.money))
        if limits.tokens is not None:
            used.append(("tokens", float(progress.tokens), float(limits.tokens)))
        return used
