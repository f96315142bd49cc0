"""Records to write in the tests of the store."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from evolve.domain import (
    Candidate,
    Completion,
    Direction,
    Estimate,
    Evaluation,
    Finish,
    Measurement,
    Origin,
    Outcome,
    Program,
    Split,
    Status,
    Usage,
    Verdict,
)
from evolve.store import Answered, Asked, Evaluated, NewRun, Proposed, Record, Store, Told

NEW_RUN = NewRun(
    name="first",
    problem="packing",
    problem_path="problems/packing",
    problem_digest="digest-of-problem",
    objective="sum_of_radii",
    direction=Direction.MAXIMIZE,
    seed=10**30,
    settings={"search": {"islands": 4}},
    settings_digest="digest-of-settings",
    versions={"evolve": "0.1.0"},
    isolation={"backend": "local", "layers": ["processes"]},
)
FAILED = Evaluation(Status.CRASH, feedback="ZeroDivisionError: division by zero")


def program(number: int) -> Program:
    return Program.of({"program.py": f"x = {number}\n", "lib/helper.py": "y = 1\n"})


def candidate(number: int, *parents: int, operator: str = "mutate", shown: tuple[int, ...] = ()) -> Candidate:
    return Candidate(number, program(number), Origin(operator, number % 3, parents, shown, tag=f"note {number}"))


def scored(objective: float, cases: int = 2, stderr: float = 0.125) -> Evaluation:
    looks = tuple(
        Measurement(
            "full", Split.SEARCH, case, 0, Status.VALID, {"radius": objective + case}, wall=0.25, peak_rss=2**33
        )
        for case in range(cases)
    )
    return Evaluation(
        Status.VALID,
        Estimate(objective, stderr, cases),
        metrics={"radius": objective},
        measures={"length": 12.0},
        feedback="two circles touch",
        artifacts={"picture": "<svg/>"},
        measurements=looks,
        wall=0.5,
    )


def verdict(new_best: bool = False, gain: float | None = 0.5, cell: int = 7) -> Verdict:
    return Verdict(Outcome.NEW_CELL, 1, cell, None, new_best, gain)


def steps(number: int, position: int | None = None, *, best: bool = False, parent: int | None = None) -> list[Record]:
    """A candidate from proposal to tell; every fifth one fails."""
    position = number if position is None else position
    parents = () if parent is None else (parent,)
    failed = number % 5 == 4
    told = Told(number, position, verdict(best and not failed), elapsed=position / 10)
    if failed:
        told = replace(told, verdict=Verdict(Outcome.REJECTED, 1))
    return [
        Proposed(candidate(number, *parents), f"fingerprint {number}"),
        Evaluated(number, FAILED if failed else scored(float(number))),
        told,
    ]


def filled(store: Store, count: int = 12) -> int:
    """A run of `count` candidates, each the child of the one before and, unless it fails, the new best."""
    run_id = store.create_run(NEW_RUN)
    for number in range(count):
        store.append(run_id, steps(number, best=True, parent=number - 1 if number else None))
    return run_id


def asked(number: int, turn: int = 0, **changes: Any) -> Asked:
    """A question to the model m, of which 0.5 dollars and 1,000 tokens are reserved."""
    prompt = {"operator": "mutate", "sections": [{"name": "task", "text": f"Improve program {number}.\n"}]}
    return replace(
        Asked(number, turn, number % 3, "mutate", "edit", "m", prompt, f"request {number}.{turn}", 0.5, 1000), **changes
    )


def completion(cost: float | None = 0.25, **changes: Any) -> Completion:
    usage = Usage(prompt=600, cached=500, output=100, reasoning=40)
    return replace(Completion("x = 1\n", Finish.STOP, "m", usage, cost, wall=1.5), **changes)


def answered(number: int, turn: int = 0, cost: float | None = 0.25, **changes: Any) -> Answered:
    return Answered(number, turn, f"request {number}.{turn}", completion(cost, **changes), elapsed=number / 10)
