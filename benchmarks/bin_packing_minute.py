"""The built-in proposer on `problems/bin_packing`: 60 seconds, 5 seeds, the default settings. Bar: median held-out
excess of at most 1.2 % (best fit, the seed program, has 4.2 %; FunSearch with a model reached 0.68 %).
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from pathlib import Path

from evolve.config import load_settings
from evolve.domain import Estimate, Evaluation
from evolve.problem import load_problem
from evolve.session import Session, choose_run
from evolve.store import open_store

PROBLEMS = Path(__file__).parent.parent / "problems"


def main() -> None:
    """Print one line per seed, then the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--problem", default="bin_packing")
    given = parser.parse_args()
    problem = load_problem(PROBLEMS / given.problem)
    found: list[float] = []
    for seed in range(1, given.seeds + 1):
        settings = load_settings([], [f"seed={seed}", f"budget.seconds={given.seconds}"])
        with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "evolve.db", create=True) as store:
            session = Session(store, choose_run(store, problem, settings), problem, settings)
            result = asyncio.run(session.run())
        print(
            f"seed {seed}: {result.evaluations} evaluations, search {mean(result.best)},"
            f" held out {held_out(result.holdout_best)} (seed program {held_out(result.holdout_seed)})",
            flush=True,
        )
        best = result.holdout_best.objective if result.holdout_best else result.best
        assert best is not None
        found.append(best.mean)
    print(f"median {statistics.median(found):.3f} of {', '.join(f'{value:.3f}' for value in sorted(found))}")


def mean(estimate: Estimate | None) -> str:
    """Three decimals, or a dash."""
    return "-" if estimate is None else f"{estimate.mean:.3f}"


def held_out(evaluation: Evaluation | None) -> str:
    """The held-out mean, or a dash where nothing is held out."""
    return mean(evaluation.objective if evaluation else None)


if __name__ == "__main__":
    main()
