"""The gate on areas of real runs: how often it certifies nothing at all, and how often a true gain."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks import meta_gate
from benchmarks.meta_gate import A_A_BAR, EFFECT, POWER_BAR, Design, certified, rows
from benchmarks.standin_runs import measure, standin
from evolve.meta.records import Stage, TrialKey
from evolve.meta.suites import find_suite

TOWNS = Path(__file__).parents[2] / "benchmarks" / "suites" / "towns.toml"

MEASURED = (
    (0.156, 0.233, 0.221, 0.196, 0.205, 0.183, 0.292, 0.134, 0.175, 0.200, 0.133, 0.154),
    (0.340, 0.205, 0.337, 0.064, 0.140, 0.219, 0.137, 0.299, 0.119, 0.379, 0.127, 0.222),
    (0.134, 0.222, 0.283, 0.291, 0.119, 0.160, 0.220, 0.351, 0.078, 0.290, 0.191, 0.329),
    (0.207, 0.192, 0.359, 0.225, 0.248, 0.149, 0.138, 0.147, 0.139, 0.241, 0.204, 0.202),
    (0.198, 0.321, 0.404, 0.083, 0.111, 0.363, 0.222, 0.345, 0.197, 0.266, 0.316, 0.344),
    (0.143, 0.098, 0.161, 0.113, 0.106, 0.109, 0.204, 0.079, 0.116, 0.064, 0.163, 0.296),
    (0.236, 0.244, 0.079, 0.277, 0.142, 0.182, 0.280, 0.186, 0.187, 0.147, 0.177, 0.121),
    (0.358, 0.278, 0.327, 0.124, 0.250, 0.282, 0.264, 0.134, 0.134, 0.244, 0.169, 0.318),
    (0.140, 0.224, 0.440, 0.100, 0.179, 0.226, 0.271, 0.303, 0.213, 0.039, 0.273, 0.329),
    (0.194, 0.234, 0.223, 0.270, 0.254, 0.127, 0.209, 0.255, 0.171, 0.183, 0.169, 0.300),
    (0.371, 0.217, 0.315, 0.345, 0.214, 0.208, 0.191, 0.122, 0.222, 0.378, 0.359, 0.447),
    (0.098, 0.036, 0.184, 0.091, 0.141, 0.137, 0.141, 0.192, 0.197, 0.254, 0.185, 0.057),
)  # fmt: skip
"""Areas of scaffold zero with the medium stand-in on 12 towns, as `python -m benchmarks.meta_gate` measures them."""

AREAS = {f"town_{number}": values for number, values in enumerate(MEASURED)}
DESIGN = Design(tuple(AREAS))
GATES = 150


def chance_bar(gates: int) -> float:
    """What an honest gate certifies of nothing in so many gates, give or take three standard errors."""
    return A_A_BAR + 3 * math.sqrt(A_A_BAR * (1 - A_A_BAR) / gates)


def test_better_scaffolds_are_mostly_certified() -> None:
    """150 gates: the bar of the benchmark, give or take three standard errors of so few."""
    power = certified(AREAS, DESIGN, EFFECT, GATES, "power")
    assert power >= POWER_BAR - 3 * math.sqrt(POWER_BAR * (1 - POWER_BAR) / GATES)


@pytest.mark.slow
@pytest.mark.parametrize("row", rows(DESIGN))
def test_scaffolds_that_are_no_better_are_rarely_certified(row: str) -> None:
    """1,000 gates a row: so many that a gate at alpha = 0.09 would be found out."""
    assert certified(AREAS, rows(DESIGN)[row], 0.0, 1000, "no effect") <= chance_bar(1000)


@pytest.mark.slow
def test_a_gate_that_certifies_nothing_too_often_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meta_gate, "DEFAULTS", meta_gate.DEFAULTS.model_copy(update={"alpha": 0.09}))
    assert certified(AREAS, DESIGN, 0.0, 1000, "no effect") > chance_bar(1000)


def test_failed_runs_and_uneven_effects_cost_power() -> None:
    """Else the rows of the benchmark would be the same row thrice."""
    even, *harder = (certified(AREAS, design, 0.04, 40, "row") for design in rows(DESIGN).values())
    assert all(power < even for power in harder)


def test_a_worse_scaffold_is_not_certified() -> None:
    assert certified(AREAS, DESIGN, -EFFECT, 30, "worse") == 0.0


@pytest.mark.slow
def test_the_stand_in_makes_progress_on_towns_and_more_with_feedback_than_without() -> None:
    """What a scaffold tells the model decides how far a run comes: the room that a campaign has."""
    suite = find_suite(TOWNS)
    told = standin("medium")

    def untold(messages: Sequence[tuple[str, str]], seed: str) -> str:
        return told(
            [(role, re.sub(r"^.* is too (?:large|small) by .*$", "", text, flags=re.M)) for role, text in messages],
            seed,
        )

    areas: dict[str, list[float]] = {"told": [], "untold": []}
    for problem in suite.problems[:6]:
        key = TrialKey(0, problem.name, 3, Stage.RANK, suite.calls)
        areas["told"].append(measure(problem, key, told).area)
        areas["untold"].append(measure(problem, key, untold).area)
    assert 0.1 < statistics.fmean(areas["told"]) < 0.6
    assert statistics.fmean(areas["told"]) > statistics.fmean(areas["untold"]) + 0.08


@pytest.mark.slow
def test_a_run_is_the_same_every_time() -> None:
    problem = find_suite(TOWNS).problems[0]
    key = TrialKey(0, problem.name, 5, Stage.RANK, 3)
    first = measure(problem, key, standin("medium"))
    assert first == measure(problem, key, standin("medium"))
    assert len(first.curve) == first.measured.calls == 3


@pytest.mark.slow
def test_a_score_counts_once_its_lessons_call_is_spent_too() -> None:
    """As in a campaign's trials, where a candidate's score stands from the last of its calls on."""
    problem = find_suite(TOWNS).problems[0]
    medium = standin("medium")
    asked: list[int] = []

    def think(messages: Sequence[tuple[str, str]], seed: str) -> str:
        asked.append(len(messages))
        return medium(messages, seed)

    curve = measure(problem, TrialKey(0, problem.name, 5, Stage.RANK, 4), think).curve
    goes_on = [place for place, (one, other) in enumerate(pairwise(asked)) if other > one]
    assert goes_on  # the conversation about a program, of which its lesson is the end
    assert all(curve[place] == curve[place - 1] for place in goes_on)
    assert curve[3] > curve[0] > 0
