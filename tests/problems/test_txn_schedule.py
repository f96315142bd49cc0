"""Transactions under locks: the simulation agrees with a plain one, and the luck is as large as the statement says."""

from __future__ import annotations

import math
import random
import re
import runpy
import statistics
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stand_in import PROBLEMS, Inside, Rejected

from evolve.problem import load_attacks, load_problem

FOLDER = PROBLEMS / "txn_schedule"
IDEAS = ("longest_first", "least_waiting")


@pytest.fixture
def scorer(evaluator: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return evaluator("txn_schedule")


def keeping(order: Any) -> Inside:
    return Inside({"schedule": lambda transactions, workers: order})


def looks(scorer: dict[str, Any], path: str, count: int) -> list[float]:
    """The scores of so many looks at a program on the search workloads, each with luck of its own."""
    schedule = runpy.run_path(str(FOLDER / path / "schedule.py"))["schedule"]
    cases = scorer["cases"]("search")
    programs = [keeping(schedule(case["workload"], scorer["WORKERS"])) for case in cases]
    found = []
    for look in range(count):
        random.seed(look)
        scores = [scorer["evaluate"](program, case) for program, case in zip(programs, cases, strict=True)]
        found.append(statistics.mean(score["makespan"] for score in scores))
    return found


def minute_by_minute(order: list[int], transactions: list[Any], durations: list[list[int]], workers: int) -> int:
    """The rules as they are told, ticked off one millisecond after the other: nothing is computed ahead."""
    ended: dict[int, int] = {}
    running: dict[int, list[int]] = {}  # transaction: its operation, and how long that has run
    waiting, now = list(order), 0
    while len(ended) < len(order):
        progress = True
        while progress:  # whatever can happen at this very moment
            progress = False
            while waiting and len(running) < workers:
                running[waiting.pop(0)] = [0, 0]
            for number in list(running):
                operation, spent = running[number]
                if spent == durations[number][operation]:
                    running[number] = [operation + 1, 0]
                    progress = True
                    if operation + 1 == len(durations[number]):
                        del running[number]
                        ended[number] = now
        for number, state in running.items():
            if state[1] or not blocked(order, transactions, ended, number, state[0]):
                state[1] += 1
        now += 1
    return max(ended.values())


def blocked(order: list[int], transactions: list[Any], ended: dict[int, int], number: int, operation: int) -> bool:
    """Whether an earlier transaction that has not ended holds the key in a way that conflicts."""
    key, writes, _ = transactions[number][operation]
    earlier = [other for other in order[: order.index(number)] if other not in ended]
    return any(key == taken and (writes or theirs) for other in earlier for taken, theirs, _ in transactions[other])


@given(st.integers(0, 2**32), st.integers(1, 9), st.integers(1, 4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None)
def test_the_simulation_agrees_with_the_rules_ticked_off(
    scorer: dict[str, Any], seed: int, count: int, workers: int
) -> None:
    draw = random.Random(seed)
    transactions = [
        [[key, draw.random() < 0.5, 1.0] for key in draw.sample(range(5), draw.randint(1, 4))] for _ in range(count)
    ]
    durations = [[draw.randint(1, 6) for _ in operations] for operations in transactions]
    order = draw.sample(range(count), count)
    simulate = scorer["makespan"]
    known = simulate.__globals__["WORKERS"]
    simulate.__globals__["WORKERS"] = workers
    try:
        assert simulate(order, transactions, durations) == minute_by_minute(order, transactions, durations, workers)
    finally:
        simulate.__globals__["WORKERS"] = known


def test_locks_by_hand(scorer: dict[str, Any]) -> None:
    simulate, ms = scorer["makespan"], [[10.0], [5.0], [3.0]]
    both_read = [[[7, False, 10.0]], [[7, False, 5.0]], [[8, True, 3.0]]]
    assert simulate([0, 1, 2], both_read, ms) == 10.0
    last_writes = [[[7, False, 10.0]], [[7, False, 5.0]], [[7, True, 3.0]]]
    assert simulate([0, 1, 2], last_writes, ms) == 13.0
    assert simulate([2, 0, 1], last_writes, ms) == 13.0
    assert simulate([1, 2, 0], last_writes, ms) == 18.0


def test_luck_changes_no_mean(scorer: dict[str, Any]) -> None:
    """The mean square of a factor is exp(0.4^2) from the lognormal part, times 1.48 / 1.08^2 from the stalls."""
    transactions, deviation = [[[0, True, 1.0]] * 20] * 36, (math.exp(0.16) * 1.48 / 1.08**2 - 1) ** 0.5
    factors = [ms for run in range(60) for row in scorer["lucky"](transactions, f"test {run}") for ms in row]
    assert statistics.mean(factors) == pytest.approx(1.0, abs=4 * deviation / len(factors) ** 0.5)
    assert statistics.stdev(factors) == pytest.approx(deviation, rel=0.07)


def test_looks_scatter_and_their_luck_is_worth_an_idea(scorer: dict[str, Any]) -> None:
    """As large as the statement says, and more than a first rule of thumb is ahead."""
    told = re.search(
        r"scatter by (\d+) ms .* luckiest of 50 looks seems (\d+) ms",
        " ".join((FOLDER / "problem.md").read_text(encoding="utf-8").split()),
    )
    assert told is not None
    fifo = looks(scorer, "baselines/fifo", 400)
    longest, greedy = (statistics.mean(looks(scorer, f"baselines/{name}", 60)) for name in IDEAS)
    assert statistics.stdev(fifo) == pytest.approx(float(told[1]), rel=0.12)
    mean = statistics.mean(fifo)
    luck = statistics.mean(mean - min(fifo[first : first + 50]) for first in range(0, 400, 50))
    assert luck == pytest.approx(float(told[2]), rel=0.12)
    assert mean - longest < luck < mean - greedy


def test_a_look_can_be_repeated_and_another_order_has_other_luck(scorer: dict[str, Any]) -> None:
    assert looks(scorer, "seed", 3) == looks(scorer, "seed", 3)
    case = scorer["cases"]("search")[0]
    there, back = list(range(36)), list(range(35, -1, -1))
    drawn = set()
    for order in (there, back):
        for look in (1, 2):
            random.seed(look)
            drawn.add(scorer["lucks"](case, order)[0])
    assert len(drawn) == 4


def test_the_held_out_score_is_the_expected_one(scorer: dict[str, Any]) -> None:
    """40 runs of a workload are within what they should be of 200 others; everybody gets the same ones."""
    case = scorer["cases"]("holdout")[0]
    order = list(range(36))
    random.seed(1)
    first = scorer["evaluate"](keeping(order), case)["makespan"]
    random.seed(2)
    assert scorer["evaluate"](keeping(order), case)["makespan"] == first
    others = [
        scorer["makespan"](order, case["workload"], scorer["lucky"](case["workload"], f"expected {run}"))
        for run in range(200)
    ]
    error = statistics.stdev(others) * (1 / 40 + 1 / 200) ** 0.5
    assert abs(first - statistics.mean(others)) < 4 * error


def test_workloads_are_fixed_and_the_held_out_ones_are_others(scorer: dict[str, Any]) -> None:
    search, holdout = scorer["cases"]("search"), scorer["cases"]("holdout")
    assert search == scorer["cases"]("search")
    assert len({str(case["workload"]) for case in search + holdout}) == len(search) + len(holdout) == 8
    for case in search + holdout:
        assert len(case["workload"]) == 36
        for operations in case["workload"]:
            keys = [key for key, _, _ in operations]
            assert 2 <= len(set(keys)) == len(keys) <= 6


def test_the_folder_loads_and_its_seed_is_first_come_first_served(scorer: dict[str, Any]) -> None:
    problem = load_problem(FOLDER)
    assert problem.entry == "schedule.py"
    assert len(load_attacks(problem)) >= 4
    schedule = runpy.run_path(str(FOLDER / "seed" / "schedule.py"))["schedule"]
    assert all(schedule(case["workload"], 6) == list(range(36)) for case in scorer["cases"]("holdout"))


def test_how_far_an_order_is_from_arrival(scorer: dict[str, Any]) -> None:
    case = scorer["cases"]("search")[0]
    shuffled = random.Random(1).sample(range(36), 36)
    orders = (list(range(36)), shuffled, list(range(35, -1, -1)))
    kept, mixed, reversed_ = [scorer["evaluate"](keeping(order), case)["reordering"] for order in orders]
    assert (kept, reversed_) == (0.0, 1.5)
    assert mixed == pytest.approx(1.0, abs=0.3)


@pytest.mark.parametrize(
    ("order", "text"),
    [
        (list(range(35)), "list of the 36 transactions' numbers"),
        (tuple(range(36)), "list of the 36 transactions' numbers"),
        ({"makespan": 1.0}, "list of the 36"),
        ([0, *range(35)], "transaction 0 more than once"),
        ([*range(35), 36], "has 36; transactions are whole numbers from 0 to 35"),
        ([-1, *range(35)], "has -1"),
        ([0.0, *range(1, 36)], "has 0.0"),
        ([False, *range(1, 36)], "has False"),
    ],
)
def test_what_is_no_order_is_refused(scorer: dict[str, Any], order: Any, text: str) -> None:
    with pytest.raises(Rejected, match=text):
        scorer["evaluate"](keeping(order), scorer["cases"]("search")[0])
