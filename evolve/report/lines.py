"""Progress as plain lines, for outputs that are no terminal."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console

from evolve.engine import Progress
from evolve.events import (
    EvaluationRetried,
    Event,
    FinalsStarted,
    ModelsReady,
    ModelTrouble,
    PolishStarted,
    RunStarted,
    SandboxPrepared,
    TimingDoubtful,
)
from evolve.report import figures
from evolve.report.sealing import UNSEALED, marked
from evolve.report.text import clean
from evolve.report.watch import Improvement, Watch, beginning, coverage, under_way

_NOTED = ModelTrouble | PolishStarted | FinalsStarted | TimingDoubtful | SandboxPrepared | EvaluationRetried
"""Events whose note is a line of its own."""
STATE_SECONDS = 5.0
"""Between two lines on how the run stands."""
IMPROVEMENT_SECONDS = 1.0
"""Between two lines on improvements; those in between are summed up in the next one."""


class LineDisplay:
    """Prints how the run stands every few seconds, and improvements as they come.

    Args:
        watch: What there is to show.
        out: Where to print.
        clock: Monotonic seconds.
    """

    def __init__(self, watch: Watch, out: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._watch = watch
        self._out = out
        self._clock = clock
        self._stated = clock()
        self._improved = float("-inf")
        self._waiting: list[Improvement] = []
        self._lines: list[str] = []
        self._printed = watch.improvements[-1].objective if watch.improvements else None
        self._progress: Progress | None = None

    def observe(self, event: Event) -> None:
        """Take note of an event; what there is to say of it is printed at the next tick."""
        before = self._listed()
        self._watch.observe(event)
        if isinstance(event, RunStarted):
            self._say(beginning(event))
            self._say(event.isolation)
            if not self._watch.scene.sealed:
                self._say(UNSEALED)
        elif isinstance(event, ModelsReady):
            self._say(f"models: {', '.join(event.models)}; {self._watch.note}")
        elif isinstance(event, _NOTED):
            self._say(self._watch.note)
        best = self._listed()
        if best is not None and best is not before:
            self._waiting.append(best)

    def _listed(self) -> Improvement | None:
        return self._watch.improvements[-1] if self._watch.improvements else None

    def tick(self, progress: Progress | None) -> None:
        """Print the lines that are due."""
        now = self._clock()
        self._progress = progress
        if self._waiting and now - self._improved >= IMPROVEMENT_SECONDS:
            self._improved = now
            self._say_improvement()
        if progress is not None:
            rate = self._watch.rate(progress)
            if now - self._stated >= STATE_SECONDS:
                self._stated = now
                self._say(self._state(progress, rate))
        self._flush()

    def stopping(self) -> None:
        """Say what is waited for."""
        self._say(self._watch.waiting(self._progress))

    def close(self) -> None:
        """Print what was held back."""
        if self._waiting:
            self._say_improvement()
        self._flush()

    def _say_improvement(self) -> None:
        best, steps = self._waiting[-1], len(self._waiting)
        self._waiting.clear()
        change = None if self._printed is None else best.objective - self._printed
        self._printed = best.objective
        by = f", {best.author}" if best.model else f" by {best.operator}" if best.operator else ""
        told = "" if change is None else f" ({figures.step(change)}{f' in {steps} steps' if steps > 1 else ''})"
        scene = self._watch.scene
        value = marked(figures.objective(best.objective, scene.unit), sealed=scene.sealed)
        self._say(f"{_stamp(best.elapsed)}  best {value}{told}: candidate {best.number}{by}")

    def _state(self, progress: Progress, rate: float) -> str:
        watch = self._watch
        parts = [f"{figures.plural(progress.evaluations, 'evaluation')} ({rate:.0f}/s){under_way(watch, progress)}"]
        if watch.best is not None:
            unit = watch.scene.unit
            best, seed = figures.objective(watch.best.objective, unit), figures.objective(watch.seed, unit)
            parts.append(marked(f"best {best} (seed {seed})", sealed=watch.scene.sealed))
        parts.append("cells " + " + ".join(f"{held}/{cells}" for _, held, cells in coverage(progress)))
        failed = sum(count for _, count in watch.failures())
        parts.append(f"failed {failed / max(1, watch.statuses.total()):.0%}")
        if watch.models:
            parts.append(watch.spent(progress))
        parts += [f"{_left(name, used, limit)} left" for name, used, limit in watch.used(progress)]
        return f"{_stamp(progress.elapsed)}  {' · '.join(parts)}"

    def _say(self, line: str) -> None:
        self._lines.append(clean(line).replace("\n", " "))

    def _flush(self) -> None:
        lines, self._lines = self._lines, []
        for line in lines:
            self._out.print(line, soft_wrap=True)


def _stamp(elapsed: float) -> str:
    return f"{elapsed:7.1f} s"


def _left(name: str, used: float, limit: float) -> str:
    amount = max(0.0, limit - used)
    if name == "time":
        return figures.seconds(amount)
    return figures.dollars(amount) if name == "money" else f"{figures.plural(round(amount), name.removesuffix('s'))}"
