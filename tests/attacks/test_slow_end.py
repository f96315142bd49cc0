"""A machine so busy that a candidate takes long to die: that is nobody's fault, and no exchange gets out of step."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import judge
import leftovers
import pytest

from evolve.domain import Limits, Program, Split, Status
from evolve.sandbox.base import Job
from evolve.sandbox.local import LocalSandbox

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]

SLEEPS = "import time\ndef solve(numbers):\n    time.sleep(60)\n"
STALL = 7.0
"""Seconds; the evaluator's alarm for a result that is slow to read rings after five."""


def test_a_candidate_that_takes_long_to_die_is_its_own_failure_alone() -> None:
    async def run() -> None:
        others = leftovers.children()
        sandbox = LocalSandbox(judge.problem(), 1)
        try:
            await sandbox.start()
            job = Job(Program.of({judge.ENTRY: SLEEPS}), Split.SEARCH, (0, 1, 2), seed=1, limits=Limits(wall=0.5))
            task = asyncio.create_task(sandbox.run(job))
            zygote = await _parent_of_sleeper(leftovers.children() - others)
            os.kill(zygote, signal.SIGSTOP)
            await asyncio.sleep(STALL)
            os.kill(zygote, signal.SIGCONT)
            statuses = {result.status for result in await task}
            assert statuses <= {Status.TIMEOUT, Status.OUTPUT}
            assert (await judge.control(sandbox.run)).score == 1.0
        finally:
            await sandbox.close()

    asyncio.run(run())


async def _parent_of_sleeper(supervisors: frozenset[int]) -> int:
    """The candidate's zygote, once the candidate sleeps."""
    for _ in range(200):
        for pid in leftovers.trees(supervisors):
            with contextlib.suppress(OSError):
                if "nanosleep" in Path(f"/proc/{pid}/wchan").read_text():
                    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        await asyncio.sleep(0.002)
    raise AssertionError("no candidate was seen asleep")
