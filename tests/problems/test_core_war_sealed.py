"""Core War where it really runs: opponents reach the evaluator alone, and a person's folder is the held-out one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from stand_in import PROBLEMS

from evolve.assembly import sealed_problem
from evolve.domain import Split, Status
from evolve.errors import SandboxUnavailable
from evolve.problem import Problem, load_problem
from evolve.problem.inputs import Champion, Inputs
from evolve.sandbox.base import CaseResult, Job
from evolve.sandbox.local import LocalSandbox


def results(problem: Problem, split: Split, cases: tuple[int, ...]) -> tuple[CaseResult, ...]:
    """What the seed gets on some cases; skips where the sandbox cannot run."""

    async def run() -> tuple[CaseResult, ...]:
        sandbox = LocalSandbox(sealed_problem(problem, seed=3), 1)
        try:
            await sandbox.start()
            return tuple(await sandbox.run(Job(problem.seed, split, cases, 7, problem.limits)))
        finally:
            await sandbox.close()

    try:
        return asyncio.run(run())
    except SandboxUnavailable as error:
        pytest.skip(str(error))


@pytest.mark.slow
def test_champions_and_a_folder_of_ones_own_are_the_opponents(tmp_path: Path) -> None:
    (tmp_path / "sleeper.red").write_text("        JMP.B  $0, $0\n", encoding="utf-8")
    (tmp_path / "corpse.red").write_text("        DAT.F  #0, #0\n", encoding="utf-8")
    champions = tuple(Champion(number, 9, {"warrior.red": "        DAT.F  #0, #0\n"}) for number in (1, 2))
    inputs = Inputs(parameters={"cycles": 400}, holdout=tmp_path, champions=champions)
    problem = load_problem(PROBLEMS / "core_war", inputs)
    search = results(problem, Split.SEARCH, (0, 1))
    assert [each.status for each in search] == [Status.VALID, Status.VALID], search[0].feedback
    assert [each.feedback.partition(":")[0] for each in search] == ["against champion_1_9", "against champion_2_9"]
    assert search[0].metrics["points"] == 100.0
    holdout = results(problem, Split.HOLDOUT, (0, 1))
    assert [each.feedback.partition(":")[0] for each in holdout] == ["against corpse", "against sleeper"]
    assert holdout[0].metrics["points"] == 100.0
