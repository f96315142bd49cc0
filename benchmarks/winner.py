"""What the winner of a noisy search is worth and what it is said to be worth, on `noisy_recipe`, whose truth is known.

The same budget of looks twice: with one look per candidate and the best score reported, and with the engine's own
handling of noise. Bars, in standard deviations of one look: overstated by at least 0.6 and by at most 0.15. The first
series runs in the sandbox; the second, larger one calls the same evaluator in this process.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import random
import runpy
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evolve.assembly import SandboxFor
from evolve.config import Settings, load_settings
from evolve.domain import Program, Split, Status
from evolve.problem import Problem, load_problem
from evolve.sandbox.base import CaseResult, Job, SealedProblem
from evolve.sandbox.scripted import ScriptedSandbox
from evolve.session import Session, choose_run
from evolve.store import Store, open_store

FOLDER = Path(__file__).parent.parent / "problems" / "noisy_recipe"
KINDS = {"one look": ("noise.seed_looks=1",), "the engine's": ()}
"""What is compared, and the settings of each."""
NAIVE_BAR, BAR = 0.6, 0.15


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one run ended: grams claimed for its winner and grams it gives, candidates told, looks made."""

    claimed: float
    true: float
    told: int
    looks: int


class Kitchen:
    """The problem's own evaluator, called in this process."""

    def __init__(self) -> None:
        self.scorer: Mapping[str, Any] = runpy.run_path(str(FOLDER / "evaluate.py"))
        self.cases = {split: self.scorer["cases"](split.value) for split in Split}

    def recipe(self, program: Program) -> list[float]:
        """What a program answers; it is one of our own, made by the built-in proposer."""
        names: dict[str, Any] = {}
        exec(program.as_dict()["kitchen.py"], names)
        return list(names["recipe"]())

    def look(self, job: Job, case: int) -> CaseResult:
        """One batch, as the sandbox would have it weighed."""
        try:
            amounts = self.recipe(job.program)
            if not all(0.0 <= amount <= 10.0 for amount in amounts) or len(amounts) != 6:
                return CaseResult(case, Status.WRONG)
            random.seed(f"{job.seed} {case}")
            gain = self.scorer["expected"](amounts) + self.scorer["luck"](amounts, self.cases[job.split][case])
        except Exception as error:
            return CaseResult(case, Status.CRASH, feedback=str(error))
        return CaseResult(case, Status.VALID, {"gain": gain, "total": float(sum(amounts))})


def main() -> int:
    """Print both series; the exit code says whether the bars were met in the first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--more", type=int, default=100, help="seeds of the series without a sandbox")
    parser.add_argument("--looks", type=int, default=200)
    given = parser.parse_args()
    kitchen, problem = Kitchen(), load_problem(FOLDER)
    sizes = {split: len(cases) for split, cases in kitchen.cases.items()}

    def scripted(_sealed: SealedProblem, _settings: Settings) -> ScriptedSandbox:
        return ScriptedSandbox(kitchen.look, sizes)

    met = series("in the sandbox", problem, kitchen, given.seeds, given.looks, None)
    if given.more:
        series("scripted, no sandbox", problem, kitchen, given.more, given.looks, scripted)
    return 0 if met else 1


def series(
    name: str, problem: Problem, kitchen: Kitchen, seeds: int, looks: int, sandbox_for: SandboxFor | None
) -> bool:
    """Run both kinds over the same seeds, and print what came of it."""
    print(f"{name}: {seeds} seeds, {looks} looks each, noise sd {kitchen.scorer['LUCK']:g} g", flush=True)
    overstated, gained = [], []
    for kind, overrides in KINDS.items():
        found = [run(problem, kitchen, seed, looks, overrides, sandbox_for) for seed in range(seeds)]
        sd = kitchen.scorer["LUCK"]
        overstated.append([(each.claimed - each.true) / sd for each in found])
        gained.append([each.true for each in found])
        told, made = (statistics.mean(values) for values in ([o.told for o in found], [o.looks for o in found]))
        print(
            f"  {kind:13} claimed {spread([each.claimed for each in found])} g, true {spread(gained[-1])} g,"
            f" overstated by {spread(overstated[-1])} sd; {told:.0f} candidates of {made:.0f} looks",
            flush=True,
        )
    better = [after - before for before, after in zip(*gained, strict=True)]
    print(f"  true value of the winner, the engine's less that of one look, paired by seed: {spread(better)} g")
    naive, own = (statistics.mean(values) for values in overstated)
    met = naive >= NAIVE_BAR and abs(own) <= BAR
    print(f"  bars: one look >= {NAIVE_BAR} sd, the engine's within {BAR} sd: {'met' if met else 'MISSED'}")
    return met


def run(
    problem: Problem,
    kitchen: Kitchen,
    seed: int,
    looks: int,
    overrides: Sequence[str],
    sandbox_for: SandboxFor | None,
) -> Outcome:
    """One search; what is claimed is what a report would show first."""
    chosen = [f"seed={seed + 1}", f"budget.evaluations={looks}", "sandbox.backend=local", *overrides]
    settings = load_settings([], chosen)
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "evolve.db", create=True) as store:
        session = Session(store, choose_run(store, problem, settings), problem, settings, sandbox_for=sandbox_for)
        result = asyncio.run(session.run())
        claimed = result.confirmed or result.best
        assert claimed is not None
        winner = _program(store, result.run_id, result.best_number or 0)
        true = kitchen.scorer["expected"](kitchen.recipe(winner))
        return Outcome(claimed.mean, true, session.search.told, result.evaluations)


def _program(store: Store, run_id: int, number: int) -> Program:
    return store.programs(run_id, [number])[number]


def spread(values: Sequence[float]) -> str:
    """Mean and standard error."""
    return f"{statistics.mean(values):.2f} ± {statistics.stdev(values) / math.sqrt(len(values)):.2f}"


if __name__ == "__main__":
    sys.exit(main())
