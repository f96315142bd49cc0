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

WINDOWS = (1.0, 10.0, 60.0, 3600.0)
"""Seconds over which servers count."""
MARGIN = 0.98
"""Share of a limit that is used: the rest absorbs jitter between our clock and the server's (20 ms in a second)."""
SLACK = 0.03
"""Share by which a window is taken longer when calls in it are counted: they reach a server later than we send them."""
START = 20.0
"""Calls per second in the very beginning, while nothing is known; grows with every call that is let in. A quarter of
a second passes before the sixth call, time enough for a first refusal to arrive."""
GROWTH = 1.1
STEP = 0.02
BIGGEST_STEP = 0.5
QUIET = 60.0
"""Seconds without a refusal after which a higher pace is tried; doubled after every attempt that was refused."""
LONGEST_QUIET = 900.0
AGAIN = 10.0
"""Seconds between further steps up, while they succeed."""
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
        self._settled_at = -math.inf
        self._changed = -math.inf
        self._since_change = 0
        self._waited = 0
        self._step = STEP
        self._rising = False
        self._quiet = QUIET

    @property
    def learnt(self) -> bool:
        """Whether the rate comes from the server's refusals."""
        return self._learnt

    def ready_at(self) -> float:
        """When the next call may start."""
        return max(self._next, self._held_until)

    def send(self, now: float) -> None:
        """A call starts."""
        interval = 1.0 / self.rate
        waited = now < self._next + interval
        # Lateness of up to a twentieth is caught up; more would become a burst.
        self._next = max(self._next, now - 0.05 * interval) + interval
        self._sent.append(now)
        while self._sent[0] < now - WINDOWS[-1] or len(self._sent) > 100_000:
            self._sent.popleft()
        self._since_change += 1
        self._waited += waited
        self._rise(now)

    def refused(self, sent: float, now: float, retry_after: float) -> None:
        """The call started at `sent` got a 429 at `now`; nothing starts for `retry_after` seconds."""
        self._held_until = max(self._held_until, now + retry_after)
        before = bisect_right(self._sent, sent)
        if before and self._sent[before - 1] == sent:
            del self._sent[before - 1]
        if sent <= self._settled_at:
            return  # one of a burst that has been answered for already
        self._settled_at = now
        self._fall(sent, now, retry_after)

    def hold(self, until: float) -> None:
        """Nothing starts before then: the server asked for it in other words than 429."""
        self._held_until = max(self._held_until, until)

    def _fall(self, sent: float, now: float, retry_after: float) -> None:
        window = next((seconds for seconds in WINDOWS if seconds >= retry_after - 0.05), WINDOWS[-1])
        counted = max(1, bisect_right(self._sent, sent) - bisect_right(self._sent, sent - window * (1 + SLACK)))
        measured = counted / window * MARGIN
        soon = self._learnt and self._since_change < 20 and not self._rising
        if self._rising:
            self._quiet, self._step = min(self._quiet * 2, LONGEST_QUIET), STEP
        elif soon:
            self._step = min(self._step * 2, BIGGEST_STEP)
        else:
            self._step = STEP
        stepped = self.rate * (1 - self._step) if self._learnt else self.rate
        self.rate = min(measured, stepped, self._ceiling)
        self._learnt, self._rising = True, False
        self._mark(now)

    def _rise(self, now: float) -> None:
        if not self._learnt:
            self.rate = min(self.rate * GROWTH, self._ceiling, 1e6)
            return
        patience = AGAIN if self._rising else self._quiet
        used = self._waited >= 0.5 * self._since_change and self._since_change >= 3
        if now - max(self._changed, self._held_until) < patience or not used or self.rate >= self._ceiling:
            return
        self._step = min(self._step * 2, BIGGEST_STEP) if self._rising else STEP
        self.rate = min(self.rate * (1 + self._step), self._ceiling)
        self._rising = True
        self._mark(now)

    def _mark(self, now: float) -> None:
        self._changed, self._since_change, self._waited = now, 0, 0
