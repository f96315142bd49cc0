"""How often the gate certifies a scaffold that is no better, and how often it finds one that is.

    python -m benchmarks.meta_gate [--quick] [--suite towns] [--seeds 24] [--gates 1000] [--workers 2]

Real areas first: scaffold zero with the medium stand-in on every sealed problem and probe of the suite, 24 seeds each,
measured here and kept nowhere. Gates are then resampled from them: for each side and each problem as many areas as a
certificate has seeds are drawn with replacement, the true effect is added to the child's, and `evolve.meta.gate` gives
its verdict, probes and all. Nothing about the areas is supposed to be normal, or alike from problem to problem.
Two rows more: an effect that differs from problem to problem (standard deviation 0.05), and runs of both sides that the
machinery failed (10 %). Both sides are drawn independently from one pool, so that drift - a provider that changes while
a certificate is measured - is no part of the A/A half and cannot be seen in it.

Bars: A/A (no effect) certified in at most 5 % of 1,000 gates, plus three standard errors, in every row; a true effect
of +0.05 in at least 80 % of the first, at the default number of seeds and the suite's sealed problems. Exits with 1
when one is missed.
"""

from __future__ import annotations

import argparse
import functools
import math
import random
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from evolve.meta.gate import certificate
from evolve.meta.records import Measured, Stage, Suite, Trial, TrialKey, Use
from evolve.meta.settings import CampaignSettings
from evolve.meta.suites import find_suite

ROOT = Path(__file__).parent.parent
EFFECT = 0.05
A_A_BAR, POWER_BAR = 0.05, 0.80
SPREAD, FAILING = 0.05, 0.10
CHILD, BASE = 1, 0
DEFAULTS = CampaignSettings()
GRID_PROBLEMS, GRID_SEEDS, GRID_EFFECTS = (6, 8, 12), (2, 4, 8), (0.02, 0.05, 0.10)

Areas = Mapping[str, Sequence[float]]
"""Measured areas of scaffold zero, by problem."""


@dataclass(frozen=True)
class Design:
    """How a certificate is laid out: sealed problems and probes by name, seeds for each.

    `spread` is the standard deviation of the true effect between problems, `failing` the share of runs of either side
    that the machinery fails.
    """

    sealed: tuple[str, ...]
    probes: tuple[str, ...] = ()
    seeds: int = DEFAULTS.certificate_seeds
    probe_seeds: int = DEFAULTS.probe_seeds
    spread: float = 0.0
    failing: float = 0.0


def main() -> int:
    """Measure, resample, print; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", default=str(ROOT / "benchmarks" / "suites" / "towns.toml"))
    parser.add_argument("--seeds", type=int, default=24, help="measured areas per problem")
    parser.add_argument("--gates", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2, help="processes that measure")
    parser.add_argument("--quick", action="store_true", help="6 areas per problem and 300 gates")
    given = parser.parse_args()
    per_problem, gates = (6, 300) if given.quick else (given.seeds, given.gates)
    suite = find_suite(given.suite)
    started = time.monotonic()
    areas = measured(suite, per_problem, given.workers)
    report_areas(suite, areas, per_problem, time.monotonic() - started)
    sealed = tuple(problem.name for problem in suite.used(Use.SEALED))
    probes = tuple(problem.name for problem in suite.used(Use.PROBE))
    design = Design(sealed, probes)
    bar = A_A_BAR + 3 * math.sqrt(A_A_BAR * (1 - A_A_BAR) / gates)
    print(f"\n{len(sealed)} sealed problems, {design.seeds} seeds, {len(probes)} probes, {gates} gates")
    print(f"certified of no effect: at most {bar:.1%}; of +{EFFECT}: at least {POWER_BAR:.0%} in the first row")
    held = True
    for what, laid in rows(design).items():
        by_chance, power = (certified(areas, laid, effect, gates, f"{effect}") for effect in (0.0, EFFECT))
        kept = by_chance <= bar and (laid != design or power >= POWER_BAR)
        held &= kept
        print(f"  {what:<42} no effect {by_chance:6.1%}   +{EFFECT} {power:6.1%}   {verdict(kept)}", flush=True)
    report_grid(areas, sealed, max(100, gates // 5))
    return 0 if held else 1


def rows(design: Design) -> Mapping[str, Design]:
    """What the bars are held in: the design itself, and two in which less is as one would like it."""
    return {
        "the same effect on every problem": design,
        f"an effect with sd {SPREAD} between problems": replace(design, spread=SPREAD),
        f"{FAILING:.0%} of runs failed by the machinery": replace(design, failing=FAILING),
    }


def verdict(held: bool) -> str:
    """In a word."""
    return "held" if held else "MISSED"


def measured(suite: Suite, seeds: int, workers: int) -> Areas:
    """Areas of scaffold zero with the stand-in on the sealed problems and probes."""
    names = [problem.name for use in (Use.SEALED, Use.PROBE) for problem in suite.used(use)]
    cells = [(name, seed) for name in names for seed in range(seeds)]
    with ProcessPoolExecutor(workers) as pool:
        found = list(pool.map(functools.partial(one_area, suite), cells, chunksize=8))
    return {name: [area for (of, _), area in zip(cells, found, strict=True) if of == name] for name in names}


def one_area(suite: Suite, cell: tuple[str, int]) -> float:
    """One run; in a process of its own, which imports the stand-in."""
    from benchmarks.standin_runs import measure, standin

    name, seed = cell
    problem = next(each for each in suite.problems if each.name == name)
    return measure(problem, TrialKey(BASE, name, 7000 + seed, Stage.CERTIFY, suite.calls), standin("medium")).area


def certified(areas: Areas, design: Design, effect: float, gates: int, seed: str) -> float:
    """The share of gates that certify a child whose areas lie `effect` above the base's, problem by problem."""
    rng = random.Random(f"gates:{seed}:{len(design.sealed)}:{design.seeds}")
    return sum(gate(areas, design, effect, rng) for _ in range(gates)) / gates


