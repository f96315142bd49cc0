"""A model that follows a script: a function says what every request gets. For tests, benchmarks and notebooks."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence

from evolve.domain import Completion, Finish, Usage
from evolve.llm.base import BYTES_PER_TOKEN, Card, Price, Request

Answer = Callable[[Request], str | Completion]
"""What a request gets. May raise ModelRefused, ModelUnavailable or BudgetSpent."""
FREE = Card("scripted", Price(0.0, 0.0), context=128_000, output=8_192)


class ScriptedModel:
    """Fulfils `Model`, and `Client` too, without a model or a network.

    A plain text becomes a completion with guessed token counts, priced by the model's card, and is cut off at the
    request's `max_tokens` like any model's.

    Args:
        answer: Gives the answer; pure, if runs are to be repeatable.
        cards: The models it plays.
        delay: Seconds each answer takes.
    """

    def __init__(
        self, answer: Answer, cards: Sequence[Card] = (FREE,), delay: float | Callable[[Request], float] = 0.0
    ) -> None:
        self.requests: list[Request] = []
        self._answer, self._delay = answer, delay
        self._cards = {card.name: card for card in cards}

    async def complete(self, request: Request) -> Completion:
        """What the script says."""
        self.requests.append(request)
        seconds = self._delay(request) if callable(self._delay) else self._delay
        await asyncio.sleep(seconds)
        given = self._answer(request)
        return given if isinstance(given, Completion) else self._completion(request, given, seconds)

    async def call(self, request: Request) -> Completion:
        """The same as one call, so that a pool can be tried without providers."""
        return await self.complete(request)

    def worst(self, request: Request) -> tuple[float | None, int]:
        """The most US dollars (None: unknown) and tokens a request may take."""
        card = self._cards.get(request.model, FREE)
        price = card.price_of(request.prompt_bound)
        tokens = request.prompt_bound + request.max_tokens
        return None if price is None else price.worst(request.prompt_bound, request.max_tokens), tokens

    def cards(self) -> Sequence[Card]:
        """The models it plays."""
        return tuple(self._cards.values())

    def hush(self) -> None:
        """Nothing ever waits here."""

    def able(self) -> frozenset[str]:
        """All of them."""
        return frozenset(self._cards)

    async def close(self) -> None:
        """Nothing to give back."""

    def _completion(self, request: Request, text: str, seconds: float) -> Completion:
        room = int(request.max_tokens * BYTES_PER_TOKEN)
        raw = text.encode("utf-8", "surrogatepass")
        finish = Finish.STOP if len(raw) <= room else Finish.LENGTH
        kept = text if finish is Finish.STOP else raw[:room].decode("utf-8", "ignore")
        usage = Usage(prompt=request.prompt_guess, output=math.ceil(min(len(raw), room) / BYTES_PER_TOKEN))
        price = self._cards.get(request.model, FREE).price_of(usage.prompt)
        cost = None if price is None else price.cost(usage.prompt, usage.output)
        return Completion(kept, finish, request.model, usage, cost, seconds)
