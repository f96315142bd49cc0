"""Which model to ask with which operator: Thompson sampling over what an answer earns per what it costs.

Models, and the arms model x operator, have Beta posteriors over their mean earning in [0, 1] and estimates of their
mean cost. First the model with the greatest draw of earning / cost is chosen, then in the same way one of its arms; so
what costs ten times as much must earn ten times as much. (Budgeted Thompson sampling, Xia et al. 2015, "Thompson
sampling for budgeted multi-armed bandits".) Evidence fades as in `bandit`, because what pays early may not pay late.

A budget buys a few hundred answers and there may be dozens of arms. Hence two steps: drawing from all arms at once
brought 76 % of the earnings of one who knows the best arm, two steps 79 % (mean of five worlds of two or three models
and six operators, budgets of 500 to 1,500 cheap calls; one such figure is uncertain by about 2). And hence an arm's
prior is not flat but the pooled mean, times how much better than the pool its model is, times how much better its
operator is (empirical Bayes). What is under way counts as answers that earned nothing: it spreads a batch.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evolve.scaffold.base import ModelView

Arm = tuple[str, str]
"""A model's name and an operator's."""

DISCOUNT = 0.995
"""What evidence keeps per outcome: the last 200 count."""

PRIOR_WEIGHT = 3.0
"""How many outcomes an arm's prior is worth; `SHARED_WEIGHT` for those of its model and its operator."""
SHARED_WEIGHT = 8.0

EXPLORED = 0.05
"""The share of choices made without regard to earnings, each arm as often as it is cheap: so the same *money* goes to
each, where equal numbers of choices would spend most of it on the dearest model."""

CHEAPEST = 0.01
"""No arm counts as cheaper than this share of the dearest: its candidates cost evaluations all the same."""

_POOL_PRIOR = (0.5, 2.0)
"""Earning and weight the pooled mean begins with, as in `bandit`."""
_TOKENS = 4_000.0
"""Tokens of an answer and its prompt before any was counted."""
_RENORMALISE = 1e100


@dataclass(slots=True)
class _Tally:
    """Sums over outcomes, later ones counting more; `priced`, `counted` are the weights with known money, tokens."""

    earned: float = 0.0
    weight: float = 0.0
    money: float = 0.0
    priced: float = 0.0
    unpriced: float = 0.0
    tokens: float = 0.0
    counted: float = 0.0
    pulls: int = 0

    def add(self, now: float, earned: float, money: float | None, tokens: int) -> None:
        self.pulls += 1
        self.earned += now * earned
        self.weight += now
        if tokens > 0:
            self.tokens += now * tokens
            self.counted += now
        if money is None:
            self.unpriced += now
        elif money > 0.0 or tokens > 0:  # a call nobody answered says nothing about what answers cost
            self.money += now * money
            self.priced += now

    def scale(self, factor: float) -> None:
        for name in ("earned", "weight", "money", "priced", "unpriced", "tokens", "counted"):
            setattr(self, name, getattr(self, name) * factor)


