"""What every check works with: a problem in an open sandbox, and the time that is left."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from evolve.assembly import derived_seed
from evolve.domain import Evaluation, Program, Split, Status
from evolve.errors import EvaluatorError
from evolve.evaluate import Evaluator
from evolve.problem import Problem
from evolve.problem.cheats import Claim
from evolve.report.findings import Finding, State
from evolve.sandbox.base import CaseResult, Job, Sandbox

CHECK_SEED = 0
"""Cases that depend on a hidden seed are made from this one, so that two checks see the same."""
NOISE_SPREADS = 4.0
"""Scores that differ by less than so many standard deviations of one look count as equal."""
ROUNDING = 1e-9
"""Relative difference up to which scores without noise count as equal."""
CLAIMED_GAIN = 0.1
"""A claimed score is better than the seed's by this share of it: believable, and sure to be noticed."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a program: its evaluation, or what the evaluator said when it failed on it.

    Neither when there was no time left.
    """

    evaluation: Evaluation | None = None
    blame: str = ""

    @property
    def measured(self) -> bool:
        """Whether there was time to try it."""
        return self.evaluation is not None or bool(self.blame)

    @property
    def outcome(self) -> str:
        """The status, `evaluator failed`, or `not measured`."""
        if self.evaluation is not None:
            return self.evaluation.status
        return "evaluator failed" if self.blame else "not measured"


@dataclass(frozen=True)
class Bench:
    """A problem behind glass, and what its seed scored.

    `until` is a reading of the monotonic clock (seconds) after which nothing new is begun. `scores` are the
    objective of a valid seed in repeats with different noise, the first one first.
    """

    problem: Problem
    sandbox: Sandbox
    workers: int
    until: float
    scores: tuple[float, ...] = ()

    @property
    def left(self) -> float:
        """Seconds that are left, at least 0."""
        return max(0.0, self.until - time.monotonic())

    @property
    def noise(self) -> float:
        """Standard deviation of one look at the seed; 0 when it is not known."""
        # Exact, unlike a sum of floats: equal scores have no spread at all.
        return statistics.stdev(self.scores) if len(self.scores) > 1 else 0.0

    @property
    def tolerance(self) -> float:
        """Scores closer than this count as equal: the noise of a look, or rounding where there is none."""
        return max(NOISE_SPREADS * self.noise, ROUNDING * abs(self.scores[0]))

    @property
    def claim(self) -> Claim:
        """A score better than the seed's that no bound forbids."""
        objective, seed = self.problem.spec.objective, self.scores[0]
        better = seed + objective.direction.sign * max(CLAIMED_GAIN * abs(seed), CLAIMED_GAIN)
        if objective.bound is not None and objective.direction.better(better, objective.bound):
            better = objective.bound
        return Claim(objective.metric, better)

    def accepted(self, tried: Tried) -> float | None:
        """The score the author's evaluator gave, even when it lies beyond a bound and counts for nothing; else None."""
        found = tried.evaluation
        if found is None or not found.measurements:
            return None
        if found.objective is not None:
            return found.objective.mean
        score = found.metrics.get(self.problem.spec.objective.metric)
        return score if found.status is Status.SUSPECT else None

    def better(self, score: float) -> bool:
        """Whether a score is better than the seed's: where there is noise, than in every look at the seed."""
        if self.noise:
            return self.gain(score) > max(map(self.gain, self.scores))
        return self.gain(score) > self.tolerance

    def gain(self, score: float) -> float:
        """How much better than the seed's first score; negative when it is worse."""
        return (score - self.scores[0]) * self.problem.direction.sign

    def evaluator(self, repeat: int = 0) -> Evaluator:
        """Looks at programs; every repeat with other noise."""
        return Evaluator(self.problem, self.sandbox, derived_seed(CHECK_SEED, f"noise {repeat}"))

    async def search(self, program: Program, repeat: int = 0) -> Tried:
        """Evaluate on the search cases while there is time. Raises SandboxUnavailable."""
        if not self.left:
            return Tried()
        try:
            async with asyncio.timeout(self.left):
                return Tried(await self.evaluator(repeat).search(program))
        except TimeoutError:
            return Tried()
        except EvaluatorError as error:
            return Tried(blame=str(error))

    async def told(self, program: Program) -> Tried:
        """Evaluate where scores are told: on the held-out cases, on the search cases where there are none."""
        if not self.left:
            return Tried()
        try:
            async with asyncio.timeout(self.left):
                return Tried(await self.evaluator().holdout(program) or await self.evaluator().search(program))
        except TimeoutError:
            return Tried()
        except EvaluatorError as error:
            return Tried(blame=str(error))

    async def search_all(self, programs: Sequence[Program]) -> list[Tried]:
        """Evaluate programs, as many at once as there are workers; results in their order."""
        found = [Tried()] * len(programs)
        todo = iter(enumerate(programs))

        async def work() -> None:
            for place, program in todo:
                found[place] = await self.search(program)

        await asyncio.gather(*(work() for _ in range(self.workers)))
        return found

    async def look(self, program: Program, split: Split, cases: Sequence[int]) -> tuple[CaseResult, ...]:
        """One look at each case whatever happens; nothing when there is no time or the evaluator fails."""
        if not self.left:
            return ()
        job = Job(program, split, tuple(cases), derived_seed(CHECK_SEED, "look"), self.problem.limits)
        try:
            async with asyncio.timeout(self.left):
                return await self.sandbox.run(job)
        except (TimeoutError, EvaluatorError):
            return ()


def not_measured(topic: str) -> Finding:
    """What is said of a check there was no time for."""
    return Finding(topic, State.NOTE, "not measured (time)", "give the check longer: --seconds 300")
