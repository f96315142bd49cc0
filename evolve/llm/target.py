"""How a model is reached through litellm: its full name, its provider, its key, and its entry in litellm's list.

Takes the loaded library as an argument; only `evolve.llm.litellm` imports it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from evolve.config import ModelSettings
from evolve.errors import ModelRefused

NO_KEY = "none"
"""Sent as the key to servers given by address: clients insist on one, local servers do not look at it. The person's
real key for the provider is never sent to another address unless `api_key_env` says so."""


@dataclass(frozen=True, slots=True)
class Target:
    """How a model is reached: litellm's full name of it, its provider, and the key (None: the provider's usual one)."""

    name: str
    provider: str
    key: str | None


def target_of(litellm: ModuleType, settings: ModelSettings, *, keyless: bool = False) -> Target:
    """How a model is reached. Raises ModelRefused when the provider or the key it needs is not to be found."""
    name = settings.name
    if settings.api_base is not None and name.partition("/")[0] not in _providers(litellm):
        name = f"openai/{name}"
    try:
        provider = str(litellm.get_llm_provider(name, api_base=settings.api_base)[1])
    except Exception:
        raise ModelRefused(
            f"model {settings.name!r} names no provider; write provider/model, such as openai/{settings.name}, "
            "or give --api-base for a server of your own"
        ) from None
    if settings.api_key_env is None or keyless:
        return Target(name, provider, None if settings.api_base is None else NO_KEY)
    key = os.environ.get(settings.api_key_env)
    if not key:
        raise ModelRefused(f"model {settings.name}: the environment variable {settings.api_key_env} is not set")
    return Target(name, provider, key)


def _providers(litellm: ModuleType) -> frozenset[str]:
    return frozenset(str(getattr(provider, "value", provider)) for provider in litellm.provider_list)


def listed(litellm: ModuleType, target: Target) -> Mapping[str, Any]:
    """The model's entry in litellm's list, from the list itself: its look-up asks servers and invents zeros."""
    bare = target.name.removeprefix(f"{target.provider}/")
    for key in (target.name, f"{target.provider}/{bare}", bare):
        entry = litellm.model_cost.get(key)
        if entry and str(entry.get("litellm_provider", "")).startswith(target.provider):
            return dict(entry)
    return {}
