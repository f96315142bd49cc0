"""Problems made of an evaluator's text, and a bench on which single checks can be tried."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import pytest

from evolve.assembly import sealed_problem
from evolve.domain import Split
from evolve.errors import SandboxUnavailable
from evolve.problem import Problem, load_problem
from evolve.problem.cheats import CHEATS
from evolve.report.checks import cheating, probe
from evolve.report.checks.bench import Bench
from evolve.report.findings import Finding, State
from evolve.sandbox.base import Level
from evolve.sandbox.local import LocalSandbox

T = TypeVar("T")

SEED = "def solve(n):\n    return [i / (i + 1.0) for i in range(n)]\n"
"""Answers n numbers from 0 to 1: 0, 0.5, 0.667, ..."""


@dataclass(frozen=True)
class Written:
    """A problem's texts; `write` makes a folder of them."""

    evaluate: str
    seed: str = SEED
    direction: str = "maximize"
    objective: str = ""
    rest: str = ""
    files: tuple[tuple[str, str], ...] = ()

    def write(self, folder: Path) -> Problem:
        """The loaded problem."""
        toml = (
            'name = "checked"\nsummary = "for one check"\n'
            f'[objective]\nmetric = "score"\ndirection = "{self.direction}"\n{self.objective}\n{self.rest}\n'
        )
        texts = {"problem.toml": toml, "problem.md": "Solve it.\n", "evaluate.py": self.evaluate}
        for name, text in {**texts, "seed/solve.py": self.seed, **dict(self.files)}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        return load_problem(folder)


@contextlib.asynccontextmanager
async def bench_for(problem: Problem, repeats: int, seconds: float, level: Level) -> AsyncIterator[Bench]:
    """A bench whose seed has been scored so often."""
    unsandboxed = level is Level.PROCESS
    sandbox = LocalSandbox(sealed_problem(problem, 0), 1, allow_unsandboxed=unsandboxed, strongest=level)
    try:
        await sandbox.start()
        bench = Bench(problem, sandbox, 1, time.monotonic() + seconds)
        looks = [await bench.evaluator(repeat).search(problem.seed) for repeat in range(repeats)]
        assert all(look.objective is not None for look in looks), looks[0].feedback
        yield replace(bench, scores=tuple(look.objective.mean for look in looks if look.objective))
    finally:
        await sandbox.close()


def on_bench(
    problem: Problem,
    check: Callable[[Bench], Awaitable[T]],
    repeats: int = 1,
    seconds: float = 50.0,
    level: Level = Level.NAMESPACES,
) -> T:
    """What a check says of a problem; skips where candidates cannot be isolated."""

    async def run() -> T:
        async with bench_for(problem, repeats, seconds, level) as bench:
            return await check(bench)

    try:
        return asyncio.run(run())
    except SandboxUnavailable as error:
        pytest.skip(str(error))


async def cheats(bench: Bench, only: Collection[str] = ()) -> list[Finding]:
    """All generic cheats, as a check-up runs them, or only some."""
    seen = await probe.probe(bench, Split.SEARCH, await bench.sandbox.cases(Split.SEARCH))
    among = [cheat for cheat in CHEATS if not only or cheat.name in only]
    return await cheating.check(bench, seen.values(), among)


def by_topic(findings: Sequence[Finding]) -> Mapping[str, Finding]:
    return {finding.topic: finding for finding in findings}


def faults(findings: Sequence[Finding]) -> set[str]:
    return {finding.topic for finding in findings if finding.state is State.FAULT}
