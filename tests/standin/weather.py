"""What can go wrong and how long it takes: latency, faults and rate limits, all decided by seed."""

from __future__ import annotations

import math
import random
from collections import deque
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Latency:
    """Log-normal seconds before an answer: `median`, and `sigma` of the logarithm (0.5 is like a busy provider)."""

    median: float = 0.0
    sigma: float = 0.0
    seed: int = 0

    def seconds(self, key: str) -> float:
        """The latency of one call, the same for the same key."""
        if not self.median:
            return 0.0
        return self.median * math.exp(random.Random(f"latency:{self.seed}:{key}").gauss(0.0, self.sigma))


class Fault(StrEnum):
    """How a call can go wrong."""

    RATE = "429"
    """429 with `Retry-After` in seconds."""
    RATE_DATE = "429-date"
    """429 with `Retry-After` as an HTTP date."""
    RATE_MS = "429-ms"
    """429 with `retry-after-ms` alone."""
    ERROR = "500"
    UNAVAILABLE = "503"
    HANG = "hang"
    """Takes the request and never answers."""
    DRIP = "drip"
    """Answers, but a few bytes at a time over `Faults.drip` seconds."""
    CUT = "cut"
    """Closes the connection in the middle of the answer."""
    MALFORMED = "malformed"
    """200 with JSON that ends too early."""
    EMPTY = "empty"
    """200 with a message without text."""
    TRUNCATED = "truncated"
    """The answer stops half way, `finish_reason` "length"."""
    CONTENT_TYPE = "content-type"
    """200 with an HTML page, as proxies and captive portals answer."""
    UNAUTHORIZED = "401"
    PAYMENT = "402"
    QUOTA = "quota"
    """429 `insufficient_quota`: looks like a rate limit, and waiting does not help."""
    FILTERED = "filter"
    """`finish_reason` "content_filter" and no text."""
    OVERFLOW = "overflow"
    """400 `context_length_exceeded`."""


TRANSIENT = (
    Fault.RATE,
    Fault.RATE_MS,
    Fault.ERROR,
    Fault.UNAVAILABLE,
    Fault.HANG,
    Fault.DRIP,
    Fault.CUT,
    Fault.MALFORMED,
    Fault.EMPTY,
    Fault.TRUNCATED,
    Fault.CONTENT_TYPE,
)
"""The faults after which another call may succeed, and that a fault rate is usually made of."""


@dataclass(frozen=True)
class Faults:
    """A `share` of the calls, by seed, is struck by one of `kinds`.

    `wait` is what a 429 asks for in seconds, `drip` how long a slow answer takes, `hang` when a hung call is closed
    at last. Only the first `first` calls can be struck when it is given.
    """

    share: float = 0.0
    kinds: tuple[Fault, ...] = TRANSIENT
    seed: int = 0
    wait: float = 0.2
    drip: float = 5.0
    hang: float = 60.0
    first: int | None = None

    def strikes(self, key: str, number: int) -> Fault | None:
        """The fault of one call, the same for the same key; `number` counts the server's calls from 0."""
        if not self.kinds or (self.first is not None and number >= self.first):
            return None
        draw = random.Random(f"fault:{self.seed}:{key}")
        return draw.choice(self.kinds) if draw.random() < self.share else None


@dataclass
class Allowance:
    """A rate limit: at most `per_second` calls, counted in one of three ways.

    `fixed` starts a new count every second, `sliding` looks back one second, `bucket` refills evenly and lets
    `per_second` calls come at once. Refused calls do not count. `window` seconds may be longer than one: the limit
    is then `per_second * seconds` calls in them.
    """

    per_second: float
    window: str = "fixed"
    seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.window not in ("fixed", "sliding", "bucket"):
            raise ValueError(f"window = {self.window!r}: fixed, sliding or bucket")
        self._limit = self.per_second * self.seconds
        self._past: deque[float] = deque()
        self._start: float | None = None
        self._used = 0.0
        self._level, self._filled = self._limit, 0.0

    def refuse(self, now: float) -> float | None:
        """None lets the call in; else the seconds after which one would be."""
        if self.window == "bucket":
            return self._bucket(now)
        return self._sliding(now) if self.window == "sliding" else self._fixed(now)

    def _fixed(self, now: float) -> float | None:
        if self._start is None or now >= self._start + self.seconds:
            periods = 0 if self._start is None else (now - self._start) // self.seconds
            self._start = now if self._start is None else self._start + periods * self.seconds
            self._used = 0
        if self._used + 1 > self._limit:
            return self._start + self.seconds - now
        self._used += 1
        return None

    def _sliding(self, now: float) -> float | None:
        while self._past and self._past[0] <= now - self.seconds:
            self._past.popleft()
        if len(self._past) + 1 > self._limit:
            return self._past[0] + self.seconds - now
        self._past.append(now)
        return None

    def _bucket(self, now: float) -> float | None:
        if self._filled:
            self._level = min(self._limit, self._level + (now - self._filled) * self.per_second)
        self._filled = now
        if self._level < 1.0:
            return (1.0 - self._level) / self.per_second
        self._level -= 1.0
        return None


NO_LATENCY = Latency()
NO_FAULTS = Faults()