def gate(areas: Areas, design: Design, effect: float, rng: random.Random) -> bool:
    """One certificate on resampled areas."""
    sealed, probes = range(design.seeds), range(design.probe_seeds)
    uneven = {name: rng.gauss(0.0, design.spread) for name in (*design.sealed, *design.probes)}
    trials: list[Trial] = []
    for scaffold in (CHILD, BASE):
        for stage, names, seeds in ((Stage.CERTIFY, design.sealed, sealed), (Stage.PROBE, design.probes, probes)):
            for name in names:
                more = effect + uneven[name] if scaffold == CHILD else 0.0
                for seed in seeds:
                    area = rng.choice(areas[name]) + more
                    failed = rng.random() < design.failing
                    trials.append(trial(scaffold, name, seed, stage, 0.0 if failed else area, failed))
    return certificate(
        trials,
        scaffold=CHILD,
        base=BASE,
        sealed=design.sealed,
        seeds=sealed,
        probes=design.probes,
        probe_seeds=probes,
        alpha=DEFAULTS.alpha,
        tolerance=DEFAULTS.tolerance,
    ).granted


def trial(scaffold: int, problem: str, seed: int, stage: Stage, area: float, failed: bool = False) -> Trial:
    """A trial of that area; one that the machinery failed has no curve of its own."""
    measured = Measured((), 0.0, 0, failed="drawn") if failed else Measured((area,), 0.0, 1)
    return Trial(TrialKey(scaffold, problem, seed, stage, 1), measured, area, (area,))


def report_areas(suite: Suite, areas: Areas, seeds: int, seconds: float) -> None:
    """The pool: mean and standard deviation by problem."""
    print(f"scaffold zero, medium stand-in, suite {suite.name}: {suite.calls} calls, {seeds} seeds, {seconds:.0f} s")
    for name, values in areas.items():
        print(f"  {name:<12} area {statistics.fmean(values):.3f}  sd {statistics.stdev(values):.3f}")
    within = math.sqrt(statistics.fmean(statistics.variance(values) for values in areas.values()))
    between = statistics.stdev(statistics.fmean(values) for values in areas.values())
    mean = statistics.fmean(map(statistics.fmean, areas.values()))
    print(f"  all: mean {mean:.3f}, sd between problems {between:.3f}, within {within:.3f}")


def report_grid(areas: Areas, sealed: Sequence[str], gates: int) -> None:
    """What problems and seeds buy, without probes."""
    effects = "".join(f"{f'+{effect:.2f}':>8}" for effect in GRID_EFFECTS)
    print(f"\ncertified by problems, seeds and true effect ({gates} gates each, no probes)")
    print(f"  {'problems':>8}{'seeds':>7}{'runs':>6}{'none':>8}{effects}")
    for count in GRID_PROBLEMS:
        if count > len(sealed):
            continue
        for seeds in GRID_SEEDS:
            design = Design(tuple(sealed[:count]), (), seeds)
            shares = [certified(areas, design, effect, gates, f"grid {effect}") for effect in (0.0, *GRID_EFFECTS)]
            print(f"  {count:>8}{seeds:>7}{2 * count * seeds:>6}" + "".join(f"{share:>8.0%}" for share in shares))


if __name__ == "__main__":
    sys.exit(main())
