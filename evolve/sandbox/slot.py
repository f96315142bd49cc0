"""One resident supervisor process as the host sees it: start it, exchange a frame, end it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import struct
import subprocess
import tempfile
from collections.abc import Mapping
from typing import IO

from evolve.errors import EvaluatorError, SandboxUnavailable
from evolve.sandbox import paths

# The guest's `words` module has the same numbers; it imports nothing of ours and we nothing of it.
CONFIG, SECRET, JOB = 1, 2, 3
READY, RESULT, AUTHOR, FAULT = 1, 2, 3, 4
_FRAME = struct.Struct(">BI")

_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

START_SECONDS = 300.0
CLOSE_SECONDS = 5.0
_BUFFER = 1 << 20
_ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")}
"""A process must have one thread when it forks."""


class Broken(Exception):
    """The slot itself failed: its process ended or broke the protocol. The engine's fault, never a candidate's."""


class Slot:
    """A supervisor process. One exchange at a time; after any failure it is ended and not used again."""

    def __init__(self, process: subprocess.Popen[bytes], log: IO[bytes], streams: _Streams) -> None:
        self._process = process
        self._log = log
        self._reader, self._writer = streams

    @classmethod
    async def launch(cls) -> Slot:
        """Start a bare interpreter on the guest; `set_up` makes a slot of it."""
        ours, theirs = socket.socketpair()
        log = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the slot; closed in close)
        try:
            with theirs:
                process = subprocess.Popen(
                    [paths.interpreter(), "-I", "-S", "-B", str(paths.guest())],
                    stdin=theirs.fileno(),
                    stdout=theirs.fileno(),
                    stderr=log,
                    env=_ONE_THREAD,
                    cwd="/",
                    start_new_session=True,  # a Ctrl-C at the terminal is the engine's to handle
                )
        except OSError as error:
            ours.close()
            log.close()
            raise SandboxUnavailable(
                f"the sandbox's interpreter {paths.interpreter()} cannot start: {error}"
            ) from error
        return cls(process, log, await asyncio.open_connection(sock=ours, limit=_BUFFER))

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process.poll() is None

    async def set_up(self, config: Mapping[str, object], secret: Mapping[str, object]) -> dict[str, object]:
        """Hand over the public and the evaluator's set-up; the greeting: level, layers, missing, cases.

        Raises SandboxUnavailable (cannot run here), EvaluatorError (the author's code fails), Broken.
        """
        self._send(CONFIG, json.dumps(config).encode())
        self._send(SECRET, json.dumps(secret).encode())
        kind, payload = await self._receive(START_SECONDS)
        if kind == FAULT:
            raise SandboxUnavailable(payload.decode())
        if kind == AUTHOR:
            raise EvaluatorError(payload.decode())
        if kind != READY:
            raise Broken(f"it greeted with frame {kind}")
        greeting: dict[str, object] = json.loads(payload)
        return greeting

    async def exchange(self, job: bytes, seconds: float) -> dict[str, object]:
        """Send a job, wait for its answer (at most `seconds`). Raises EvaluatorError, Broken."""
        self._send(JOB, job)
        kind, payload = await self._receive(seconds)
        if kind == AUTHOR:
            raise EvaluatorError(payload.decode())
        if kind != RESULT:
            raise Broken(f"it answered a job with frame {kind}")
        answer: dict[str, object] = json.loads(payload)
        return answer

    async def close(self, *, patience: float = CLOSE_SECONDS) -> None:
        """Hang up, so that it ends its processes; KILL it if it takes longer than `patience` seconds."""
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
        try:
            await asyncio.to_thread(self._process.wait, patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)
        self._log.close()

    def _send(self, kind: int, payload: bytes) -> None:
        self._writer.write(_FRAME.pack(kind, len(payload)) + payload)

    async def _receive(self, seconds: float) -> tuple[int, bytes]:
        try:
            async with asyncio.timeout(seconds):
                await self._writer.drain()
                kind, size = _FRAME.unpack(await self._reader.readexactly(_FRAME.size))
                return kind, await self._reader.readexactly(size)
        except TimeoutError:
            raise Broken(f"no answer within {seconds:g} s{self._last_words()}") from None
        except (asyncio.IncompleteReadError, OSError):
            raise Broken(f"its supervisor process ended{self._last_words()}") from None

    def _last_words(self) -> str:
        if self._log.closed:
            return ""
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - 2000))
        text = self._log.read().decode("utf-8", "replace").strip()
        return f": {text}" if text else ""
