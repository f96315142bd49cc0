"""Containers come and go: what is left of them, when they are replaced, and whose are never touched."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Iterator
from pathlib import Path
from typing import Any

import pytest
from docker_daemon import daemon
from docker_slots import ASLEEP, Own, client, containers, docker, job, ready, soon, started, until

from evolve.domain import Limits, Status
from evolve.errors import EvaluatorError, SandboxUnavailable
from evolve.sandbox import owner
from evolve.sandbox.base import Level
from evolve.sandbox.daemon import LABEL, OWNER
from evolve.testing import ECHO, sealed

pytestmark = [pytest.mark.slow, daemon]

ROOT = Path(__file__).parent.parent.parent
OWN_LABEL = "evolve.test=lifecycle"


@pytest.fixture
def outside() -> Iterator[Any]:
    """The daemon; whatever a test made by hand is removed afterwards."""
    with client() as connected:
        yield connected
        for left in containers(connected, OWN_LABEL):
            connected.api.remove_container(left, force=True)


@pytest.fixture
def nothing_left(outside: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No container, thread, descriptor or temporary file more than before."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert containers(outside) == []
    before = Own.now()
    yield
    assert containers(outside) == []
    assert list(tmp_path.iterdir()) == []
    until(lambda: Own.now() == before, f"threads and descriptors back to {before}; first {Own.now()}", 5.0)


@pytest.mark.usefixtures("nothing_left")
def test_nothing_is_left_after_close(outside: Any) -> None:
    async def run() -> None:
        sandbox = docker(2, spares=1)
        await sandbox.start()
        many = "import os\nfor _ in range(3): os.fork()\nwhile True: pass\n"
        task = asyncio.create_task(sandbox.run(job(many, limits=Limits(wall=20))))
        await sandbox.run(job())
        assert len(containers(outside)) >= 2
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        (result,) = await sandbox.run(job())
        assert result.status is Status.VALID
        await sandbox.close()
        assert containers(outside) == []

    asyncio.run(run())


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("moment", [0.0, 0.02, 0.1, 0.2, 0.35, 0.5, 0.8])
def test_a_start_that_is_cancelled_leaves_nothing(moment: float) -> None:
    async def run() -> None:
        sandbox = docker(2, spares=1)
        task = asyncio.create_task(sandbox.start())
        await asyncio.sleep(moment)
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=30)
        assert done
        if not task.cancelled():  # it was up already: then it is for the caller to close
            await sandbox.close()

    asyncio.run(run())


@pytest.mark.usefixtures("nothing_left")
def test_a_start_that_fails_leaves_nothing() -> None:
    async def run() -> None:
        with pytest.raises(EvaluatorError, match="ZeroDivisionError"):
            await docker(2, problem=sealed("1 / 0\n")).start()
        with pytest.raises(SandboxUnavailable, match="no-such-image"):
            await docker(image="evolve-test-no-such-image:none").start()
        with pytest.raises(SandboxUnavailable, match="no-such-runtime"):
            await docker(2, runtime="no-such-runtime").start()

    asyncio.run(run())


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("moment", [0.0, 0.05, 0.3])
def test_a_job_that_waits_for_a_container_can_be_cancelled(moment: float) -> None:
    async def run() -> None:
        async with started(spares=1) as sandbox:
            await sandbox.run(job())
            await sandbox.run(job(unused=True))  # the spare is taken, another one is being made
            task = asyncio.create_task(sandbox.run(job(unused=True)))
            await asyncio.sleep(moment)
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled():  # a quick machine: it was done already
                assert task.result()[0].status is Status.VALID
            (result,) = await sandbox.run(job())
            assert result.status is Status.VALID

    asyncio.run(run())


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("program", [ASLEEP, ECHO])
def test_closing_under_a_job_ends_it_as_unavailable(program: str) -> None:
    """Also one that is just having a container made, and one that waits for its turn."""

    async def run() -> None:
        sandbox = docker()
        await sandbox.start()
        await sandbox.run(job())
        unused = program == ECHO
        tasks = [asyncio.create_task(sandbox.run(job(program, limits=Limits(wall=60), unused=unused)))
                 for _ in range(2)]  # fmt: skip
        await asyncio.sleep(0.2)
        await sandbox.close()
        for task in tasks:
            with pytest.raises(SandboxUnavailable, match="closed"):
                await task
        await sandbox.start()
        (result,) = await sandbox.run(job())
        assert result.status is Status.VALID
        await sandbox.close()

    asyncio.run(run())


def test_a_container_is_replaced_by_the_spare_at_no_cost(outside: Any) -> None:
    async def run() -> tuple[float, float]:
        sandbox = docker(spares=1)
        opening = await seconds_of(sandbox.start())
        try:
            sandbox.jobs_per_slot = 2
            used, costs = sandbox.containers, []
            for _ in range(3):
                await sandbox.run(job())
                await sandbox.run(job())
                await asyncio.to_thread(ready, outside, 2)
                costs.append(await seconds_of(sandbox.run(job())))
                used += sandbox.containers
                await sandbox.run(job())
                await asyncio.to_thread(ready, outside, 2)
            assert len(set(used)) == 4, "a third job meets a new container"
            assert sandbox.replaced == 0, "nothing was wrong with any of them"
            return min(costs), opening
        finally:
            await sandbox.close()

    cost, opening = asyncio.run(run())
    print(f"a job in a container that has just replaced another: {1000 * cost:.0f} ms; opening one: {opening:.2f} s")
    assert cost < max(0.1, opening / 4), "100 ms, or a fraction of what it saves where the machine is slow"


async def seconds_of(work: Awaitable[object]) -> float:
    start = time.perf_counter()
    await work
    return time.perf_counter() - start


def test_an_unused_container_is_one_in_which_nothing_ran(outside: Any) -> None:
    async def run() -> None:
        async with started(spares=1) as sandbox:
            first = sandbox.containers
            await sandbox.run(job(unused=True))
            assert sandbox.containers == first
            await asyncio.to_thread(ready, outside, 2)
            await sandbox.run(job(unused=True))
            second = sandbox.containers
            await sandbox.run(job())
            assert (first == second, sandbox.containers == second) == (False, True)
            await soon(lambda: len(containers(outside)) == 2, "one container and its spare")
            assert not set(first) & set(containers(outside))

    asyncio.run(run())


ENGINE = """
import asyncio
from evolve.domain import Limits, Program, Split
from evolve.sandbox import owner
from evolve.sandbox.base import Job, SealedProblem
from evolve.sandbox.docker import DockerSandbox

