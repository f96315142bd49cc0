"""How noisy the score is: which differences can be told from luck, and how lucky the best of many looks."""

from __future__ import annotations

import math
from collections.abc import Iterable

from evolve.report import figures
from evolve.report.checks.bench import Bench, not_measured
from evolve.report.findings import Finding, State

ALPHA = 0.05
LOOKS = (1, 8)
"""Looks at each of two programs that are compared."""
FIELDS = (100, 1000)
"""Programs of which the best is taken."""
_REACH, _STEPS = 9.0, 3600


def significant_difference(deviation: float, repeats: int, looks: int) -> float:
    """The smallest difference of two mean scores that is significant (two-sided, p < 0.05) with `looks` at each.

    t(0.975; repeats - 1) * s * sqrt(2 / looks): Student's test with the standard deviation s of one look taken
    from `repeats` (at least 2) looks at the seed, as noise is assumed to be alike for all programs. A true
    difference of this size is found half of the time.
    """
    # The quantile that scipy.stats.t.ppf computes, without the 1 CPU s that importing scipy.stats takes.
    from scipy.special import stdtrit

    return float(stdtrit(repeats - 1, 1 - ALPHA / 2)) * deviation * math.sqrt(2 / looks)


def expected_maximum(count: int) -> float:
    """The mean of the largest of `count` standard normal numbers: how lucky the best of so many equals looks, in sd.

    The integral of x * n * phi(x) * Phi(x)^(n - 1) (David and Nagaraja, Order Statistics, 2003, section 3.1), by the
    trapezoid rule: 2.5076 for 100 and 3.2414 for 1,000.
    """
    step = 2 * _REACH / _STEPS
    points = [-_REACH + step * place for place in range(_STEPS + 1)]
    return step * math.fsum(
        x * count * math.exp(-x * x / 2) / math.sqrt(2 * math.pi) * (0.5 * math.erfc(-x / math.sqrt(2))) ** (count - 1)
        for x in points
    )


def findings(bench: Bench, wanted: int) -> Iterable[Finding]:
    """What repeats of the seed say; `wanted` repeats were asked for."""
    count, unit = len(bench.scores), bench.problem.spec.objective.unit
    if count < 2:
        yield Finding("noise", State.OK, "not measured (one repeat)") if wanted < 2 else not_measured("noise")
        return
    deviation = bench.noise
    if deviation == 0:
        yield Finding("noise", State.OK, f"none: the same score in {count} repeats, so any difference counts")
        return
    seen = {looks: significant_difference(deviation, count, looks) for looks in LOOKS}
    yield Finding(
        "noise",
        State.OK,
        f"standard deviation {figures.objective(deviation, unit)} over {count} repeats: two programs can be told apart "
        f"(p < 0.05) from {_rough(seen[1], unit)} with 1 look at each, from {_rough(seen[8], unit)} with 8",
        "raise stages.repeats, or average over more cases",
        {"deviation": deviation, "repeats": count, "significant": {str(looks): gap for looks, gap in seen.items()}},
    )
    luck = {field: expected_maximum(field) * deviation for field in FIELDS}
    yield Finding(
        "luck",
        State.OK,
        f"the best of 100 equal programs looks {_rough(luck[100], unit)} better than it is, of 1,000 "
        f"{_rough(luck[1000], unit)}",
        "believe the held-out score of the winner, not its search score",
        {str(field): overstatement for field, overstatement in luck.items()},
    )


def _rough(value: float, unit: str) -> str:
    return f"{value:.2g} {unit}" if unit else f"{value:.2g}"
