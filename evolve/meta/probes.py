"""Safety probes: problems on which a certified scaffold must not be worse than the first one.

A probe is a fixed problem, not a sample of problems, and there are few of them: two could never give a p below 1/4 in
the test on problem means. So when problems are too few for that test, runs are the units: dealt anew between the two
scaffolds within each problem, as often as there are ways (a stratified permutation test: Edgington and Onghena,
Randomization Tests, 4th ed. 2007, chapter 7). Two probes with two seeds each can give 1/36.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterable, Sequence

from evolve.meta.areas import problem_differences, problem_means
from evolve.meta.records import Trial

COLLAPSED = 0.5
"""Of the base's area: below this share a single probe counts as collapsed whatever the others do."""

WORTH = 0.1
"""A base's area up to this is too near the floor for its half to mean anything."""

MOST_DEALS = 20_000
"""Ways to deal out runs that are all gone through; beyond it as many are drawn: a p of 0.05 to 0.0015 or so."""

_SEED = 20_260_112
_ROUNDING = 1e-12


def worse(
    child: Sequence[Trial], base: Sequence[Trial], *, alpha: float = 0.05, tolerance: float = 0.05
) -> tuple[str, ...]:
    """In what the child is worse, as sentences; empty when it is not.

    Worse is a mean over probes that falls by more than `tolerance` when chance explains it with a probability below
    `alpha`, or a single probe on which the child reaches less than half of what the base does and every one of its runs
    stays below every one of the base's: by the means alone, every tenth probe with two seeds collapses by chance (areas
    of 0.2 +- 0.1, as measured by benchmarks/meta_gate.py). Both sides need the same (problem, seed) cells; raises
    ValueError otherwise.
    """
    differences = problem_differences(child, base)
    found = []
    fall = -math.fsum(differences.values()) / len(differences) if differences else 0.0
    if fall > tolerance and (p := p_fall(child, base, alpha)) < alpha:
        found.append(f"the probes fall by {fall:.4f} on average, more than {tolerance:g} (p = {p:.3g})")
    own, first = problem_means(child), problem_means(base)
    found += [
        f"probe {name} collapses from {first[name]:.4f} to {own[name]:.4f}, in every run"
        for name in differences
        if first[name] > WORTH
        and own[name] < COLLAPSED * first[name]
        and max(_areas(child, name)) < min(_areas(base, name))
    ]
    return tuple(found)


def p_fall(child: Sequence[Trial], base: Sequence[Trial], alpha: float) -> float:
    """How likely chance alone makes the child as much worse: by problems if they are enough, else by runs."""
    differences = list(problem_differences(child, base).values())
    if 2.0 ** -len(differences) < alpha:
        flipped = [(value, -value) for value in differences]
        return _share(flipped, math.fsum(differences), math.fsum(map(abs, differences)))
    dealt = []
    for problem in problem_means(child):
        mine, theirs = _areas(child, problem), _areas(base, problem)
        together = math.fsum(mine + theirs)
        subsets = itertools.combinations(mine + theirs, len(mine))
        dealt.append([(2 * math.fsum(subset) - together) / len(mine) for subset in subsets])
    return _share(dealt, math.fsum(differences), math.fsum(trial.area for trial in (*child, *base)))


def least_p(problems: int, seeds: int, alpha: float) -> float:
    """The smallest p that `p_fall` can give for so many probes and seeds a side; not below alpha, no fall is shown."""
    by_problems = 2.0**-problems
    if by_problems < alpha:
        return by_problems
    deals = math.comb(2 * seeds, seeds) ** problems
    return 1 / deals if deals <= MOST_DEALS else 1 / (1 + MOST_DEALS)


def _areas(trials: Iterable[Trial], problem: str) -> list[float]:
    return [trial.area for trial in trials if trial.key.problem == problem]


def _share(parts: Sequence[Sequence[float]], observed: float, scale: float) -> float:
    """The share of sums of one value from each part that do not lie above the observed one."""
    bar = observed + _ROUNDING * scale
    if math.prod(map(len, parts)) <= MOST_DEALS:
        sums = [math.fsum(values) for values in itertools.product(*parts)]
        return sum(total <= bar for total in sums) / len(sums)
    rng = random.Random(_SEED)
    below = sum(math.fsum(rng.choice(part) for part in parts) <= bar for _ in range(MOST_DEALS))
    return (1 + below) / (1 + MOST_DEALS)
