"""Circles in a square: feasibility is exact, and a rejection says what to mend."""

from __future__ import annotations

import math
import runpy
from collections.abc import Callable
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stand_in import PROBLEMS, Inside, Rejected

from evolve.problem import Inputs, load_attacks, load_problem

FOLDER = PROBLEMS / "circle_packing"
Score = Callable[[Any], dict[str, float]]


@pytest.fixture
def score(evaluator: Callable[[str], dict[str, Any]]) -> Score:
    names = evaluator("circle_packing")
    return lambda circles: names["evaluate"](Inside({"pack": lambda n: circles}), {"n": len(circles)})


@pytest.fixture
def witness() -> list[list[float]]:
    rows: list[list[float]] = runpy.run_path(str(FOLDER / "witness" / "packing.py"))["pack"](26)
    return rows


def feasible(circles: list[list[float]]) -> bool:
    """The definition, in exact fractions."""
    exact = [[Fraction(value) for value in row] for row in circles]
    inside = all(r >= 0 and r <= x <= 1 - r and r <= y <= 1 - r for x, y, r in exact)
    return inside and all(
        (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 >= (a[2] + b[2]) ** 2 for a, b in combinations(exact, 2)
    )


def test_the_folder_loads() -> None:
    problem = load_problem(FOLDER)
    assert (problem.entry, problem.language) == ("packing.py", "python")
    assert len(load_attacks(problem)) >= 3


@pytest.mark.parametrize("n", [20, 26, 30, 32])
def test_the_witness_proves_the_best_known_value_exactly(score: Score, n: int) -> None:
    objective = load_problem(FOLDER, Inputs(parameters={"n": n})).spec.objective
    rows = runpy.run_path(str(FOLDER / "witness" / "packing.py"))["pack"](n)
    assert len(rows) == n
    assert feasible(rows)
    assert objective.best_known is not None
    assert objective.bound is not None
    assert score(rows)["sum_of_radii"] == objective.best_known.value < objective.bound
    assert all(each.value < objective.best_known.value for each in objective.baselines.values())


def h(sides: float) -> float:
    """What a polygon of so many sides allows: (radius of a circle in it)^2 / area, at most."""
    return 1 / (sides * math.tan(math.pi / sides))


@pytest.mark.parametrize("n", [20, 26, 30, 32])
def test_the_stated_bound_is_the_proven_one_rounded_up(n: int) -> None:
    bound = load_problem(FOLDER, Inputs(parameters={"n": n})).spec.objective.bound
    assert bound is not None
    assert 0 <= bound - math.sqrt(n * h(6 - 2 / n)) < 1e-6


def test_the_bound_is_tight_for_one_circle_and_rests_on_a_concave_increasing_function() -> None:
    assert math.sqrt(h(4)) == pytest.approx(0.5)
    values = [h(3 + step / 50) for step in range(2000)]
    slopes = [b - a for a, b in pairwise(values)]
    assert min(slopes) > 0
    assert all(b < a for a, b in pairwise(slopes))


@pytest.mark.parametrize("n", [1, 2, 5, 9, 10, 26, 40])
def test_the_seed_and_the_grid_answer_for_any_n(n: int) -> None:
    for program in ("seed", "baselines/grid"):
        rows = runpy.run_path(str(FOLDER / program / "packing.py"))["pack"](n)
        assert len(rows) == n
        assert feasible(rows)
        assert sum(r for _, _, r in rows) <= math.sqrt(n * h(6 - 2 / n))


def test_the_seed_is_feasible_and_far_from_the_best() -> None:
    circles = runpy.run_path(str(FOLDER / "seed" / "packing.py"))["pack"](26)
    assert feasible(circles)
    assert 0.9 < sum(r for _, _, r in circles) < 2.0


def test_the_case_is_the_number_of_circles_and_nothing_is_held_out(evaluator: Callable[[str], dict[str, Any]]) -> None:
    cases = evaluator("circle_packing")["cases"]
    assert cases("search", {"n": 26}) == [{"n": 26}]
    assert cases("search", {"n": 32}) == [{"n": 32}]
    assert cases("holdout", {"n": 26}) == []
    with pytest.raises(ValueError, match="parameter n = 0 must be from 1"):
        cases("search", {"n": 0})


def test_numbers_that_tell_packings_apart(score: Score) -> None:
    equal = score([[0.25, 0.5, 0.25], [0.75, 0.5, 0.25]])
    assert equal == {"sum_of_radii": 0.5, "radius_spread": 0.0, "at_sides": 2}
    mixed = score([[0.5, 0.5, 0.3], [0.05, 0.05, 0.0]])
    assert mixed["radius_spread"] == pytest.approx(1.0)
    assert mixed["at_sides"] == 0


@pytest.mark.parametrize(
    ("circles", "text"),
    [
        ([[0.3, 0.5, 0.25], [0.7, 0.5, 0.2]], r"circles 0 and 1 overlap by 5\.0e-02"),
        ([[0.3, 0.5, 0.2 + 1e-12], [0.7, 0.5, 0.2]], r"circles 0 and 1 overlap by 1\.0e-12"),
        ([[0.5, 0.5, 0.1], [0.5, 0.5, 0.2], [0.5, 0.5, 0.3]], r"circles 1 and 2 overlap by 5\.0e-01 \(and 2 more"),
        ([[0.3, 0.5, 0.2], [0.9, 0.5, 0.2]], r"circle 1 reaches beyond the square by 1\.0e-01"),
        ([[0.5, 0.5, math.nextafter(0.5, 1)]], "beyond the square by less than 1e-15"),
        ([[0.5, 0.5, 1e308], [0.5, 0.5, 1e308]], "beyond the square"),
        ([[1e308, 1e308, 1e308]], "beyond the square"),
        ([[0.5, 0.5, -0.1]], r"circle 0: r is negative \(-0\.1\)"),
        ([[0.5, math.nan, 0.1]], r"circle 0: y is not finite \(nan\)"),
        ([[math.inf, 0.5, 0.1]], r"circle 0: x is not finite \(inf\)"),
        ([["0.5", "0.5", "0.1"]], r"got text of shape \(1, 3\)"),
        ([[True, False, False]], "got booleans"),
        ([[0.5j, 0.5, 0.1]], "got complex numbers"),
        ([[0.5, 0.5]], r"got numbers of shape \(1, 2\)"),
        ([[0.5, 0.5, 0.1], [0.5, 0.5]], "different lengths"),
        ([None], r"got objects of shape \(1,\)"),
        ("x", r"got text of shape \(\)"),
    ],
)
def test_a_rejection_says_what_is_wrong(score: Score, circles: object, text: str) -> None:
    with pytest.raises(Rejected, match=text):
        score(circles)


def test_touching_is_allowed_and_a_bit_more_is_not(score: Score) -> None:
    touching = [[0.25, 0.5, 0.25], [0.75, 0.5, 0.25]]
    assert score(touching)["sum_of_radii"] == 0.5
    touching[1][0] = math.nextafter(0.75, 0)
    with pytest.raises(Rejected, match="overlap by less than 1e-15"):
        score(touching)


NEAR = st.sampled_from([0.25, 0.5, 0.75, 1 / 3, 0.2, 0.1, 0.3, 0.7])
ULPS = st.integers(-3, 3)


def nudged(value: float, ulps: int) -> float:
    for _ in range(abs(ulps)):
        value = math.nextafter(value, math.copysign(math.inf, ulps))
    return value


ROW = st.tuples(*[st.builds(nudged, NEAR, ULPS)] * 3)


@given(st.lists(ROW.map(list), min_size=1, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
def test_the_check_agrees_with_exact_fractions(score: Score, circles: list[list[float]]) -> None:
    try:
        accepted = score(circles)["sum_of_radii"] == math.fsum(row[2] for row in circles)
    except Rejected:
        accepted = False
    assert accepted == feasible(circles)


@given(st.integers(0, 25), st.integers(0, 2), st.integers(-40, 40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_near_the_best_packing_it_agrees_too(
    score: Score, witness: list[list[float]], row: int, column: int, ulps: int
) -> None:
    witness[row][column] = nudged(witness[row][column], ulps)
    try:
        accepted = bool(score(witness))
    except Rejected:
        accepted = False
    assert accepted == feasible(witness)


def test_arrays_of_other_kinds_are_read_as_floats(score: Score) -> None:
    assert score(np.array([[0.5, 0.5, 0.25]], dtype=np.float32))["sum_of_radii"] == 0.25
    assert score(np.array([[1, 0, 0]]))["sum_of_radii"] == 0.0
