"""A server that allows five calls a second, unknown to us or told: refused calls and throughput over a minute.

Three ways of counting (fixed windows, a sliding window, a token bucket), each with the limit told (300 per minute) and
not; real HTTP over loopback, three minutes in all. Bars: at most 5 % of calls refused, at least 4.75 answers a second.
"""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass

from evolve.config import ModelSettings
from evolve.domain import Message, Role
from evolve.llm.base import Request
from evolve.llm.ledger import Ledger
from evolve.llm.litellm import preload
from evolve.llm.pool import Pool
from tests.standin.server import StandInServer
from tests.standin.weather import Allowance, Latency

SECONDS = 60.0
PER_SECOND = 5.0
SLOTS = 8
LATENCY = Latency(median=0.5, sigma=0.4)
NAME = "openai/standin"
MOST_REFUSED, LEAST_RATE = 0.05, 4.75


@dataclass(frozen=True)
class Found:
    """What one server saw: `rate` is answered calls per second from the first answer on."""

    window: str
    told: bool
    rate: float
    refused: float
    calls: int

    @property
    def good(self) -> bool:
        """Whether both bars hold."""
        return self.refused <= MOST_REFUSED and self.rate >= LEAST_RATE


async def measure(window: str, told: bool) -> Found:
    """Ask one server as fast as the pool does by itself."""
    with StandInServer(lambda chat: "An answer.", latency=LATENCY, allow=Allowance(PER_SECOND, window)) as server:
        model = ModelSettings(
            name=NAME, api_base=server.url, concurrency=SLOTS, requests_per_minute=60 * PER_SECOND if told else None
        )
        pool = Pool([model], Ledger())
        await pool.complete(_request(0))
        began = time.monotonic()
        askers = [asyncio.create_task(_keep_asking(pool, slot, began + SECONDS)) for slot in range(1, SLOTS + 1)]
        await asyncio.gather(*askers)
        await pool.close()
        calls = [call for call in server.chats if call.started >= began]
    refused = sum(call.status == 429 for call in calls)
    answered = sum(call.status == 200 and call.started < began + SECONDS for call in calls)
    return Found(window, told, answered / SECONDS, refused / len(calls), len(calls))


async def _keep_asking(pool: Pool, slot: int, until: float) -> None:
    number = slot
    while time.monotonic() < until:
        await pool.complete(_request(number))
        number += SLOTS


def _request(number: int) -> Request:
    return Request(NAME, (Message(Role.USER, f"question {number}"),), 100, seed=number)


async def measure_all() -> list[Found]:
    """Told and not told at once, one way of counting after the other."""
    found: list[Found] = []
    for window in ("fixed", "sliding", "bucket"):
        found += await asyncio.gather(measure(window, True), measure(window, False))
    return found


def main() -> int:
    """Print a line per server; the number of missed bars is the exit code."""
    preload()
    print(f"{PER_SECOND:g} calls/s allowed, {SLOTS} slots, latency {LATENCY.median} s, {SECONDS:g} s")
    found = asyncio.run(measure_all())
    for each in found:
        limit = "told 300/min" if each.told else "not told"
        verdict = "ok" if each.good else "MISSED"
        share = f"{each.refused:6.1%} of {each.calls} refused"
        print(f"{each.window:8} {limit:13} {each.rate:5.2f} answered/s  {share}  {verdict}")
    return sum(not each.good for each in found)


if __name__ == "__main__":
    sys.exit(main())
