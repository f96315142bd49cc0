"""The shipped problems and the template where they will really run: behind the local sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from stand_in import PROBLEMS

from evolve.domain import Program, Split, Status
from evolve.errors import SandboxUnavailable
from evolve.problem import Problem, load_attacks, load_problem, write_problem
from evolve.sandbox.base import CaseResult, Job, SealedProblem
from evolve.sandbox.local import LocalSandbox


def run(problem: Problem, programs: Sequence[Program]) -> list[CaseResult]:
    """The result of the first search case for each program; skips where hostile programs cannot be held."""

    async def all_jobs() -> list[CaseResult]:
        evaluation = problem.spec.evaluation
        sealed = SealedProblem(
            problem.name, problem.evaluator, problem.entry, preload=evaluation.preload, resident=evaluation.resident
        )
        limits = replace(problem.limits, wall=2.0)
        sandbox = LocalSandbox(sealed, 1)
        try:
            await sandbox.start()
            jobs = [Job(program, Split.SEARCH, (0,), 7, limits) for program in programs]
            return [(await sandbox.run(job))[0] for job in jobs]
        finally:
            await sandbox.close()

    try:
        return asyncio.run(all_jobs())
    except SandboxUnavailable as error:
        pytest.skip(str(error))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bin_packing", "circle_packing", "noisy_recipe"])
def test_the_seed_scores_and_no_attack_does(name: str) -> None:
    problem = load_problem(PROBLEMS / name)
    attacks = load_attacks(problem)
    seed, *results = run(problem, [problem.seed, *(attack.program for attack in attacks)])
    assert seed.status is Status.VALID, seed.feedback
    assert problem.spec.objective.metric in seed.metrics
    for attack, result in zip(attacks, results, strict=True):
        assert result.status in attack.expect, f"{attack.name}: {result.status}, {result.feedback}"
        assert result.metrics == {}


def test_a_new_problem_runs_and_can_be_improved(tmp_path: Path) -> None:
    problem = load_problem(write_problem("wave", tmp_path))
    better = problem.seed.with_files({problem.entry: "def f(x):\n    return 0.41 * x * (3.14159 - x)\n"})
    before, after = run(problem, [problem.seed, better])
    assert (before.status, after.status) == (Status.VALID, Status.VALID), before.feedback + after.feedback
    assert after.metrics["error"] < before.metrics["error"] / 2
