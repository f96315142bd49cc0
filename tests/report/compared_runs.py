"""Runs with a known course, for tests of comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evolve.domain import (
    Candidate,
    Completion,
    Direction,
    Estimate,
    Evaluation,
    Finish,
    Origin,
    Outcome,
    Program,
    Split,
    Status,
    Usage,
    Verdict,
)
from evolve.store import Answered, Asked, Evaluated, Holder, NewRun, Proposed, Record, RunStatus, Store, Told

ISOLATION = {"backend": "local", "level": "namespaces", "layers": [], "missing": []}


def add_run(
    store: Store,
    name: str,
    seed: int,
    objectives: Sequence[float | None],
    *,
    cost: float | Sequence[float | None] | None = (),
    held_out: float | None = None,
    direction: Direction = Direction.MAXIMIZE,
    status: RunStatus | None = RunStatus.FINISHED,
    settings: Mapping[str, Any] | None = None,
    **changes: str,
) -> int:
    """A run whose candidates get these objectives one after the other; None is a duplicate, which is not run.

    Each but the seed took a call of 100 tokens if there is a `cost` (of each, or one for all; None is unknown).
    """
    given = {
        "problem": "packing", "problem_path": "problems/packing", "problem_digest": "digest", "objective": "radius",
        "settings_digest": "settings", **changes,
    }  # fmt: skip
    new = NewRun(
        name=name,
        direction=direction,
        seed=seed,
        settings={"search": {"islands": 1}} if settings is None else settings,
        isolation=ISOLATION,
        **given,
    )
    run = store.create_run(new)
    holder = Holder.here()
    store.acquire(run, holder)
    costs = list(cost) if isinstance(cost, Sequence) else [cost] * (len(objectives) - 1)
    store.append(run, [record for number, each in enumerate(costs, 1) for record in _call(number, each)])
    store.append(run, list(_course(objectives, direction, held_out)))
    if status is not None:
        store.release(run, holder, status, "done")
    return run


def _call(number: int, cost: float | None) -> list[Record]:
    completion = Completion("x", Finish.STOP, "m", Usage(80, 0, 20), cost)
    return [
        Asked(number, 0, 0, "mutate", "edit", "m", {}, str(number)),
        Answered(number, 0, str(number), completion, 0),
    ]


def _course(objectives: Sequence[float | None], direction: Direction, held_out: float | None) -> list[Record]:
    records: list[Record] = []
    best: float | None = None
    best_number = 0
    for number, objective in enumerate(objectives):
        program = Program.of({"a.py": f"x = {number}\n"})
        origin = Origin("mutate" if number else "seed", 0, (0,) if number else ())
        new_best = objective is not None and (best is None or direction.better(objective, best))
        if new_best:
            best, best_number = objective, number
        if objective is None:
            evaluation, outcome = Evaluation(Status.DUPLICATE), Outcome.REJECTED
        else:
            evaluation, outcome = Evaluation(Status.VALID, Estimate(objective)), Outcome.NEW_CELL
        records += [
            Proposed(Candidate(number, program, origin), str(number)),
            Evaluated(number, evaluation),
            Told(number, number, Verdict(outcome, 0, None, None, new_best), elapsed=float(number)),
        ]
    if held_out is not None:
        records.append(Evaluated(best_number, Evaluation(Status.VALID, Estimate(held_out)), Split.HOLDOUT))
    return records
