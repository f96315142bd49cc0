"""Several models as one: queueing, limits, retries, fallbacks, and a budget that holds."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from evolve.config import ModelSettings
from evolve.domain import Completion, Finish
from evolve.errors import BudgetSpent, ModelRefused, ModelUnavailable, NotAsked, SettingsError
from evolve.llm.base import Card, Client, Request
from evolve.llm.events import Happened, ModelFigures, PoolEvent, Watcher
from evolve.llm.lane import Elsewhere, Lane
from evolve.llm.ledger import Ledger
from evolve.llm.limits import Limiter

BACKOFF = 0.5
LONGEST_BACKOFF = 30.0
"""Seconds before a failed call is tried again: half to all of this, doubled after every failure, up to the longest."""
THROTTLES = 30
"""429s one request puts up with before each counts as a failure; every one of them waited as long as it was told."""


@dataclass
class _Journey:
    """What one request has been through so far."""

    request: Request
    started: float
    attempts: int = 0
    failures: int = 0
    throttles: int = 0
    lost: float = 0.0
    lost_tokens: int = 0
    reason: str = ""
    failed_on: dict[str, int] = field(default_factory=dict)
    too_dear: set[str] = field(default_factory=set)
    task: asyncio.Task[object] | None = None
    calling: bool = False
    hushed: bool = False

    def mark(self, calling: bool) -> None:
        """A call of this request begins or ends."""
        self.calling = calling


class Pool:
    """Fulfils `Model` with the models of a run.

    Args:
        models: The models, in the person's order.
        ledger: Money and tokens of the run.
        retries: Further calls after one that failed for the moment, fallbacks included.
        clients: By model name, instead of litellm's; for tests and other backends.
        cards: By model name, instead of what litellm knows.
        on_event: Told what happens to calls, at once and in the event loop's thread.
        clock: Monotonic seconds, the same that the event loop's timers follow.
        rng: Spreads waiting times.

    Raises SettingsError when the ledger limits money and a model's price is unknown, ModelRefused when nobody knows a
    model's provider.
    """

    def __init__(
        self,
        models: Sequence[ModelSettings],
        ledger: Ledger,
        retries: int = 5,
        *,
        clients: Mapping[str, Client] | None = None,
        cards: Mapping[str, Card] | None = None,
        on_event: Watcher | None = None,
        clock: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        self._ledger, self._retries, self._clock = ledger, retries, clock
        self._rng = rng or random.Random()
        self._watch: Watcher = on_event or (lambda event: None)
        self._lanes = {
            model.name: self._lane(model, (clients or {}).get(model.name), (cards or {}).get(model.name))
            for model in models
        }
        self._journeys: list[_Journey] = []
        self._hushed = False
        self._require_prices()

    async def complete(self, request: Request) -> Completion:
        """The answer to a request: see `Model`. Tries again, and elsewhere, as long as that makes sense.

        Raises ModelRefused when no model is left, BudgetSpent when the budget does not allow a first call. When it
        does not allow a further one, or retries are used up, the completion's `finish` is FAILED.
        """
        journey = _Journey(request, self._clock(), task=asyncio.current_task())
        self._journeys.append(journey)
        try:
            return await self._travel(journey)
        except asyncio.CancelledError:
            if not journey.hushed or journey.task is None:
                raise
            journey.task.uncancel()
            raise self._not_asked(journey) from None
        except ModelRefused as error:
            error.lost, error.lost_tokens = journey.lost, journey.lost_tokens
            raise
        finally:
            self._journeys.remove(journey)

    def hush(self) -> None:
        """Start no further call; those under way are finished. What waits for its turn raises NotAsked."""
        self._hushed = True
        for journey in self._journeys:
            if not journey.calling and not journey.hushed and journey.task is not None:
                journey.hushed = True
                journey.task.cancel()

    async def _travel(self, journey: _Journey) -> Completion:
        while True:
            if self._hushed:
                raise self._not_asked(journey)
            lane = self._choose(journey)
            if lane is None:
                return self._failed(journey)
            try:
                completion = await self._ask(lane, journey)
            except BudgetSpent as error:
                journey.too_dear.add(lane.name)
                if journey.attempts:
                    journey.reason = f"{error}; before: {journey.reason}"
                    return self._failed(journey)
                if all(other.refused or other.name in journey.too_dear for other in self._lanes.values()):
                    raise
                continue
            except Elsewhere:
                continue
            except ModelRefused:
                continue  # the lane is closed now; when it was the last one, the next choice says so
            except ModelUnavailable as error:
                await self._recover(lane, journey, error)
                continue
            return replace(
                completion,
                wall=self._clock() - journey.started,
                attempts=journey.attempts,
                lost=journey.lost,
                lost_tokens=journey.lost_tokens,
            )

    def cards(self) -> Sequence[Card]:
        """The models that were not refused, in the person's order."""
        return tuple(lane.card for lane in self._lanes.values() if not lane.refused)

    def able(self) -> frozenset[str]:
        """Names of models that are neither refused nor left alone for a while."""
        return frozenset(lane.name for lane in self._lanes.values() if lane.able)

    def worst(self, request: Request) -> tuple[float | None, int]:
        """The most US dollars (None: unknown) and tokens one call may take, whichever model answers in the end."""
        amounts = [lane.worst(request) for lane in self._lanes.values() if not lane.refused]
        own = self._lanes[request.model].worst(request)
        known = [amount.money for amount in (*amounts, own) if amount.money is not None]
        money = None if own.money is None else max(known)
        return money, max(amount.tokens for amount in (*amounts, own))

    def usage(self) -> Mapping[str, ModelFigures]:
        """What was seen of every model so far."""
        return {name: lane.figures for name, lane in self._lanes.items()}

    async def close(self) -> None:
        """Close every client; safe to call twice."""
        for lane in self._lanes.values():
            await lane.close()

    def _lane(self, model: ModelSettings, client: Client | None, card: Card | None) -> Lane:
        if client is None:
            from evolve.llm.litellm import LiteLLMClient

            ours = LiteLLMClient(model)
            client, card = ours, card or ours.card
        elif card is None:
            from evolve.llm.litellm import card_of

            card = card_of(model)
        limiter = Limiter(model.requests_per_minute, model.tokens_per_minute, clock=self._clock)
        return Lane(
            card, client, limiter, concurrency=model.concurrency, ledger=self._ledger,
            watch=self._tell, clock=self._clock, rng=self._rng,
        )  # fmt: skip

    def _require_prices(self) -> None:
        if self._ledger.money_limit is None:
            return
        unknown = [lane.name for lane in self._lanes.values() if lane.card.price is None]
        if unknown:
            raise SettingsError(
                f"the price of {', '.join(unknown)} is unknown, so a budget in money cannot be kept; give input_price "
                "and output_price in llm.models (US dollars per million tokens), or a budget in tokens"
            )

    def _choose(self, journey: _Journey) -> Lane | None:
        """Where to ask next: the model asked for while it may answer, else another; None when retries are used up."""
        usable = [lane for lane in self._lanes.values() if not lane.refused]
        if not usable:
            raise ModelRefused("; ".join(lane.refused for lane in self._lanes.values()))
        usable = [lane for lane in usable if lane.name not in journey.too_dear] or usable
        if journey.failures > self._retries:
            return None
        share = -(-(self._retries + 1) // len(usable))
        fresh = [lane for lane in usable if journey.failed_on.get(lane.name, 0) < share] or usable
        wanted = self._lanes[journey.request.model]
        if wanted in fresh and wanted.breaker.closed:
            return wanted
        ready = [lane for lane in fresh if lane.breaker.closed]
        lane = min(ready, key=lambda lane: lane.load) if ready else wanted if wanted in fresh else fresh[0]
        if lane is not wanted and not journey.failed_on.get(lane.name):
            self._tell(PoolEvent(Happened.FALLBACK, lane.name, f"instead of {wanted.name}"))
        return lane

    async def _ask(self, lane: Lane, journey: _Journey) -> Completion:
        lane.load += 1
        try:
            completion = await lane.attempt(journey.request, journey.mark, lambda: self._another(lane, journey))
        finally:
            lane.load -= 1
        journey.attempts += 1
        return completion

    def _another(self, lane: Lane, journey: _Journey) -> bool:
        """Whether a model that is not left alone could answer instead."""
        return any(
            other is not lane and not other.refused and other.breaker.closed and other.name not in journey.too_dear
            for other in self._lanes.values()
        )

    @staticmethod
    def _not_asked(journey: _Journey) -> NotAsked:
        return NotAsked("the run asks no further question", lost=journey.lost, lost_tokens=journey.lost_tokens)

    async def _recover(self, lane: Lane, journey: _Journey, error: ModelUnavailable) -> None:
        """Note a failed call and wait before the next one."""
        journey.attempts += 1
        journey.reason = str(error)
        if error.billed:
            worst = lane.worst(journey.request)
            journey.lost += worst.money or 0.0
            journey.lost_tokens += worst.tokens
        if error.throttled:
            journey.throttles += 1
            if journey.throttles <= THROTTLES:
                return  # the lane holds all its calls as long as the server said
        journey.failures += 1
        journey.failed_on[lane.name] = journey.failed_on.get(lane.name, 0) + 1
        if journey.failures > self._retries:
            return
        most = min(LONGEST_BACKOFF, BACKOFF * 2 ** (journey.failures - 1))
        wait = max(self._rng.uniform(most / 2, most), error.retry_after or 0.0)
        self._tell(PoolEvent(Happened.RETRY, lane.name, str(error), wait))
        await asyncio.sleep(wait)

    def _failed(self, journey: _Journey) -> Completion:
        return Completion(
            "",
            Finish.FAILED,
            journey.request.model,
            cost=0.0,
            wall=self._clock() - journey.started,
            attempts=journey.attempts,
            reason=f"no answer after {journey.attempts} calls; the last: {journey.reason}",
            lost=journey.lost,
            lost_tokens=journey.lost_tokens,
        )

    def _tell(self, event: PoolEvent) -> None:
        self._watch(event)
