"""A server seen from a pace: calls come in, some are refused; discrete events, no real time."""

from __future__ import annotations

import heapq
import math
import random
from dataclasses import dataclass

from evolve.llm.pace import Pace
from tests.standin.weather import Allowance


@dataclass(frozen=True)
class Simulated:
    """`rate` answered calls per second, the share of calls `refused`, and the pace at the end."""

    rate: float
    refused: float
    pace: Pace


def simulate(
    pace: Pace,
    server: Allowance,
    *,
    seconds: float = 60.0,
    slots: int = 8,
    latency: float = 0.3,
    jitter: float = 0.002,
    whole_seconds: bool = False,
    noise: float = 0.0,
    seed: int = 0,
) -> Simulated:
    """Keep `slots` calls under way against a server; the first goes alone. `noise` refuses calls at random."""
    draw = random.Random(seed)
    now = began = max(1000.0, pace.ready_at() + 1.0) + draw.random()
    if server.window == "fixed":
        server.refuse(1000.0 - server.seconds)  # its windows start at whole seconds, whenever we do
    first: float | None = None
    answered = refused = 0
    free = 1
    under_way: list[tuple[float, int, float | None, float]] = []
    while True:
        start = max(pace.ready_at(), now) if free else math.inf
        end = under_way[0][0] if under_way else math.inf
        now = min(start, end)
        if now >= began + seconds:
            break
        if end <= start:
            _, _, wait, sent = heapq.heappop(under_way)
            free += 1
            if wait is None:
                answered += 1
                pace.accepted(sent)
                if first is None:
                    first, free = now, slots
            else:
                refused += 1
                pace.refused(sent, now, wait)
            continue
        now += abs(draw.gauss(0, jitter))
        pace.send(now)
        free -= 1
        arrival = now + 0.001 + abs(draw.gauss(0, jitter))
        wait = 0.2 if draw.random() < noise else server.refuse(arrival)
        if wait is not None and whole_seconds:
            wait = math.ceil(wait)
        took = 0.002 if wait is not None else latency * math.exp(draw.gauss(0, 0.3))
        heapq.heappush(under_way, (arrival + took, answered + refused + len(under_way), wait, now))
    assert first is not None
    return Simulated(answered / (now - first), refused / (answered + refused), pace)
