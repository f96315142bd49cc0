"""How fast a server may be asked, when it has said so or when it only ever says 429: pure state, no waiting.

A limit is either told (requests per minute) or learnt. Calls are spread evenly, because that is right for every way a
server can count: by fixed windows, by a sliding window, or with a token bucket. A refusal is read as a measurement: the
calls that were let in during the window before it *are* the limit, when the window is known, and `Retry-After` says
which window it is. After that the pace is searched in steps that double while they point the same way.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from itertools import islice

WINDOWS = (1.0, 10.0, 60.0, 3600.0)
"""Seconds over which servers count."""
MARGIN = 0.98
"""Share of a limit that is used: the rest absorbs jitter between our clock and the server's (20 ms in a second)."""
SLACK = 0.08
"""Share by which a window is taken longer when calls in it are counted: they reach a server later than we send them."""
CAREFUL = 1_000.0
"""Calls per second beyond which single calls are not looked at."""
START = 20.0
"""Calls per second in the very beginning, while nothing is known; grows with every call that is let in. A quarter of
a second passes before the sixth call, time enough for a first refusal to arrive."""
GROWTH = 1.1
STEP = 0.02
STEP_UP = 0.05
BIGGEST_STEP = 0.5
QUIET = 60.0
"""Seconds without a refusal after which a higher pace is tried; doubled after every attempt that was refused."""
LONGEST_QUIET = 900.0
SURE = 5
"""A pace measured by fewer calls in a window is that much less certain, and tried out that much sooner."""
AGAIN = 10.0
"""Seconds between further steps up, while they succeed."""
FLOOR = 0.8
"""A server that refuses at random is not limited by pace, and a call that is held up on its way falls into another
window: the rate is not lowered below this share of what was seen to be sustained over five windows. (A fixed window
or a full bucket lets in at most 1.2 times its limit in five.)"""
TOLD_FLOOR = 0.9
"""The same for a limit the person told us, as a share of it."""
FADING = 600.0
"""Seconds in which what was seen fades to 1/e."""
RARE = 33
"""Calls between refusals from which they may be put up with: 3 % refused."""
LEAST_WAIT = 0.05
"""Seconds to wait at least after a refusal: a server that says "in 1 ms" was asked a jitter too early."""
RECENT, BELIEVED = 20, 6
"""When so many of the last calls were refused the limit has become lower, whatever was seen before."""
NEVER = math.inf


