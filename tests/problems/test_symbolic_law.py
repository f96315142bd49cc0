"""The oscillator's law: the scorer's arithmetic, the floor of the noise, a polynomial that fails beyond its data."""

from __future__ import annotations

import math
import runpy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from stand_in import PROBLEMS, Inside, Rejected

from evolve.problem import load_attacks, load_problem

FOLDER = PROBLEMS / "symbolic_law"


class Twice(Inside):
    """A program whose state is dropped, as between fitting and answering; counts how often."""

    dropped = 0

    def fresh(self) -> None:
        self.dropped += 1


@pytest.fixture
def scorer(evaluator: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return evaluator("symbolic_law")


def nmse(scorer: dict[str, Any], path: str, split: str) -> float:
    functions = runpy.run_path(str(FOLDER / path / "law.py"))
    return float(np.mean([scorer["evaluate"](Twice(functions), case)["nmse"] for case in scorer["cases"](split)]))


def saying(answer: Callable[..., Any], constants: tuple[float, ...] = ()) -> Twice:
    return Twice({"fit": lambda *columns: list(constants), "acceleration": answer})


def test_the_folder_loads() -> None:
    problem = load_problem(FOLDER)
    assert (problem.entry, problem.spec.objective.bound) == ("law.py", 0.0)
    assert len(load_attacks(problem)) >= 4


def test_the_error_is_the_plain_sum_over_rows(scorer: dict[str, Any]) -> None:
    case = scorer["cases"]("search")[0]
    program = saying(lambda x, v, u, constants: -4.0 * x - v + constants[0] * u, (1.0,))
    rows = case["asked"].tolist()
    mean = sum(a for *_, a in rows) / len(rows)
    wrong = sum((-4.0 * x - v + u - a) ** 2 for x, v, u, a in rows)
    scored = scorer["evaluate"](program, case)
    assert scored["nmse"] == pytest.approx(wrong / sum((a - mean) ** 2 for *_, a in rows), rel=1e-12)
    assert scored["growth"] == pytest.approx(1.0)
    assert (scored["constants"], program.dropped) == (1, 1)


def test_what_the_true_law_leaves_is_the_noise(scorer: dict[str, Any]) -> None:
    """The squares of n normal readings scatter by sqrt(2 / n) around their expectation."""
    noise, rows = scorer["NOISE"], 0
    squares = 0.0
    for case in [*scorer["cases"]("search"), *scorer["cases"]("holdout")]:
        states, read = case["asked"][:, :3], case["asked"][:, 3]
        scored = scorer["evaluate"](saying(lambda x, v, u, constants: scorer["law"](x, v, u)), case)
        squares += scored["nmse"] * read.var() * len(states)
        rows += len(states)
    assert rows == 800
    assert squares / rows == pytest.approx(noise**2, rel=4 * math.sqrt(2 / rows))


def test_the_law_is_what_the_statement_says_of_it(scorer: dict[str, Any]) -> None:
    law, draw = scorer["law"], np.random.default_rng(1)
    x, v, u = draw.uniform(-3, 3, (3, 200))
    assert law(-x, -v, -u) == pytest.approx(-law(x, v, u))
    assert law(x, v, u) == pytest.approx(
        law(x, 0 * v, 0 * u) + law(0 * x, v, 0 * u) + law(x, 0 * v, u) - law(x, 0, 0 * u)
    )
    for x, v, u in ((0.3, -0.7, 1.1), (-2.0, 4.0, 3.0)):
        spring, resistance = -3.2 * math.tanh(1.5 * x), -0.45 * math.copysign(abs(v) ** 1.5, v)
        assert float(law(x, v, u)) == pytest.approx(spring + resistance + u / (1 + 0.4 * x**2))


def test_held_out_states_lie_beyond_the_search_box(scorer: dict[str, Any]) -> None:
    search, holdout = scorer["cases"]("search"), scorer["cases"]("holdout")
    box = np.array(scorer["BOX"])
    assert all((np.abs(case["asked"][:, :3]) <= box).all() for case in search)
    assert all((np.abs(case["asked"][:, :3]) > box).any(axis=1).all() for case in holdout)
    assert {case["where"] for case in holdout} == {"wider swing", "faster", "stronger drive", "all three"}
    for case in search:  # what is asked is never among what is known
        assert not {tuple(row) for row in case["asked"].tolist()} & {tuple(row) for row in case["known"].tolist()}
    assert len(holdout[0]["known"]) == 400
    assert (scorer["cases"]("search")[0]["asked"] == search[0]["asked"]).all()


def test_the_best_fit_within_the_data_is_the_worst_beyond(scorer: dict[str, Any]) -> None:
    """The lesson: the quintic is near the noise in the search, and 100 times worse than a straight line beyond."""
    within = {path: nmse(scorer, path, "search") for path in ("baselines/linear", "baselines/quintic", "witness")}
    beyond = {path: nmse(scorer, path, "holdout") for path in within}
    assert within["baselines/quintic"] < 1.3 * within["witness"]
    assert within["baselines/quintic"] < within["baselines/linear"] / 40
    assert beyond["baselines/quintic"] > 100 * beyond["baselines/linear"]
    assert beyond["witness"] < beyond["baselines/linear"] / 2000


def test_the_seed_is_the_linear_law(scorer: dict[str, Any]) -> None:
    assert nmse(scorer, "seed", "holdout") == pytest.approx(nmse(scorer, "baselines/linear", "holdout"), rel=1e-9)


@pytest.mark.parametrize(("power", "doublings"), [(0, 0.0), (1, 1.0), (3, 3.0), (9, 6.0)])
def test_growth_tells_how_a_law_goes_on(scorer: dict[str, Any], power: int, doublings: float) -> None:
    program = saying(lambda x, v, u, constants: np.sign(x) * np.abs(x) ** power)
    assert scorer["evaluate"](program, scorer["cases"]("search")[0])["growth"] == pytest.approx(doublings)


def test_only_the_states_that_were_asked_for_must_be_numbers(scorer: dict[str, Any]) -> None:
    with np.errstate(over="ignore"):
        program = saying(lambda x, v, u, constants: np.where(np.abs(x) > 1.2, np.inf, x))
        assert scorer["evaluate"](program, scorer["cases"]("search")[0])["growth"] == scorer["STEEPEST"]


def test_feedback_names_where_the_law_is_off(scorer: dict[str, Any]) -> None:
    program = saying(lambda x, v, u, constants: scorer["law"](x, v, u) + np.where(v > 1.0, 2.0, 0.0))
    first = scorer["evaluate"](program, scorer["cases"]("search")[0])["feedback"].splitlines()[0]
    assert first.startswith("where velocity v is high, the acceleration is too high by 1.")


@pytest.mark.parametrize(
    ("constants", "answer", "text"),
    [
        ([0.0] * 13, np.zeros_like, "at most 12 numbers"),
        ("1.0", np.zeros_like, "at most 12 numbers"),
        ([True], np.zeros_like, "True; every constant"),
        ([math.nan], np.zeros_like, "nan; every constant"),
        ([10**400], np.zeros_like, "every constant must be a number below 1e9"),
        ([[1.0]], np.zeros_like, "every constant"),
        ([], lambda x: x[:-1], "one for each state"),
        ([], lambda x: 0.0, "real numbers"),
        ([], lambda x: x.tolist(), "numpy array"),
        ([], lambda x: x * 1j, "real numbers"),
        ([], lambda x: x * math.nan, r"acceleration\(\) is nan at x="),
        ([], lambda x: x + 1e7, "the limit is 1e6"),
    ],
)
def test_what_is_no_law_is_refused(scorer: dict[str, Any], constants: Any, answer: Any, text: str) -> None:
    program = Twice({"fit": lambda *columns: constants, "acceleration": lambda x, *rest: answer(x)})
    with pytest.raises(Rejected, match=text):
        scorer["evaluate"](program, scorer["cases"]("search")[0])
