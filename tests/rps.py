"""Rock, paper, scissors between mixtures: a problem with champions whose scores can be checked by hand, for tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from evolve.config import Settings, load_settings
from evolve.domain import Split, Status
from evolve.sandbox.base import CaseResult, Job, SealedProblem
from evolve.sandbox.scripted import ScriptedSandbox

PROBLEM_TOML = """\
name = "rps"
summary = "a mixture of rock, paper and scissors"

[objective]
metric = "points"
direction = "maximize"

[[measures]]
name = "program_length"
cells = 4

[[measures]]
name = "rock"
low = 0.0
high = 1.0
cells = 8
"""

EVALUATE = '''\
import re

HOLDOUT = ("[1.0, 1.0, 0.0]", "[0.0, 1.0, 1.0]", "[1.0, 0.0, 1.0]")
FIRST = "[1.0, 0.0, 0.0]"


def mixture(text):
    found = [float(word) for word in re.findall(r"\\d+\\.\\d+", text)][:3]
    return [value / sum(found) for value in found] if len(found) == 3 and 0 < sum(found) < 1e6 else None


def points(mine, other):
    """1 for a win and 0.5 for a tie: rock (0) loses to paper (1), that to scissors (2), and those to rock."""
    worth = {0: 0.5, 1: 1.0, 2: 0.0}
    return sum(mine[i] * other[j] * worth[(i - j) % 3] for i in range(3) for j in range(3))


def cases(split, champions):
    if split == "holdout":
        return [{"text": text} for text in HOLDOUT]
    return [{"text": "".join(champion["files"].values())} for champion in champions] or [{"text": FIRST}]


def evaluate(program, case):
    mine = mixture(program.text)
    if mine is None:
        program.reject("give three numbers with a point, at least one of them above 0")
    return {"points": points(mine, mixture(case["text"])), "rock": mine[0]}
'''

SEED = "WEIGHTS = [0.8, 0.3, 0.4]\n"


def write_rps(folder: Path) -> Path:
    """Write the problem."""
    (folder / "seed").mkdir(parents=True)
    files = {"problem.toml": PROBLEM_TOML, "problem.md": "Mix them.\n", "evaluate.py": EVALUATE, "seed/mix.py": SEED}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def settings(*overrides: str, evaluations: int = 12) -> Settings:
    given = ["seed=3", "search.order=ordered", "scaffold.polish=0", "workers.evaluations=1"]
    return load_settings([], [*given, f"budget.evaluations={evaluations}", *overrides])


class _Read:
    """A program that is only read."""

    def __init__(self, text: str) -> None:
        self.text = text

    def reject(self, text: str) -> NoReturn:
        raise ValueError(text)


class Referee:
    """Makes sandboxes that call the problem's own evaluator, in this process: no program of this problem is ever run.

    `champions` are those each sandbox was given, in the order they were made.
    """

    def __init__(self) -> None:
        self.champions: list[list[dict[str, Any]]] = []

    def __call__(self, sealed: SealedProblem, _: Settings) -> ScriptedSandbox:
        author: dict[str, Any] = {}
        exec(sealed.evaluator["evaluate.py"], author)
        champions = json.loads(sealed.evaluator.get("champions.json", "[]"))
        self.champions.append(champions)
        cases = {split: author["cases"](split.value, champions) for split in Split}

        def look(job: Job, case: int) -> CaseResult:
            try:
                metrics = author["evaluate"](_Read(job.program.files[0].text), cases[job.split][case])
            except ValueError as error:
                return CaseResult(case, Status.WRONG, feedback=str(error))
            return CaseResult(case, Status.VALID, metrics)

        return ScriptedSandbox(look, {split: len(made) for split, made in cases.items()})
