"""One model of a pool: its slots, limits, circuit breaker and money around a client that makes single calls."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import replace

from evolve.domain import Completion
from evolve.errors import BudgetSpent, ModelRefused, ModelUnavailable
from evolve.llm.base import Card, Client, Request
from evolve.llm.breaker import Breaker
from evolve.llm.events import Happened, ModelFigures, PoolEvent, Watcher
from evolve.llm.ledger import Amount, Hold, Ledger
from evolve.llm.limits import Limiter, Ticket

HOLD = 1.0
LONGEST_HOLD = 60.0
"""Seconds to hold after a 429 that does not say how long, doubled for every further one in a row, up to the longest."""


class Elsewhere(Exception):
    """The model is left alone for a while, and another may answer."""


class Lane:
    """Makes calls to one model. A call passes, in this order: slot, breaker, money, pace.

    The first call goes alone and the others wait for it, so that a wrong key costs one call whatever the width.

    Args:
        card: What is known of the model.
        client: Makes the calls.
        limiter: Its rate limits.
        concurrency: Calls under way at once.
        ledger: Where money and tokens are reserved.
        watch: Told what happens.
        clock: Monotonic seconds.
        rng: Spreads waiting times.
    """

    def __init__(
        self,
        card: Card,
        client: Client,
        limiter: Limiter,
        *,
        concurrency: int,
        ledger: Ledger,
        watch: Watcher,
        clock: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        self.card, self.client = card, client
        self.figures = ModelFigures()
        self.load = 0
        self._limiter, self._ledger, self._watch, self._clock = limiter, ledger, watch, clock
        self._rng = rng or random.Random()
        self.breaker = Breaker(clock=clock, rng=self._rng)
        self._slots = asyncio.Semaphore(concurrency)
        self._proving = asyncio.Lock()
        self._proven = False
        self._throttles = 0

    @property
    def name(self) -> str:
        """The model's name."""
        return self.card.name

    @property
    def refused(self) -> str:
        """Why the model is not asked any more; empty while it is."""
        return self.figures.refused

    @property
    def able(self) -> bool:
        """Whether a call may be made: not refused, and not left alone for a while after failing too often."""
        return not self.refused and self.breaker.wait() <= 0.0

    def worst(self, request: Request) -> Amount:
        """The most one call may cost and use."""
        prompt, output = request.prompt_bound, self._within(request).max_tokens
        price = self.card.price_of(prompt)
        return Amount(None if price is None else price.worst(prompt, output), prompt + output)

    async def attempt(self, request: Request, calling: Callable[[bool], None], leave: Callable[[], bool]) -> Completion:
        """Make one call; `calling` is told when it begins and ends.

        While the breaker is open a call waits for its turn to try, or raises Elsewhere when `leave` says that another
        model could answer meanwhile. Raises ModelRefused, ModelUnavailable (`billed` ones are counted as lost), and
        BudgetSpent when the budget does not allow the call.
        """
        async with self._slots:
            if self._proven:
                return await self._guarded(request, calling, leave)
            async with self._proving:
                if not self._proven:
                    return await self._guarded(request, calling, leave)
            return await self._guarded(request, calling, leave)

    async def close(self) -> None:
        """Close the client."""
        await self.client.close()

    async def _guarded(
        self, request: Request, calling: Callable[[bool], None], leave: Callable[[], bool]
    ) -> Completion:
        if self.refused:
            raise ModelRefused(self.refused)
        while not self.breaker.enter():
            if leave():
                raise Elsewhere(self.name)
            await asyncio.sleep(max(0.01, self.breaker.wait()))
            if self.refused:
                raise ModelRefused(self.refused)
        decided = False
        try:
            completion = await self._paid(self._within(request), calling)
            decided = True
            if self.breaker.succeeded():
                self._tell(Happened.CLOSED, "answers again")
            return completion
        except ModelUnavailable as error:
            decided = not error.throttled
            if decided and self.breaker.failed():
                self._tell(Happened.OPENED, str(error), self.breaker.wait())
            raise
        finally:
            if not decided:
                self.breaker.undecided()

    async def _paid(self, request: Request, calling: Callable[[bool], None]) -> Completion:
        """Reserve, call, and put the ledger right, whatever happens."""
        worst = self.worst(request)
        hold = await self._ledger.reserve(worst)
        if hold is None:
            raise BudgetSpent(f"{self._ledger.standing()}; another call of {self.name} may take {worst}")
        billed = False
        try:
            ticket = await self._limiter.start(request.prompt_guess, request.max_tokens)
            if self.refused:
                raise ModelRefused(self.refused)
            billed = True  # from here on: a call cut off in the middle may be charged for
            calling(True)
            try:
                completion = await self._timed(request, ticket)
            finally:
                calling(False)
            self._ledger.settle(hold, Amount(completion.cost, completion.usage.prompt + completion.usage.output))
            return completion
        except ModelUnavailable as error:
            billed = error.billed
            self._give_up(hold, billed=billed)
            raise
        except BaseException as error:
            self._give_up(hold, billed=billed and not isinstance(error, ModelRefused))
            raise

    def _give_up(self, hold: Hold, *, billed: bool) -> None:
        if not billed:
            self._ledger.release(hold)
            return
        self._ledger.lose(hold)
        self.figures = replace(self.figures, lost=self.figures.lost + (hold.worst.money or 0.0))

    async def _timed(self, request: Request, ticket: Ticket) -> Completion:
        started = self._clock()
        self.figures = replace(self.figures, calls=self.figures.calls + 1)
        try:
            completion = await self.client.call(request)
        except ModelUnavailable as error:
            self._proven = self._proven or error.throttled
            self._unavailable(error, ticket)
            raise
        except ModelRefused as error:
            self._limiter.failed(ticket)
            self.figures = replace(self.figures, refused=str(error))
            self._tell(Happened.REFUSED, str(error))
            raise
        except BaseException:
            self._limiter.failed(ticket)
            raise
        finally:
            self.figures = replace(self.figures, busy=self.figures.busy + self._clock() - started)
        self._proven, self._throttles = True, 0
        self._limiter.answered(ticket, completion.usage.prompt, completion.usage.output)
        self.figures = replace(self.figures, answered=self.figures.answered + 1)
        return completion

    def _unavailable(self, error: ModelUnavailable, ticket: Ticket) -> None:
        if not error.throttled:
            self._limiter.failed(ticket)
            if error.retry_after is not None:
                self._limiter.hold(error.retry_after)
            self.figures = replace(self.figures, faults=self.figures.faults + 1)
            return
        wait = error.retry_after
        if wait is None:
            wait = min(LONGEST_HOLD, HOLD * 2**self._throttles) * self._rng.uniform(1.0, 1.5)
        self._throttles += 1
        self._limiter.refused(ticket, wait)
        self.figures = replace(self.figures, throttled=self.figures.throttled + 1)
        self._tell(Happened.THROTTLED, str(error), wait)

    def _within(self, request: Request) -> Request:
        """The request as this model can be asked: by its name, and for no longer an answer than it gives."""
        most = min(request.max_tokens, self.card.output)
        if request.model == self.name and request.max_tokens == most:
            return request
        return replace(request, model=self.name, max_tokens=most)

    def _tell(self, kind: Happened, text: str, seconds: float = 0.0) -> None:
        self._watch(PoolEvent(kind, self.name, text, seconds))
