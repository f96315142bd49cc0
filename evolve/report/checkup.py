"""Looks at a problem before anybody searches on it: does the seed run, how noisy and slow is it, do attacks fail."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from evolve.assembly import SandboxFor, derived_seed, local_sandbox, sealed_problem
from evolve.config import Settings
from evolve.domain import Evaluation, Status
from evolve.evaluate import Evaluator
from evolve.problem import Attack, Problem, load_attacks
from evolve.sandbox.base import Isolation, Sandbox

RATE_SECONDS = 2.0
"""How long the seed is evaluated over and over to see how many candidates a minute are possible."""
NOISE_SECONDS = 30.0
"""No further repeat is begun after this long; two are always made."""
CHECK_SEED = 0
"""Cases that depend on a hidden seed are made from this one, so that two checks see the same."""


@dataclass(frozen=True, slots=True)
class AttackResult:
    """What became of a program that must not score; `held` when its status is one the author expects."""

    attack: Attack
    evaluation: Evaluation

    @property
    def held(self) -> bool:
        """Whether the attack failed the way it should."""
        return self.evaluation.status in self.attack.expect


@dataclass(frozen=True, slots=True)
class Checkup:
    """What was found out about a problem.

    `scores` are the seed's objective in repeats with different noise; `rate` is evaluations of the seed per
    second at `workers` at once, 0 when it is not valid. `holdout` is None when there are no held-out cases.
    """

    problem: Problem
    isolation: Isolation
    workers: int
    seed: Evaluation
    scores: tuple[float, ...]
    rate: float
    holdout: Evaluation | None
    attacks: tuple[AttackResult, ...]

    @property
    def faults(self) -> list[str]:
        """What keeps the problem from being searched on in good faith, one sentence each."""
        faults: list[str] = []
        if self.seed.status is not Status.VALID:
            faults.append(f"the seed program is not valid ({self.seed.status})")
        if self.holdout is not None and self.holdout.status is not Status.VALID:
            faults.append(f"the seed program fails on held-out cases ({self.holdout.status})")
        for result in self.attacks:
            if not result.held:
                expected = " or ".join(sorted(result.attack.expect))
                faults.append(
                    f"attack {result.attack.name} ended as {result.evaluation.status} and should end as {expected}"
                )
        return faults


async def check_up(
    problem: Problem, settings: Settings, repeats: int, sandbox_for: SandboxFor = local_sandbox
) -> Checkup:
    """Run the seed and the problem's attacks in a sandbox of their own.

    Raises:
        SandboxUnavailable: candidates cannot be run here.
        EvaluatorError: the author's evaluator fails.
        ProblemError: an attack cannot be read, or a stage names cases there are not.
    """
    attacks = load_attacks(problem)
    sandbox = sandbox_for(sealed_problem(problem, CHECK_SEED), settings)
    try:
        await sandbox.start()
        seed = await _evaluator(problem, sandbox, 0).search(problem.seed)
        valid = seed.status is Status.VALID
        scores = await _scores(problem, sandbox, seed, repeats) if valid else ()
        rate = await _rate(problem, sandbox, settings.workers.evaluations) if valid else 0.0
        holdout = await _evaluator(problem, sandbox, 0).holdout(problem.seed) if valid else None
        results = await _attack(problem, sandbox, attacks)
    finally:
        await sandbox.close()
    return Checkup(problem, sandbox.isolation, settings.workers.evaluations, seed, scores, rate, holdout, results)


def _evaluator(problem: Problem, sandbox: Sandbox, repeat: int) -> Evaluator:
    return Evaluator(problem, sandbox, derived_seed(CHECK_SEED, f"noise {repeat}"))


async def _scores(problem: Problem, sandbox: Sandbox, first: Evaluation, repeats: int) -> tuple[float, ...]:
    looks = [first]
    until = time.monotonic() + NOISE_SECONDS
    for repeat in range(1, repeats):
        if len(looks) >= 2 and time.monotonic() > until:
            break
        looks.append(await _evaluator(problem, sandbox, repeat).search(problem.seed))
    return tuple(look.objective.mean for look in looks if look.objective is not None)


async def _rate(problem: Problem, sandbox: Sandbox, workers: int) -> float:
    """Evaluations per second when `workers` go on at once for a while (at least one each)."""
    started = time.monotonic()

    async def work() -> int:
        evaluator, done = _evaluator(problem, sandbox, 0), 0
        while done == 0 or time.monotonic() < started + RATE_SECONDS:
            await evaluator.search(problem.seed)
            done += 1
        return done

    done = await asyncio.gather(*(work() for _ in range(workers)))
    return sum(done) / (time.monotonic() - started)


async def _attack(problem: Problem, sandbox: Sandbox, attacks: Sequence[Attack]) -> tuple[AttackResult, ...]:
    evaluator = _evaluator(problem, sandbox, 0)
    return tuple([AttackResult(attack, await evaluator.search(attack.program)) for attack in attacks])
