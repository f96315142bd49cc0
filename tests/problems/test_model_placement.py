"""Models on GPUs: the proof agrees with all placements counted out, and nothing scores beyond it."""

from __future__ import annotations

import itertools
import random
import runpy
import sys
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stand_in import PROBLEMS, Inside, Rejected

from evolve.problem import load_attacks, load_problem

FOLDER = PROBLEMS / "model_placement"
SMALL: dict[str, Any] = {"sizes": [30, 30, 50, 10], "loads": [8, 9, 3, 20], "gpus": 3, "capacity": 80}
"""The best placement has the last model with the first: pressures 28/40, 9/50 and 3/30."""


def one(instance: dict[str, Any], best: Fraction) -> dict[str, Any]:
    return {"instances": [{"given": instance, "best": [best.numerator, best.denominator]}]}


@pytest.fixture(scope="module")
def scorer() -> Iterator[dict[str, Any]]:
    """The evaluator's names; its neighbour `optimum` is importable beside it, as in the sandbox."""
    sys.path.insert(0, str(FOLDER))
    try:
        yield runpy.run_path(str(FOLDER / "evaluate.py"))
    finally:
        sys.path.remove(str(FOLDER))


def counted_out(sizes: list[int], loads: list[int], gpus: int, capacity: int) -> Fraction | None:
    """The least peak over every one of the gpus^models placements."""
    best = None
    for places in itertools.product(range(gpus), repeat=len(sizes)):
        free = [capacity - sum(s for s, place in zip(sizes, places, strict=True) if place == g) for g in range(gpus)]
        load = [sum(w for w, place in zip(loads, places, strict=True) if place == g) for g in range(gpus)]
        if min(free) >= 1:
            peak = max(Fraction(w, f) for w, f in zip(load, free, strict=True))
            best = peak if best is None else min(best, peak)
    return best


@given(st.integers(0, 2**32), st.integers(1, 5), st.integers(1, 4), st.sampled_from([3, 10, 40]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
def test_the_proof_is_the_least_of_all_placements(
    scorer: dict[str, Any], seed: int, models: int, gpus: int, capacity: int
) -> None:
    draw = random.Random(seed)
    sizes = [draw.randint(1, max(1, capacity // 2)) for _ in range(models)]
    loads = [draw.choice((1, 2, 3, draw.randint(1, 1000))) for _ in range(models)]
    assert scorer["least_peak"](sizes, loads, gpus, capacity) == counted_out(sizes, loads, gpus, capacity)


def test_nothing_fits_where_a_model_fills_a_gpu(scorer: dict[str, Any]) -> None:
    assert scorer["least_peak"]([80], [5], 3, 80) is None
    assert scorer["least_peak"]([79], [5], 3, 80) == 5


def test_pressures_that_differ_by_a_hair_are_told_apart(scorer: dict[str, Any]) -> None:
    """Such as 1000/78 and 1013/79, which differ by 0.002; and equal ones, such as 1000/80 and 975/78, are equal."""
    keys = scorer["least_peak"].__globals__["keys"]
    np = scorer["least_peak"].__globals__["np"]
    pairs = [(load, free) for free in (77, 78, 79, 80) for load in (975, 987, 1000, 1013, 1026)]
    found = keys(np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs]), 80).tolist()
    for (one, key), (other, rival) in itertools.combinations(zip(pairs, found, strict=True), 2):
        exact = Fraction(*one) - Fraction(*other)
        assert (exact > 0) == (key > rival)
        assert (exact == 0) == (key == rival)


def test_branch_and_bound_finds_the_same_optimum(scorer: dict[str, Any]) -> None:
    place = runpy.run_path(str(FOLDER / "witness" / "placement.py"))["place"]
    for case in scorer["cases"]("holdout", 7):
        assert scorer["evaluate"](Inside({"place": place}), case)["efficiency"] == 1.0


def test_no_random_placement_passes_the_bound(scorer: dict[str, Any]) -> None:
    draw, case = random.Random(1), scorer["cases"]("search", 7)[0]
    reached = []
    for item in case["instances"] * 200:
        answer = [draw.randrange(item["given"]["gpus"]) for _ in item["given"]["sizes"]]
        alone = {"instances": [item]}
        try:
            reached.append(scorer["evaluate"](Inside({"place": lambda *_, answer=answer: answer}), alone)["efficiency"])
        except Rejected:
            continue
    assert len(reached) > 100
    assert 0.3 < max(reached) <= 1.0


def test_an_instance_that_beats_its_proof_is_not_averaged_away(scorer: dict[str, Any]) -> None:
    """The canary: a leak in one instance must carry the mean over all cases beyond 1, whatever the others score."""
    overall, cases = scorer["overall"], max(scorer["CASES"].values())
    assert overall([Fraction(1, 2), Fraction(1)]) == Fraction(3, 4)
    leaking = overall([Fraction(1, 2)] * 7 + [Fraction(9, 8)])
    assert leaking / cases > 1


def test_a_score_by_hand(scorer: dict[str, Any]) -> None:
    assert scorer["least_peak"](**SMALL) == Fraction(28, 40)
    scored = scorer["evaluate"](Inside({"place": lambda *_: [0, 0, 1, 2]}), one(SMALL, Fraction(28, 40)))
    assert scored["efficiency"] == pytest.approx((28 / 40) / (17 / 20))
    assert scored["hottest_share"] == pytest.approx(20 / 40)


def test_search_instances_come_from_the_secret_seed_and_held_out_ones_do_not(scorer: dict[str, Any]) -> None:
    search, holdout = scorer["cases"]("search", 1), scorer["cases"]("holdout", 1)
    assert search == scorer["cases"]("search", 1) != scorer["cases"]("search", 2)
    assert holdout == scorer["cases"]("holdout", 2)
    items = [item for case in search + holdout for item in case["instances"]]
    assert len({str(item["given"]) for item in items}) == len(items) == 40
    for item in items:
        memory = item["given"]["gpus"] * item["given"]["capacity"]
        assert 0.62 <= sum(item["given"]["sizes"]) / memory <= 0.78


def test_the_folder_loads_and_its_bound_is_its_target() -> None:
    problem = load_problem(FOLDER)
    assert problem.spec.objective.bound == problem.spec.objective.target == 1.0
    assert len(load_attacks(problem)) >= 4


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ([0, 1, 2], "one GPU for each of the 4 models"),
        ((0, 1, 2, 0), "must return a list"),
        ([0, 1, 3, 0], "model 2 on GPU 3; GPUs are numbered from 0 to 2"),
        ([0, -1, 2, 0], "model 1 on GPU -1"),
        ([0, 1, 2.0, 0], "model 2 on GPU 2.0"),
        ([0, True, 2, 0], "model 1 on GPU True"),
        ([0, 0, 0, 1], "GPU 0 holds models of 110 in all; at most 79 fit"),
        ([0, 1, 0, 1], "GPU 0 holds models of 80 in all"),
        (None, "must return a list"),
    ],
)
def test_what_is_no_placement_is_refused(scorer: dict[str, Any], answer: Any, text: str) -> None:
    with pytest.raises(Rejected, match=text):
        scorer["evaluate"](Inside({"place": lambda *_: answer}), one(SMALL, Fraction(28, 40)))
