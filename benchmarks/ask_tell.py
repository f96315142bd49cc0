"""Cost of `Search.ask` and `Search.tell` alone at 1e3, 1e5 and 1e6 elites. Bar: under 1 ms for both together."""

from __future__ import annotations

import argparse
import math
import statistics
import time
from dataclasses import replace

from benchmarks.trivial_run import Counter, trivial_problem
from evolve.config import SearchSettings
from evolve.domain import Estimate, Evaluation, Origin, Outcome, Status, Verdict
from evolve.problem import Problem
from evolve.problem.spec import Measure
from evolve.search import Search
from evolve.store.records import TellRow
from evolve.views import Text

ASKS = 2000


def filled(problem: Problem, elites: int) -> Search:
    """A search whose one island holds so many elites, each in a cell of its own: replayed, not searched."""
    side = math.isqrt(elites - 1) + 1
    axes = tuple(Measure(name=name, low=0.0, high=float(side), cells=side) for name in ("row", "column"))
    wide = replace(problem, spec=problem.spec.model_copy(update={"measures": axes}))
    search = Search(wide, SearchSettings(islands=1), Counter(), seed=1)
    log = [told(number, side) for number in range(elites)]
    text = Text(problem.seed)
    search.replay(log, lambda numbers: dict.fromkeys(numbers, text))
    return search


def told(number: int, side: int) -> TellRow:
    """One line of the log of a run that found a new cell with every candidate."""
    evaluation = score(number, number // side, number % side)
    fingerprint = f"{number:064x}"
    verdict = Verdict(Outcome.NEW_CELL, 0, number, new_best=number == 0)
    origin = Origin("count", 0, (number // 2,) if number else ())
    return TellRow(
        number, number, origin, fingerprint, Status.VALID, evaluation.objective, evaluation.measures, verdict, 0.0
    )


def score(number: int, row: float, column: float) -> Evaluation:
    """A valid evaluation in a given cell."""
    measures = {"row": row + 0.5, "column": column + 0.5, "program_length": 20.0}
    return Evaluation(Status.VALID, Estimate(float(number % 9973)), {}, measures)


def main() -> None:
    """Print median and 99th percentile of ask and tell at each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000, 100_000, 1_000_000])
    problem = trivial_problem()
    for size in parser.parse_args().sizes:
        search = filled(problem, size)
        asks, tells = [], []
        for step in range(ASKS):
            start = time.perf_counter()
            proposal = search.ask()
            asked = time.perf_counter()
            assert proposal is not None
            search.tell(proposal.candidate, score(step * 7919, step % 31, step % 29))
            asks.append(asked - start)
            tells.append(time.perf_counter() - asked)
        both = sorted(ask + tell for ask, tell in zip(asks, tells, strict=True))
        print(
            f"{size:9,d} elites: ask {1e6 * statistics.median(asks):4.0f} us,"
            f" tell {1e6 * statistics.median(tells):4.0f} us,"
            f" both {1e6 * statistics.median(both):4.0f} us (99th percentile {1e6 * both[int(0.99 * ASKS)]:.0f} us)"
        )


if __name__ == "__main__":
    main()
