"""Which operator to use next: a discounted Thompson sampler over named arms.

Every arm has a Beta posterior over the mean of its rewards in [0, 1], whose evidence fades by a constant factor
with every reward (discounted Thompson sampling, Raj & Kalyani 2017, arXiv 1707.09727), so that an operator which
only pays early, or only late, is noticed. Being randomised, it spreads a batch of choices made before any outcome
is known, where UCB would repeat one arm. Improvements are rare, so the prior is not Beta(1, 1), under which an
unused arm would promise 50 %, but the arms' pooled mean with the weight of a few rewards (empirical Bayes,
Casella 1985).
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evolve.domain import Outcome
from evolve.scaffold.base import OutcomeView

HALF_GAIN = 0.01
"""A relative gain of 1 % earns half of what the size of a gain can earn."""

_POOL_PRIOR = (0.5, 2.0)
"""Reward and weight the pooled mean begins with: everything looks promising until something was tried."""

_REACH = 6.0
_STEPS = 96


@dataclass(slots=True)
class _Arm:
    reward: float = 0.0  # discounted sum
    weight: float = 0.0  # discounted count
    pulls: int = 0


class Bandit:
    """Chooses among arms by what they earned lately; draws from the caller's randomness only."""

    def __init__(
        self, arms: Sequence[str], *, discount: float = 0.995, floor: float = 0.1, prior_weight: float = 3.0
    ) -> None:
        """Arms in the order in which draws are made.

        `discount` is what evidence keeps per reward (0.995: the last 200 count), `floor` the share of choices made
        uniformly, `prior_weight` how many rewards the pooled mean is worth. Raises ValueError outside their ranges.
        """
        if not arms or len(set(arms)) != len(arms):
            raise ValueError(f"arms {list(arms)} must be named, each once")
        if not (0.0 < discount <= 1.0 and 0.0 <= floor <= 1.0 and prior_weight > 0.0):
            raise ValueError(
                f"discount {discount} must be in (0, 1], floor {floor} in [0, 1], prior_weight {prior_weight} above 0"
            )
        self._arms = {name: _Arm() for name in arms}
        self._discount = discount
        self._floor = floor
        self._prior_weight = prior_weight

    def choose(self, available: Iterable[str], rng: random.Random) -> str:
        """One of the available arms. Raises ValueError when there is none, KeyError for an unknown one."""
        names = self._ordered(available)
        if rng.random() < self._floor:
            return rng.choice(names)
        drawn = {name: rng.normalvariate(*belief) for name, belief in self._beliefs(names).items()}
        return max(drawn, key=drawn.__getitem__)

    def probabilities(self, available: Iterable[str]) -> dict[str, float]:
        """How likely `choose` is to take each available arm, in the order of the arms; for looking at.

        The floor plus the chance that the arm's draw is the greatest: the integral of its density times the other
        arms' distribution functions, by the trapezium rule over plus and minus 6 deviations. O(arms squared).
        """
        names = self._ordered(available)
        beliefs = self._beliefs(names)
        wins = {name: _chance_of_greatest(name, beliefs) for name in names}
        total = math.fsum(wins.values())
        return {name: self._floor / len(names) + (1.0 - self._floor) * won / total for name, won in wins.items()}

    def reward(self, arm: str, value: float) -> None:
        """Credit an arm with an outcome in [0, 1]. Raises KeyError for an unknown arm, ValueError out of range."""
        if not 0.0 <= value <= 1.0:
            raise ValueError(f"reward {value} of arm {arm!r} is outside [0, 1]")
        credited = self._arms[arm]
        for state in self._arms.values():
            state.reward *= self._discount
            state.weight *= self._discount
        credited.reward += value
        credited.weight += 1.0
        credited.pulls += 1

    def snapshot(self) -> Mapping[str, Mapping[str, float]]:
        """Per arm: rewards received (`pulls`), how many of them still count (`weight`), and the believed `mean`."""
        beliefs = self._beliefs(list(self._arms))
        return {
            name: {"pulls": arm.pulls, "weight": arm.weight, "mean": beliefs[name][0]}
            for name, arm in self._arms.items()
        }

    def _ordered(self, available: Iterable[str]) -> list[str]:
        offered = set(available)
        unknown = offered - self._arms.keys()
        if unknown:
            raise KeyError(f"unknown arms {sorted(unknown)}; the arms are {list(self._arms)}")
        names = [name for name in self._arms if name in offered]
        if not names:
            raise ValueError("no arm is available")
        return names

    def _beliefs(self, names: Sequence[str]) -> dict[str, tuple[float, float]]:
        """Mean and standard deviation of each arm's posterior, a Beta taken as the normal of the same moments."""
        earned, weight = _POOL_PRIOR
        for arm in self._arms.values():
            earned += arm.reward
            weight += arm.weight
        pooled = min(earned / weight, 1.0)
        return {name: self._belief(self._arms[name], pooled) for name in names}

    def _belief(self, arm: _Arm, pooled: float) -> tuple[float, float]:
        weight = arm.weight + self._prior_weight
        mean = (arm.reward + self._prior_weight * pooled) / weight
        variance = max(mean * (1.0 - mean), 0.0) / (weight + 1.0)
        return mean, max(math.sqrt(variance), 1e-9)


def credit(outcome: OutcomeView) -> float:
    """What an operator earned with a candidate, in [0, 1].

    1 for a new best of the run; 0.3 to 0.7 for a kept child better than its parent, by the relative size of the gain;
    0.2 for one that was only kept (a new cell, or a better one of its kind); else 0. The steps compare rather than
    measure, because the size of gains shrinks by orders of magnitude over a run (Fialho et al. 2010, "Analyzing
    bandit-based adaptive operator selection mechanisms").
    """
    if outcome.score is None:
        return 0.0
    if outcome.new_best:
        return 1.0
    if outcome.outcome not in (Outcome.NEW_CELL, Outcome.IMPROVED):
        return 0.0
    if outcome.parent_score is None or outcome.score <= outcome.parent_score:
        return 0.2
    gain = relative_gain(outcome.score, outcome.parent_score)
    return 0.3 + 0.4 * gain / (gain + HALF_GAIN)


def relative_gain(score: float, parent: float) -> float:
    """(score - parent) / max(|score|, |parent|), in (0, 2] for a better score; divided first, so as not to overflow."""
    scale = max(abs(score), abs(parent))
    return score / scale - parent / scale


def _chance_of_greatest(name: str, beliefs: Mapping[str, tuple[float, float]]) -> float:
    mean, deviation = beliefs[name]
    others = [belief for other, belief in beliefs.items() if other != name]
    step = 2.0 * _REACH / _STEPS
    total = 0.0
    for index in range(_STEPS + 1):
        z = index * step - _REACH
        weight = math.exp(-0.5 * z * z)
        for other_mean, other_deviation in others:
            weight *= _normal_cdf((mean + z * deviation - other_mean) / other_deviation)
        total += weight
    return total


def _normal_cdf(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2.0))