class Arms:
    """What models earned and cost with which operator; draws from the caller's randomness only."""

    def __init__(self) -> None:
        self._arms: dict[Arm, _Tally] = {}
        self._models: dict[str, _Tally] = {}
        self._operators: dict[str, _Tally] = {}
        self._all = _Tally()
        self._now = 1.0  # what an outcome weighs: it grows, instead of all earlier ones fading

    def observe(self, model: str, operator: str, earned: float, money: float | None, tokens: int) -> None:
        """Credit an arm with an outcome in [0, 1] and with what it cost: US dollars (None: nobody knows) and tokens."""
        self._now /= DISCOUNT
        if self._now > _RENORMALISE:
            for tally in (self._all, *self._arms.values(), *self._models.values(), *self._operators.values()):
                tally.scale(1.0 / self._now)
            self._now = 1.0
        for tally in (
            self._arms.setdefault((model, operator), _Tally()),
            self._models.setdefault(model, _Tally()),
            self._operators.setdefault(operator, _Tally()),
            self._all,
        ):
            tally.add(self._now, earned, money, tokens)

    def choose(
        self,
        models: Sequence[ModelView],
        operators: Sequence[str],
        rng: random.Random,
        under_way: Mapping[Arm, int] | None = None,
    ) -> tuple[ModelView, str]:
        """A model to ask and an operator. `under_way` counts what was chosen and has no outcome yet.

        A model that was never asked is asked first, whatever it costs. Raises ValueError when nothing is offered.
        """
        if not models or not operators:
            raise ValueError(f"nothing to choose from: models {list(models)}, operators {list(operators)}")
        waiting = under_way or {}
        offered = self._untried(models, waiting) or models
        costs = self.costs(offered, operators)
        if rng.random() < EXPLORED:
            arms = [(model, operator) for model in offered for operator in operators]
            return rng.choices(arms, [1.0 / costs[model.name, operator] for model, operator in arms])[0]
        best = _greatest([self._promise(model.name, operators, costs, waiting, rng) for model in offered])
        name = offered[best].name
        drawn = [
            self._draw((name, operator), waiting.get((name, operator), 0), rng) / costs[name, operator]
            for operator in operators
        ]
        return offered[best], operators[_greatest(drawn)]

    def costs(self, models: Sequence[ModelView], operators: Sequence[str]) -> dict[Arm, float]:
        """What each arm is believed to cost, above 0, all in one unit.

        US dollars when they are known for all models and not all 0; else tokens, once any were counted; else calls.
        """
        found: dict[Arm, float] = {}
        if all(self._has_price(model) for model in models):
            found = {(m.name, o): self._money(m, o) for m in models for o in operators}
        if not any(found.values()) and self._all.counted:
            found = {(m.name, o): self._tokens(m.name, o) for m in models for o in operators}
        if not any(found.values()):
            return {(model.name, operator): 1.0 for model in models for operator in operators}
        least = CHEAPEST * max(found.values())
        return {arm: max(cost, least) for arm, cost in found.items()}

    def snapshot(self) -> Mapping[str, Mapping[str, float]]:
        """Per arm: outcomes (`pulls`), the believed mean `earning`, and mean `money` and `tokens` where known."""
        return {f"{model} {operator}": self._described((model, operator)) for model, operator in self._arms}

    def _described(self, arm: Arm) -> dict[str, float]:
        tally = self._arms[arm]
        earning, against = self._belief(arm, 0)
        described = {"pulls": float(tally.pulls), "earning": earning / (earning + against)}
        if tally.priced:
            described["money"] = tally.money / tally.priced
        if tally.counted:
            described["tokens"] = tally.tokens / tally.counted
        return described

    def _untried(self, models: Sequence[ModelView], waiting: Mapping[Arm, int]) -> list[ModelView]:
        asked = {model for (model, _), count in waiting.items() if count} | self._models.keys()
        return [model for model in models if model.name not in asked]

    def _promise(
        self,
        model: str,
        operators: Sequence[str],
        costs: Mapping[Arm, float],
        waiting: Mapping[Arm, int],
        rng: random.Random,
    ) -> float:
        """A draw of what a model earns, over its mean cost with the operators that are offered."""
        tally, pooled = self._models.get(model, _NOTHING), self._pooled()
        earned = tally.earned / self._now + SHARED_WEIGHT * pooled
        tries = tally.weight / self._now + SHARED_WEIGHT + sum(n for arm, n in waiting.items() if arm[0] == model)
        cost = sum(costs[model, operator] for operator in operators) / len(operators)
        return rng.betavariate(earned, tries - earned) / cost

    def _draw(self, arm: Arm, waiting: int, rng: random.Random) -> float:
        return rng.betavariate(*self._belief(arm, waiting))

    def _belief(self, arm: Arm, waiting: int) -> tuple[float, float]:
        """The two parameters of the Beta posterior over an arm's mean earning."""
        tally = self._arms.get(arm, _NOTHING)
        pooled = self._pooled()
        better = self._lift(self._models.get(arm[0], _NOTHING), pooled)
        better *= self._lift(self._operators.get(arm[1], _NOTHING), pooled)
        expected = min(pooled * better, 0.95)
        earned, weight = tally.earned / self._now, tally.weight / self._now + waiting
        return earned + PRIOR_WEIGHT * expected, weight - earned + PRIOR_WEIGHT * (1.0 - expected)

    def _pooled(self) -> float:
        """The mean earning of all outcomes, below 1."""
        return (_POOL_PRIOR[0] + self._all.earned / self._now) / (_POOL_PRIOR[1] + self._all.weight / self._now)

    def _lift(self, tally: _Tally, pooled: float) -> float:
        """How many times the pooled mean a model or an operator earns, drawn towards 1."""
        earned, weight = tally.earned / self._now, tally.weight / self._now
        return (earned / pooled + SHARED_WEIGHT) / (weight + SHARED_WEIGHT)

    def _has_price(self, model: ModelView) -> bool:
        tally = self._models.get(model.name, _NOTHING)
        return not tally.unpriced and bool(tally.priced or model.input_price is not None)

    def _money(self, model: ModelView, operator: str) -> float:
        """The mean cost of an arm, drawn towards that of its model, and that towards what its list price suggests."""
        listed = self._listed(model)
        tally = self._models.get(model.name, _NOTHING)
        usual = _shrunk(tally.money / self._now, tally.priced / self._now, listed)
        arm = self._arms.get((model.name, operator), _NOTHING)
        return _shrunk(arm.money / self._now, arm.priced / self._now, usual)

    def _tokens(self, model: str, operator: str) -> float:
        tally = self._models.get(model, _NOTHING)
        usual = _shrunk(tally.tokens / self._now, tally.counted / self._now, self._all.tokens / self._all.counted)
        arm = self._arms.get((model, operator), _NOTHING)
        return _shrunk(arm.tokens / self._now, arm.counted / self._now, usual)

    def _listed(self, model: ModelView) -> float | None:
        """Cost of a call by list price, three tokens of prompt to one of answer; None without a price."""
        if model.input_price is None:
            return None
        output = model.input_price if model.output_price is None else model.output_price
        tokens = self._all.tokens / self._all.counted if self._all.counted else _TOKENS
        return tokens * (3.0 * model.input_price + output) / 4.0 / 1e6


_NOTHING = _Tally()


def _greatest(values: Sequence[float]) -> int:
    return max(range(len(values)), key=values.__getitem__)


def _shrunk(total: float, weight: float, prior: float | None) -> float:
    """A mean of known weight, drawn towards a prior mean that is worth one outcome."""
    return total / weight if prior is None and weight else (total + (prior or 0.0)) / (weight + 1.0)