class Pace:
    """Says when the next call may start. All times are seconds of one monotonic clock, handed in.

    Args:
        per_second: The limit the person told us; None learns it from refusals.
    """

    def __init__(self, per_second: float | None = None) -> None:
        self._ceiling = NEVER if per_second is None else per_second * MARGIN
        self.rate = min(START, self._ceiling)
        self._learnt = False
        self._next = -math.inf
        self._held_until = -math.inf
        self._sent: deque[float] = deque()
        self._gates: deque[float] = deque()
        self._gate = 0.0
        self._settled_at = -math.inf
        self._changed = -math.inf
        self._since_change = 0
        self._waited = 0
        self._step = STEP
        self._rising = False
        self._quiet = QUIET
        self._sustained = dict.fromkeys(WINDOWS, 0.0)
        self._seen = -math.inf
        self._number = 0
        self._refusals: deque[int] = deque(maxlen=BELIEVED)

    @property
    def learnt(self) -> bool:
        """Whether the rate comes from the server's refusals."""
        return self._learnt

    def ready_at(self) -> float:
        """When the next call may start."""
        at = max(self._next, self._held_until)
        if self._gates:
            at = max(at, self._gates[0] + self._gate)
        together = max(1, round(self.rate * WINDOWS[0])) if self.rate < CAREFUL else 0
        if together and len(self._sent) >= together:
            at = max(at, self._sent[-together] + together / self.rate)
        return at

    def send(self, now: float) -> None:
        """A call starts."""
        interval = 1.0 / self.rate
        waited = now < self._next + 2 * interval
        # A late call is caught up with, by one call at most; never by more calls in a second than the pace allows.
        self._next = max(self._next, now - interval) + interval
        if self._gates:
            self._gates.popleft()
        self._sent.append(now)
        while self._sent[0] < now - WINDOWS[-1] or len(self._sent) > 100_000:
            self._sent.popleft()
        self._number += 1
        self._since_change += 1
        self._waited += waited
        self._rise(now)

    def refused(self, sent: float, now: float, retry_after: float) -> None:
        """The call started at `sent` got a 429 at `now`; nothing starts for `retry_after` seconds."""
        self._held_until = max(self._held_until, now + max(retry_after, LEAST_WAIT))
        before = bisect_right(self._sent, sent)
        if before and self._sent[before - 1] == sent:
            del self._sent[before - 1]
        if sent <= self._settled_at:
            return  # one of a burst that has been answered for already
        tolerable = self._tolerable(now, retry_after)
        self._settled_at = now
        self._refusals.append(self._number)
        if not tolerable:
            self._fall(sent, now, retry_after)

    def accepted(self, sent: float) -> None:
        """The call started at `sent` was let in, whatever became of it."""
        kept = math.exp((self._seen - sent) / FADING) if sent > self._seen else 1.0
        self._seen = max(self._seen, sent)
        for window in WINDOWS[:3]:
            rate = self._let_in(sent, 5 * window) / (5 * window)
            self._sustained[window] = max(self._sustained[window] * kept, rate)

    def hold(self, until: float) -> None:
        """Nothing starts before then: the server asked for it in other words than 429."""
        self._held_until = max(self._held_until, until)

    def _tolerable(self, now: float, retry_after: float) -> bool:
        """Whether a refusal is so rare and its wait so short that a step down would cost more."""
        known = self._learnt or self._ceiling < NEVER
        before = self._refusals[-1] if self._refusals else 0
        if not known or self._rising or self._number - before < RARE:
            return False
        return retry_after <= STEP * (now - self._settled_at)

    def _fall(self, sent: float, now: float, retry_after: float) -> None:
        window = next((seconds for seconds in WINDOWS if seconds >= retry_after - 0.05), WINDOWS[-1])
        counted = self._let_in(sent, window)
        proven = self._since_change >= RECENT and self.rate < START
        measured = counted / window * MARGIN if counted and not proven else NEVER
        explained = measured <= self.rate * (1 - STEP)
        soon = self._since_change < RECENT and self._changed > -NEVER and not self._rising
        self._step = min(self._step * 2, BIGGEST_STEP) if soon and not explained else STEP
        stepped = self.rate if explained else self.rate * (1 - self._step)
        if self._rising:
            self._quiet = min(self._quiet * 2, LONGEST_QUIET)
        elif explained:
            self._quiet = QUIET * min(1.0, counted / SURE)
            # What was let in still fills a sliding window: each further call waits until one of those has left it.
            last = bisect_right(self._sent, sent)
            self._gates = deque(islice(self._sent, last - counted, last))
            self._gate = window
        lowered = max(min(measured, stepped), self._floor(window))
        if lowered < self.rate:
            self.rate, self._learnt, self._rising = lowered, True, False
            self._mark(now)

    def _floor(self, window: float) -> float:
        if len(self._refusals) == BELIEVED and self._number - self._refusals[0] < RECENT:
            self._sustained = dict.fromkeys(WINDOWS, 0.0)
            return 0.0
        told = 0.0 if self._ceiling == NEVER else TOLD_FLOOR * self._ceiling
        return max(told, FLOOR * self._sustained[window])

    def _let_in(self, sent: float, window: float) -> int:
        """Calls that started in the window before `sent` and were not refused."""
        return bisect_right(self._sent, sent) - bisect_right(self._sent, sent - window * (1 + SLACK))

    def _rise(self, now: float) -> None:
        if not self._learnt:
            self.rate = min(self.rate * GROWTH, self._ceiling, 1e6)
            return
        patience = AGAIN if self._rising else self._quiet
        used = self._waited >= 0.5 * self._since_change and self._since_change >= 3
        if now - max(self._changed, self._held_until) < patience or not used or self.rate >= self._ceiling:
            return
        self._step = min(self._step * 2, BIGGEST_STEP) if self._rising else STEP_UP
        self.rate = min(self.rate * (1 + self._step), self._ceiling)
        self._rising = True
        self._mark(now)

    def _mark(self, now: float) -> None:
        self._changed, self._since_change, self._waited = now, 0, 0
