from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.config import BudgetSettings
from evolve.llm.base import Card, Price
from evolve.report.estimate import estimate


def card(name: str, price: Price | None) -> Card:
    return Card(name, price, context=128_000, output=8_192)


SMALL = card("openai/small", Price(input=0.30, output=2.00))
LARGE = card("openai/large", Price(input=3.00, output=15.00))
UNKNOWN = card("hosted/own", None)
FREE = card("ollama/qwen3-coder", Price(0, 0))


def test_a_budget_of_money_buys_so_many_candidates() -> None:
    found = estimate([SMALL], 6_200, 900, BudgetSettings(money=2))
    # 6,200 x $0.30 and 900 x $2.00 per million are $0.00366.
    assert found.each == pytest.approx(0.00366)
    assert found.candidates == 546
    assert found.sentence == "≈ 550 candidates for $2 (about $0.0037 each: 6,200 tokens in, 900 out)"


def test_models_of_different_prices_are_asked_as_often_and_named() -> None:
    found = estimate([LARGE, SMALL], 1_000_000, 0, BudgetSettings(money=100))
    assert found.each == pytest.approx(1.65)
    assert found.candidates == 60
    assert "from $0.30 with openai/small to $3 with openai/large" in found.sentence


@pytest.mark.parametrize("cards", [[UNKNOWN], [SMALL, UNKNOWN]])
def test_money_cannot_be_held_where_a_price_is_unknown(cards: list[Card]) -> None:
    found = estimate(cards, 6_200, 900, BudgetSettings(money=2))
    assert not found.affordable
    assert found.candidates is None
    assert "hosted/own" in found.sentence
    assert "--budget 500ktokens" in found.sentence
    assert "input_price" in found.sentence


def test_tokens_can_be_held_without_a_price() -> None:
    found = estimate([UNKNOWN], 6_000, 1_000, BudgetSettings(tokens=70_000))
    assert (found.affordable, found.candidates, found.each) == (True, 10, None)
    assert found.sentence == "≈ 10 candidates for 70,000 tokens (price unknown, each: 6,000 tokens in, 1,000 out)"


def test_the_tightest_limit_counts() -> None:
    found = estimate([SMALL], 6_200, 900, BudgetSettings(money=2, evaluations=137))
    assert found.candidates == 137
    assert found.sentence.startswith("137 candidates for 137 evaluations")
    assert found.sentence.endswith(", $0.50 in all")


def test_a_budget_too_small_for_one_candidate_says_so() -> None:
    found = estimate([LARGE], 100_000, 8_000, BudgetSettings(money=0.1))
    assert found.candidates == 0
    assert "$0.10 is not enough for one candidate" in found.sentence


@pytest.mark.parametrize("budget", [BudgetSettings(), BudgetSettings(seconds=60, target=1.0)])
def test_without_a_limit_only_the_price_of_a_candidate_is_told(budget: BudgetSettings) -> None:
    found = estimate([SMALL], 6_200, 900, budget)
    assert found.candidates is None
    assert "about $0.0037 each" in found.sentence


def test_a_free_model_is_not_one_of_unknown_price() -> None:
    found = estimate([FREE], 6_200, 900, BudgetSettings(money=2))
    assert found.affordable
    assert found.candidates is None
    assert "free" in found.sentence


@settings(deadline=None)
@given(
    st.floats(0.01, 1000), st.floats(0.001, 100), st.floats(0.001, 100),
    st.integers(1, 100_000), st.integers(1, 10_000),
)  # fmt: skip
def test_what_is_promised_fits_the_budget_and_one_more_does_not(
    money: float, dear: float, cheap: float, prompt: int, output: int
) -> None:
    found = estimate([card("m", Price(cheap, dear))], prompt, output, BudgetSettings(money=money))
    assert found.each is not None
    assert found.candidates is not None
    assert found.candidates * found.each <= money * 1.0000001
    assert (found.candidates + 1) * found.each > money * 0.9999999


def test_a_long_prompt_costs_what_its_provider_charges_for_long_ones() -> None:
    tiered = Card("m", Price(1, 0), context=1_000_000, output=8_192, long_from=200_000, long_price=Price(2, 0))
    assert estimate([tiered], 200_000, 0, BudgetSettings(money=2)).candidates == 10
    assert estimate([tiered], 400_000, 0, BudgetSettings(money=2)).each == pytest.approx(0.8)


def test_at_least_one_model_is_needed() -> None:
    with pytest.raises(ValueError, match="at least one model"):
        estimate([], 1, 1, BudgetSettings())
