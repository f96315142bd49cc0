"""The containers of this test process, and the processes in them, as the daemon and this machine see them."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from docker.errors import NotFound
from sandbox_processes import children, descendants

from evolve.domain import Program, Split
from evolve.sandbox import owner
from evolve.sandbox.base import Job, SealedProblem
from evolve.sandbox.daemon import OWNER, connect
from evolve.sandbox.docker import DockerSandbox
from evolve.testing import ECHO, sealed

EVALUATE = "def evaluate(program, case): return {'x': program.echo(3)}\n"
ASLEEP = "import time\ndef echo(x):\n    time.sleep(60)\n    return x\n"
"""A program that is under way for as long as anybody waits."""
_PATIENCE = 20.0
_RESIDENTS = 3
"""Processes of a slot at rest: supervisor and two zygotes."""


def job(program: str = ECHO, **fields: Any) -> Job:
    return Job(Program.of({"program.py": program}), **{"split": Split.SEARCH, "cases": (0,), "seed": 1, **fields})


def docker(slots: int = 1, *, spares: int = 0, problem: SealedProblem | None = None, **options: Any) -> DockerSandbox:
    """Not started."""
    sandbox = DockerSandbox(problem or sealed(EVALUATE), slots, **options)
    sandbox.spares = spares
    return sandbox


@asynccontextmanager
async def started(slots: int = 1, **options: Any) -> AsyncIterator[DockerSandbox]:
    """Started, and closed at the end."""
    sandbox = docker(slots, **options)
    await sandbox.start()
    try:
        yield sandbox
    finally:
        await sandbox.close()


@contextmanager
def client() -> Iterator[Any]:
    """The daemon, for tests that look behind the sandbox."""
    connected = connect()
    try:
        yield connected
    finally:
        connected.close()


def containers(daemon: Any, *labels: str) -> list[str]:
    """Ids of containers with these labels, started or not; those of this process when none is given."""
    wanted = list(labels or (f"{OWNER}={owner.here()}",))
    return [found["Id"] for found in daemon.api.containers(all=True, filters={"label": wanted})]


@dataclass(frozen=True)
class Inside:
    """The processes of a container by their numbers on this machine."""

    supervisor: int
    candidates: int
    evaluators: int

    @property
    def evaluator(self) -> int:
        """The one at work."""
        (pid,) = children(self.evaluators)
        return pid

    @property
    def candidate(self) -> int:
        """The one at work."""
        (pid,) = children(self.candidates)
        return pid


def inside(daemon: Any, container: str) -> Inside:
    """Who is who in a container: the candidates' zygote is forked before the evaluators'."""
    first = daemon.api.inspect_container(container)["State"]["Pid"]
    candidates, evaluators = sorted(children(first))[:2]
    return Inside(first, candidates, evaluators)


def ready(daemon: Any, count: int) -> None:
    """Until this process has so many containers that stand at rest, spares included."""
    until(lambda: sum(_is_warm(daemon, each) for each in containers(daemon)) == count, "warm containers")
    time.sleep(0.3)  # a zygote that preloads numpy is a process before it is ready


def _is_warm(daemon: Any, container: str) -> bool:
    try:
        first = daemon.api.inspect_container(container)["State"]["Pid"]
    except NotFound:  # it is on its way out
        return False
    return bool(first) and len(descendants(first)) + 1 >= _RESIDENTS


def until(holds: Callable[[], object], what: str, seconds: float = _PATIENCE) -> None:
    """Wait for it; an AssertionError that names it when it does not come."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:g} s"
        time.sleep(0.02)


async def soon(holds: Callable[[], object], what: str, seconds: float = _PATIENCE) -> None:
    """`until`, while the loop goes on."""
    await asyncio.to_thread(until, holds, what, seconds)


@dataclass(frozen=True)
class Own:
    """What this process holds."""

    descriptors: tuple[str, ...]
    threads: frozenset[str]

    @classmethod
    def now(cls) -> Own:
        links = filter(None, (_link(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")))
        return cls(tuple(sorted(links)), frozenset(thread.name for thread in threading.enumerate()))


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except FileNotFoundError:  # that of the listing itself
        return ""
