"""Online bin packing: the scorer agrees with a plain simulation and refuses what is no policy."""

from __future__ import annotations

import math
import runpy
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stand_in import PROBLEMS, Inside, Rejected

from evolve.problem import Inputs, load_attacks, load_problem

Evaluator = Callable[[str], dict[str, Any]]
FIRST = [53, 52, 32, 57, 31, 23, 28, 59]
"""Sizes of the first items of the first search instance."""

SEED = PROBLEMS / "bin_packing" / "seed" / "policy.py"


@pytest.fixture
def scorer(evaluator: Evaluator) -> dict[str, Any]:
    return evaluator("bin_packing")


def seed_with(priority: Callable[[float, np.ndarray], Any]) -> Inside:
    """The seed program with another priority, as an edit inside its block would make it."""
    functions = runpy.run_path(str(SEED))
    functions["table"].__wrapped__.__globals__["priority"] = priority
    return Inside(functions)


WEIBULL, OR3 = {"instances": "weibull"}, {"instances": "or3"}


def mean_excess(scorer: dict[str, Any], program: Inside, split: str, kind: dict[str, str] = WEIBULL) -> float:
    return float(np.mean([scorer["evaluate"](program, case)["excess"] for case in scorer["cases"](split, kind)]))


def test_the_folder_loads_and_only_the_priority_may_change() -> None:
    problem = load_problem(PROBLEMS / "bin_packing")
    assert (problem.entry, problem.editable, problem.language) == ("policy.py", ("policy.py",), "python")
    assert len(load_attacks(problem)) >= 3
    assert "def table" in problem.seed.as_dict()["policy.py"].split("EVOLVE-BLOCK-END")[1]


def test_the_seed_is_best_fit_at_the_declared_baseline(scorer: dict[str, Any]) -> None:
    declared = load_problem(PROBLEMS / "bin_packing").spec.objective.baselines["best_fit"].value
    seed = Inside(runpy.run_path(str(SEED)))
    assert mean_excess(scorer, seed, "holdout") == pytest.approx(declared, abs=0.0005)
    assert mean_excess(scorer, seed, "search") == pytest.approx(declared, abs=0.2)


@pytest.mark.parametrize("kind", [WEIBULL, OR3])
def test_first_fit_is_worth_what_is_stated(scorer: dict[str, Any], kind: dict[str, str]) -> None:
    """No table says which bin is oldest, so first fit has no program here: a plain simulation shows its value."""
    excess = []
    for case in scorer["cases"]("holdout", kind):
        bins = np.full(len(case["items"]), case["capacity"])
        for item in case["items"]:
            bins[np.argmax(bins >= item)] -= item
        opened = int((bins < case["capacity"]).sum())
        bound = math.ceil(sum(case["items"]) / case["capacity"])
        excess.append(100 * (opened - bound) / bound)
    inputs = Inputs(parameters=kind)
    stated = load_problem(PROBLEMS / "bin_packing", inputs).spec.objective.baselines["first_fit"].value
    assert np.mean(excess) == pytest.approx(stated, abs=0.0005)


def test_instances_are_fixed_and_the_held_out_ones_are_others(scorer: dict[str, Any]) -> None:
    search, holdout = scorer["cases"]("search", WEIBULL), scorer["cases"]("holdout", WEIBULL)
    assert search == scorer["cases"]("search", WEIBULL)
    streams = [tuple(case["items"][:100]) for case in search + holdout]
    assert len(set(streams)) == len(search) + len(holdout) == 15
    items = np.array(holdout[0]["items"])
    assert items.min() >= 1
    assert items.max() <= 100
    assert items.mean() == pytest.approx(45 * math.gamma(1 + 1 / 3), abs=1.0)  # the mean of Weibull(3, 45)


def test_the_default_instances_are_those_of_earlier_versions(scorer: dict[str, Any]) -> None:
    """Scores in docs and databases were measured on them."""
    first = scorer["cases"]("search", WEIBULL)[0]
    assert first["items"][:8] == FIRST
    assert first["capacity"] == 100


