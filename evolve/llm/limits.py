"""Limits that queue: requests per minute, tokens per minute and a server's "not so fast", first come first served."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from evolve.llm.pace import Pace

BURST = 10.0
"""Seconds' worth of tokens that may be used at once after a pause."""
SMOOTHING = 0.2
"""Weight of the newest answer in the running mean of answer lengths."""


class TokenRate:
    """A tokens-per-minute limit. What a call will use is guessed when it starts and corrected when it ends.

    Calls are let in while the limit is not in debt by more than a burst, so a single call larger than the burst
    still gets in, and is paid off afterwards.
    """

    def __init__(self, per_minute: float) -> None:
        self._per_second = per_minute / 60
        self._paid_at: float | None = None
        self._mean: float | None = None

    def ready_at(self, now: float) -> float:
        """When the next call may start."""
        return now if self._paid_at is None else self._paid_at - BURST

    def guess(self, prompt: int, output: int) -> float:
        """Tokens a call will use: its prompt and as long an answer as is usual, at most `output`."""
        return prompt + (output if self._mean is None else min(self._mean, output))

    def use(self, tokens: float, now: float) -> None:
        """A call starts that will use so many tokens."""
        self._paid_at = max(now, self._paid_at or now) + tokens / self._per_second

    def correct(self, guessed: float, used: float, output: int | None, now: float) -> None:
        """A call ended: it used `used` tokens, `output` of them for the answer (None when there was none)."""
        if output is not None:
            self._mean = output if self._mean is None else self._mean + SMOOTHING * (output - self._mean)
        if self._paid_at is not None:
            self._paid_at = max(now, self._paid_at + (used - guessed) / self._per_second)


class Ticket:
    """Leave to make one call: when it started, and how many tokens it was expected to use."""

    __slots__ = ("guessed", "started")

    def __init__(self, started: float, guessed: float) -> None:
        self.started = started
        self.guessed = guessed


class Limiter:
    """The limits of one model. A call waits for its turn in `start` and reports back with `answered` or `refused`.

    Args:
        requests_per_minute: What the provider allows; None learns it from its refusals.
        tokens_per_minute: What the provider allows; None is no limit.
        clock: Monotonic seconds, the same that the event loop's timers follow.
    """

    def __init__(
        self,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.pace = Pace(None if requests_per_minute is None else requests_per_minute / 60)
        self._tokens = None if tokens_per_minute is None else TokenRate(tokens_per_minute)
        self._clock = clock
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()

    async def start(self, prompt: int, output: int) -> Ticket:
        """Wait until a call of about `prompt` tokens and at most `output` for its answer may start."""
        async with self._turn:
            while (wait := self._ready_at() - self._clock()) > 0:
                await self._pause(wait)
            now = self._clock()
            self.pace.send(now)
            if self._tokens is None:
                return Ticket(now, 0.0)
            guessed = self._tokens.guess(prompt, output)
            self._tokens.use(guessed, now)
            return Ticket(now, guessed)

    def answered(self, ticket: Ticket, prompt: int, output: int) -> None:
        """The call was answered and used so many tokens."""
        self.pace.accepted(ticket.started)
        self._correct(ticket, prompt + output, output)

    def failed(self, ticket: Ticket) -> None:
        """The call failed, though not for its pace; its tokens are given back."""
        self.pace.accepted(ticket.started)
        self._correct(ticket, 0, None)

    def refused(self, ticket: Ticket, retry_after: float) -> None:
        """The server said 429: everybody waits for `retry_after` seconds, and the pace is learnt from it."""
        self.pace.refused(ticket.started, self._clock(), retry_after)
        self._correct(ticket, 0, None)

    def hold(self, seconds: float) -> None:
        """The server asked to be left alone for a while without blaming the pace (503 with Retry-After)."""
        self.pace.hold(self._clock() + seconds)

    def _ready_at(self) -> float:
        at = self.pace.ready_at()
        return at if self._tokens is None else max(at, self._tokens.ready_at(self._clock()))

    def _correct(self, ticket: Ticket, used: float, output: int | None) -> None:
        if self._tokens is not None:
            self._tokens.correct(ticket.guessed, used, output, self._clock())
            self._changed.set()

    async def _pause(self, seconds: float) -> None:
        """Sleep, or less when tokens are given back."""
        self._changed.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return
