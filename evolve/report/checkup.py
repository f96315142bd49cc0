"""Looks at a problem before anybody searches on it: what its numbers are worth, and whether its evaluator holds."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

from evolve.assembly import SandboxFor, chosen_sandbox, sealed_problem
from evolve.config import Settings
from evolve.domain import Evaluation, Split, Status
from evolve.problem import Attack, Exhibit, Problem, load_attacks, load_exhibits
from evolve.report.checks import attacks, cheating, equals, holdout, measures, noise, probe, spec, speed, stated, worse
from evolve.report.checks.attacks import AttackResult
from evolve.report.checks.bench import CHECK_SEED, Bench
from evolve.report.findings import Finding, State
from evolve.sandbox.base import Isolation

CHECK_SECONDS = 50.0
"""How long a check may take beyond the seed's first evaluation; what does not fit is not measured."""
NOISE_SHARE = 0.3
"""Share of that after which no further repeat is begun; two are always made."""


@dataclass(frozen=True, slots=True)
class Checkup:
    """What was found out about a problem.

    `scores` are the seed's objective in repeats with different noise; `rate` is evaluations of the seed per
    second at `workers` at once, 0 when it is not known. `holdout` is None when there are no held-out cases.
    """

    problem: Problem
    isolation: Isolation
    workers: int
    seed: Evaluation
    scores: tuple[float, ...] = ()
    rate: float = 0.0
    holdout: Evaluation | None = None
    attacks: tuple[AttackResult, ...] = ()
    findings: tuple[Finding, ...] = field(default=())

    @property
    def faults(self) -> list[str]:
        """What keeps the problem from being searched on in good faith, one sentence each."""
        return [f"{each.topic}: {each.text}" for each in self.findings if each.state is State.FAULT]


async def check_up(
    problem: Problem,
    settings: Settings,
    repeats: int,
    sandbox_for: SandboxFor = chosen_sandbox,
    seconds: float = CHECK_SECONDS,
) -> Checkup:
    """Run the seed, the problem's own programs, generic cheats and changed programs in a sandbox of their own.

    Raises:
        SandboxUnavailable: candidates cannot be run here.
        EvaluatorError: the author's evaluator fails on the seed.
        ProblemError: an attack, a baseline or the witness cannot be read, or a stage names cases there are not.
    """
    hostile, exhibits = load_attacks(problem), load_exhibits(problem)
    sandbox = sandbox_for(sealed_problem(problem, CHECK_SEED), settings)
    workers = 1 if problem.spec.evaluation.timing else settings.workers.evaluations  # timed one at a time
    try:
        await sandbox.start()
        bench = Bench(problem, sandbox, workers, time.monotonic() + seconds)
        seed = await bench.evaluator().search(problem.seed)
        checkup = Checkup(problem, sandbox.isolation, workers, seed)
        if seed.objective is None:
            return await _without_seed(checkup, bench, hostile)
        return await _with_seed(checkup, bench, hostile, exhibits, repeats)
    finally:
        await sandbox.close()


async def _without_seed(checkup: Checkup, bench: Bench, hostile: Sequence[Attack]) -> Checkup:
    """What can be said of a problem whose seed fails: that, and whether its attacks fail, too."""
    results = await attacks.check(bench, hostile)
    text = f"the seed program is not valid ({checkup.seed.status})"
    found = [Finding("seed", State.FAULT, text), *spec.findings(bench.problem), *map(attacks.finding, results)]
    return replace(checkup, attacks=results, findings=tuple(found))


async def _with_seed(
    checkup: Checkup, bench: Bench, hostile: Sequence[Attack], exhibits: Sequence[Exhibit], repeats: int
) -> Checkup:
    until = time.monotonic() + NOISE_SHARE * bench.left
    scores = await _scores(bench, checkup.seed, repeats, until)
    bench = replace(bench, scores=scores)
    rate = await speed.rate(bench)
    held_out = await bench.evaluator().holdout(bench.problem.seed)
    checkup = replace(checkup, scores=scores, rate=rate, holdout=held_out)
    values = [await stated.check(bench, exhibit) for exhibit in exhibits]
    results = await attacks.check(bench, hostile)
    found = [
        *noise.findings(bench, repeats),
        *speed.findings(bench, rate),
        *spec.findings(bench.problem),
        *[each async for each in equals.findings(bench)],
        *[each async for each in _about_scoring(bench, checkup)],
        *map(attacks.finding, results),
        *values,
    ]
    return replace(checkup, attacks=results, findings=tuple(found))


async def _scores(bench: Bench, first: Evaluation, repeats: int, until: float) -> tuple[float, ...]:
    looks = [first]
    for repeat in range(1, repeats):
        if len(looks) >= 2 and time.monotonic() > until:
            break
        looks.append(await bench.evaluator(repeat).search(bench.problem.seed))
    return tuple(look.objective.mean for look in looks if look.objective is not None)


async def _about_scoring(bench: Bench, checkup: Checkup) -> AsyncIterator[Finding]:
    """What other programs than the seed bring to light."""
    seen = await probe.probe(bench, Split.SEARCH, await bench.sandbox.cases(Split.SEARCH))
    yield holdout.score(bench, checkup.holdout)
    if checkup.holdout is not None and checkup.holdout.status is Status.VALID:
        held = await probe.probe(bench, Split.HOLDOUT, await bench.sandbox.cases(Split.HOLDOUT))
        yield holdout.overlap(bench, seen, held, (checkup.seed, checkup.holdout))
    yield await holdout.reach(bench)
    for each in await cheating.check(bench, seen.values()):
        yield each
    reactions, valid = await worse.check(bench)
    for each in (*reactions, *measures.findings(bench.problem, [checkup.seed, *valid])):
        yield each
