"""A tiny problem whose score can be read off its source, for tests of everything above the sandbox."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from evolve.domain import Split, Status
from evolve.problem import Problem, load_problem
from evolve.sandbox.base import CaseResult, Job
from evolve.sandbox.scripted import ScriptedSandbox

os.environ["EVOLVE_SANDBOX"] = "local"  # tests of containers say so themselves

AIM = (3.25, -1.5, 0.125)
"""What the three literals of the tiny problem's seed should become."""

SEED = """\
def curve(x):
    # a comment that survives
    a = 1.0
    b = 2.0
    c = 0.5
    return a * x * x + b * x + c
"""

PROBLEM_TOML = """\
name = "tiny"
summary = "three numbers to find"

[objective]
metric = "error"
direction = "minimize"

[[measures]]
name = "program_length"
cells = 8

[[measures]]
name = "spread"
cells = 8
"""

EVALUATE = """\
AIM = (3.25, -1.5, 0.125)


def cases(split):
    points = {"search": (-1.0, 0.0, 1.0, 2.0), "holdout": (-2.0, 0.5, 3.0)}[split]
    return [{"x": x} for x in points]


def evaluate(program, case):
    x = case["x"]
    value = program.curve(x)
    if not isinstance(value, float):
        program.reject(f"curve({x}) is {type(value).__name__}, not a float")
    return {"error": abs(value - (AIM[0] * x * x + AIM[1] * x + AIM[2])), "spread": value % 1.0}
"""


def write_tiny(folder: Path, **changes: str) -> Path:
    """Write the tiny problem; `changes` replace whole files by name, with `_` for `.`."""
    (folder / "seed").mkdir(parents=True)
    files = {
        "problem.toml": PROBLEM_TOML,
        "problem.md": "Find three numbers.\n",
        "evaluate.py": EVALUATE,
        "seed/curve.py": SEED,
    }
    for name, text in files.items():
        (folder / name).write_text(changes.get(name.replace(".", "_").replace("/", "_"), text), encoding="utf-8")
    return folder


@pytest.fixture
def tiny(tmp_path: Path) -> Problem:
    return load_problem(write_tiny(tmp_path / "tiny"))


def literal_error(source: str) -> float:
    """Distance of the first three literals from where they should be."""
    found = [float(text) for text in re.findall(r"-?\d+\.\d+(?:e-?\d+)?", source)][:3]
    found += [0.0] * (3 - len(found))
    return sum(abs(value - aim) for value, aim in zip(found, AIM, strict=True))


def look(job: Job, case: int) -> CaseResult:
    """What the scripted sandbox answers: the literal error, the same for every case but for a little offset."""
    source = job.program.files[0].text
    error = literal_error(source) + 0.01 * case
    return CaseResult(case, Status.VALID, {"error": error, "spread": error % 1.0})


@pytest.fixture
def scripted() -> Callable[..., ScriptedSandbox]:
    def make(answer: Callable[[Job, int], CaseResult] = look, **options: object) -> ScriptedSandbox:
        return ScriptedSandbox(answer, {Split.SEARCH: 4, Split.HOLDOUT: 3}, **options)  # pyright: ignore

    return make
