"""The wire to a supervisor: bytes both ways, whether it lives, its last words, and its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import tempfile
from typing import IO, Protocol

from evolve.errors import SandboxUnavailable
from evolve.sandbox import paths

BUFFER = 1 << 20
_THREADS = ("OPENBLAS", "OMP", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")
ENVIRONMENT = {**{f"{name}_NUM_THREADS": "1" for name in _THREADS}, "MALLOC_ARENA_MAX": "1"}
"""Of a supervisor and all below it: a process must have one thread when it forks, and an arena per thread is 64 MB of
the address space that is limited."""


class Line(Protocol):
    """What a slot needs of the process at its other end."""

    @property
    def alive(self) -> bool:
        """Whether the process runs, as far as is known."""
        ...

    def write(self, data: bytes) -> None:
        """Put bytes on their way to its stdin."""
        ...

    async def drain(self) -> None:
        """Wait until more can be written. Raises OSError when it hung up."""
        ...

    async def readexactly(self, size: int) -> bytes:
        """The next bytes of its stdout. Raises asyncio.IncompleteReadError when it hung up."""
        ...

    def last_words(self) -> str:
        """The end of what it wrote to stderr."""
        ...

    async def close(self, patience: float) -> None:
        """Hang up; KILL it if it has not ended after `patience` seconds."""
        ...


class ProcessLine:
    """A supervisor that is a child process of this one."""

    def __init__(self, process: subprocess.Popen[bytes], log: IO[bytes], reader: asyncio.StreamReader,
                 writer: asyncio.StreamWriter) -> None:  # fmt: skip
        self._process = process
        self._log = log
        self._reader, self._writer = reader, writer

    @classmethod
    async def start(cls) -> ProcessLine:
        """Start a bare interpreter on the guest. Raises SandboxUnavailable."""
        ours, theirs = socket.socketpair()
        log = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the line; closed in close)
        try:
            with theirs:
                process = subprocess.Popen(
                    [paths.interpreter(), "-I", "-S", "-B", str(paths.guest())],
                    stdin=theirs.fileno(),
                    stdout=theirs.fileno(),
                    stderr=log,
                    env=ENVIRONMENT,
                    cwd="/",
                    start_new_session=True,  # a Ctrl-C at the terminal is the engine's to handle
                )
        except OSError as error:
            ours.close()
            log.close()
            raise SandboxUnavailable(
                f"the sandbox's interpreter {paths.interpreter()} cannot start: {error}"
            ) from error
        try:
            reader, writer = await asyncio.open_connection(sock=ours, limit=BUFFER)
        except BaseException:  # cancelled: it has been told nothing yet
            ours.close()
            process.kill()
            process.wait()
            log.close()
            raise
        return cls(process, log, reader, writer)

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process.poll() is None

    def write(self, data: bytes) -> None:
        """Put bytes on their way."""
        self._writer.write(data)

    async def drain(self) -> None:
        """Wait until more can be written."""
        await self._writer.drain()

    async def readexactly(self, size: int) -> bytes:
        """The next bytes it says."""
        return await self._reader.readexactly(size)

    def last_words(self) -> str:
        """The end of what it wrote to stderr."""
        if self._log.closed:
            return ""
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - 2000))
        return self._log.read().decode("utf-8", "replace").strip()

    async def close(self, patience: float) -> None:
        """Hang up, so that it ends its processes; KILL it if that takes too long."""
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
        try:
            await asyncio.to_thread(self._process.wait, patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)
        self._log.close()
