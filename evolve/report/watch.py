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
    ModelsReady,
    ModelTrouble,
    PolishStarted,
    RunStarted,
    RunStopped,
)
from evolve.llm.base import Card, Price
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


@dataclass(frozen=True, slots=True)
class Improvement:
    """A candidate that became the best of the run; `step` is the objective's change from the best before."""

    number: int
    operator: str
    objective: float
    step: float | None
    elapsed: float


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


def buys(event: ModelsReady, limits: BudgetSettings) -> str:
    """What the budget buys of the models, as one sentence."""
    priced = zip(event.models, event.prices, strict=True)
    cards = [Card(name, None if price is None else Price(*price), 0, 0) for name, price in priced]
    return estimate(cards, event.prompt_tokens, event.output_tokens, limits).sentence


class Display(Protocol):
    """Shows a run while it goes on."""

    def observe(self, event: Event) -> None:
        """Take note of an event; returns at once."""
        ...

    def tick(self, progress: Progress | None) -> None:
        """Bring the display up to date; called several times a second."""
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
        self.note = "starting the sandbox and the archive"
        self.polishing = False
        self._clock = clock
        self._looks: deque[tuple[float, int]] = deque()
        self._best: float | None = None
        for point in curve:
            self._improve(point.number, "", point.objective, point.elapsed)

    @property
    def best(self) -> Improvement | None:
        """The best so far; the seed program counts."""
        return self.improvements[-1] if self.improvements else None

    def observe(self, event: Event) -> None:
        """Take note of an event."""
        match event:
            case RunStarted():
                self.isolation, self.note = event.isolation, ""
            case ModelsReady():
                self.models, self.note = event.models, buys(event, self.scene.limits)
            case ModelTrouble():
                self.note = event.sentence
            case CandidateTold():
                self._told(event)
            case ArchiveChanged():
                self.note = event.detail
            case EvaluationRetried():
                self.note = f"the sandbox failed on candidate {event.number}, trying again: {event.reason}"
            case PolishStarted():
                self.polishing, self.note = True, f"simplifying the winner, candidate {event.best}"
            case RunStopped():
                self.note = event.reason

    def _told(self, event: CandidateTold) -> None:
        self.statuses[event.status] += 1
        if event.objective is None:
            return
        if event.number == SEED_NUMBER:
            self.seed = event.objective.mean
        if event.new_best:
            self._improve(event.number, event.operator, event.objective.mean, event.elapsed)

    def _improve(self, number: int, operator: str, objective: float, elapsed: float) -> None:
        step = None if self._best is None else objective - self._best
        self._best = objective
        self.improvements.append(Improvement(number, operator, objective, step, elapsed))

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
        return (progress.evaluations - before) / (now - then) if now > then else 0.0

    def used(self, progress: Progress) -> list[tuple[str, float, float]]:
        """The limits of the budget: name, what is used and the limit."""
        limits = self.scene.limits
        used: list[tuple[str, float, float]] = []
        if limits.seconds is not None:
            used.append(("time", progress.elapsed, limits.seconds))
        if limits.evaluations is not None:
            used.append(("evaluations", float(progress.evaluations), float(limits.evaluations)))
        if limits.money is not None and progress.money is not None:
            used.append(("money", progress.money, limits.money))
        if limits.tokens is not None:
            used.append(("tokens", float(progress.tokens), float(limits.tokens)))
        return used
