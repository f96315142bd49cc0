"""Toy problems: find a vector. The score is minus the mean distance per entry; feedback names the worst entry."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass

from evolve.meta.records import Suite, SuiteProblem, Use
from evolve.scaffold.base import TaskView

ENTRIES = 4
SEED_PROGRAM = "x = " + repr([0.0] * ENTRIES) + "\n"


@dataclass(frozen=True)
class Scored:
    """What the evaluator says of a program; `score` is None when it is none."""

    score: float | None
    feedback: str


def target(name: str) -> list[float]:
    """What a problem wants found."""
    rng = random.Random(f"target:{name}")
    return [rng.choice((-1, 1)) * rng.uniform(0.4, 1.0) for _ in range(ENTRIES)]


def evaluate(wanted: Sequence[float], program: str) -> Scored:
    """Score a program, which is one line that begins with `x = `."""
    try:
        found = [float(value) for value in json.loads(program.partition("=")[2].strip())]
    except (ValueError, TypeError):
        return Scored(None, "this is no list of numbers")
    if len(found) != len(wanted) or any(not abs(value) < 100 for value in found):
        return Scored(None, f"x must have {len(wanted)} entries below 100")
    errors = [one - other for one, other in zip(wanted, found, strict=True)]
    worst = max(range(len(errors)), key=lambda place: abs(errors[place]))
    side = "low" if errors[worst] > 0 else "high"
    feedback = f"entry {worst} is too {side} by about {abs(errors[worst]):.1f}"
    return Scored(-sum(map(abs, errors)) / len(errors), feedback)


def toy_suite(search: int = 4, sealed: int = 8, probes: int = 2, calls: int = 12) -> Suite:
    """A suite of toy problems."""
    uses = [(Use.SEARCH, search), (Use.SEALED, sealed), (Use.PROBE, probes)]
    problems = [
        SuiteProblem(f"{use.value}{index}", "", use, ceiling=0.0, bound=0.0, digest=_digest(f"{use.value}{index}"))
        for use, count in uses
        for index in range(count)
    ]
    return Suite("toy", calls, tuple(problems))


def task_view(name: str) -> TaskView:
    """What a scaffold is told of a toy problem."""
    return TaskView(name, "Find x.", "python", "solution.py", ("solution.py",), {"solution.py": SEED_PROGRAM})


def _digest(name: str) -> str:
    return hashlib.sha256(repr(target(name)).encode()).hexdigest()
