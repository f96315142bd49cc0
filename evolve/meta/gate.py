"""The gate: whether one scaffold is better than another, by an exact test that takes problems for units.

Under the hypothesis that it makes no difference which of the two scaffolds is which, every pattern of signs of the
problems' differences is equally likely (Fisher, The Design of Experiments, 1935, section 21). Turning round the signs
of a subset A leaves the sum at or above the one observed exactly when the mean of A is not above zero, so that

    p(shift) = (1 + number of nonempty subsets with a mean <= shift) / 2^n

and the shifts that the test does not reject lie between two order statistics of the subset means (Hartigan, Using
Subsample Values as Typical Values, JASA 64, 1969). Ties count against the child. No normality, no variances.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from evolve.meta import probes as safety
from evolve.meta.areas import problem_differences
from evolve.meta.records import Certificate, Contest, Stage, Trial

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEVEL = 0.9
"""Of intervals: the probability that they hold the true shift, at least. Two-sided at 0.9 is one-sided at 0.05."""

MOST_EXACT = 20
"""Problems up to which every one of the 2^n patterns is counted; beyond it `DRAWS` of them are drawn."""

DRAWS = 100_000
"""The standard error of a p of 0.05 is then 0.0007."""

_SEED = 20_260_111
_ROUNDING = 1e-12
"""Sums closer to zero than this, relative to the largest sum there can be, are zero: rounding must not decide."""


def contest(child: Iterable[Trial], other: Iterable[Trial], level: float = LEVEL) -> Contest:
    """Compare two scaffolds on the same (problem, seed) cells.

    Raises ValueError when a cell is missing on one side (`evolve.meta.areas.paired_differences`).
    """
    return contest_of(problem_differences(child, other), level)


def contest_of(differences: Mapping[str, float], level: float = LEVEL) -> Contest:
    """The test and the interval of differences by problem.

    `level` of the result is what the interval really has: less than asked for when there are too few problems (then
    it goes from the least to the greatest difference), 0 without any.
    """
    values = list(differences.values())
    floor = least_p(len(values))
    if not values:
        return Contest({}, 0.0, 1.0, floor, 0.0, 0.0, 0.0)
    means = _subset_means(values)
    patterns = len(means) + 1
    p = (1 + int((means <= _ROUNDING * max(map(abs, values))).sum())) / patterns
    rank = math.floor((1 - level) / 2 * patterns + 1e-9)
    reached = level if rank >= 1 else 1 - 2 / patterns
    low, high = _order_statistics(means, max(rank, 1))
    return Contest(dict(differences), math.fsum(values) / len(values), p, floor, low, high, reached)


def least_p(problems: int) -> float:
    """The smallest p that the test can give: the observed pattern alone out of 2^n."""
    return 2.0**-problems if problems <= MOST_EXACT else 1 / (1 + DRAWS)


def least_problems(alpha: float) -> int:
    """How many problems it takes before p < alpha is possible at all: 5 at 0.05."""
    enough = 1
    while not least_p(enough) < alpha and enough <= MOST_EXACT:
        enough += 1
    return enough


def certificate(
    trials: Iterable[Trial],
    *,
    scaffold: int,
    base: int,
    sealed: Sequence[str],
    seeds: Sequence[int],
    probes: Sequence[str] = (),
    probe_seeds: Sequence[int] = (),
    alpha: float = 0.05,
    tolerance: float = 0.05,
    claimed: float = 0.0,
    doubts: Sequence[str] = (),
) -> Certificate:
    """The verdict on `scaffold` against `base` from the trials of stages `certify` and `probe`; others are ignored.

    `sealed` and `probes` name the problems, `seeds` and `probe_seeds` the seeds that were planned, before anything was
    measured. Granted only when p < alpha, the interval lies above zero, no probe is worse and there are no `doubts`
    about what was measured; `reasons` says in words what was lacking. The interval has level 1 - 2 alpha, the one that
    goes with a one-sided test at alpha.

    Raises ValueError when a planned run is missing or there is one that was not planned: nothing is made up for, and
    nothing is chosen afterwards.
    """
    table = list(trials)
    final = {number: _planned(table, Stage.CERTIFY, number, sealed, seeds) for number in (scaffold, base)}
    probed = {number: _planned(table, Stage.PROBE, number, probes, probe_seeds) for number in (scaffold, base)}
    found = contest(final[scaffold], final[base], 1 - 2 * alpha)
    worse = safety.worse(probed[scaffold], probed[base], alpha=alpha, tolerance=tolerance) if probes else ()
    reasons = (*_lacking(found, alpha), *worse, *_unprobed(probed[base]), *doubts)
    bought = [trial for side in (final, probed) for number in (scaffold, base) for trial in side[number]]
    return Certificate(
        scaffold=scaffold,
        base=base,
        contest=found,
        probes=contest(probed[scaffold], probed[base], 1 - 2 * alpha) if probes else None,
        alpha=alpha,
        seeds=len(seeds),
        calls=sum(trial.measured.calls for trial in bought),
        granted=not reasons,
        reasons=reasons,
        claimed=claimed,
        infrastructure=sum(bool(trial.measured.failed) for trial in bought),
        base_failed=sum(bool(trial.measured.failed) for trial in bought if trial.key.scaffold == base),
    )


def _lacking(found: Contest, alpha: float) -> tuple[str, ...]:
    """Why the sealed problems do not show an improvement; empty when they do."""
    count = len(found.differences)
    enough = least_problems(alpha)
    if count < enough:
        return (
            f"{count} sealed problem{'s' * (count != 1)} cannot show anything at alpha = {alpha:g}: the least p is "
            f"{found.floor:.3g}; at least {enough} problems with room are needed",
        )
    reasons = []  # the numbers stand in the contest, rounded in one place
    if not found.p < alpha:
        reasons.append(f"p is not below {alpha:g}")
    if not found.low > 0:
        reasons.append("the interval is not above zero")
    return tuple(reasons)


def _unprobed(base: Sequence[Trial]) -> tuple[str, ...]:
    """The probes that say nothing, for beside a run that failed the child cannot look worse."""
    names = dict.fromkeys(trial.key.problem for trial in base if trial.measured.failed)
    return tuple(f"probe {name} says nothing: the machinery failed in a run of the first scaffold" for name in names)


def _planned(
    trials: Sequence[Trial], stage: Stage, scaffold: int, problems: Sequence[str], seeds: Sequence[int]
) -> list[Trial]:
    """The trials of a stage of a scaffold, which must be exactly the planned ones."""
    found = [trial for trial in trials if trial.key.stage is stage and trial.key.scaffold == scaffold]
    have = sorted((trial.key.problem, trial.key.seed) for trial in found)
    plan = sorted((problem, seed) for problem in problems for seed in seeds)
    if have != plan:
        odd = sorted(set(have) ^ set(plan)) or sorted(cell for cell in set(have) if have.count(cell) > 1)
        raise ValueError(
            f"stage {stage.value} of scaffold {scaffold} has {len(have)} runs of the {len(plan)} planned; "
            f"the first odd one is {odd[0][0]} with seed {odd[0][1]}"
        )
    return found


def _subset_means(values: Sequence[float]) -> Floats:
    """The means of all nonempty subsets, or of `DRAWS` random ones when there are more than 20 values."""
    import numpy as np

    if len(values) > MOST_EXACT:
        random = np.random.default_rng(_SEED)
        chosen = random.integers(0, 2, (DRAWS, len(values))).astype(float)
        chosen[chosen.sum(axis=1) == 0] = 1.0
        drawn: Floats = chosen @ np.asarray(values) / chosen.sum(axis=1)
        return drawn
    sums, sizes = np.zeros(1), np.zeros(1)
    for value in values:
        sums, sizes = np.concatenate((sums, sums + value)), np.concatenate((sizes, sizes + 1))
    means: Floats = sums[1:] / sizes[1:]
    return means


def _order_statistics(means: Floats, rank: int) -> tuple[float, float]:
    """The `rank`-th smallest and the `rank`-th largest."""
    import numpy as np

    ordered = np.partition(means, (rank - 1, len(means) - rank))
    return float(ordered[rank - 1]), float(ordered[len(means) - rank])
