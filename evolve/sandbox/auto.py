"""The best sandbox there is: Docker where a daemon answers, else this machine's own kernel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from evolve.domain import Split
from evolve.errors import NoDaemon, SandboxUnavailable
from evolve.sandbox import daemon
from evolve.sandbox.base import CaseResult, Isolation, Job, Sandbox, Say, silent


class AutoSandbox:
    """Fulfils `Sandbox` with the first of two that starts.

    Args:
        docker: Makes the Docker sandbox; not called where no daemon could be.
        local: Makes the local one.
        particular: The person named an image, a runtime or packages: a daemon that cannot give them is a fault.
    """

    def __init__(
        self, docker: Callable[[], Sandbox], local: Callable[[], Sandbox], *, particular: bool = False
    ) -> None:
        self._docker = docker
        self._local = local
        self._particular = particular
        self._chosen: Sandbox | None = None
        self._note = ""

    @property
    def isolation(self) -> Isolation:
        """The chosen one's, with the reason when Docker is there and not used."""
        isolation = self._running().isolation
        return replace(isolation, note=self._note) if self._note else isolation

    async def start(self, say: Say = silent) -> None:
        """Start the Docker sandbox, or the local one when that cannot be."""
        if daemon.is_named():
            docker = self._docker()
            try:
                await docker.start(say)
            except SandboxUnavailable as error:
                if self._particular and not isinstance(error, NoDaemon):
                    raise
                self._note = f"Docker is not used: {error}"
                say(self._note)
            else:
                self._chosen = docker
                return
        local = self._local()
        await local.start(say)
        self._chosen = local

    async def cases(self, split: Split) -> int:
        """How many cases the author's `cases(split)` gives."""
        return await self._running().cases(split)

    async def run(self, job: Job) -> tuple[CaseResult, ...]:
        """One result per case, in order."""
        return await self._running().run(job)

    async def close(self) -> None:
        """End the chosen one."""
        if self._chosen is not None:
            await self._chosen.close()

    def _running(self) -> Sandbox:
        if self._chosen is None:
            raise SandboxUnavailable("the sandbox was never started; call start() first")
        return self._chosen
