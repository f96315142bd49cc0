"""The Docker sandbox beside a hardened `docker run` of the same image, all in one run and taking turns.

    python -m benchmarks.docker_sandbox [--rounds 12] [--seconds 10]

A candidate with a fresh evaluator process of its own must cost at most 1/18 of a hardened `docker run` that only starts
Python (with numpy: that imports numpy), two slots must do at least 120 of them a second, and a call with an 8 MB array
there and back must take at most 25 ms. Exits with 1 when one of these is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from evolve.domain import Limits, Program, Split, Status
from evolve.sandbox.base import Job, SealedProblem
from evolve.sandbox.containers import cpus, options, users_of
from evolve.sandbox.daemon import connect
from evolve.sandbox.docker import DockerSandbox
from evolve.sandbox.image import ensure_image

MOST_SHARE, LEAST_RATE, MOST_ARRAY = 1 / 18, 120.0, 0.025
TWELVE_CALLS = "def evaluate(program, case):\n    return {'sum': sum(program.f(n) for n in range(12))}\n"
ARRAY = """
import time
import numpy

def evaluate(program, case):
    sent = numpy.arange(1_000_000.0)
    walls = []
    for _ in range(15):
        start = time.perf_counter()
        back = program.f(sent)
        walls.append(time.perf_counter() - start)
        assert back.nbytes == 8_000_000 and back[-1] == sent[-1]
    return {"median": sorted(walls)[7], "worst": max(walls)}
"""
PROGRAM = Program.of({"program.py": "def f(x):\n    return x\n"})
JOB = Job(PROGRAM, Split.SEARCH, (0,), 1)
PER_ROUND = 20
"""Warm evaluations between two cold containers."""


def sealed(evaluate: str, *preload: str) -> SealedProblem:
    """A problem of one evaluator text."""
    return SealedProblem("bench", {"evaluate.py": evaluate}, "program.py", preload=preload)


@contextmanager
def timed(into: list[float]) -> Iterator[None]:
    """Add the seconds of a block."""
    start = time.perf_counter()
    yield
    into.append(time.perf_counter() - start)


class Cold:
    """A hardened container per program, as one would do without warm slots: the same walls and limits."""

    def __init__(self, problem: SealedProblem, code: str) -> None:
        self._client = connect()
        image = ensure_image(self._client, problem)
        self._image, self._command = image.tag, [image.python, "-I", "-B", "-c", code]

    def run(self) -> None:
        """Create, start, wait, remove."""
        api = self._client.api
        walls = options(api, users_of(0, 1), Limits(), None, frozenset(), cpus(api.info()))
        walls["host_config"]["AutoRemove"] = False
        made = api.create_container(self._image, self._command, labels={"evolve.test": "bench"}, **walls)["Id"]
        try:
            api.start(made)
            code = api.wait(made)["StatusCode"]
            assert code == 0, f"the cold container ended with code {code}"
        finally:
            api.remove_container(made, force=True)

    def close(self) -> None:
        """Let go of the daemon."""
        self._client.close()


async def evaluate(sandbox: DockerSandbox, job: Job = JOB) -> None:
    """One evaluation that must be valid."""
    (result,) = await sandbox.run(job)
    assert result.status is Status.VALID, result.feedback


async def share(name: str, code: str, rounds: int, *preload: str) -> float:
    """Median of a warm evaluation as a share of the median cold container, taking turns."""
    problem = sealed(TWELVE_CALLS, *preload)
    cold, sandbox = Cold(problem, code), DockerSandbox(problem, 1)
    colds: list[float] = []
    warms: list[float] = []
    await sandbox.start()
    try:
        for _ in range(PER_ROUND):
            await evaluate(sandbox)
        for _ in range(rounds):
            with timed(colds):
                await asyncio.to_thread(cold.run)
            for _ in range(PER_ROUND):
                with timed(warms):
                    await evaluate(sandbox)
    finally:
        await sandbox.close()
        cold.close()
    one, other = statistics.median(warms), statistics.median(colds)
    print(f"{name:42}{one * 1e3:9.1f} ms   docker run {other * 1e3:7.0f} ms   1/{other / one:.1f}")
    return one / other


async def rate(seconds: float, slots: int, *preload: str) -> float:
    """Evaluations per second with a fresh evaluator each, 12 calls."""
    sandbox = DockerSandbox(sealed(TWELVE_CALLS, *preload), slots)
    await sandbox.start()
    done = 0

    async def worker(until: float) -> None:
        nonlocal done
        while time.perf_counter() < until:
            await evaluate(sandbox)
            done += 1

    try:
        for _ in range(PER_ROUND):
            await evaluate(sandbox)
        start = time.perf_counter()
        await asyncio.gather(*(worker(start + seconds) for _ in range(slots)))
        found = done / (time.perf_counter() - start)
    finally:
        await sandbox.close()
    named = f"{slots} slots" + "".join(f", {name}" for name in preload)
    print(f"{named:42}{found:9.0f} evaluations a second")
    return found


async def array() -> float:
    """Median seconds of one call with 8 MB there and back."""
    sandbox = DockerSandbox(sealed(ARRAY, "numpy"), 1)
    await sandbox.start()
    try:
        (result,) = await sandbox.run(replace(JOB, limits=Limits(wall=5)))
    finally:
        await sandbox.close()
    median, worst = result.metrics["median"], result.metrics["worst"]
    print(f"{'8 MB array there and back':42}{median * 1e3:9.1f} ms   worst of 15 {worst * 1e3:.1f} ms")
    return median


async def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=10.0)
    given = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}")
    shares = [
        await share("fresh evaluator and candidate", "pass", given.rounds),
        await share("same, numpy preloaded", "import numpy", given.rounds, "numpy"),
    ]
    rates = [await rate(given.seconds, 2), await rate(given.seconds, 2, "numpy")]
    seconds = await array()
    held = {
        f"a candidate costs at most 1/18 of a docker run (1/{1 / shares[0]:.1f})": shares[0] <= MOST_SHARE,
        f"at least {LEAST_RATE:.0f} a second at two slots ({rates[0]:.0f})": rates[0] >= LEAST_RATE,
        f"an 8 MB array there and back within 25 ms ({seconds * 1e3:.1f})": seconds <= MOST_ARRAY,
    }
    for bar, holds in held.items():
        print(f"{'held' if holds else 'MISSED'}: {bar}")
    return 0 if all(held.values()) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
