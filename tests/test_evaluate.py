from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from evolve.domain import Status
from evolve.evaluate import Evaluator
from evolve.problem import Problem
from evolve.sandbox.base import CaseResult, Job
from evolve.sandbox.scripted import ScriptedSandbox


@pytest.mark.parametrize("name", ["error", "spread"])
@pytest.mark.parametrize("value", [1e200, -1e308])
def test_a_metric_too_large_for_arithmetic_is_the_candidates_failure_and_not_the_engines(
    tiny: Problem, scripted: Callable[..., ScriptedSandbox], name: str, value: float
) -> None:
    def answer(_job: Job, case: int) -> CaseResult:
        metrics = {"error": 1.0, "spread": 0.5}
        return CaseResult(case, Status.VALID, metrics | {name: value} if case == 2 else metrics)

    evaluator = Evaluator(tiny, scripted(answer), noise_seed=1)
    for evaluation in (asyncio.run(evaluator.search(tiny.seed)), asyncio.run(evaluator.holdout(tiny.seed))):
        assert evaluation is not None
        assert evaluation.status is Status.WRONG
        assert f"metric {name} is {value:g}" in evaluation.feedback


def test_large_metrics_within_reach_are_scores(tiny: Problem, scripted: Callable[..., ScriptedSandbox]) -> None:
    def answer(_job: Job, case: int) -> CaseResult:
        return CaseResult(case, Status.VALID, {"error": (-1) ** case * 1e150, "spread": 1e150})

    evaluation = asyncio.run(Evaluator(tiny, scripted(answer), noise_seed=1).holdout(tiny.seed))
    assert evaluation is not None
    assert evaluation.status is Status.VALID
