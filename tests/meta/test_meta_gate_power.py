"""The gate on areas of real runs: how often it certifies nothing at all, and how often a true gain."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.meta_gate import A_A_BAR, EFFECT, POWER_BAR, Design, certified
from benchmarks.standin_runs import measure, standin
from evolve.meta.records import Stage, TrialKey
from evolve.meta.suites import find_suite

TOWNS = Path(__file__).parents[2] / "benchmarks" / "suites" / "towns.toml"

MEASURED = (
    (0.164, 0.245, 0.223, 0.196, 0.205, 0.193, 0.298, 0.157, 0.201, 0.205, 0.144, 0.164),
    (0.350, 0.210, 0.340, 0.072, 0.157, 0.248, 0.146, 0.306, 0.132, 0.379, 0.145, 0.222),
    (0.145, 0.242, 0.283, 0.291, 0.131, 0.170, 0.222, 0.368, 0.091, 0.295, 0.199, 0.329),
    (0.213, 0.210, 0.359, 0.226, 0.270, 0.157, 0.149, 0.157, 0.156, 0.248, 0.224, 0.202),
    (0.203, 0.328, 0.404, 0.101, 0.124, 0.369, 0.226, 0.351, 0.217, 0.280, 0.318, 0.344),
    (0.158, 0.104, 0.161, 0.134, 0.109, 0.115, 0.208, 0.083, 0.134, 0.066, 0.168, 0.300),
    (0.248, 0.267, 0.100, 0.286, 0.160, 0.198, 0.286, 0.198, 0.210, 0.179, 0.183, 0.121),
    (0.375, 0.298, 0.327, 0.148, 0.262, 0.290, 0.273, 0.144, 0.151, 0.244, 0.174, 0.325),
    (0.162, 0.237, 0.440, 0.116, 0.191, 0.235, 0.286, 0.316, 0.236, 0.039, 0.292, 0.353),
    (0.208, 0.244, 0.223, 0.285, 0.274, 0.135, 0.230, 0.273, 0.191, 0.183, 0.182, 0.313),
    (0.400, 0.217, 0.331, 0.354, 0.236, 0.221, 0.215, 0.138, 0.251, 0.392, 0.367, 0.451),
    (0.105, 0.044, 0.184, 0.091, 0.149, 0.143, 0.141, 0.200, 0.215, 0.261, 0.201, 0.071),
)  # fmt: skip
"""Areas of scaffold zero with the medium stand-in on 12 towns, as `python -m benchmarks.meta_gate` measures them."""

AREAS = {f"town_{number}": values for number, values in enumerate(MEASURED)}
GATES = 150


def test_scaffolds_that_are_no_better_are_rarely_certified_and_better_ones_mostly() -> None:
    """150 gates each: the bars of the benchmark, give or take three standard errors of so few."""
    design = Design(tuple(AREAS), ())
    by_chance, power = (certified(AREAS, design, effect, GATES, f"{effect}") for effect in (0.0, EFFECT))
    assert by_chance <= A_A_BAR + 3 * math.sqrt(A_A_BAR * (1 - A_A_BAR) / GATES)
    assert power >= POWER_BAR - 3 * math.sqrt(POWER_BAR * (1 - POWER_BAR) / GATES)


def test_a_worse_scaffold_is_not_certified() -> None:
    assert certified(AREAS, Design(tuple(AREAS), ()), -EFFECT, 30, "worse") == 0.0


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
