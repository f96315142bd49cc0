"""What the rest of `evolve` knows of language models: one request in, one completion out."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from evolve.domain import Completion, Message

FRAMING = 32
"""Tokens that a chat template may put around a message."""
BYTES_PER_TOKEN = 3.0
"""Bytes of a token, for guesses: program text has 2.5 to 3.5, prose 4 and more."""


@dataclass(frozen=True)
class Request:
    """One request to a model: everything that decides its answer, and nothing else.

    `model` is litellm's name (`openai/gpt-x`); `seed` goes to providers that take one, so that equal prompts get
    different answers; `temperature` is left to the provider when None. `max_tokens` bounds the answer.
    """

    model: str
    messages: tuple[Message, ...]
    max_tokens: int
    temperature: float | None = None
    seed: int | None = None

    @property
    def prompt_bound(self) -> int:
        """More tokens than any tokenizer makes of the messages: one per byte, and `FRAMING` around each message."""
        return FRAMING + sum(len(message.text.encode("utf-8", "surrogatepass")) + FRAMING for message in self.messages)

    @property
    def prompt_guess(self) -> int:
        """About how many tokens the messages are: `BYTES_PER_TOKEN` bytes each."""
        return math.ceil((self.prompt_bound - FRAMING) / BYTES_PER_TOKEN)

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the canonical JSON: what a recorded completion is found by."""
        canonical = json.dumps(self.as_json(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """Plain data; caching marks are left out, for they do not change the answer."""
        return {
            "model": self.model,
            "messages": [[message.role.value, message.text] for message in self.messages],
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
            "seed": self.seed,
        }


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens.

    Prompt tokens that come from the provider's cache (`cached`) or are put there (`written`) cost `input` when nobody
    says otherwise.
    """

    input: float
    output: float
    cached: float | None = None
    written: float | None = None

    def cost(self, prompt: int, output: int, cached: int = 0, written: int = 0) -> float:
        """US dollars for so many tokens; `cached` and `written` are parts of the prompt's."""
        reduced = self.input if self.cached is None else self.cached
        raised = self.input if self.written is None else self.written
        plain = prompt - cached - written
        return (plain * self.input + cached * reduced + written * raised + output * self.output) / 1e6

    def worst(self, prompt: int, output: int) -> float:
        """The most US dollars so many tokens can cost: nothing cached, all of the prompt put into the cache."""
        return (prompt * max(self.input, self.written or 0.0) + output * self.output) / 1e6


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of a model before it is asked. `context` and `output` are tokens; `price` None is unknown.

    Prompts of more than `long_from` tokens cost `long_price` where a provider charges more for them.
    """

    name: str
    price: Price | None
    context: int
    output: int
    reasoning: bool = False
    long_from: int | None = None
    long_price: Price | None = None

    def price_of(self, prompt: int) -> Price | None:
        """The price that holds for a prompt of so many tokens."""
        if self.long_from is None or self.long_price is None or prompt <= self.long_from:
            return self.price
        return self.long_price


class Client(Protocol):
    """One call to a provider: no retries, no queueing, no limits."""

    async def call(self, request: Request) -> Completion:
        """Ask once.

        A blocked, truncated, empty or overflowing answer is a `Completion` that says so. Raises ModelUnavailable when
        another call may succeed, ModelRefused when none will before somebody changes something.
        """
        ...

    async def close(self) -> None:
        """Give connections back; safe to call twice."""
        ...


class Model(Protocol):
    """Models as the engine uses them: queueing, retries and fallbacks are behind `complete`."""

    async def complete(self, request: Request) -> Completion:
        """The answer to a request, or a completion whose `finish` says why there is none.

        Raises ModelRefused when no model is left that can be asked, ReplayMiss when a replayed run asks something new.
        """
        ...

    def worst(self, request: Request) -> tuple[float | None, int]:
        """The most US dollars (None: unknown) and tokens one call for a request may take."""
        ...

    def cards(self) -> Sequence[Card]:
        """The models that can be asked at all now, in the order the person gave them."""
        ...

    def hush(self) -> None:
        """Start no further call; those under way are finished. What waits for its turn raises NotAsked."""
        ...

    def able(self) -> frozenset[str]:
        """Names of models that are not known to be out of order at this moment."""
        ...

    async def close(self) -> None:
        """Give everything back; safe to call twice."""
        ...
