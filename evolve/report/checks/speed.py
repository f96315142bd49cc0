"""How fast programs are evaluated, and what a budget buys."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

from evolve.report import figures
from evolve.report.checks.bench import Bench, not_measured
from evolve.report.findings import Finding, State

RATE_SECONDS = 2.0
"""How long the seed is evaluated over and over to see how many candidates a minute are possible."""
RUN_SECONDS = 60
RUN_EVALUATIONS = 1000


async def rate(bench: Bench) -> float:
    """Evaluations of the seed per second with all workers busy (at least one each); 0 when time ran out before."""
    started = time.monotonic()

    async def work() -> int:
        done = 0
        while done == 0 or time.monotonic() < started + RATE_SECONDS:
            if (await bench.search(bench.problem.seed)).evaluation is None:
                break
            done += 1
        return done

    done = await asyncio.gather(*(work() for _ in range(bench.workers)))
    return sum(done) / (time.monotonic() - started)


def findings(bench: Bench, per_second: float) -> Iterable[Finding]:
    """What that rate means for a run."""
    if per_second == 0:
        yield not_measured("speed")
        return
    workers = figures.plural(bench.workers, "worker")
    text = f"at most {60 * per_second:,.0f} candidates a minute with {workers}, if proposing cost nothing"
    yield Finding("speed", State.OK, text, details={"per_second": per_second})
    bought, taken = RUN_SECONDS * per_second, RUN_EVALUATIONS / per_second
    text = (
        f"--seconds {RUN_SECONDS} buys at most {figures.count(int(bought))} evaluations, "
        f"--evaluations {RUN_EVALUATIONS} takes at least {figures.seconds(taken)}"
    )
    yield Finding("budget", State.OK, text, details={"evaluations": bought, "seconds": taken})
