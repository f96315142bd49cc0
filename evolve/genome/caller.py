"""One scaffold's process, asked and answered: started when it is needed, started again a few times when it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evolve.domain import Status
from evolve.genome.fault import AFTER, Fault
from evolve.genome.genome import Manifest
from evolve.genome.lines import START_SECONDS, Line, Lines
from evolve.scaffold.base import OutcomeView
from evolve.scaffold.plain import WireError
from evolve.scaffold.wire import API, read_result, request

MOST_RESTARTS = 3
"""Times a scaffold's process is started again in a run."""

BATCH = 500
"""Outcomes told at a time when a process that was started again is told all there were."""

_DETAIL = 600
"""Characters kept of what a process said at its end."""


class Caller:
    """Asks a scaffold's process; keeps all it was told, so that a new process can be told again.

    Args:
        lines: Opens processes; closed with this.
        manifest: The scaffold's: its time per call.
        init: What `init` is told; None for a scaffold that is only asked about `meta/`.
    """

    def __init__(self, lines: Lines, manifest: Manifest, init: Mapping[str, object] | None) -> None:
        self._lines = lines
        self._seconds = manifest.seconds
        self._init = init
        self._line: Line | None = None
        self._number = 0
        self._starts = 0
        self._outcomes: list[OutcomeView] = []
        self._told = 0

    def tell(self, outcome: OutcomeView) -> None:
        """An outcome for it to learn from, sent before the next question that depends on such."""
        self._outcomes.append(outcome)

    def ask(self, op: str, **values: object) -> Any:
        """The result of an operation, its type as the protocol says and its content not yet checked.

        Raises EditError when the scaffold refuses, Fault when it fails, SandboxUnavailable when its walls do.
        """
        line = self._ready()
        if op in ("propose", "pins", "snapshot"):
            self._catch_up(line, self._seconds)
        return self._exchange(line, op, self._seconds, values)

    def start(self) -> None:
        """Start the process unless it runs. Raises as `ask` does."""
        self._ready()

    def close(self) -> None:
        """End the process; a later question would start another."""
        self._hang_up()
        self._lines.close()

    def _ready(self) -> Line:
        """The process, started and told everything. Raises Fault."""
        if self._line is not None:
            return self._line
        if self._starts > MOST_RESTARTS:
            raise Fault("gone", f"ended {self._starts} times and is not started again in this run")
        self._starts += 1
        self._line = line = self._lines.open()
        hello = self._exchange(line, "hello", START_SECONDS, {"api": API})
        if hello.api != API:
            self._hang_up()
            raise Fault("malformed", f"speaks version {hello.api} of the protocol, not {API}")
        if self._init is not None:
            self._exchange(line, "init", START_SECONDS, self._init)
        self._told = 0
        if self._starts > 1:
            self._catch_up(line, START_SECONDS)
        return line

    def _catch_up(self, line: Line, seconds: float) -> None:
        """Tell it what it was not told yet."""
        while self._told < len(self._outcomes):
            batch: Sequence[OutcomeView] = self._outcomes[self._told : self._told + BATCH]
            self._told += len(batch)
            self._exchange(line, "observe", seconds, {"outcomes": batch})

    def _exchange(self, line: Line, op: str, seconds: float, values: Mapping[str, object]) -> Any:
        self._number += 1
        reply = line.say(request(self._number, op, **values), seconds)
        if reply.status is not Status.VALID:
            self._hang_up()
            said = reply.feedback.strip()[-_DETAIL:]
            raise Fault(AFTER.get(reply.status, "crash"), f"failed at {op} ({reply.status}): {said}")
        try:
            return read_result(reply.text, self._number, op)
        except WireError as error:
            raise Fault("malformed", f"gave a reply to {op} that is none: {error}") from None

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()
