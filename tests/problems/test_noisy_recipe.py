"""The noisy recipe: its luck is what the closed form says, and what is no recipe is refused."""

from __future__ import annotations

import random
import runpy
import statistics
from collections.abc import Callable
from typing import Any

import pytest
from stand_in import PROBLEMS, Inside, Rejected

from evolve.problem import load_attacks, load_problem

FOLDER = PROBLEMS / "noisy_recipe"


@pytest.fixture
def scorer(evaluator: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return evaluator("noisy_recipe")


def weigh(scorer: dict[str, Any], amounts: list[float], look: int, split: str = "search") -> float:
    random.seed(look)
    return float(scorer["evaluate"](Inside({"recipe": lambda: amounts}), scorer["cases"](split)[0])["gain"])


def test_the_folder_loads_and_states_its_truth(scorer: dict[str, Any]) -> None:
    problem = load_problem(FOLDER)
    objective = problem.spec.objective
    seed = runpy.run_path(str(FOLDER / "seed" / "kitchen.py"))["recipe"]()
    assert scorer["expected"](seed) == pytest.approx(objective.baselines["seed"].value, abs=0.005)
    assert objective.best_known is not None
    assert scorer["expected"](scorer["BEST"]) == objective.best_known.value
    assert len(load_attacks(problem)) >= 3


def test_no_recipe_is_better_than_the_best(scorer: dict[str, Any]) -> None:
    draw = random.Random(1)
    near = [[best + draw.gauss(0, 0.1) for best in scorer["BEST"]] for _ in range(200)]
    anywhere = [[draw.uniform(0, 10) for _ in range(6)] for _ in range(200)]
    assert max(scorer["expected"](amounts) for amounts in near + anywhere) < 90.0


def test_batches_scatter_around_the_truth_as_much_as_they_should(scorer: dict[str, Any]) -> None:
    amounts = [2.0, 5.0, 3.0, 4.0, 5.0, 5.0]
    seen = [weigh(scorer, amounts, look) for look in range(2000)]
    assert statistics.mean(seen) == pytest.approx(scorer["expected"](amounts), abs=4 * 3.0 / 2000**0.5)
    assert statistics.stdev(seen) == pytest.approx(scorer["LUCK"], rel=0.07)


def test_luck_belongs_to_a_look_and_a_recipe_and_can_be_repeated(scorer: dict[str, Any]) -> None:
    one, other = [4.0] * 6, [4.0] * 5 + [4.001]
    assert weigh(scorer, one, 7) == weigh(scorer, one, 7)
    assert weigh(scorer, one, 7) != weigh(scorer, one, 8)
    assert weigh(scorer, one, 7) != weigh(scorer, one, 7, "holdout")
    apart = [weigh(scorer, one, look) - weigh(scorer, other, look) for look in range(500)]
    assert statistics.stdev(apart) == pytest.approx(scorer["LUCK"] * 2**0.5, rel=0.15)


@pytest.mark.parametrize("amounts", [[1.0] * 5, "recipe", [1.0] * 5 + [11.0], [1.0] * 5 + [True], [1.0] * 5 + [None]])
def test_what_is_no_recipe_is_refused(scorer: dict[str, Any], amounts: Any) -> None:
    with pytest.raises(Rejected):
        weigh(scorer, amounts, 1)
