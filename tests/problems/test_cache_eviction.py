"""Cache eviction: the cache agrees with a plain simulation, Belady's count with all ways; nothing leaks."""

from __future__ import annotations

import itertools
import random
import runpy
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from stand_in import PROBLEMS, Inside, Rejected

from evolve.problem import load_problem

FOLDER = PROBLEMS / "cache_eviction"


@pytest.fixture(scope="module")
def scorer() -> Iterator[dict[str, Any]]:
    sys.path.insert(0, str(FOLDER))
    try:
        yield runpy.run_path(str(FOLDER / "evaluate.py"))
    finally:
        sys.path.remove(str(FOLDER))
        sys.modules.pop("traces", None)


@pytest.fixture
def traces() -> dict[str, Any]:
    return runpy.run_path(str(FOLDER / "traces.py"))


def rule(function: Callable[..., Any]) -> Inside:
    return Inside({"priority": function})


def plain_misses(keys: list[int], capacity: int, batch: int, priority: Callable[[int, int], float]) -> int:
    """A dictionary of (last use, times used); the lowest priority goes, older first, `batch` chosen at a time."""
    held: dict[int, tuple[int, int]] = {}
    chosen: list[tuple[int, int]] = []  # key, last use when it was chosen
    misses = 0
    for now, key in enumerate(keys):
        if key in held:
            held[key] = (now, held[key][1] + 1)
            continue
        misses += 1
        if len(held) == capacity:
            chosen = [each for each in chosen if held[each[0]][0] == each[1]]
            if not chosen:
                order = sorted(held, key=lambda key: (priority(now - held[key][0], held[key][1]), held[key][0]))
                chosen = [(key, held[key][0]) for key in order[:batch]]
            del held[chosen.pop(0)[0]]
        held[key] = (now, 1)
    return misses


@pytest.mark.parametrize("number", range(4))
def test_lru_and_lfu_agree_with_a_plain_cache(scorer: dict[str, Any], number: int) -> None:
    keys = scorer["cases"]("search")[number]["keys"]
    uses = scorer["USES"].tolist()
    step = [max(i for i, least in enumerate(uses) if least <= max(count, 1)) for count in range(len(keys) + 1)]
    sizes = {"capacity": scorer["CAPACITY"], "batch": scorer["BATCH"]}
    for name, priority in (("lru", lambda age, used: -age), ("lfu", lambda age, used: step[used])):
        program = Inside(runpy.run_path(str(FOLDER / "baselines" / name / "rule.py")))
        found = scorer["evaluate"](program, {"keys": keys, "fewest": 1})
        misses = plain_misses(keys, priority=priority, **sizes)
        assert found["miss_ratio"] == misses / len(keys)
        assert found["excess"] == pytest.approx(100 * (misses - 1))


def fewest_by_trying(keys: tuple[int, ...], capacity: int, held: frozenset[int] = frozenset()) -> int:
    """All ways to make room."""
    if not keys:
        return 0
    key, rest = keys[0], keys[1:]
    if key in held:
        return fewest_by_trying(rest, capacity, held)
    if len(held) < capacity:
        return 1 + fewest_by_trying(rest, capacity, held | {key})
    return 1 + min(fewest_by_trying(rest, capacity, held - {out} | {key}) for out in held)


@pytest.mark.parametrize("capacity", [1, 2, 3, 4])
def test_the_bound_is_the_fewest_of_all_ways_to_make_room(traces: dict[str, Any], capacity: int) -> None:
    """As shipped but for the size of the cache: the score 0 is a proven bound only when every miss counts."""
    belady = traces["belady"]
    belady.__globals__["CAPACITY"] = capacity
    draw = random.Random(1)
    for _ in range(25):
        keys = [draw.randrange(6) for _ in range(12)]
        assert belady(keys) == fewest_by_trying(tuple(keys), capacity)


def test_no_rule_beats_belady_and_rules_differ_by_kind(scorer: dict[str, Any]) -> None:
    cases = scorer["cases"]("search")
    draw = np.random.default_rng(1)
    noise = draw.random(scorer["SHAPE"])
    lru = [scorer["evaluate"](rule(lambda age, *_: -age), case)["excess"] for case in cases]
    lfu = [scorer["evaluate"](rule(lambda age, gap, uses, *_: uses), case)["excess"] for case in cases]
    luck = [scorer["evaluate"](rule(lambda *_: noise), case)["excess"] for case in cases]
    assert min(lru + lfu + luck) > 0
    assert [a < b for a, b in zip(lru, lfu, strict=True)] == [True, False, False, True]  # drift, scan, loop, shift


def test_what_a_rule_is_told_is_the_past_and_no_more(scorer: dict[str, Any]) -> None:
    told: list[tuple[float, float]] = []

    def watch(age: Any, gap: Any, uses: Any, hits: Any, drops: Any) -> Any:
        told.append((float(hits.sum()), float(drops.sum())))
        return -age

    case = scorer["cases"]("search")[0]
    first = scorer["evaluate"](rule(watch), case)
    assert len(told) == 12
    assert told[0] == (0.0, 0.0)
    before, told = told, []
    changed = case["keys"][:3000] + [10**6 + step for step in range(3000)]
    other = scorer["evaluate"](rule(watch), {**case, "keys": changed})
    assert told[:7] == before[:7]  # asked at 0, 500, ... 3000: the same past, whatever comes
    assert told[7:] != before[7:]
    assert other["miss_ratio"] > first["miss_ratio"]


def test_traces_are_fixed_and_the_held_out_ones_are_others(scorer: dict[str, Any], traces: dict[str, Any]) -> None:
    search, holdout = scorer["cases"]("search"), scorer["cases"]("holdout")
    assert (len(search), len(holdout)) == (4, 12)
    assert search == scorer["cases"]("search")
    for one, other in itertools.combinations(search + holdout, 2):
        assert one["keys"] != other["keys"]
    assert all(len(case["keys"]) == traces["REQUESTS"] for case in search + holdout)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"excess": 0.0}, "numpy array"),
        ([0.0] * 25, "numpy array"),
        (np.full(25, "9"), "real numbers"),
        (np.zeros(25, dtype=bool), "real numbers"),
        (np.zeros(25, dtype=complex), "real numbers"),
        (np.zeros((2, 10, 14, 25)), "does not broadcast"),
        (np.zeros(24), r"shape \(24,\), which does not broadcast to \(10, 14, 25\)"),
        (np.array([np.nan] + [0.0] * 24), r"NaN for age 1, gap 1, uses 1"),
    ],
)
def test_what_is_no_priority_is_refused_with_a_reason(scorer: dict[str, Any], answer: Any, text: str) -> None:
    with pytest.raises(Rejected, match=text):
        scorer["evaluate"](rule(lambda *_: answer), scorer["cases"]("search")[0])


def test_infinite_priorities_are_priorities(scorer: dict[str, Any]) -> None:
    case = scorer["cases"]("search")[0]
    pinned = scorer["evaluate"](rule(lambda age, *_: np.where(age > 100, -np.inf, np.inf)), case)
    assert pinned["excess"] > 0


def test_the_seed_is_a_little_better_than_lru() -> None:
    objective = load_problem(FOLDER).spec.objective
    assert objective.best_known is not None
    assert objective.bound == 0
    assert objective.best_known.value < objective.baselines["lru"].value < objective.baselines["lfu"].value
