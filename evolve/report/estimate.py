"""What a budget buys, said before a run starts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from evolve.config import BudgetSettings
from evolve.llm.base import Card
from evolve.report import figures
from evolve.report.text import one_line

_SAME = 1.05
"""Prices whose ratio is below this are not told apart."""
_ROUNDING = 1e-9
"""Ten cents are ten times a cent, whatever floats make of it."""


@dataclass(frozen=True, slots=True)
class Prospect:
    """About how many candidates a budget pays for, and the sentence that says so.

    `each` is US dollars per candidate, averaged over the models (None where a price is unknown). `candidates` is None
    when no limit of the budget is on money, tokens, calls or evaluations. `affordable` is False when the budget limits
    money and the price of a model is unknown: such a run cannot start.
    """

    candidates: int | None
    each: float | None
    affordable: bool
    sentence: str


def estimate(cards: Sequence[Card], prompt_tokens: int, output_tokens: int, budget: BudgetSettings) -> Prospect:
    """What `budget` buys if a candidate takes one call of so many tokens, and every model is asked as often.

    Args:
        cards: The models that will be asked; at least one.
        prompt_tokens: Of one prompt, nothing of it cached.
        output_tokens: Of one answer, reasoning included.
        budget: The limits; seconds and target say nothing about how many candidates there will be.
    """
    if not cards:
        raise ValueError("an estimate needs at least one model")
    unknown = [card.name for card in cards if card.price is None]
    if unknown and budget.money is not None:
        return Prospect(None, None, False, _unpriced(unknown, budget.money))
    known = [price for card in cards if (price := card.price_of(prompt_tokens)) is not None]
    prices = [price.cost(prompt_tokens, output_tokens) for price in known]
    each = None if unknown else math.fsum(prices) / len(prices)
    size = f"{figures.count(prompt_tokens)} tokens in, {figures.count(output_tokens)} out"
    about = f"{_each(cards, prices, each)}{size}"
    limits = _limits(budget, each, prompt_tokens + output_tokens)
    if not limits:
        return Prospect(None, each, True, f"nothing limits how many candidates there will be ({about})")
    candidates, limit = min(limits)
    if candidates < 1:
        return Prospect(0, each, True, f"{limit} is not enough for one candidate ({about})")
    if candidates == budget.evaluations:
        sentence = f"{figures.plural(candidates, 'candidate')} for {limit} ({about})"
    else:
        sentence = f"≈ {_rounded(candidates)} for {limit} ({about})"
    if each and limit != _money(budget):
        sentence += f", {figures.dollars(candidates * each)} in all"
    return Prospect(candidates, each, True, sentence)


def _limits(budget: BudgetSettings, each: float | None, tokens: int) -> list[tuple[int, str]]:
    """How many candidates each limit allows, and the limit in words."""
    limits: list[tuple[int, str]] = []
    if budget.money is not None and each:
        limits.append((math.floor(budget.money / each * (1 + _ROUNDING)), _money(budget)))
    if budget.tokens is not None:
        limits.append((budget.tokens // max(1, tokens), f"{figures.count(budget.tokens)} tokens"))
    if budget.calls is not None:
        limits.append((budget.calls, figures.plural(budget.calls, "call")))
    if budget.evaluations is not None:
        limits.append((budget.evaluations, figures.plural(budget.evaluations, "evaluation")))
    return limits


def _money(budget: BudgetSettings) -> str:
    return "" if budget.money is None else figures.dollars(budget.money)


def _each(cards: Sequence[Card], prices: Sequence[float], each: float | None) -> str:
    """`about $0.0037 each: `, with the range when the models' prices differ."""
    if each is None:
        return "price unknown, each: "
    if each == 0:
        return "free, each: "
    dear, cheap = max(prices), min(prices)
    if dear <= _SAME * cheap:
        return f"about {figures.dollars(each)} each: "
    named = {price: one_line(card.name, 60) for card, price in zip(cards, prices, strict=True)}
    span = (f"{figures.dollars(price)} with {named[price]}" for price in (cheap, dear))
    return f"about {figures.dollars(each)} each, from {' to '.join(span)}: "


def _unpriced(names: Sequence[str], money: float) -> str:
    listed = ", ".join(one_line(name, 60) for name in names)
    return (
        f"the price of {listed} is unknown, so {figures.dollars(money)} cannot be held; limit tokens instead"
        " (--budget 500ktokens), or give its input_price and output_price in a settings file"
        " (dollars per million tokens, under [[llm.models]])"
    )


def _rounded(candidates: int) -> str:
    """To two significant digits: the estimate is no better than that."""
    if candidates >= 100:
        step = 10 ** (len(str(candidates)) - 2)
        candidates = round(candidates / step) * step
    return figures.plural(candidates, "candidate")
