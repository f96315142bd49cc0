"""Scores nobody can have: beyond a proven bound, or an average that a failed case dropped out of."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from evolve.config import load_settings
from evolve.domain import Direction, Evaluation, Split, Status
from evolve.evaluate import Evaluator
from evolve.problem import Problem
from evolve.sandbox.base import CaseResult, Job
from evolve.sandbox.scripted import ScriptedSandbox
from evolve.session import Session, choose_run
from evolve.store import open_store
from tests.conftest import look

Scripted = Callable[..., ScriptedSandbox]


def bounded(tiny: Problem, bound: float, direction: str) -> Problem:
    objective = tiny.spec.objective.model_copy(update={"bound": bound, "direction": Direction(direction)})
    return replace(tiny, spec=tiny.spec.model_copy(update={"objective": objective}))


def both(problem: Problem, sandbox: ScriptedSandbox) -> tuple[Evaluation, Evaluation]:
    evaluator = Evaluator(problem, sandbox, noise_seed=1)
    held_out = asyncio.run(evaluator.holdout(problem.seed))
    assert held_out is not None
    return asyncio.run(evaluator.search(problem.seed)), held_out


def scoring(value: float) -> Callable[[Job, int], CaseResult]:
    return lambda _job, case: CaseResult(case, Status.VALID, {"error": value, "spread": 0.5})


@pytest.mark.parametrize(
    ("direction", "bound", "score"),
    [("minimize", 0.0, -1e-6), ("minimize", 2.0, 1.9), ("maximize", -1.0, -0.9), ("maximize", 1e6, 1e6 + 1.0)],
)
def test_a_score_beyond_the_proven_bound_is_no_score_and_says_why(
    tiny: Problem, scripted: Scripted, direction: str, bound: float, score: float
) -> None:
    for found in both(bounded(tiny, bound, direction), scripted(scoring(score))):
        assert found.status is Status.SUSPECT
        assert found.objective is None
        assert found.measures == {}
        assert f"error {score:.12g} is beyond the proven bound {bound:.12g}: the evaluator or the bound is wrong" in (
            found.feedback
        )
        assert found.metrics["error"] == pytest.approx(score)  # what a person needs to look into it
        assert found.measurements


@pytest.mark.parametrize(
    ("direction", "bound", "score"),
    [("minimize", 0.0, -1e-16), ("minimize", 2.0, 2.5), ("maximize", 3.0, 3.0), ("maximize", 1e6, 1e6 + 1e-4)],
)
def test_a_score_at_the_bound_but_for_rounding_is_a_score(
    tiny: Problem, scripted: Scripted, direction: str, bound: float, score: float
) -> None:
    for found in both(bounded(tiny, bound, direction), scripted(scoring(score))):
        assert found.status is Status.VALID


def test_a_case_that_fails_fails_the_candidate_and_never_leaves_the_average(tiny: Problem, scripted: Scripted) -> None:
    def answer(_job: Job, case: int) -> CaseResult:
        if case == 2:
            return CaseResult(case, Status.CRASH, feedback="the hard one")
        return CaseResult(case, Status.VALID, {"error": 0.0, "spread": 0.0})

    for found in both(tiny, scripted(answer)):
        assert (found.status, found.objective) == (Status.CRASH, None)
        assert "case 2" in found.feedback
        assert "the hard one" in found.feedback


def test_what_scores_beyond_the_bound_is_nobodys_parent(tiny: Problem, tmp_path: Path) -> None:
    problem = bounded(tiny, 5.0, "minimize")  # the seed has 6.14, and its constants are soon improved
    settings = load_settings([], ["budget.evaluations=60", "seed=11", "workers.evaluations=1"])
    with open_store(tmp_path / "evolve.db", create=True) as store:
        run = choose_run(store, problem, settings)
        scored = ScriptedSandbox(look, {Split.SEARCH: 4, Split.HOLDOUT: 3})
        result = asyncio.run(Session(store, run, problem, settings, (), lambda *_: scored).run())
        told = list(store.tells(run.id))
    suspects = {row.number for row in told if row.status is Status.SUSPECT}
    parents = {parent for row in told for parent in (*row.origin.parents, *row.origin.inspirations)}
    assert suspects
    assert not suspects & parents
    assert result.best_number not in suspects
    assert result.best is not None
    assert result.best.mean >= 5.0
