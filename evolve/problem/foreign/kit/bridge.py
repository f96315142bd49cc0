"""The evaluator's end: carries out what stubs ask for, in time, and remembers how the program failed."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import threading
import time
from typing import Any

from .stub import Answer, answer_here, receive, send

RENEWALS = 3
"""Times in one evaluation that a program whose process ended is started again for a further call."""
_LAST_LINE = re.compile(r"^(?P<name>[A-Za-z_][\w.]*)(: (?P<text>.*))?$", re.DOTALL)
_NAMES = {"timeout": "TimeoutError", "memory": "MemoryError", "syntax": "SyntaxError"}


class Bridge:
    """One evaluation's line to the program. `failures` are those of calls, `unfit` what could not cross, as text."""

    def __init__(self, program: Any, seconds: float, address: str) -> None:
        """`program` is the evaluator's handle; all calls together get `seconds`.

        `address` is where processes the evaluator starts find it, "" when it starts none: listening takes a thread.
        """
        self.failures: list[Any] = []
        self.unfit = ""
        self._program = program
        self._deadline = time.monotonic() + seconds
        self._renewals = RENEWALS
        self._lock = threading.RLock()
        self._own_alarm = signal.getsignal(signal.SIGALRM)
        self._listener = _listening(address) if address else None

    def __enter__(self) -> Bridge:
        answer_here(self.answer)
        if self._listener is not None:
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        answer_here(None)
        if self._listener is not None:
            self._listener.close()
        if signal.getsignal(signal.SIGALRM) is not self._own_alarm:
            signal.signal(signal.SIGALRM, self._own_alarm)

    def answer(self, what: str, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Answer:
        """What a stub gets; never raises but for an alarm the evaluator set itself."""
        with self._lock:
            try:
                self._revive()
                return "ok", self._perform(what, name, args, options), ""
            except self._program.Failure as failure:
                self.failures.append(failure)
                return "error", *_described(failure)
            except ValueError as error:  # the codec's: an argument that is no plain data
                self.unfit = f"what it hands to {name}() cannot leave its process: {error}"
                return "error", "TypeError", self.unfit

    def _perform(self, what: str, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        if what != "call":
            return self._looked(self._program._look(name if what == "look" else ""))
        seconds, alarm = self._allowed()
        try:
            return self._program._session.call(name, args, options, seconds, True)
        except self._program.Failure as failure:
            if alarm is not None and failure.status == "timeout":
                self.failures.append(failure)
                signal.setitimer(signal.ITIMER_REAL, 0)
                alarm(signal.SIGALRM, None)
            raise

    def _looked(self, found: Any) -> Any:
        """What the program's process says of a name, which is hostile text. Raises Failure."""
        if type(found) is list and all(type(name) is str for name in found):
            return found
        if type(found) is tuple and len(found) == 2 and found[0] in ("missing", "function", "value"):
            return found
        raise self._program.Failure("suspect", "the program's process gave no proper answer about a name")

    def _allowed(self) -> tuple[float, Any]:
        """Seconds for a call; and the handler of an alarm the evaluator set that would ring before that."""
        left = max(0.01, self._deadline - time.monotonic())
        handler = signal.getsignal(signal.SIGALRM)
        in_main = threading.current_thread() is threading.main_thread()
        if in_main and callable(handler) and handler is not self._own_alarm:
            ring = signal.getitimer(signal.ITIMER_REAL)[0]
            if 0 < ring < left:
                return ring, handler
        return left, None

    def _revive(self) -> None:
        """A program whose process ended in an earlier call starts again, a few times. Raises Failure."""
        link = self._program._session.link
        if link is None or link.ended is None or not self.failures:
            return
        if self._renewals and time.monotonic() < self._deadline:
            self._renewals -= 1
            self._program.fresh()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with line, contextlib.suppress(EOFError, OSError):
            while True:
                send(line, self.answer(*receive(line)))


def _listening(address: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen()
    return listener


def _described(failure: Any) -> tuple[str, str]:
    """Name and text of the exception a candidate's failure becomes; its last line is the exception's own."""
    text = failure.text.partition("\n--- printed ---")[0].strip()
    if failure.status == "crash" and text.startswith("Traceback"):
        last = re.split(r"\n(?=[A-Za-z_])", text)[-1]
        if match := _LAST_LINE.match(last):
            return match["name"], match["text"] or ""
    if failure.status == "crash" and (match := _LAST_LINE.match(text)):
        return match["name"], match["text"] or text
    return _NAMES.get(failure.status, "RuntimeError"), text


def socket_path(folder: str) -> str:
    """Where the socket lies: short, since such paths hold about a hundred bytes."""
    return os.path.join(folder, "line")
