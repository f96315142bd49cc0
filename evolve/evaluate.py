"""Stages, repeats and held-out cases: many looks by a sandbox make one Evaluation.

A case that fails is the candidate's failure; it never drops out of a mean. The objective is a mean over
cases, the same cases for every candidate that passes all stages.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import time
import weakref
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from evolve.archive.measures import BUILTIN_MEASURES, builtin_measures
from evolve.callable import ORIGIN
from evolve.domain import Estimate, Evaluation, Measurement, Program, Series, Split, Status
from evolve.errors import EvaluatorError
from evolve.problem import Objective, Problem, Stage
from evolve.sandbox.base import CaseResult, Job, Sandbox

HOLDOUT_STAGE = "holdout"
LARGEST = 1e150
"""Beyond this the square of a metric is no finite number any more, so neither is a spread or an archive's span."""
BOUND_TOLERANCE = 1e-9
"""Of the bound (of 1 where it is smaller): as far beyond a proven bound as rounding may carry an honest score."""
LENGTH = "program_length"
"""The measure every valid evaluation carries, declared or not: it breaks ties between equal scores."""

_TIMED: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = weakref.WeakKeyDictionary()
"""Held, by event loop, while a program is timed: two at once would measure each other."""


class Evaluator:
    """Turns programs into evaluations.

    Args:
        problem: Stages, measures and limits.
        sandbox: Started; its author code knows the cases.
        noise_seed: Seeds every look, so that the same look gives the same noise.
    """

    def __init__(self, problem: Problem, sandbox: Sandbox, noise_seed: int) -> None:
        self._problem = problem
        self._sandbox = sandbox
        self._noise_seed = noise_seed
        self._metric = problem.spec.objective.metric
        self._cases: dict[Split, int] = {}

    @property
    def timing(self) -> bool:
        """Whether scores depend on how fast programs run."""
        return self._problem.spec.evaluation.timing

    async def search(self, program: Program) -> Evaluation:
        """Run the stages on the search cases; the first failure or unpassed stage ends it.

        Raises:
            SandboxUnavailable: the sandbox failed; try again.
            EvaluatorError: the author's code failed, or it gave no metric of the objective's name.
        """
        started = time.monotonic()
        looks: list[Measurement] = []
        for stage in self._problem.spec.stages:
            cases = stage.select(await self._count(Split.SEARCH))
            looks += await self._look(program, stage.name, Split.SEARCH, cases, range(stage.repeats), stage)
            failure = _failed(looks) or self._unpassed(stage, looks)
            if failure is not None:
                return replace(failure, measurements=tuple(looks), wall=time.monotonic() - started)
        evaluation = self._valid(program, looks, _over_repeats(looks, self._metric))
        return replace(evaluation, wall=time.monotonic() - started)

    async def again(self, program: Program, look: int, series: Series = Series.SEARCH) -> Evaluation:
        """One more look at a program that was valid: all stages once, with noise of its own for every look and series.

        Look 0 of the search is what `search` does. No stage is refused here: pass rules save time, and a program that
        passed once is not turned away by noise. Raises as `search` does.
        """
        started = time.monotonic()
        looks: list[Measurement] = []
        for stage in self._problem.spec.stages:
            cases = stage.select(await self._count(Split.SEARCH))
            repeats = range(look * stage.repeats, (look + 1) * stage.repeats)
            looks += await self._look(program, stage.name, Split.SEARCH, cases, repeats, stage, series)
            failure = _failed(looks)
            if failure is not None:
                return replace(failure, measurements=tuple(looks), wall=time.monotonic() - started)
        evaluation = self._valid(program, looks, _over_repeats(looks, self._metric))
        return replace(evaluation, measurements=tuple(looks), wall=time.monotonic() - started)

    async def holdout(self, program: Program) -> Evaluation | None:
        """Measure on the held-out cases; None when the problem has none. The estimate is over cases.

        Raises as `search` does.
        """
        count = await self._count(Split.HOLDOUT)
        if count == 0:
            return None
        started = time.monotonic()
        repeats = self._problem.spec.evaluation.holdout_repeats
        looks = await self._look(program, HOLDOUT_STAGE, Split.HOLDOUT, range(count), range(repeats))
        failure = _failed(looks)
        if failure is not None:
            return replace(failure, measurements=tuple(looks), wall=time.monotonic() - started)
        evaluation = self._valid(program, looks, Estimate.of(_by_case(looks, self._metric).values()))
        return replace(evaluation, wall=time.monotonic() - started)

    async def _count(self, split: Split) -> int:
        if split not in self._cases:
            self._cases[split] = await self._sandbox.cases(split)
        return self._cases[split]

    async def _look(
        self,
        program: Program,
        name: str,
        split: Split,
        cases: Iterable[int],
        repeats: Iterable[int],
        stage: Stage | None = None,
        series: Series = Series.SEARCH,
    ) -> list[Measurement]:
        limits = self._problem.limits
        if stage is not None and stage.timeout is not None:
            limits = replace(limits, wall=stage.timeout)
        shown, noise = (name, name) if series is Series.SEARCH else (series.value, f"{series}:{name}")
        fail_fast, unused = split is Split.SEARCH, series is Series.CONFIRM
        looks: list[Measurement] = []
        for repeat in repeats:
            job = Job(program, split, tuple(cases), self._seed(noise, repeat), limits, fail_fast, unused)
            looks += [self._measurement(shown, split, repeat, result) for result in await self._run(job)]
            if any(look.status is not Status.VALID for look in looks):
                break
        return looks

    async def _run(self, job: Job) -> tuple[CaseResult, ...]:
        """Run a job; alone in this process when its time is what counts."""
        if not self.timing:
            return await self._sandbox.run(job)
        async with _TIMED.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
            return await self._sandbox.run(job)

    def _seed(self, stage: str, repeat: int) -> int:
        digest = hashlib.sha256(f"{self._noise_seed}:{stage}:{repeat}".encode()).digest()
        return int.from_bytes(digest[:6], "big")

    def _measurement(self, stage: str, split: Split, repeat: int, result: CaseResult) -> Measurement:
        if result.status is Status.VALID and self._metric not in result.metrics:
            named = ", ".join(sorted(result.metrics)) or "nothing"
            raise EvaluatorError(
                f"evaluate() of problem {self._problem.name} returned {named} but not {self._metric!r}, the metric"
                " [objective] names; return it for every case"
            )
        result = _within_reach(result)
        return Measurement(
            stage,
            split,
            result.case,
            repeat,
            result.status,
            result.metrics,
            result.feedback,
            result.artifacts,
            result.wall,
            result.cpu,
            result.peak_rss,
        )

    def _unpassed(self, stage: Stage, looks: Sequence[Measurement]) -> Evaluation | None:
        own = [look for look in looks if look.stage == stage.name]
        metrics = _means(own)
        refusal = stage.refusal(metrics)
        if refusal is None:
            return None
        return Evaluation(Status.WRONG, metrics=metrics, feedback=f"did not pass stage {stage.name}: {refusal}")

    def _valid(self, program: Program, looks: Sequence[Measurement], objective: Estimate) -> Evaluation:
        metrics = _means(looks)
        names = [measure.name for measure in self._problem.spec.measures]
        built_in = [name for name in dict.fromkeys([*names, LENGTH]) if name in BUILTIN_MEASURES]
        measures = builtin_measures(program, self._problem.seed, built_in, self._problem.editable)
        for name in names:
            if name in measures:
                continue
            if name not in metrics:
                where = "measures=" if str(self._problem.root).startswith(ORIGIN) else "[[measures]] in problem.toml"
                raise EvaluatorError(
                    f"measure {name!r} of problem {self._problem.name} is neither built in nor a metric that"
                    f" evaluate() returned ({', '.join(sorted(metrics))}); correct {where}"
                )
            measures[name] = metrics[name]
        feedback = "\n".join(dict.fromkeys(look.feedback for look in looks if look.feedback))
        artifacts = {name: text for look in looks for name, text in look.artifacts.items()}
        found = Evaluation(Status.VALID, objective, metrics, measures, feedback, artifacts, tuple(looks))
        return _believable(self._problem.spec.objective, found)