async def main():
    evaluate = "def evaluate(program, case): return {'x': program.f()}"
    box = DockerSandbox(SealedProblem("p", {"evaluate.py": evaluate}, "p.py"), 2)
    await box.start()
    hang = "import os, signal\\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\\nos.fork()\\nwhile True: pass\\n"
    job = Job(Program.of({"p.py": hang}), Split.SEARCH, (0,), 1, Limits(wall=60, cpu=60))
    task = asyncio.create_task(box.run(job))
    await asyncio.sleep(0.5)
    print(owner.here(), flush=True)
    await task

asyncio.run(main())
"""


def test_the_containers_of_a_killed_engine_end_by_themselves(outside: Any) -> None:
    engine = subprocess.Popen([sys.executable, "-c", ENGINE], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    with engine:
        assert engine.stdout is not None
        label = f"{OWNER}={engine.stdout.readline().strip()}"
        assert len(containers(outside, label)) >= 2
        os.kill(engine.pid, signal.SIGKILL)
        start = time.monotonic()
        until(lambda: not containers(outside, label), "a killed engine's containers are gone", 20.0)
    print(f"a killed engine's containers were gone after {time.monotonic() - start:.1f} s")


GONE = """
from evolve.sandbox import owner
print(owner.here())
"""


@pytest.fixture
def gone() -> str:
    """An owner that has ended."""
    return subprocess.run(
        [sys.executable, "-c", GONE], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_the_next_start_removes_what_the_dead_left_and_nothing_else(outside: Any, gone: str) -> None:
    place, boot, pid, started = owner.here().split(":")
    machine, space = place.split("@")
    owners = {
        "dead": gone,
        "dead and never started": gone,
        "alive": owner.here(),
        "on another machine": f"elsewhere@{space}:{boot}:1:1",
        "before this machine was started again": f"{place}:other-boot:{pid}:{started}",
        "in another space of process numbers": f"{machine}@1:{boot}:{pid}9:1",
        "nobody": None,
        "nonsense": "x",
    }

    async def start(tag: str = "") -> str:
        sandbox = docker(image=tag)
        await sandbox.start()
        await sandbox.close()
        return sandbox.isolation.image

    image = asyncio.run(start())
    made = {}
    for name, whose in owners.items():
        labels = {OWN_LABEL.partition("=")[0]: "lifecycle", LABEL: "slot"}
        labels |= {OWNER: whose} if whose is not None else {}
        made[name] = outside.api.create_container(
            image, ["python3", "-c", "import time; time.sleep(300)"], labels=labels, entrypoint=[]
        )["Id"]
    labels = {OWN_LABEL.partition("=")[0]: "lifecycle", OWNER: gone}
    made["no slot of ours"] = outside.api.create_container(image, ["python3"], labels=labels, entrypoint=[])["Id"]
    outside.api.start(made["dead"])
    asyncio.run(start())
    left = set(containers(outside, OWN_LABEL))
    removed = {name for name, identity in made.items() if identity not in left}
    assert removed == {"dead", "dead and never started", "before this machine was started again"}


@pytest.mark.parametrize("layer", ["landlock", "seccomp"])
def test_where_a_layer_is_refused_every_program_gets_its_own_container(layer: str) -> None:
    seen = "import os\ndef echo(x):\n    return os.getuid()\n"

    async def run() -> None:
        sandbox = docker(2, problem=sealed("def evaluate(program, case): return {'uid': program.echo(3)}\n"),
                         without=frozenset({layer}))  # fmt: skip
        try:
            await sandbox.start()
            assert sandbox.isolation.level is Level.CONTAINER
            assert "a new container per program" in sandbox.isolation.layers
            assert any(layer in name.lower() for name in sandbox.isolation.missing)
            assert "a new container per program" in sandbox.isolation.sentence()
            used = set()
            for _ in range(4):
                (result,) = await sandbox.run(job(seen))
                assert result.status is Status.VALID, result.feedback
                used.update(sandbox.containers)
            assert len(used) >= 4
        finally:
            await sandbox.close()

    asyncio.run(run())
