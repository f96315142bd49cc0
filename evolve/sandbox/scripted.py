"""A sandbox that runs nothing: a function says what every look gives. For tests, benchmarks and notebooks of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from evolve.domain import Split, Status
from evolve.sandbox.base import CaseResult, Isolation, Job, Level, Say, silent

Look = Callable[[Job, int], CaseResult]
"""Given a job and a case index, what the evaluator would have said. May raise SandboxUnavailable or EvaluatorError."""


class ScriptedSandbox:
    """Fulfils `Sandbox` without running a candidate, so it isolates nothing because there is nothing to isolate.

    Args:
        look: Gives the result of one case.
        cases: How many cases each split has.
        delay: Seconds each job takes.
    """

    def __init__(self, look: Look, cases: dict[Split, int], delay: Callable[[Job], float] | None = None) -> None:
        self.isolation = Isolation("scripted", Level.PROCESS, ("no candidate is run",))
        self._look = look
        self._cases = cases
        self._delay = delay

    async def start(self, say: Say = silent) -> None:
        """Nothing to warm."""

    async def cases(self, split: Split) -> int:
        """How many cases the script has for a split."""
        return self._cases.get(split, 0)

    async def run(self, job: Job) -> tuple[CaseResult, ...]:
        """What the script says, case by case."""
        if self._delay is not None:
            await asyncio.sleep(self._delay(job))
        results: list[CaseResult] = []
        for case in job.cases:
            results.append(self._look(job, case))
            if job.fail_fast and results[-1].status is not Status.VALID:
                break
        return tuple(results)

    async def close(self) -> None:
        """Nothing to end."""
