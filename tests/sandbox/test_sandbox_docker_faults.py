"""Whatever dies under a job, no score and no candidate's failure comes of it: it is done again, or given back.

Processes in containers are found and killed by their numbers on this machine, which takes the administrator's rights.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from docker.errors import NotFound
from docker_daemon import daemon
from docker_slots import client, containers, inside, job, soon, started

from evolve.domain import Limits, Status
from evolve.errors import EvaluatorError, SandboxUnavailable
from evolve.sandbox.docker import DockerSandbox
from evolve.testing import sealed

pytestmark = [pytest.mark.slow, daemon]

TAKES_ITS_TIME = "import time\ndef echo(x):\n    time.sleep(0.8)\n    return x\n"
UNDER_WAY = 0.4
"""Seconds after which it is in the middle of its call, when nothing else was to be done first."""

Fault = Callable[[Any, str], None]


@pytest.fixture(scope="module")
def outside() -> Iterator[Any]:
    with client() as connected:
        yield connected


def kill(who: str) -> Fault:
    """KILL one of the processes of a container."""

    def fault(daemon: Any, container: str) -> None:
        os.kill(getattr(inside(daemon, container), who), signal.SIGKILL)

    return fault


FAULTS: dict[str, Fault] = {
    "supervisor": kill("supervisor"),
    "candidates' zygote": kill("candidates"),
    "evaluators' zygote": kill("evaluators"),
    "docker kill": lambda daemon, container: daemon.api.kill(container),
    "docker stop": lambda daemon, container: daemon.api.stop(container, timeout=1),
    "docker rm -f": lambda daemon, container: daemon.api.remove_container(container, force=True),
}
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only the administrator may kill a container's processes")


@needs_root
@pytest.mark.parametrize("resident", [False, True], ids=["own evaluator", "resident evaluator"])
@pytest.mark.parametrize("fault", list(FAULTS))
def test_a_job_whose_container_fails_is_done_again(outside: Any, fault: str, resident: bool) -> None:
    problem = sealed("def evaluate(program, case): return {'x': program.echo(3)}\n", resident=resident)

    async def run() -> None:
        async with started(spares=1, problem=problem) as sandbox:
            await sandbox.run(job())
            (broken,) = sandbox.containers
            task = asyncio.create_task(sandbox.run(job(TAKES_ITS_TIME)))
            await asyncio.sleep(UNDER_WAY)
            await asyncio.to_thread(FAULTS[fault], outside, broken)
            (result,) = await task
            assert (result.status, result.metrics) == (Status.VALID, {"x": 3}), result.feedback
            (result,) = await sandbox.run(job())
            assert (result.status, result.metrics) == (Status.VALID, {"x": 3}), result.feedback
            assert broken not in sandbox.containers
            await soon(lambda: broken not in containers(outside), "the container that failed is gone")
            assert len(containers(outside)) <= 2

    asyncio.run(run())


@needs_root
def test_an_evaluator_that_is_killed_is_nobodys_score(outside: Any) -> None:
    """It is the author's to explain: the kernel does that to an evaluator that eats its container's memory."""

    async def run() -> None:
        async with started() as sandbox:
            task = asyncio.create_task(sandbox.run(job(TAKES_ITS_TIME)))
            await asyncio.sleep(UNDER_WAY)
            os.kill(inside(outside, sandbox.containers[0]).evaluator, signal.SIGKILL)
            with pytest.raises(EvaluatorError, match=r"ended by itself \(code -9\)"):
                await task
            (result,) = await sandbox.run(job())
            assert result.metrics == {"x": 3}

    asyncio.run(run())


@needs_root
def test_a_job_that_breaks_two_containers_is_given_back(outside: Any) -> None:
    async def run() -> None:
        async with started(spares=1) as sandbox:
            task = asyncio.create_task(sandbox.run(job(TAKES_ITS_TIME)))
            for _ in range(2):
                await soon(lambda: at_work(outside, sandbox), "a job under way")
                outside.api.kill(sandbox.containers[0])
                await soon(lambda: not at_work(outside, sandbox), "it is given up")
            with pytest.raises(SandboxUnavailable, match="two slots failed on the same job"):
                await task
            (result,) = await sandbox.run(job())
            assert result.metrics == {"x": 3}

    asyncio.run(run())


def at_work(daemon: Any, sandbox: DockerSandbox) -> bool:
    """Whether evaluator and candidate are both there."""
    try:
        found = inside(daemon, sandbox.containers[0])
        return found.evaluator > 0 and found.candidate > 0
    except (ValueError, IndexError, NotFound):
        return False


def test_a_paused_container_is_given_up_in_bounded_time(outside: Any) -> None:
    """Silence is all there is to notice: the time a job may take and a grace, here made short."""

    async def run() -> float:
        async with started(spares=1) as sandbox:
            sandbox.case_seconds = sandbox.grace = 1.0
            await sandbox.run(job())
            (paused,) = sandbox.containers
            outside.api.pause(paused)
            start = time.monotonic()
            (result,) = await sandbox.run(job(limits=Limits(wall=0.1)))
            seconds = time.monotonic() - start
            assert result.status is Status.VALID, result.feedback
            assert paused not in sandbox.containers
            await soon(lambda: paused not in containers(outside), "the paused container is removed")
            return seconds

    seconds = asyncio.run(run())
    print(f"a paused container was given up and replaced within {seconds:.1f} s")
    assert 12 < seconds < 60