def test_or3_instances_are_uniform_and_the_held_out_ones_are_others(scorer: dict[str, Any]) -> None:
    search, holdout = scorer["cases"]("search", OR3), scorer["cases"]("holdout", OR3)
    assert len({tuple(case["items"]) for case in search + holdout}) == 30
    items = np.array([case["items"] for case in holdout])
    assert items.shape == (20, 500)
    assert (items.min(), items.max()) == (20, 100)
    assert items.mean() == pytest.approx(60, abs=1.0)
    assert {case["capacity"] for case in search + holdout} == {150}


def test_other_instances_are_refused_by_name(scorer: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"instances = 'or9' must be one of weibull, or3"):
        scorer["cases"]("search", {"instances": "or9"})


def test_a_short_rule_can_be_six_times_better_than_the_seed(scorer: dict[str, Any]) -> None:
    """Fill a bin (almost), else leave it room for one typical item: the format is no obstacle to FunSearch's level."""

    def patient(item: float, bins: np.ndarray) -> np.ndarray:
        left = bins - item
        return np.where(left <= 1, 1000 - left, -np.abs(left - 43))

    assert mean_excess(scorer, seed_with(patient), "holdout") < 0.75


@given(st.integers(0, 2**32), st.integers(1, 60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
def test_the_fast_loop_equals_a_plain_simulation(scorer: dict[str, Any], seed: int, levels: int) -> None:
    """Few levels make many ties, many levels make any order."""
    draw = np.random.default_rng(seed)
    scores = draw.integers(0, levels, (101, 101)).astype(float)
    items = draw.integers(1, 101, 300).tolist()
    bins: list[int] = []
    for item in items:
        spaces = [space for space in {*bins, 100} if space >= item]
        space = max(spaces, key=lambda space: (scores[item, space], -space))
        if space != 100:
            bins.remove(space)
        bins.append(space - item)
    opened, left = scorer["pack"](items, scorer["preferences"](np.where(scorer["fits"](100), scores, np.nan)))
    assert opened == len(bins)
    assert left[:100] == np.bincount(bins, minlength=101)[:100].tolist()


def test_infinite_scores_are_scores(scorer: dict[str, Any]) -> None:
    def exact_or_new(item: float, bins: np.ndarray) -> np.ndarray:
        return np.where(bins == item, np.inf, np.where(bins == 100, 0.0, -np.inf))

    scores = scorer["read_table"](seed_with(exact_or_new), 100)
    opened, left = scorer["pack"]([50, 50, 60, 30, 40], scorer["preferences"](scores))
    assert opened == 3
    assert (left[0], left[70]) == (2, 1)


def _table(value: object) -> Callable[[int], object]:
    return lambda capacity: value


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (np.full((101, 101), np.nan), r"priority\(1, bins\) is NaN for a bin with 1 left"),
        (np.zeros((101, 100)), "must return a numpy array of 101 x 101"),
        (np.zeros((101, 101), dtype=complex), "real numbers"),
        (np.full((101, 101), "9"), "real numbers"),
        (np.ones((101, 101), dtype=bool), "real numbers"),
        ([[0.0] * 101] * 101, "numpy array"),
        (None, "numpy array"),
        ({"excess": 0.0}, "numpy array"),
    ],
)
def test_what_is_no_policy_is_rejected_with_a_reason(scorer: dict[str, Any], answer: object, text: str) -> None:
    with pytest.raises(Rejected, match=text):
        scorer["evaluate"](Inside({"table": _table(answer)}), scorer["cases"]("search", WEIBULL)[0])


def test_one_undefined_score_is_found_where_it_is(scorer: dict[str, Any]) -> None:
    scores = np.zeros((101, 101))
    scores[40, 39] = np.nan  # does not fit: no matter
    scores[40, 70] = np.nan
    with pytest.raises(Rejected, match=r"priority\(40, bins\) is NaN for a bin with 70 left"):
        scorer["read_table"](Inside({"table": _table(scores)}), 100)


def test_an_evaluation_takes_milliseconds(scorer: dict[str, Any]) -> None:
    """About 8 ms on a quiet core; the bound leaves room for a loaded machine, not for a slower loop."""
    cases = scorer["cases"]("search", WEIBULL)
    seed = Inside(runpy.run_path(str(SEED)))
    best = math.inf
    for _ in range(5):
        started = time.process_time()
        for case in cases:
            scorer["evaluate"](seed, case)
        best = min(best, time.process_time() - started)
    assert best < 0.040