def beyond_bound(objective: Objective, value: float) -> bool:
    """Whether a score is better than the proven bound, if there is one, by more than rounding (`BOUND_TOLERANCE`)."""
    if objective.bound is None:
        return False
    return (value - objective.bound) * objective.direction.sign > BOUND_TOLERANCE * max(1.0, abs(objective.bound))


def _believable(objective: Objective, found: Evaluation) -> Evaluation:
    """The evaluation, or a `suspect` one with the same looks when no honest program can score that."""
    if found.objective is None or not beyond_bound(objective, found.objective.mean):
        return found
    feedback = (
        f"{objective.metric} {found.objective.mean:.12g} is beyond the proven bound {objective.bound:.12g}: "
        "the evaluator or the bound is wrong, look at this candidate (evolve show)"
    )
    return replace(found, status=Status.SUSPECT, objective=None, measures={}, feedback=feedback)


def _within_reach(result: CaseResult) -> CaseResult:
    """The result, or a `wrong` one when a metric is too large to be averaged and compared."""
    for name, value in result.metrics.items():
        if abs(value) > LARGEST:
            feedback = f"metric {name} is {value:g}; nothing beyond {LARGEST:g} can be averaged or compared"
            return replace(result, status=Status.WRONG, metrics={}, feedback=feedback)
    return result


