"""Scores programs of a foreign folder in the real sandbox of this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from evolve.assembly import sealed_problem
from evolve.domain import Evaluation, Program
from evolve.evaluate import Evaluator
from evolve.problem import Inputs, Problem, load_problem
from evolve.sandbox.local import LocalSandbox

FOLDERS = Path(__file__).parent / "folders"


def folder(name: str, scoring: str = "") -> Problem:
    return load_problem(FOLDERS / name, Inputs(scoring=scoring))


def variant(problem: Problem, text: str) -> Program:
    """The first program with its one changeable file replaced."""
    return problem.seed.with_files({problem.entry: text})


def scored(problem: Problem, texts: Sequence[str] = ()) -> list[Evaluation]:
    """Evaluations of the seed and of a program for each text, in one sandbox."""

    async def work() -> list[Evaluation]:
        sandbox = LocalSandbox(sealed_problem(problem, 1), 1)
        await sandbox.start()
        try:
            evaluator = Evaluator(problem, sandbox, 1)
            return [await evaluator.search(each) for each in [problem.seed, *(variant(problem, t) for t in texts)]]
        finally:
            await sandbox.close()

    return asyncio.run(work())
