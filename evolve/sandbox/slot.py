"""One resident supervisor as the host sees it: set it up, exchange a frame, end it."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evolve.errors import EvaluatorError, SandboxUnavailable
from evolve.sandbox.line import Line

# The guest's `words` module has the same numbers; it imports nothing of ours and we nothing of it.
CONFIG, SECRET, JOB, HEAR, BYE = 1, 2, 3, 4, 5
READY, RESULT, AUTHOR, FAULT, RETIRED, SAID = 1, 2, 3, 4, 5, 6
_FRAME = struct.Struct(">BI")
_HEAR_HEAD = struct.Struct(">dd")
_SAID_HEAD = struct.Struct(">d")

START_SECONDS = 300.0
CLOSE_SECONDS = 5.0


class Broken(Exception):
    """The slot itself failed: its process ended or broke the protocol. The engine's fault, never a candidate's."""


class Retired(Broken):
    """The slot took no further job because it could not clear up after the one before."""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer in a conversation and the seconds it took, or the status and words of the failure that ended it."""

    text: str
    wall: float
    status: str = ""
    feedback: str = ""


class Slot:
    """A supervisor at the end of a line. One exchange at a time; after any failure it is ended and not used again.

    `greeting` is what it said at its start: level, layers, missing, cases. `served` counts its jobs.
    """

    def __init__(self, line: Line) -> None:
        self.line = line
        self.greeting: dict[str, Any] = {}
        self.served = 0

    @property
    def alive(self) -> bool:
        """Whether its process runs, as far as is known."""
        return self.line.alive

    async def set_up(self, config: Mapping[str, object], secret: Mapping[str, object]) -> None:
        """Hand over the public and the evaluator's set-up; fills in `greeting`.

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
        self.greeting = json.loads(payload)

    async def exchange(self, job: bytes, seconds: float) -> dict[str, Any]:
        """Send a job, wait for its answer (at most `seconds`). Raises EvaluatorError, Retired, Broken."""
        self.served += 1
        kind, payload = await self._answer(JOB, job, seconds)
        if kind != RESULT:
            raise Broken(f"it answered a job with frame {kind}")
        answer: dict[str, Any] = json.loads(payload)
        return answer

    async def begin(self, job: bytes, seconds: float) -> None:
        """Send a job that is a conversation, wait until it can be spoken to. Raises EvaluatorError, Retired, Broken."""
        self.served += 1
        kind, _ = await self._answer(JOB, job, seconds)
        if kind != SAID:
            raise Broken(f"it began a conversation with frame {kind}")

    async def say(self, text: str, seconds: float, turn: float, patience: float) -> Said:
        """Pass a text on, wait for the answer: `seconds` the program's, `turn` the whole turn's, `patience` ours.

        Raises EvaluatorError, Broken.
        """
        said = _HEAR_HEAD.pack(turn, seconds) + text.encode("utf-8", "replace")
        kind, payload = await self._answer(HEAR, said, patience)
        if kind == SAID:
            return Said(payload[_SAID_HEAD.size :].decode(), _SAID_HEAD.unpack_from(payload)[0])
        if kind != RESULT:
            raise Broken(f"it answered a text with frame {kind}")
        failure = json.loads(payload)
        return Said("", failure["wall"], failure["status"], failure["feedback"])

    async def bid_farewell(self, seconds: float) -> None:
        """End a conversation; the slot can take another job. Raises EvaluatorError, Broken."""
        kind, _ = await self._answer(BYE, b"", seconds)
        if kind != RESULT:
            raise Broken(f"it answered a farewell with frame {kind}")

    async def _answer(self, kind: int, payload: bytes, seconds: float) -> tuple[int, bytes]:
        """Send a frame, wait for the one that answers it. Raises EvaluatorError, Retired, Broken."""
        self._send(kind, payload)
        kind, payload = await self._receive(seconds)
        if kind == AUTHOR:
            raise EvaluatorError(payload.decode())
        if kind == RETIRED:
            raise Retired("it could not clear up after the program before")
        return kind, payload

    async def close(self, *, patience: float = CLOSE_SECONDS) -> None:
        """Hang up, so that it ends its processes; KILL it if it takes longer than `patience` seconds."""
        await self.line.close(patience)

    def _send(self, kind: int, payload: bytes) -> None:
        self.line.write(_FRAME.pack(kind, len(payload)) + payload)

    async def _receive(self, seconds: float) -> tuple[int, bytes]:
        try:
            async with asyncio.timeout(seconds):
                await self.line.drain()
                kind, size = _FRAME.unpack(await self.line.readexactly(_FRAME.size))
                return kind, await self.line.readexactly(size)
        except TimeoutError:
            raise Broken(f"no answer within {seconds:g} s{self._last_words()}") from None
        except (asyncio.IncompleteReadError, OSError):
            raise Broken(f"its supervisor process ended{self._last_words()}") from None

    def _last_words(self) -> str:
        text = self.line.last_words()
        return f": {text}" if text else ""
