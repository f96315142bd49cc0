"""Every shipped problem: what an evaluation of its seed takes, and what a short search without a model reaches.

Prints the figures of the index in docs/problems.md: held-out scores, search scores where nothing is held out.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from pathlib import Path

from evolve.assembly import chosen_sandbox, sealed_problem
from evolve.config import Settings, load_settings
from evolve.domain import Estimate
from evolve.evaluate import Evaluator
from evolve.problem import Problem, load_problem
from evolve.session import Result, Session, choose_run
from evolve.store import open_store

PROBLEMS = Path(__file__).parent.parent / "problems"
LOOKS = 15
"""Evaluations of the seed, one at a time; their median is told."""


def main() -> None:
    """Print one line a problem."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=[], help="names of problems; all when left out")
    given = parser.parse_args()
    for path in sorted(PROBLEMS.glob("*/problem.toml")):
        problem = load_problem(path.parent)
        if given.only and problem.name not in given.only:
            continue
        took = asyncio.run(one_evaluation(problem, load_settings()))
        results = [search(problem, seed, given.seconds) for seed in range(1, given.seeds + 1)]
        reached = sorted(told(result, best=True) for result in results)
        tried = statistics.median(result.evaluations for result in results)
        print(
            f"{problem.name}: {1000 * took:.3g} ms an evaluation, seed {told(results[0], best=False):.6g},"
            f" after {given.seconds:g} s {', '.join(f'{value:.6g}' for value in reached)}"
            f" (median of {tried:g} evaluations)",
            flush=True,
        )


async def one_evaluation(problem: Problem, settings: Settings) -> float:
    """Seconds an evaluation of the seed takes, one after another on one slot."""
    one = settings.model_copy(update={"workers": settings.workers.model_copy(update={"evaluations": 1})})
    sandbox = chosen_sandbox(sealed_problem(problem, 1), one)
    try:
        await sandbox.start()
        evaluator = Evaluator(problem, sandbox, 1)
        looks = [await evaluator.search(problem.seed) for _ in range(LOOKS + 1)]
    finally:
        await sandbox.close()
    return statistics.median(look.wall for look in looks[1:])


def search(problem: Problem, seed: int, seconds: float) -> Result:
    """A run with the built-in proposer and the default settings."""
    settings = load_settings([], [f"seed={seed}", f"budget.seconds={seconds}"])
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "evolve.db", create=True) as store:
        return asyncio.run(Session(store, choose_run(store, problem, settings), problem, settings).run())


def told(result: Result, *, best: bool) -> float:
    """The held-out score of seed or winner; the search score where nothing is held out."""
    held_out = result.holdout_best if best else result.holdout_seed
    searched = result.best if best else result.seed
    estimate: Estimate | None = held_out.objective if held_out is not None else searched
    return float("nan") if estimate is None else estimate.mean


if __name__ == "__main__":
    main()
