"""Tours in C++: the bound is a bound, lengths are lengths, and only a tour is read as one."""

from __future__ import annotations

import itertools
import math
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse.csgraph import minimum_spanning_tree
from stand_in import PROBLEMS, Rejected

from evolve.problem import load_attacks, load_problem

Evaluator = Callable[[str], dict[str, Any]]
FOLDER = PROBLEMS / "tour_cpp"
SQUARE = [(0, 0), (0, 10), (10, 10), (10, 0)]


@pytest.fixture
def scorer(evaluator: Evaluator) -> dict[str, Any]:
    return evaluator("tour_cpp")


class Ran:
    """What `program.run` gives back."""

    def __init__(self, stdout: bytes, returncode: int = 0, stderr: bytes = b"") -> None:
        self.stdout, self.returncode, self.stderr = stdout, returncode, stderr


class Command:
    """A program whose answer is given."""

    def __init__(self, answer: Callable[[bytes], Ran]) -> None:
        self.answer = answer

    def run(self, argv: object = None, stdin: str = "", timeout: float | None = None) -> Ran:
        return self.answer(stdin.encode())

    def reject(self, text: str) -> None:
        raise Rejected(text)


def says(stdout: bytes, returncode: int = 0, stderr: bytes = b"") -> Command:
    return Command(lambda stdin: Ran(stdout, returncode, stderr))


def test_the_folder_builds_with_a_compiler() -> None:
    problem = load_problem(FOLDER)
    assert (problem.entry, problem.language, problem.spec.program.build[0]) == ("tour.cpp", "cpp", "g++")
    assert problem.spec.limits.processes == 1, "the CPU limit is one process's: two would have twice the time"
    assert len(load_attacks(problem)) >= 4


def test_no_tour_is_shorter_than_the_bound_whatever_the_prices(scorer: dict[str, Any]) -> None:
    """Against all 360 tours of 7 cities. Good prices come close, silly ones stay below."""
    draw = random.Random(5)
    for _ in range(5):
        points = [(draw.randrange(1000), draw.randrange(1000)) for _ in range(7)]
        tours = ([0, *rest] for rest in itertools.permutations(range(1, 7)))
        shortest = min(sum(scorer["lengths"](points, tour)) for tour in tours)
        bounds = [
            scorer["lower_bound"](points, [draw.uniform(-500, 500) * size for _ in points]) for size in (0, 0.1, 1)
        ]
        assert 0.5 * shortest < bounds[0] <= shortest * (1 + 1e-12)
        assert max(bounds) <= shortest * (1 + 1e-12)


def test_the_tree_is_a_cheapest_one(scorer: dict[str, Any]) -> None:
    """Against SciPy's spanning tree and the two shortest edges of city 0."""
    points = scorer["place"]("tree", "clustered", 60)
    distance = scorer["distances"](points)
    weight, degrees = scorer["one_tree"](distance)
    rest = np.where(np.isfinite(distance), distance, 0)[1:, 1:]
    assert weight == pytest.approx(minimum_spanning_tree(rest).sum() + np.sort(distance[0])[:2].sum())
    assert degrees.sum() == 2 * len(points)
    assert degrees[0] == 2


def test_instances_are_distinct_points_and_the_held_out_ones_are_others(scorer: dict[str, Any]) -> None:
    search, holdout = scorer["cases"]("search"), scorer["cases"]("holdout")
    for case in search + holdout:
        assert len(set(case["points"])) == len(case["points"])
        assert all(0 <= at < scorer["SIDE"] for point in case["points"] for at in point)
    assert len({tuple(case["points"]) for case in search + holdout}) == 6
    assert {len(case["points"]) for case in holdout} == {500}


def test_committed_prices_make_the_bounds_tight(scorer: dict[str, Any]) -> None:
    """For uniform points the bound tends to 0.7080 * sqrt(n * area) (Johnson and McGeoch), from above."""
    case = scorer["cases"]("holdout")[0]
    assert 0.708 < case["bound"] / (scorer["SIDE"] * math.sqrt(500)) < 0.76
    assert case["bound"] > 1.05 * scorer["lower_bound"](case["points"], [0] * 500)


def test_a_square_tour_is_scored_by_hand(scorer: dict[str, Any]) -> None:
    found = scorer["evaluate"](says(b"0\n1\n2\n3\n"), {"points": SQUARE, "bound": 32.0})
    assert found["excess"] == pytest.approx(25.0)
    assert found["longest"] == pytest.approx(1.0)
    assert found["greed"] == 100.0
    crossed = scorer["evaluate"](says(b"0 2 1 3"), {"points": SQUARE, "bound": 32.0})
    assert crossed["excess"] == pytest.approx(100 * ((20 + 20 * math.sqrt(2)) / 32 - 1))


@pytest.mark.parametrize(
    ("output", "text"),
    [
        (b"0 1 2", "printed 3 words"),
        (b"0 1 2 3 0", "printed 5 words"),
        (b"0 1 2 2", "city 2 is visited twice"),
        (b"0 1 2 4", "from 0 to 3"),
        (b"0 1 2 -1", "from 0 to 3"),
        (b"0 1 2 +3", "from 0 to 3"),
        (b"0 1 2 0_3", "from 0 to 3"),
        ("0 1 2 ٣".encode(), "from 0 to 3"),
        (b"0 1 2 3.0", "from 0 to 3"),
        (b"0 1 2 99999999999999999999", "from 0 to 3"),
        (b"\xff\x00 1 2 3", "from 0 to 3"),
        (b"", "printed 0 words"),
    ],
)
def test_what_is_no_tour_is_refused_with_a_reason(scorer: dict[str, Any], output: bytes, text: str) -> None:
    with pytest.raises(Rejected, match=text):
        scorer["evaluate"](says(output), {"points": SQUARE, "bound": 32.0})


def test_a_tour_of_a_program_that_failed_is_not_read(scorer: dict[str, Any]) -> None:
    with pytest.raises(Rejected, match="exit code 3 on 4 cities: out of luck"):
        scorer["evaluate"](says(b"0 1 2 3", 3, b"out of luck\n"), {"points": SQUARE, "bound": 32.0})


def test_without_a_compiler_one_sentence_says_so(scorer: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(RuntimeError, match=r"finds no g\+\+ in the sandbox: install one"):
        scorer["cases"]("search")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="needs a C++ compiler")
def test_seed_baselines_and_witness_visit_few_cities_too(scorer: dict[str, Any], tmp_path: Path) -> None:
    for name in ("seed", "baselines/nearest_neighbour", "baselines/two_opt", "witness"):
        built = tmp_path / name.replace("/", "_")
        subprocess.run(["g++", "-O1", "-std=c++14", "-o", built, FOLDER / name / "tour.cpp"], check=True)
        for cities in (1, 2, 3, 5, 8, 30):
            points = scorer["as_text"](scorer["place"]("few", "uniform", cities))
            ran = subprocess.run([built], input=points.encode(), capture_output=True, check=True)
            assert sorted(map(int, ran.stdout.split())) == list(range(cities)), name
