"""Job shop: schedules keep every rule of a shop, the bound holds against all schedules, and few cases do mislead."""

from __future__ import annotations

import itertools
import random
import runpy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stand_in import PROBLEMS, Inside, Rejected

from evolve.problem import load_problem

FOLDER = PROBLEMS / "job_shop"


@pytest.fixture(scope="module")
def scorer() -> Iterator[dict[str, Any]]:
    sys.path.insert(0, str(FOLDER))
    try:
        names = runpy.run_path(str(FOLDER / "evaluate.py"))
        yield {**vars(sys.modules["shop"]), **names}
    finally:
        sys.path.remove(str(FOLDER))
        sys.modules.pop("shop", None)


def program(folder: Path) -> Inside:
    return Inside(runpy.run_path(str(folder / "rule.py")))


def mean_excess(scorer: dict[str, Any], rule: Inside, split: str) -> float:
    return float(np.mean([scorer["evaluate"](rule, case)["excess"] for case in scorer["cases"](split)]))


def spans(jobs: Any, starts: Any) -> list[tuple[int, int, int, int]]:
    """machine, start, end, job of every step."""
    return [
        (step.machine, begun, begun + step.duration, number)
        for number, (job, begins) in enumerate(zip(jobs, starts, strict=True))
        for step, begun in zip(job, begins, strict=True)
    ]


@pytest.mark.parametrize("number", range(20))
def test_schedules_keep_every_rule_of_a_shop(scorer: dict[str, Any], number: int) -> None:
    draw = random.Random(number)
    jobs = scorer["instance"](f"test:{number}")
    starts = scorer["dispatch"](jobs, lambda waiting: draw.randrange(len(waiting)))
    assert [len(begins) for begins in starts] == [5] * 10
    for job, begins in zip(jobs, starts, strict=True):
        assert all(b >= a + step.duration for step, (a, b) in zip(job[:-1], itertools.pairwise(begins), strict=True))
    steps = spans(jobs, starts)
    for machine in range(5):
        on_it = sorted((start, end) for where, start, end, _ in steps if where == machine)
        assert all(after[0] >= before[1] for before, after in itertools.pairwise(on_it))
    assert max(scorer["ends"](jobs, starts)) == max(end for _, _, end, _ in steps) >= scorer["lower_bound"](jobs)


@pytest.mark.parametrize("number", range(8))
def test_no_machine_waits_while_a_step_does(scorer: dict[str, Any], number: int) -> None:
    jobs = scorer["instance"](f"test:{number}")
    starts = scorer["dispatch"](jobs, lambda waiting: 0)
    steps = spans(jobs, starts)
    for job, begins in zip(jobs, starts, strict=True):
        ready = 0
        for step, begun in zip(job, begins, strict=True):
            busy = sum(min(end, begun) - max(start, ready) for where, start, end, _ in steps
                       if where == step.machine and start < begun and end > ready)  # fmt: skip
            assert busy == begun - ready
            ready = begun + step.duration


def test_the_bound_is_no_more_than_the_best_of_all_schedules(scorer: dict[str, Any]) -> None:
    """Three jobs on three machines: every order in which steps can be begun, each as early as it can be."""
    draw, operation = random.Random(1), scorer["Operation"]
    scorer["lower_bound"].__globals__["MACHINES"] = 3
    try:
        for _ in range(4):
            jobs = [tuple(operation(m, draw.randint(1, 9)) for m in draw.sample(range(3), 3)) for _ in range(3)]
            best = min(earliest(jobs, order) for order in set(itertools.permutations([0, 0, 0, 1, 1, 1, 2, 2, 2])))
            assert scorer["lower_bound"](jobs) <= best
    finally:
        scorer["lower_bound"].__globals__["MACHINES"] = 5


def earliest(jobs: Any, order: tuple[int, ...]) -> int:
    """The makespan when steps begin in this order of jobs."""
    ready, free, done = [0, 0, 0], [0, 0, 0], [0, 0, 0]
    for job in order:
        step = jobs[job][done[job]]
        ready[job] = free[step.machine] = max(ready[job], free[step.machine]) + step.duration
        done[job] += 1
    return max(ready)