def _failed(looks: Sequence[Measurement]) -> Evaluation | None:
    """The first look that is not valid, as the candidate's failure."""
    for look in looks:
        if look.status is not Status.VALID:
            where = f"case {look.case} of stage {look.stage}: " if len(looks) > 1 or look.case else ""
            return Evaluation(look.status, feedback=f"{where}{look.feedback}", artifacts=look.artifacts)
    return None


def _by_case(looks: Sequence[Measurement], metric: str) -> dict[int, float]:
    """Mean of a metric over the looks at each case."""
    values: dict[int, list[float]] = defaultdict(list)
    for look in looks:
        values[look.case].append(look.metrics[metric])
    return {case: sum(seen) / len(seen) for case, seen in values.items()}


def _over_repeats(looks: Sequence[Measurement], metric: str) -> Estimate:
    """Mean over cases. Every candidate sees the same cases, so the error comes from repeated looks alone.

    The variance of a look is pooled over the cases looked at more than once:
    s^2 = sum of squares / sum(n_c - 1), and Var(mean) = s^2 * sum(1 / n_c) / C^2 over C cases.
    """
    values: dict[int, list[float]] = defaultdict(list)
    for look in looks:
        values[look.case].append(look.metrics[metric])
    means = {case: sum(seen) / len(seen) for case, seen in values.items()}
    mean = math.fsum(means.values()) / len(means)
    freedom = len(looks) - len(values)
    if freedom == 0:
        return Estimate(mean, None, 1)
    squares = math.fsum((value - means[case]) ** 2 for case, seen in values.items() for value in seen)
    variance = squares / freedom * sum(1 / len(seen) for seen in values.values()) / len(values) ** 2
    return Estimate(mean, math.sqrt(variance), min(len(seen) for seen in values.values()))


def _means(looks: Sequence[Measurement]) -> Mapping[str, float]:
    """Mean of every metric over the cases in which it was given."""
    names = dict.fromkeys(name for look in looks for name in look.metrics)
    means: dict[str, float] = {}
    for name in names:
        given = [look for look in looks if name in look.metrics]
        means[name] = Estimate.of(_by_case(given, name).values()).mean
    return means
