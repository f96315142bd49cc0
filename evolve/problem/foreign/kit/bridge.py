"""The evaluator's end: carries out what stubs ask for, in time, and remembers how the program failed."""

from __future__ import annotations

import contextlib
import math
import os
import re
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from .lines import Lines
from .stub import Answer, answer_here

RENEWALS = 3
"""Times in one evaluation that a program whose process ended is started again for a further call."""
_LAST_LINE = re.compile(r"^(?P<name>[A-Za-z_][\w.]*)(: (?P<text>.*))?$", re.DOTALL)
_NAMES = {"timeout": "TimeoutError", "memory": "MemoryError", "syntax": "SyntaxError"}
_ENDED = "the evaluator waited no longer and ended while this call was under way"
_HUNG_UP = "the evaluator waited no longer: it ended the process that had made this call"


class Bridge:
    """One evaluation's line to the program. `failures` are those of calls, `unfit` what could not cross, as text."""

    def __init__(self, program: Any, seconds: float, address: str, *, listens: bool) -> None:
        """`program` is the evaluator's handle; all calls together get `seconds`.

        `address` is what this evaluation's stubs know it by; with `listens`, processes the evaluator starts find it
        there, which takes a thread.
        """
        self.failures: list[Any] = []
        self.unfit = ""
        self._program, self._address, self._listens = program, address, listens
        self._deadline = time.monotonic() + seconds
        self._renewals = RENEWALS
        self._known: dict[tuple[str, str], Any] = {}
        self._lock = threading.RLock()
        self._lines: Lines | None = None
        self._closing = False
        self._broken: BaseException | None = None
        self._gone: list[object] = []
        self._state = threading.Lock()
        self._turn: tuple[Any, object] | None = None
        self._cut = ""
        self._waited, self._since = 0.0, 0.0
        self._own_alarm = signal.getsignal(signal.SIGALRM)

    def __enter__(self) -> Bridge:
        answer_here(self._address, self.answer)
        if self._listens:
            self._lines = Lines(self._address, self.answer, self._hung_up)
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """End what is under way: nothing of this evaluation touches the next. Raises what a thread could not."""
        answer_here(self._address, None)
        self._closing = True
        while not self._lock.acquire(timeout=0.05):
            self._cut_short(_ENDED)
        self._lock.release()
        if self._lines is not None:
            self._lines.close()
        if signal.getsignal(signal.SIGALRM) is not self._own_alarm:
            signal.signal(signal.SIGALRM, self._own_alarm)
        if self._broken is not None and self._broken is not error:
            raise self._broken

    def waited(self) -> tuple[float, bool]:
        """Seconds spent waiting for the program so far, and whether somebody waits now."""
        since = self._since
        return self._waited + (time.monotonic() - since if since else 0.0), bool(since)

    def answer(
        self, what: str, name: str, args: tuple[Any, ...], options: dict[str, Any], asker: object = None
    ) -> Answer:
        """What a stub gets; raises nothing but an alarm the evaluator set itself, and that the slot is broken."""
        with self._lock:
            if self._closing or asker in self._gone:
                return "error", "RuntimeError", "this evaluation is over"
            self._since = time.monotonic()
            try:
                self._revive()
                return "ok", self._perform(what, name, args, options, asker), ""
            except self._program.Failure as failure:
                self.failures.append(failure)
                return "error", *_described(failure)
            except ValueError as error:  # the codec's: an argument that is no plain data
                self.unfit = f"what it hands to {name}() cannot leave its process: {error}"
                return "error", "TypeError", self.unfit
            except BaseException as error:
                return self._without(error)
            finally:
                self._waited += time.monotonic() - self._since
                self._since = 0.0

    def _without(self, error: BaseException) -> Answer:
        """What is nobody's answer, such as a slot that is broken: for the main thread, in which it ends the work."""
        in_main = threading.current_thread() is threading.main_thread()
        if not in_main or type(error).__name__ in ("SlotBroken", "Closed"):  # the guest's own
            self._broken = error
        if in_main:
            raise error
        return "error", "RuntimeError", "there is no process for the program"

    def _perform(self, what: str, name: str, args: tuple[Any, ...], options: dict[str, Any], asker: object) -> Any:
        if what != "call":
            if (what, name) not in self._known:  # once in an evaluation: what was checked is what is used
                self._known[what, name] = self._looked(name if what == "look" else "", asker)
            return self._known[what, name]
        seconds, alarm = self._allowed()
        try:
            return self._asked(asker, lambda: self._program._session.call(name, args, options, seconds, False))
        except self._program.Failure as failure:
            if alarm is not None and failure.status == "timeout":
                self.failures.append(failure)
                signal.setitimer(signal.ITIMER_REAL, 0)
                alarm(signal.SIGALRM, None)
            raise

    def _looked(self, name: str, asker: object) -> Any:
        """What the program's process says of a name, all names for "": hostile data. Raises Failure."""
        found = self._asked(asker, lambda: self._program._look(name))
        if not name and type(found) is list and all(type(each) is str for each in found):
            return found
        proper = bool(name) and type(found) is tuple and len(found) == 2 and type(found[0]) is str
        if not proper or found[0] not in ("missing", "function", "value"):
            raise self._program.Failure("suspect", "the program's process gave no proper answer about a name")
        if found[0] == "value" and not _is_finite(found[1]):
            raise self._program.Failure("output", f"{name} of the program holds NaN or infinity")
        return found

    def _asked(self, asker: object, action: Callable[[], Any]) -> Any:
        """One exchange with the program, which `_cut_short` can end from another thread. Raises Failure."""
        link, failure, found = self._program._session.link, None, None
        with self._state:
            self._turn, self._cut = (link, asker), ""
        try:
            found = action()
        except self._program.Failure as caught:
            failure = caught
        finally:
            with self._state:
                self._turn = None
        if self._cut and (failure is None or failure.status != "suspect"):
            link.finish("timeout", self._cut)
            failure = link.ended = self._program.Failure("timeout", self._cut)
        if failure is not None:
            raise failure
        return found

    def _cut_short(self, why: str, asker: object = None) -> None:
        """End the call under way, if `asker` made it or none is named: to its caller the program has hung up."""
        with self._state:
            if self._turn is not None and (asker is None or self._turn[1] is asker):
                self._cut = why
                with contextlib.suppress(OSError):
                    self._turn[0]._sock.shutdown(socket.SHUT_RDWR)

    def _hung_up(self, asker: object) -> None:
        self._gone.append(asker)
        self._cut_short(_HUNG_UP, asker)

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


def _is_finite(value: Any) -> bool:
    """Whether plain data holds no NaN, NaT or infinity; its depth is bounded by what can cross."""
    if isinstance(value, dict):
        return all(_is_finite(each) for pair in value.items() for each in pair)
    if isinstance(value, list | tuple):
        return all(map(_is_finite, value))
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray | numpy.generic):
        return value.dtype.kind not in "fcmM" or bool(numpy.isfinite(value).all())
    if isinstance(value, complex):
        return math.isfinite(value.real) and math.isfinite(value.imag)
    return not isinstance(value, float) or math.isfinite(value)


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
