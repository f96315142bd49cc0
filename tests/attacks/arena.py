"""A sandbox in which attacks follow one another, each looked at for what it left behind."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from typing import Any

import judge
import leftovers
import pytest
from heads import Attack

from evolve.domain import Status
from evolve.errors import SandboxUnavailable
from evolve.sandbox.base import Level, Sandbox
from evolve.sandbox.docker import DockerSandbox, connect
from evolve.sandbox.local import LocalSandbox


class Arena:
    """One slot, and what it held before the first attack."""

    def __init__(self, runner: asyncio.Runner, sandbox: Sandbox, residents: leftovers.Residents) -> None:
        """`sandbox` is started; `residents` are the processes of its slot."""
        self._runner = runner
        self._sandbox = sandbox
        self._residents = residents
        self._control()  # the first program of a slot meets things done lazily
        self._seen = self._control().seen
        self._before = leftovers.settled(residents, self._pause)
        self.attacks = self.replaced = 0

    def faults(self, attack: Attack) -> list[str]:
        """Run a program, then the honest one; what was not as it should be."""
        processes = self._residents()
        outcomes = self._runner.run(judge.ask(self._sandbox.run, attack))
        found = judge.faults(attack, outcomes)
        after = self._control()
        if (after.status, after.score) != (Status.VALID, 1.0):
            found.append(f"the honest program after it ended as {after.status} with score {after.score}: {after.told}")
        elif after.seen != self._seen:
            found.append(f"the honest program after it saw a difference:\n{self._difference(after)}")
        found += leftovers.left_behind(self._residents, self._before, self._pause)
        self.attacks += 1
        self.replaced += bool(processes) and not processes & self._residents()
        return found

    def _control(self) -> judge.Outcome:
        return self._runner.run(judge.control(self._sandbox.run))

    def _pause(self, seconds: float) -> None:
        """A sandbox clears up in the background, on the loop."""
        self._runner.run(asyncio.sleep(seconds))

    def _difference(self, after: judge.Outcome) -> str:
        before = "\n".join(self._seen).splitlines()
        return "\n".join(line for line in "\n".join(after.seen).splitlines() if line not in before)


@contextlib.contextmanager
def local(*, resident: bool = False, strongest: Level = Level.NAMESPACES,
          without: frozenset[str] = frozenset()) -> Iterator[Arena]:  # fmt: skip
    """The sandbox of this machine, with namespaces; `resident` has one evaluator process serve all programs.

    `strongest` and `without` take walls away.
    """
    if sys.platform != "linux":
        pytest.skip("namespaces are Linux")
    others = leftovers.children()
    sandbox = LocalSandbox(judge.problem(resident=resident), 1, strongest=strongest, without=without)
    with asyncio.Runner() as runner:
        try:
            runner.run(sandbox.start())
            if sandbox.isolation.level is not strongest:
                pytest.skip(f"no namespaces here: {sandbox.isolation.sentence()}")
            yield Arena(runner, sandbox, lambda: leftovers.trees(leftovers.children() - others))
        finally:
            runner.run(sandbox.close())


@contextlib.contextmanager
def docker(*, resident: bool = False, image: str = "", without: frozenset[str] = frozenset()) -> Iterator[Arena]:
    """A container of a daemon on this machine: its processes are looked at from outside."""
    try:
        client = connect()
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    sandbox = DockerSandbox(judge.problem(resident=resident), 1, image=image, without=without)
    with contextlib.closing(client), asyncio.Runner() as runner:
        try:
            runner.run(sandbox.start())
            yield Arena(runner, sandbox, lambda: _in_containers(client, sandbox.containers))
        finally:
            runner.run(sandbox.close())


def _in_containers(client: Any, containers: list[str]) -> frozenset[int]:
    """Their processes; none where the daemon lives in another (or a virtual) machine and its numbers mean nothing."""
    first = {container: client.api.inspect_container(container)["State"]["Pid"] for container in containers}
    return leftovers.trees(pid for container, pid in first.items() if leftovers.belongs(pid, container))
