"""How one parent is chosen out of the elites in view: pure functions from scores to probabilities.

All policies are unmoved by shifting or scaling the scores, treat equal elites equally, and differ in how greedy
they are. `probabilities` is exactly what `choose` draws from.
"""

from __future__ import annotations

import math
import random
import statistics
from collections import Counter
from collections.abc import Callable, Sequence

from evolve.errors import SettingsError
from evolve.scaffold.base import EliteView

Policy = Callable[[Sequence[EliteView]], list[float]]
"""A weight, at least 0 and not all 0, for each elite (at least one, in any order)."""

RANK_EXPONENT = 1.0
"""alpha of the power law; 0 is uniform, infinity hill climbing (ShinkaEvolve, arXiv 2509.19349)."""

SIGMOID_SLOPE = 2.0
"""Per robust spread: the 10 per unit of the Darwin Goedel Machine (arXiv 2505.22954) where scores spread by 0.2."""

TEMPERATURE = 0.5
"""Softmax temperature in robust spreads: an elite one spread better is e^2 = 7.4 times as likely."""

FAR = 1e9
"""No elite counts as further than this many spreads from the median, so that nothing overflows."""

UCB_EXPLORATION = math.sqrt(2.0)
"""The constant of UCB1 for rewards in [0, 1] (Auer, Cesa-Bianchi & Fischer 2002)."""


def choose(policy: str, elites: Sequence[EliteView], rng: random.Random) -> EliteView:
    """Draw one elite by the named policy.

    Raises SettingsError for a policy that does not exist, ValueError when there is no elite.
    """
    return rng.choices(elites, probabilities(policy, elites))[0]


def probabilities(policy: str, elites: Sequence[EliteView]) -> list[float]:
    """How likely each elite is to be chosen, in the order given; they sum to 1. Raises as `choose` does."""
    weigh = POLICIES.get(policy)
    if weigh is None:
        raise SettingsError(f"selection policy {policy!r} does not exist; choose one of {', '.join(POLICIES)}")
    if not elites:
        raise ValueError("no elite to choose from")
    weights = weigh(elites)
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def uniform(elites: Sequence[EliteView]) -> list[float]:
    """Every cell alike (MAP-Elites, Mouret & Clune 2015); elites given from the same cell share its weight."""
    shared = Counter((elite.island, elite.cell) for elite in elites)
    return [1.0 / shared[elite.island, elite.cell] for elite in elites]


def power(elites: Sequence[EliteView]) -> list[float]:
    """By rank: p proportional to rank^-alpha, rank 1 the best; equal scores share the weight of their ranks."""
    order = sorted((elite.score for elite in elites), reverse=True)
    mass: dict[float, list[float]] = {}
    for rank, score in enumerate(order, start=1):
        mass.setdefault(score, []).append(rank**-RANK_EXPONENT)
    return [math.fsum(mass[elite.score]) / len(mass[elite.score]) for elite in elites]


def sigmoid(elites: Sequence[EliteView]) -> list[float]:
    """Good and little used: sigmoid(slope (F - m)) / (1 + children), m the median (ShinkaEvolve)."""
    return _sigmoid(elites, statistics.median)


def sigmoid_top(elites: Sequence[EliteView]) -> list[float]:
    """As `sigmoid` with m the 75th percentile: most elites are below it, so the best quarter gets most draws."""
    return _sigmoid(elites, lambda scores: _quartiles(scores)[1])


def softmax(elites: Sequence[EliteView]) -> list[float]:
    """exp(F / T) with T in units of the spread of the scores in view: it cools as the population converges."""
    scores = _standardised(elites)
    peak = max(scores)
    return [math.exp((score - peak) / TEMPERATURE) for score in scores]


def ucb1(elites: Sequence[EliteView]) -> list[float]:
    """All on the elite with the greatest upper confidence bound; equal bounds share.

    A child is a pull. What a pull earned is not in view, so the value is the rank of the elite's own score, scaled
    to [0, 1] (as in the tree search of Aygün et al. 2025, arXiv 2509.06503). The choice stays the same until a
    child is counted: with many proposals under way, count those in `children` too.
    """
    pulls = [elite.children + 1 for elite in elites]
    logarithm = math.log(sum(pulls))
    bounds = [
        value + UCB_EXPLORATION * math.sqrt(logarithm / count)
        for value, count in zip(_rank_values(elites), pulls, strict=True)
    ]
    best = max(bounds)
    return [float(bound == best) for bound in bounds]


POLICIES: dict[str, Policy] = {
    "uniform": uniform,
    "power": power,
    "sigmoid": sigmoid,
    "sigmoid_top": sigmoid_top,
    "softmax": softmax,
    "ucb1": ucb1,
}
"""All policies by the name used in settings."""


def _sigmoid(elites: Sequence[EliteView], middle: Callable[[list[float]], float]) -> list[float]:
    scores = _standardised(elites)
    centre = middle(scores)
    return [
        _logistic(SIGMOID_SLOPE * (score - centre)) / (1 + elite.children)
        for score, elite in zip(scores, elites, strict=True)
    ]


def _logistic(x: float) -> float:
    """1 / (1 + e^-x) without overflow; at least e^-500, so that weights never all vanish."""
    return 1.0 / (1.0 + math.exp(-max(x, -500.0)))


def _standardised(elites: Sequence[EliteView]) -> list[float]:
    """Scores as distances from their median in units of robust spread; all 0 when they are equal.

    The spread is the interquartile range over 1.349 (the standard deviation of a normal sample), or the mean
    absolute deviation when the quartiles coincide.
    """
    raw = [elite.score for elite in elites]
    # Exact scaling by a power of two first: differences then neither overflow nor vanish.
    _, exponent = math.frexp(max(map(abs, raw)))
    scores = [math.ldexp(score, -exponent) for score in raw]
    centre = statistics.median(scores)
    lower, upper = _quartiles(scores)
    spread = (upper - lower) / 1.349 or math.fsum(abs(score - centre) for score in scores) / len(scores)
    return [_clamped((score - centre) / spread) if spread else 0.0 for score in scores]


def _clamped(distance: float) -> float:
    return min(max(distance, -FAR), FAR)


def _quartiles(scores: list[float]) -> tuple[float, float]:
    if len(scores) < 2:
        return scores[0], scores[0]
    lower, _, upper = statistics.quantiles(scores, n=4, method="inclusive")
    return lower, upper


def _rank_values(elites: Sequence[EliteView]) -> list[float]:
    """Ranks scaled to [0, 1], 1 for the best and 0 for the worst; ties share their mean; 1 for a single score."""
    order = sorted(elite.score for elite in elites)
    places: dict[float, list[int]] = {}
    for place, score in enumerate(order):
        places.setdefault(score, []).append(place)
    last = len(order) - 1
    return [statistics.fmean(places[elite.score]) / last if last else 1.0 for elite in elites]