def test_what_a_rule_is_told_is_so(scorer: dict[str, Any]) -> None:
    operation = scorer["Operation"]
    jobs = [(operation(0, 5), operation(1, 7)), (operation(0, 3), operation(2, 4), operation(1, 2)), (operation(1, 6),)]
    told: list[Any] = []

    def choose(waiting: list[Any]) -> int:
        told.append(waiting)
        return 0

    scorer["dispatch"](jobs, choose)
    first = [
        (one.duration, one.work_left, one.steps_left, one.next_duration, one.next_busy, one.waited) for one in told[0]
    ]
    # Before anything runs, machine 1 has 6 units of job 2 waiting for it and machine 2 nothing.
    assert first == [(5, 12, 2, 7, 6, 0), (3, 9, 3, 4, 0, 0)]


def test_instances_are_fixed_and_the_held_out_ones_are_others(scorer: dict[str, Any]) -> None:
    search, holdout = scorer["cases"]("search"), scorer["cases"]("holdout")
    assert search == scorer["cases"]("search")
    assert (len(search), len(holdout)) == (3, 40)
    assert len({str(case) for case in search + holdout}) == 43
    for case in search + holdout:
        assert all(sorted(step.machine for step in job) == [0, 1, 2, 3, 4] for job in case["jobs"])


def test_what_fits_three_shops_does_not_fit_forty(scorer: dict[str, Any]) -> None:
    """The best of 40 random weightings on the search shops looks far better than it is."""
    draw = np.random.default_rng(2)
    tried: list[tuple[float, Inside]] = []
    for _ in range(40):
        w = draw.normal(0, 1, 6) / [50, 125, 3, 50, 100, 100]
        rule = Inside({"priority": lambda *facts, w=w: sum(a * fact for a, fact in zip(w, facts, strict=True))})
        tried.append((mean_excess(scorer, rule, "search"), rule))
    best, rule = min(tried, key=lambda each: each[0])
    assert mean_excess(scorer, rule, "holdout") > best + 1.0
    witness = program(FOLDER / "witness")
    assert mean_excess(scorer, witness, "holdout") < mean_excess(scorer, rule, "holdout")


def _answer(value: object) -> Callable[..., object]:
    return lambda *facts: value


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"excess": 0.0}, "numpy array of"),
        ([1.0, 2.0], "numpy array of"),
        (np.zeros(99), "one for each operation"),
        (np.float64(1.0), "numpy array of"),
    ],
)
def test_what_is_no_priority_is_refused_with_a_reason(scorer: dict[str, Any], answer: object, text: str) -> None:
    with pytest.raises(Rejected, match=text):
        scorer["evaluate"](Inside({"priority": _answer(answer)}), scorer["cases"]("search")[0])


@pytest.mark.parametrize("kind", [bool, complex, str, object])
def test_numbers_of_other_kinds_are_refused(scorer: dict[str, Any], kind: type) -> None:
    rule = Inside({"priority": lambda duration, *_: duration.astype(kind)})
    with pytest.raises(Rejected, match="real numbers"):
        scorer["evaluate"](rule, scorer["cases"]("search")[0])


def test_an_undefined_priority_is_told_with_its_operation(scorer: dict[str, Any]) -> None:
    rule = Inside({"priority": lambda duration, *_: np.full(len(duration), np.nan)})
    with pytest.raises(Rejected, match=r"NaN for an operation with duration \d+, work_left \d+"):
        scorer["evaluate"](rule, scorer["cases"]("search")[0])


def test_an_argument_handed_back_is_a_rule_like_others(scorer: dict[str, Any]) -> None:
    """`evolve check` notes that it beats the seed; the README says what it is, with these figures."""
    rules = {
        "waited": Inside({"priority": lambda *facts: facts[-1]}),
        "duration": Inside({"priority": lambda *facts: facts[0]}),
        "fifo": program(FOLDER / "baselines" / "fifo"),
        "seed": program(FOLDER / "seed"),
    }
    found = {name: mean_excess(scorer, rule, "search") for name, rule in rules.items()}
    assert found["waited"] == found["fifo"] < found["seed"] < found["duration"]
    about = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"{found[name]:.2f} %" in about for name in rules)


def test_known_values_are_in_order() -> None:
    objective = load_problem(FOLDER).spec.objective
    assert objective.best_known is not None
    assert objective.bound == 0
    assert all(objective.best_known.value < each.value for each in objective.baselines.values())
