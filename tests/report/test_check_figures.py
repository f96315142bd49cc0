"""Figures of `evolve check`: noise and luck, speed, useless measures, and whether the score reacts."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from checking import Written, by_topic, on_bench

from evolve.config import load_settings
from evolve.domain import Estimate, Evaluation, Status
from evolve.problem import Problem
from evolve.report.check import check_json
from evolve.report.checks import measures, noise, speed, worse
from evolve.report.checks.bench import Bench
from evolve.report.checkup import check_up
from evolve.report.findings import Finding, State
from evolve.sandbox.scripted import ScriptedSandbox

FAIR = """
def evaluate(program, case):
    return {"score": -sum((value - 0.5) ** 2 for value in program.solve(4)), "first": program.solve(4)[0]}
"""
DEAF = 'def evaluate(program, case):\n    program.solve(4)\n    return {"score": 1.0}\n'


def bench(problem: Problem, scores: Sequence[float], workers: int = 1) -> Bench:
    """A bench for what is computed without a sandbox."""
    return Bench(problem, ScriptedSandbox(lambda *_: pytest.fail("nothing runs"), {}), workers, 0.0, tuple(scores))


@pytest.mark.parametrize(("count", "expected"), [(1, 0.0), (2, 0.5642), (100, 2.5076), (1000, 3.2414)])
def test_the_best_of_many_equals_is_as_lucky_as_the_tables_say(count: int, expected: float) -> None:
    assert noise.expected_maximum(count) == pytest.approx(expected, abs=1e-4)


def test_a_difference_called_significant_is_seen_by_luck_once_in_twenty() -> None:
    rng = random.Random(7)
    seen = 0
    for _ in range(4000):
        deviation = statistics.stdev(rng.gauss(0, 1) for _ in range(5))
        gap = statistics.fmean(rng.gauss(0, 1) for _ in range(8)) - statistics.fmean(rng.gauss(0, 1) for _ in range(8))
        seen += abs(gap) > noise.significant_difference(deviation, 5, 8)
    assert 0.04 < seen / 4000 < 0.06


def test_noise_is_told_as_what_can_be_told_apart(tiny: Problem) -> None:
    noisy, luck = noise.findings(bench(tiny, [1.0, 1.2, 0.8, 1.1, 0.9]), 5)
    assert "standard deviation 0.158114 over 5 repeats" in noisy.text
    assert "from 0.62 with 1 look at each, from 0.22 with 8" in noisy.text
    assert "looks 0.4 better than it is, of 1,000 0.51" in luck.text
    (none,) = noise.findings(bench(tiny, [1.0, 1.0]), 2)
    assert none.text.startswith("none: the same score in 2 repeats")


def test_a_budget_is_told_in_evaluations_and_time(tiny: Problem) -> None:
    _, budget = speed.findings(bench(tiny, [1.0], workers=2), 20.0)
    assert budget.text == "--seconds 60 buys at most 1,200 evaluations, --evaluations 1000 takes at least 50 s"


def evaluations(problem: Problem, rows: Sequence[tuple[float, Mapping[str, float]]]) -> list[Evaluation]:
    return [Evaluation(Status.VALID, Estimate(score), {}, given) for score, given in rows]


@pytest.mark.parametrize(
    ("spread", "said"),
    [
        (lambda i: 0.5, "is 0.5 for all of 9 programs"),
        (lambda i: 10.0 + i * i % 5, "lies outside its bounds 0 to 1 for 9 of 9 programs (seen: 10 to 14)"),
        (lambda i: i / 10, "orders 9 different programs as the objective does"),
        (lambda i: -i / 100 + 0.5, "orders 9 different programs as the objective does"),
    ],
)
def test_useless_measures_are_named_with_the_reason(tiny: Problem, spread: Callable[[int], float], said: str) -> None:
    rows = [(float(i**3), {"program_length": float(i * 7 % 5), "spread": spread(i)}) for i in range(9)]
    declared = tuple(
        measure.model_copy(update={"low": 0.0, "high": 1.0}) if measure.name == "spread" else measure
        for measure in tiny.spec.measures
    )
    problem = Problem(**{**vars(tiny), "spec": tiny.spec.model_copy(update={"measures": declared})})
    found = by_topic(list(measures.findings(problem, evaluations(tiny, rows))))
    assert set(found) == {"measure spread"}
    assert (found["measure spread"].state, found["measure spread"].text) == (State.NOTE, said)


def test_measures_that_tell_programs_apart_are_fine(tiny: Problem) -> None:
    rows = [(float(i), {"program_length": float(i * 7 % 5), "spread": (i * 5 % 9) / 10}) for i in range(9)]
    (found,) = measures.findings(tiny, evaluations(tiny, rows))
    assert found.state is State.OK
    rows = [rows[3]] * 9 + rows[:4]  # many equal programs are no evidence
    assert [each.state for each in measures.findings(tiny, evaluations(tiny, rows))] == [State.OK]


async def reaction(bench: Bench) -> Finding:
    found, _ = await worse.check(bench)
    return found[0]


def test_a_score_that_does_not_react_to_the_program_is_a_fault(tmp_path: Path) -> None:
    found = on_bench(Written(DEAF).write(tmp_path), reaction)
    assert found.state is State.FAULT
    assert found.text.startswith("the score does not react to the program: ")


def test_a_score_that_reacts_is_told_with_how_often(tmp_path: Path) -> None:
    found = on_bench(Written(FAIR).write(tmp_path), reaction)
    assert found.state is State.OK
    assert found.details["worse"] >= 4


@pytest.mark.slow
def test_a_score_that_only_says_right_or_wrong_is_worth_a_note(tmp_path: Path) -> None:
    coarse = DEAF.replace("program.solve(4)", "0 < program.solve(4)[-1] or program.reject('no')")
    found = on_bench(Written(coarse).write(tmp_path), reaction)
    assert found.state is State.NOTE
    assert "a finer metric" in found.way_out


@pytest.mark.slow
def test_a_direction_the_wrong_way_round_is_worth_a_note(tmp_path: Path) -> None:
    best = Written(FAIR, "def solve(n):\n    return [0.5, 0.5] + [0.5] * (n - 2)\n", direction="minimize")
    found = on_bench(best.write(tmp_path), reaction)
    assert found.state is State.NOTE
    assert "objective.direction" in found.way_out


def test_changed_programs_differ_from_the_seed_and_from_each_other(tmp_path: Path) -> None:
    small = Written(FAIR, "def solve(n):\n    return [n]\n").write(tmp_path)  # with few ways to change it
    made = worse.changed_programs(small)
    assert 4 < len(made) == len(set(made)) <= worse.CHANGED
    assert small.seed not in made
    assert made == worse.changed_programs(small)  # two checks say the same


SLOW = """
import time
def cases(split):
    return [4]
def evaluate(program, case):
    time.sleep(0.4)
    return {"score": sum(program.solve(case))}
"""


@pytest.mark.slow
def test_what_does_not_fit_into_the_time_is_not_measured_and_no_fault(tmp_path: Path) -> None:
    problem = Written(SLOW).write(tmp_path)
    started = time.monotonic()
    checkup = asyncio.run(check_up(problem, load_settings((), ("sandbox.backend=local",)), 3, seconds=1.0))
    assert time.monotonic() - started < 20  # there are fifty programs to be tried
    late = {finding.topic for finding in checkup.findings if finding.text == "not measured (time)"}
    assert {"cheats", "reaction"} <= late
    assert checkup.faults == []
    assert check_json(checkup)["ok"] is True
