"""What a trivial candidate costs in the local sandbox, beside a bare `python -c pass` measured in the same run.

    python benchmarks/sandbox_overhead.py [--jobs 400] [--slots 2]

CPU is that of this process, the slots and everything they reaped; on a busy machine look at it and at the ratio,
not at the rate.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from evolve.domain import Program, Split, Status
from evolve.sandbox.base import Job, Level, SealedProblem
from evolve.sandbox.local import LocalSandbox

EVALUATE = """
def evaluate(program, case):
    for n in range(5):
        value = program.f(n)
    return {"value": value}
"""
CALLS = """
def evaluate(program, case):
    from time import perf_counter
    small, floats = 3.0, [0.5] * 1000
    found = {}
    for name, value, times in (("scalar", small, 2000), ("floats", floats, 500)):
        start = perf_counter()
        for _ in range(times):
            program.f(value)
        found[name] = (perf_counter() - start) / times * 1e6
    return found
"""
PROGRAM = Program.of({"program.py": "def f(x):\n    return x\n"})
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Row:
    """One measured way to run a candidate."""

    name: str
    rate: float
    cpu: float
    latency: float


def tree_cpu(root: int) -> float:
    """CPU seconds of a process, its living descendants and all they reaped."""
    try:
        fields = Path(f"/proc/{root}/stat").read_text().rpartition(")")[2].split()
        children = Path(f"/proc/{root}/task/{root}/children").read_text().split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICK + sum(tree_cpu(int(child)) for child in children)


async def measure(name: str, jobs: int, slots: int, *, strongest: Level = Level.NAMESPACES, **fields: object) -> Row:
    """Run `jobs` trivial jobs on `slots` slots."""
    sealed = SealedProblem(**{"name": "bench", "evaluator": {"evaluate.py": EVALUATE}, "entry": "program.py", **fields})
    sandbox = LocalSandbox(sealed, slots, strongest=strongest, allow_unsandboxed=True)
    await sandbox.start()
    latencies: list[float] = []

    async def worker(count: int) -> None:
        for seed in range(count):
            start = time.perf_counter()
            (result,) = await sandbox.run(Job(PROGRAM, Split.SEARCH, (0,), seed))
            latencies.append(time.perf_counter() - start)
            assert result.status is Status.VALID, result

    await asyncio.gather(*(worker(10) for _ in range(slots)))
    latencies.clear()
    cpu, start = tree_cpu(os.getpid()), time.perf_counter()
    await asyncio.gather(*(worker(jobs // slots) for _ in range(slots)))
    elapsed, cpu = time.perf_counter() - start, tree_cpu(os.getpid()) - cpu
    await sandbox.close()
    done = jobs // slots * slots
    return Row(f"{name} ({sandbox.isolation.level})", done / elapsed, cpu / done * 1e3, _median(latencies) * 1e3)


def bare(jobs: int) -> Row:
    """The yardstick: a new interpreter that does nothing."""
    latencies: list[float] = []
    cpu = tree_cpu(os.getpid())
    for _ in range(jobs):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", "pass"], check=True)
        latencies.append(time.perf_counter() - start)
    used = tree_cpu(os.getpid()) - cpu
    return Row(
        "subprocess python -c pass, one at a time", jobs / sum(latencies), used / jobs * 1e3, _median(latencies) * 1e3
    )


async def call_costs() -> dict[str, float]:
    """Microseconds of one call: a float, and a list of 1,000 floats, there and back."""
    sandbox = LocalSandbox(SealedProblem("calls", {"evaluate.py": CALLS}, "program.py"), 1, allow_unsandboxed=True)
    await sandbox.start()
    (result,) = await sandbox.run(Job(PROGRAM, Split.SEARCH, (0,), 1))
    await sandbox.close()
    return dict(result.metrics)


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


async def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=400)
    parser.add_argument("--slots", type=int, default=2)
    options = parser.parse_args()
    yardstick = bare(40)
    rows = [
        yardstick,
        await measure("fresh evaluator and candidate", options.jobs, options.slots),
        await measure("same, numpy preloaded", options.jobs, options.slots, preload=("numpy",)),
        await measure("resident evaluator", options.jobs, options.slots, resident=True),
        await measure("fresh evaluator and candidate", options.jobs, options.slots, strongest=Level.LANDLOCK),
        await measure("fresh evaluator and candidate", options.jobs, options.slots, strongest=Level.PROCESS),
    ]
    print(
        f"{options.slots} slots, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}"
    )
    print(f"{'':58}{'per second':>11}{'CPU ms':>9}{'median ms':>11}{'CPU / bare':>12}")
    for row in rows:
        print(f"{row.name:58}{row.rate:11.0f}{row.cpu:9.2f}{row.latency:11.1f}{row.cpu / yardstick.cpu:12.2f}")
    for name, cost in (await call_costs()).items():
        print(f"one call, {name} there and back: {cost:.0f} us")


if __name__ == "__main__":
    asyncio.run(main())
