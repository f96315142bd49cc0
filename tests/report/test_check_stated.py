"""`evolve check` measures stated values again: a baseline nobody can reach is a fault."""

from __future__ import annotations

from pathlib import Path

import pytest
from checking import Written, on_bench

from evolve.errors import ProblemError
from evolve.problem import Problem, load_exhibits
from evolve.report.checks import stated
from evolve.report.checks.bench import Bench
from evolve.report.findings import Finding, State

EVALUATE = """
def cases(split):
    return [{"n": 3}] if split == "search" else [{"n": 5}]


def evaluate(program, case):
    answer = program.solve(case["n"])
    if len(answer) != case["n"]:
        program.reject("so many are wrong")
    return {"score": float(sum(answer))}
"""
OBJECTIVE = """
baselines.ones = { value = VALUE, source = "measured on the held-out case" }
best_known = { value = 10.0, source = "twos" }
"""
ONES = "def solve(n):\n    return [1.0] * n\n"
TWOS = "def solve(n):\n    return [2.0] * n\n"


def problem_with(folder: Path, value: str = "5.0", **files: str) -> Problem:
    texts = {"baselines/ones/solve.py": ONES, "witness/solve.py": TWOS}
    texts.update({name.replace("__", "/") + ".py": text for name, text in files.items()})
    return Written(EVALUATE, objective=OBJECTIVE.replace("VALUE", value), files=tuple(texts.items())).write(folder)


def findings(problem: Problem, repeats: int = 1) -> list[Finding]:
    async def check(bench: Bench) -> list[Finding]:
        return [await stated.check(bench, exhibit) for exhibit in load_exhibits(problem)]

    return on_bench(problem, check, repeats)


def test_values_that_are_reached_again_on_the_held_out_case_are_fine(tmp_path: Path) -> None:
    baseline, witness = findings(problem_with(tmp_path))
    assert (baseline.topic, baseline.state, baseline.text) == ("baseline ones", State.OK, "5, as stated")
    assert (witness.topic, witness.state, witness.text) == ("best known", State.OK, "10, as stated")


def test_a_value_that_is_not_reached_is_a_fault(tmp_path: Path) -> None:
    baseline, _ = findings(problem_with(tmp_path, "5.1"))
    assert baseline.state is State.FAULT
    assert baseline.text == "stated as 5.1, and its program scores 5"


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ("2.6360", State.OK),
        ("2.63598", State.OK),
        ("2.635983", State.OK),
        ("2.63805", State.FAULT),
        ("2.63599", State.FAULT),
        ("2.635984", State.FAULT),
        ("2.6", State.FAULT),
    ],
)
def test_a_value_is_met_to_the_digits_it_is_written_with(tmp_path: Path, value: str, state: State) -> None:
    circles = "def solve(n):\n    return [2.6359830849] + [0.0] * (n - 1)\n"
    baseline, _ = findings(problem_with(tmp_path, value, baselines__ones__solve=circles))
    assert baseline.state is state
    assert "2.63598" in baseline.text


def test_digits_that_differ_far_behind_the_point_are_told(tmp_path: Path) -> None:
    circles = "def solve(n):\n    return [2.6359830849] + [0.0] * (n - 1)\n"
    baseline, _ = findings(problem_with(tmp_path, "2.635984", baselines__ones__solve=circles))
    assert baseline.text == "stated as 2.635984, and its program scores 2.6359830849"


@pytest.mark.parametrize(
    ("value", "slack"),
    [(2.63598, 5e-6), (2.6, 2.6e-3), (-13.0, 0.013), (1e-05, 1e-8), (0.0, 0.0), (2.6359830849174815, 2.6e-9)],
)
def test_slack_is_half_a_unit_of_the_last_digit_but_never_coarse(value: float, slack: float) -> None:
    assert stated.written(value) == pytest.approx(slack, rel=0.02)


def test_a_program_that_fails_is_a_fault_with_its_reason(tmp_path: Path) -> None:
    _, witness = findings(problem_with(tmp_path, witness__solve="def solve(n):\n    return [9.0]\n"))
    assert witness.state is State.FAULT
    assert "not valid (wrong): so many are wrong" in witness.text


def test_with_noise_a_value_within_it_is_fine(tmp_path: Path) -> None:
    noisy = EVALUATE.replace('"score": float(sum(answer))', '"score": sum(answer) + __import__("random").gauss(0, 1)')
    files = (("baselines/ones/solve.py", ONES),)
    objective = 'baselines.ones = { value = VALUE, source = "x" }'
    near = Written(noisy, objective=objective.replace("VALUE", "5.5"), files=files).write(tmp_path / "near")
    far = Written(noisy, objective=objective.replace("VALUE", "55.0"), files=files).write(tmp_path / "far")
    assert [each.state for each in findings(near, 6)] == [State.OK]
    assert [each.state for each in findings(far, 6)] == [State.FAULT]


def test_a_folder_that_shows_no_stated_value_is_refused(tmp_path: Path) -> None:
    problem = problem_with(tmp_path, baselines__twos__solve=TWOS)
    with pytest.raises(ProblemError, match=r"add a table \[objective.baselines.twos\]"):
        load_exhibits(problem)


def test_what_an_exhibit_leaves_out_is_the_seeds(tmp_path: Path) -> None:
    problem = problem_with(tmp_path, baselines__ones__extra="x = 1\n")
    baseline, _ = load_exhibits(problem)
    assert set(baseline.program.as_dict()) == {"solve.py", "extra.py"}
    assert baseline.program.as_dict()["solve.py"] == ONES
