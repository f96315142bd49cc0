"""A faster kernel: answers are checked entry by entry, and time is what it took, whoever computes and whoever waits."""

from __future__ import annotations

import math
import random
import runpy
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from types import SimpleNamespace
from typing import Any, NoReturn

import numpy as np
import pytest
from stand_in import PROBLEMS, Rejected

from evolve.problem import load_attacks, load_problem

FOLDER = PROBLEMS / "array_speed"
PROGRAMS = ("seed", "baselines/whole_matrix", "baselines/partition", "witness")
Kernel = Callable[[Any, Any, int], Any]


@pytest.fixture(scope="module")
def scorer() -> Iterator[Any]:
    """The module evaluate.py, which imports one beside it."""
    before = set(sys.modules)
    sys.path.insert(0, str(FOLDER))
    try:
        yield import_module("evaluate")
    finally:
        sys.path.remove(str(FOLDER))
        for name in {"evaluate", "reference"} - before:
            sys.modules.pop(name, None)


class Timed:
    """A trusted kernel; `took` says how long its calls took, in wall and CPU seconds."""

    def __init__(self, kernel: Kernel, wall: float = 0.01, cpu: float = 0.01) -> None:
        self.kernel = kernel
        self.last = SimpleNamespace(wall=wall, cpu=cpu)
        self.seen: list[np.ndarray] = []

    def call(self, name: str, points: Any, weights: Any, k: int, allow_nan: bool = False) -> Any:
        self.seen.append(points)
        return self.kernel(points.copy(), weights.copy(), k)

    def reject(self, text: str) -> NoReturn:
        raise Rejected(text)


def kernel(program: str) -> Kernel:
    function: Kernel = runpy.run_path(str(FOLDER / program / "kernel.py"))["lightest"]
    return function


def by_hand(points: np.ndarray, weights: np.ndarray, k: int) -> list[list[float]]:
    """The definition, one connection after the other."""
    rows = []
    for i, here in enumerate(points.tolist()):
        there = [(j, p) for j, p in enumerate(points.tolist()) if j != i and not any(math.isnan(x) for x in p)]
        weighed = sorted(float(weights[j]) * math.dist(here, p) for j, p in there)
        found = (weighed + [math.inf] * k)[:k]
        rows.append([math.nan] * k if any(math.isnan(x) for x in here) else found)
    return rows


def test_the_folder_times_one_program_at_a_time() -> None:
    problem = load_problem(FOLDER)
    assert problem.spec.evaluation.timing
    assert problem.spec.limits.processes == 1
    assert len(load_attacks(problem)) >= 4


def test_the_reference_is_the_definition(scorer: Any) -> None:
    for name, points, weights, k in scorer.edges(np.random.default_rng(3)):
        found = scorer.reference.lightest(points, weights, k)
        wanted = by_hand(np.asarray(points, dtype=float), np.asarray(weights, dtype=float), k)
        np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=0, err_msg=name)


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_of_ours_is_right_on_edges_and_on_timed_inputs(scorer: Any, program: str) -> None:
    function = kernel(program)
    draw = np.random.default_rng(11)
    timed = [(case["kind"], *scorer.timed_input(draw, case), 8) for case in scorer.cases("holdout", 5)]
    for name, points, weights, k in [*scorer.edges(draw), *timed]:
        scorer.check(Timed(function), function(points, weights, k), scorer.reference.lightest(points, weights, k), name)


def test_the_witness_is_right_where_its_boxes_do_not_settle_it(scorer: Any) -> None:
    """Far outliers, weights of very different size, and many points in one place."""
    draw = np.random.default_rng(2)
    points = np.concatenate([draw.random((280, 2)), 1e4 * draw.random((20, 2)), np.ones((30, 2))])
    for weights in (np.ones(330), 10.0 ** draw.uniform(-3, 3, 330)):
        wanted = scorer.reference.lightest(points, weights, 12)
        np.testing.assert_allclose(kernel("witness")(points, weights, 12), wanted, rtol=1e-12, atol=0)


def test_inputs_differ_from_call_to_call_look_to_look_and_run_to_run(scorer: Any) -> None:
    seen = []
    for seed, look in ((1, 1), (1, 2), (2, 1)):
        small = {**scorer.cases("search", seed)[1], "points": 50}
        random.seed(look)
        program = Timed(kernel("baselines/whole_matrix"))
        scorer.evaluate(program, small)
        seen += [points.tobytes() for points in program.seen if len(points) in (25, 50) and points.shape[1] == 3]
    assert len(seen) == len(set(seen)) == 3 * (scorer.PAIRS + scorer.PAIRS // 2)
    assert scorer.SIZES["search"] != scorer.SIZES["holdout"]


@pytest.mark.parametrize(("wall", "cpu", "seconds"), [(0.03, 0.01, 0.01), (0.01, 0.02, 0.02), (0.01, 0.0, 0.01)])
def test_time_is_what_the_process_computed_with(scorer: Any, wall: float, cpu: float, seconds: float) -> None:
    """Who waits neither gains nor loses; wall time stands in where a kernel shows no CPU time."""
    given = scorer.timed_input(np.random.default_rng(1), {"points": 30, "coordinates": 2, "kind": "even"})
    assert scorer.pair(Timed(kernel("baselines/whole_matrix"), wall, cpu), given, first=True).program == seconds


def test_twice_as_slow_is_half_the_speed(scorer: Any) -> None:
    case = scorer.cases("search", 4)[1]
    found = [scorer.evaluate(Timed(kernel("baselines/partition"), took, took), case) for took in (0.5, 1.0)]
    assert found[0]["speedup"] / found[1]["speedup"] == pytest.approx(2.0, rel=0.5)
    assert (found[0]["milliseconds"], found[1]["growth"]) == (500.0, 0.0)


def wrong(change: Callable[[np.ndarray], Any]) -> Kernel:
    plain = kernel("baselines/whole_matrix")
    return lambda points, weights, k: change(plain(points, weights, k))


def scaled(found: np.ndarray) -> np.ndarray:
    return found * (1 + 2e-9)


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (wrong(scaled), "of row 0 is .* instead of"),
        (wrong(lambda found: found.astype(np.float32)), "returned float32"),
        (wrong(lambda found: found.tolist()), "returned list"),
        (wrong(lambda found: found[:, :1]), r"returned float64 \(1, 1\)"),
        (wrong(lambda found: np.nan_to_num(found)), "of row"),
        (wrong(lambda found: found[:, ::-1]), "points with NaN|fewer neighbours"),
        (wrong(lambda found: None), "returned NoneType"),
    ],
)
def test_what_is_not_the_reference_is_refused_with_a_reason(scorer: Any, function: Kernel, text: str) -> None:
    with pytest.raises(Rejected, match=text):
        scorer.evaluate(Timed(function), {**scorer.cases("search", 4)[1], "points": 40})
