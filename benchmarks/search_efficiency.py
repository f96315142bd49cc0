"""How many evaluations a search with a model takes to come 95 % of the way, against its baselines.

    python -m benchmarks.search_efficiency [--quick] [--problems ...] [--seeds 10] [--evaluations 100]

Four problems, the strategies `evolve`, `best-of-n`, `sequential` and `random`, paired seeds; whole sessions with the
real sandbox, and the stand-in model (`tests/standin`) answering over real HTTP on loopback. The way goes from the
seed program's score to the *reachable* one: the best any run of any strategy found on that problem within its budget.
A run that never came so far counts as one evaluation more than its budget, which hides by how much it fell short; the
mean share of the way over all evaluations of a run (the area under its curve) is therefore compared, too. All settings
are the defaults, except that nothing is spent on polishing the winner. No bar: it prints what it finds.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from evolve.config import load_settings
from evolve.domain import Direction
from evolve.problem import Problem, load_problem
from evolve.session import Session, choose_run
from evolve.statistics import Interval, median_interval, sign_flip_test
from evolve.store import Store, open_store

ROOT = Path(__file__).parent.parent
PROBLEMS: Mapping[str, Path] = {
    "bin_packing": ROOT / "problems" / "bin_packing",
    "circle_packing": ROOT / "problems" / "circle_packing",
    "oscillator_law": ROOT / "evolve" / "demo" / "oscillator_law",
    "cache_eviction": ROOT / "benchmarks" / "problems" / "cache_eviction",
}
STRATEGIES = ("evolve", "best-of-n", "sequential", "random")
GOAL = 0.95


@dataclass(frozen=True)
class Trial:
    """One run: its seed program's score, and its best scores with the evaluations they took. More is better."""

    problem: str
    strategy: str
    seed: int
    start: float
    steps: tuple[tuple[int, float], ...]
    calls: int
    seconds: float

    @property
    def best(self) -> float:
        """The best score of the whole run."""
        return self.steps[-1][1]

    def reached(self, score: float, budget: int) -> float:
        """Evaluations until the best score was at least `score`; one more than the budget when it never was."""
        return float(next((used for used, best in self.steps if best >= score), budget + 1))

    def area(self, reachable: float, budget: int) -> float:
        """The share of the way to `reachable` that was behind it, averaged over the evaluations of the budget."""
        if reachable <= self.start:
            return 1.0
        used = [each for each, _ in self.steps[1:]] + [budget]
        gains = [(best - self.start) * (end - at) for (at, best), end in zip(self.steps, used, strict=True)]
        return sum(gains) / (reachable - self.start) / (budget - self.steps[0][0])


@dataclass(frozen=True)
class Pairs:
    """Paired differences of one baseline and `evolve`: evaluations it took more, and area it had less."""

    evaluations: list[float] = field(default_factory=list)
    area: list[float] = field(default_factory=list)


