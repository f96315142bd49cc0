"""What is known of a model before it is asked: settings first, then litellm's list, then cautious defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from evolve.config import ModelSettings
from evolve.llm.base import Card, Price

CONTEXT = 32_000
OUTPUT = 8_192
"""Tokens assumed of a model nobody knows: what small local models have at least."""
OWN_MACHINES = frozenset({"ollama", "ollama_chat", "lm_studio", "llamafile", "lemonade", "oobabooga", "petals"})
"""Providers that are programs of one's own: a token costs nothing."""
_LONG = re.compile(r"input_cost_per_token_above_(\d+)k_tokens")
MILLION = 1e6


def card_from(settings: ModelSettings, provider: str, known: Mapping[str, Any]) -> Card:
    """The card of a model.

    Args:
        settings: What the person says of it.
        provider: litellm's name of who serves it.
        known: Its entry in litellm's list; empty when it is not there.
    """
    context = settings.context or _tokens(known, "max_input_tokens") or _tokens(known, "max_tokens") or CONTEXT
    most = settings.output or _tokens(known, "max_output_tokens") or _tokens(known, "max_tokens") or OUTPUT
    reasoning = bool(known.get("supports_reasoning")) if settings.reasoning is None else settings.reasoning
    long_from, long_price = _long(settings, known)
    return Card(
        name=settings.name,
        price=_price(settings, provider, known),
        context=context,
        output=min(most, context),
        reasoning=reasoning,
        long_from=long_from,
        long_price=long_price,
    )


def _price(settings: ModelSettings, provider: str, known: Mapping[str, Any]) -> Price | None:
    """None when a price is unknown. Zero is believed of one's own machines and of settings only.

    litellm fills gaps with zero: `get_model_info` answers 0 for `openrouter/anthropic/claude-sonnet-4.5`.
    """
    free = provider in OWN_MACHINES
    paid = _per_million(known, "input_cost_per_token"), _per_million(known, "output_cost_per_token")
    listed = (0.0, 0.0) if free else paid if any(paid) else (None, None)
    input_price = listed[0] if settings.input_price is None else settings.input_price
    output_price = listed[1] if settings.output_price is None else settings.output_price
    if input_price is None or output_price is None:
        return None
    own = settings.input_price is not None
    cached = None if own else _per_million(known, "cache_read_input_token_cost")
    written = None if own else _per_million(known, "cache_creation_input_token_cost")
    return Price(
        input_price, output_price, settings.cached_price if settings.cached_price is not None else cached, written
    )


def _long(settings: ModelSettings, known: Mapping[str, Any]) -> tuple[int | None, Price | None]:
    """From how many prompt tokens a dearer price holds, and that price."""
    tiers = sorted(int(match[1]) for key in known if (match := _LONG.fullmatch(key)))
    if not tiers or settings.input_price is not None or settings.output_price is not None:
        return None, None
    suffix = f"_above_{tiers[-1]}k_tokens"
    dear = _per_million(known, f"input_cost_per_token{suffix}"), _per_million(known, f"output_cost_per_token{suffix}")
    output = dear[1] if dear[1] is not None else _per_million(known, "output_cost_per_token")
    if dear[0] is None or output is None:
        return None, None
    cached = _per_million(known, f"cache_read_input_token_cost{suffix}")
    written = _per_million(known, f"cache_creation_input_token_cost{suffix}")
    return tiers[0] * 1_000, Price(dear[0], output, cached, written)


def _per_million(known: Mapping[str, Any], key: str) -> float | None:
    value = known.get(key)
    return float(value) * MILLION if isinstance(value, int | float) else None


def _tokens(known: Mapping[str, Any], key: str) -> int | None:
    value = known.get(key)
    return int(value) if isinstance(value, int | float) and value > 0 else None
