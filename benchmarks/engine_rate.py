"""Candidates per second end to end: proposed, evaluated in the real sandbox, stored; early and late in one run.

Bars: at least 110/s with a fresh evaluator process per candidate, at least 200/s with a resident one, and the rate
at candidate 20,000 within 20 % of the rate at 200.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.trivial_run import FOLDER, run, trivial_problem
from evolve.events import CandidateTold, Event

WINDOW = 200
"""Candidates over which a rate is taken."""


class Clock:
    """Notes when candidates were told."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def __call__(self, event: Event) -> None:
        """Observe."""
        if isinstance(event, CandidateTold):
            self.times.append(time.perf_counter())

    def rate(self, around: int) -> float:
        """Candidates per second in the window that ends at `around`."""
        first = max(1, around - WINDOW)
        return (around - first) / (self.times[around] - self.times[first])


def measure(evaluations: int, *, resident: bool) -> Clock:
    """One run of so many evaluations; prints its rates and what it cost the engine's own process."""
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "trivial"
        shutil.copytree(FOLDER, copy)
        with (copy / "problem.toml").open("a") as spec:
            spec.write(f"\n[evaluation]\nresident = {str(resident).lower()}\n")
        before = resource.getrusage(resource.RUSAGE_SELF)
        result = run(trivial_problem(copy), Path(folder) / "evolve.db", evaluations, [clock])
        after = resource.getrusage(resource.RUSAGE_SELF)
    own = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    kind = "resident evaluator" if resident else "fresh evaluator   "
    rates = [clock.rate(at) for at in range(2 * WINDOW, evaluations - 1, WINDOW)]
    print(
        f"{kind} {result.evaluations:6d} candidates: median {statistics.median(rates):5.0f}/s,"
        f" engine process {1000 * own / result.evaluations:.2f} ms CPU per candidate,"
        f" peak {after.ru_maxrss / 1024:.0f} MB"
    )
    return clock


def main() -> None:
    """Print the rates, and how the rate late in the run compares with the one early in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--evaluations", type=int, default=20_100)
    parser.add_argument("--resident-evaluations", type=int, default=3_000)
    given = parser.parse_args()
    measure(given.resident_evaluations, resident=True)
    clock = measure(given.evaluations, resident=False)
    last = given.evaluations - 2
    # The very first window warms caches; "at 200" is the mean of the three windows after it, "at the end" of the last.
    early = statistics.mean(clock.rate(at) for at in (2 * WINDOW, 3 * WINDOW, 4 * WINDOW))
    late = statistics.mean(clock.rate(last - back * WINDOW) for back in range(3))
    print(f"rate around candidate 200: {early:.0f}/s; around {last}: {late:.0f}/s; ratio {late / early:.2f}")


if __name__ == "__main__":
    main()
