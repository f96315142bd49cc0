"""Shipped problems and templates where they really run, behind the local sandbox: seeds, attacks, stated values."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from stand_in import PROBLEMS

from evolve.assembly import sealed_problem
from evolve.errors import SandboxUnavailable
from evolve.problem import Problem, load_attacks, load_exhibits, load_problem, templates, write_problem
from evolve.report.checks import attacks, stated
from evolve.report.checks.bench import Bench
from evolve.report.findings import State
from evolve.sandbox.local import LocalSandbox

T = TypeVar("T")
SHIPPED = sorted(path.parent.name for path in PROBLEMS.glob("*/problem.toml"))
COMPILERS = {"cpp": "g++"}


def on_bench(problem: Problem, look: Callable[[Bench], Awaitable[T]]) -> T:
    """What is seen of a problem whose seed is valid; skips where programs cannot be held or built."""
    compiler = COMPILERS.get(problem.language)
    if compiler and shutil.which(compiler) is None:
        pytest.skip(f"no {compiler} on this machine")

    async def run() -> T:
        sandbox = LocalSandbox(sealed_problem(problem, 0), 1)
        try:
            await sandbox.start()
            bench = Bench(problem, sandbox, 1, time.monotonic() + 170)
            looks = [await bench.evaluator(repeat).search(problem.seed) for repeat in range(3)]
            assert all(each.objective is not None for each in looks), looks[0].feedback
            scores = tuple(each.objective.mean for each in looks if each.objective is not None)
            return await look(replace(bench, scores=scores))
        finally:
            await sandbox.close()

    try:
        return asyncio.run(run())
    except SandboxUnavailable as error:
        pytest.skip(str(error))


async def faults(bench: Bench) -> list[str]:
    """Attacks that are not held off as they should, and stated values that are not reached."""
    results = await attacks.check(bench, load_attacks(bench.problem))
    found = [
        *map(attacks.finding, results),
        *[await stated.check(bench, each) for each in load_exhibits(bench.problem)],
    ]
    return [f"{each.topic}: {each.text}" for each in found if each.state is not State.OK]


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_problem_holds_its_attacks_off_and_reaches_its_stated_values(name: str) -> None:
    problem = load_problem(PROBLEMS / name)
    assert len(load_attacks(problem)) >= 3
    assert on_bench(problem, faults) == []


@pytest.mark.parametrize("template", templates())
def test_so_does_a_new_problem_of_every_template(tmp_path: Path, template: str) -> None:
    problem = load_problem(write_problem("fresh", tmp_path, template))
    assert on_bench(problem, faults) == []


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_problem_says_what_it_teaches_and_where_its_figures_are_from(name: str) -> None:
    problem = load_problem(PROBLEMS / name)
    objective = problem.spec.objective
    assert objective.baselines
    assert objective.best_known is not None
    about = " ".join((PROBLEMS / name / "README.md").read_text(encoding="utf-8").split())
    assert "What it teaches:" in about
    assert "One evaluation takes" in about
    assert "README.md" not in problem.evaluator