def main() -> None:
    """Run all trials, then print a table per problem and the tests over all of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", nargs="+", choices=sorted(PROBLEMS), default=list(PROBLEMS))
    parser.add_argument("--strategies", nargs="+", choices=STRATEGIES, default=list(STRATEGIES))
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--evaluations", type=int, default=100)
    parser.add_argument("--persona", default="medium", help="weak, medium, strong or thinker")
    parser.add_argument("--quick", action="store_true", help="three seeds and 40 evaluations")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="one more setting of all runs")
    given = parser.parse_args()
    seeds, budget = (3, 40) if given.quick else (given.seeds, given.evaluations)
    pairs = {strategy: Pairs() for strategy in given.strategies if strategy != "evolve"}
    with standin(given.persona) as url:
        print(f"{given.persona} stand-in, {seeds} paired seeds, {budget} evaluations a run", flush=True)
        for name in given.problems:
            problem = load_problem(PROBLEMS[name])
            trials = [
                trial(problem, strategy, seed, budget, url, given.set)
                for seed in range(1, seeds + 1)
                for strategy in given.strategies
            ]
            report(problem, trials, budget, pairs)
    summarise(pairs)


@contextmanager
def standin(persona: str) -> Iterator[str]:
    """A stand-in server in a process of its own; yields its address."""
    command = [sys.executable, "-u", "-m", "tests.standin", "--port", "0", "--persona", persona]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            yield next(word.rstrip(";") for word in first.split() if word.startswith("http://"))
        finally:
            process.terminate()


def trial(problem: Problem, strategy: str, seed: int, budget: int, url: str, further: Sequence[str]) -> Trial:
    """One whole run in a database of its own."""
    overrides = [
        f"seed={seed}",
        f"search.strategy={strategy}",
        f"budget.evaluations={budget}",
        "scaffold.polish=0",
        f'llm.models=[{{name="openai/standin", api_base="{url}"}}]',
        *further,
    ]
    settings = load_settings([], overrides)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "evolve.db", create=True) as store:
        run = choose_run(store, problem, settings)
        result = asyncio.run(Session(store, run, problem, settings).run())
        steps = curve(store, result.run_id, problem.spec.objective.direction)
        calls = store.run(result.run_id).summary.told
    return Trial(problem.name, strategy, seed, steps[0][1], steps, calls, time.perf_counter() - started)


def curve(store: Store, run_id: int, direction: Direction) -> tuple[tuple[int, float], ...]:
    """Evaluations used and best score so far after every new best."""
    return tuple((stand.evaluations, direction.sign * stand.best) for stand in store.standings(run_id))


def report(problem: Problem, trials: Sequence[Trial], budget: int, pairs: Mapping[str, Pairs]) -> None:
    """The table of one problem; adds each baseline's paired differences to `pairs`."""
    sign = problem.spec.objective.direction.sign
    start, reachable = trials[0].start, max(each.best for each in trials)
    goal = start + GOAL * (reachable - start)
    print(
        f"\n{problem.name}: {problem.spec.objective.metric} from {sign * start:.4g}, reachable {sign * reachable:.4g},"
        f" 95 % of the way {sign * goal:.4g}; {sum(each.seconds for each in trials):.0f} s"
    )
    print(f"  {'strategy':<12}{'evaluations to 95 %':<24}{'reached':<10}{'way, mean over the run':<24}vs evolve")
    own = {each.seed: each for each in trials if each.strategy == "evolve"}
    for strategy in dict.fromkeys(each.strategy for each in trials):
        mine = [each for each in trials if each.strategy == strategy]
        used = [each.reached(goal, budget) for each in mine]
        areas = [each.area(reachable, budget) for each in mine]
        versus = ""
        if own and strategy != "evolve":
            more = [each.reached(goal, budget) - own[each.seed].reached(goal, budget) for each in mine]
            less = [own[each.seed].area(reachable, budget) - each.area(reachable, budget) for each in mine]
            pairs[strategy].evaluations.extend(more)
            pairs[strategy].area.extend(less)
            versus = (
                f"{sum(more) / len(more):+.1f} evaluations, p = {sign_flip_test(more).p:.2g};"
                f" {-100 * sum(less) / len(less):+.0f} points, p = {sign_flip_test(less).p:.2g}"
            )
        print(
            f"  {strategy:<12}{interval(median_interval(used), budget):<24}"
            f"{sum(each <= budget for each in used)} of {len(used):<5}{shares(median_interval(areas)):<24}{versus}",
            flush=True,
        )


def interval(found: Interval, budget: int) -> str:
    """`31 (22 to 64)`; `>100` where the budget ended first."""
    low, middle, high = (
        f">{budget}" if value > budget else f"{value:.3g}" for value in (found.low, found.median, found.high)
    )
    return f"{middle} ({low} to {high})"


def shares(found: Interval) -> str:
    """`83 % (61 to 97)`."""
    return f"{100 * found.median:.0f} % ({100 * found.low:.0f} to {100 * found.high:.0f})"


def summarise(pairs: Mapping[str, Pairs]) -> None:
    """Each baseline against `evolve` over all problems: pairs of equal problem and seed."""
    print("\nover all problems, pairs of equal problem and seed; positive is for evolve")
    for strategy, found in pairs.items():
        for name, differences, scale in (
            ("evaluations more to 95 %", found.evaluations, 1.0),
            ("points of the way less", found.area, 100.0),
        ):
            if not differences:
                continue
            middle = median_interval([scale * each for each in differences])
            print(
                f"  {strategy:<12}{name:<26}mean {scale * sum(differences) / len(differences):+.1f},"
                f" median {middle.median:+.1f} ({middle.low:+.1f} to {middle.high:+.1f}),"
                f" {sum(each > 0 for each in differences)} for and {sum(each < 0 for each in differences)} against"
                f" of {len(differences)}, p = {sign_flip_test(differences).p:.2g}"
            )


if __name__ == "__main__":
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    main()
