"""The trusted side of a foreign problem: what the folder's `evaluate.py` consists of."""

from __future__ import annotations

import builtins
import contextlib
import hashlib
import io
import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from . import running
from .bridge import Bridge, socket_path
from .clock import OwnTime
from .guard import Guard
from .stub import STUB
from .verdict import UNSEALED, EvaluatorFails, judge

_GRACE = 5.0
"""Seconds after which the guest's alarm ends an evaluator that even our own clock could not."""

_SAME_UNSEALED = ("syntax", "timeout", "memory", "suspect")
"""Failures of a call that are the same wherever the evaluator runs."""


class Scorer:
    """A foreign evaluator, loaded once, and how it is to be run."""

    def __init__(self, folder: str) -> None:
        """`folder` holds `foreign.json`, and `foreign/` and `stand_in/` if scoring is sealed. Raises EvaluatorFails."""
        with open(os.path.join(folder, "foreign.json"), encoding="utf-8") as file:
            self.settings: dict[str, Any] = json.load(file)
        self._kit, self._foreign = folder, os.path.join(folder, "foreign")
        self._module = self._load() if self.settings["sealed"] else None
        self._guard: Guard | None = None

    def evaluate(self, program: Any, case: object) -> dict[str, Any]:
        """Score one program. Raises its Failure, or EvaluatorFails when the evaluator fails on the first program."""
        is_first = _digest(self._text(program)) == self.settings["seed"]
        try:
            raw, failures, unfit = self._sealed(program) if self.settings["sealed"] else self._unsealed(program)
        except program.Failure as failure:
            if is_first and failure.status == "timeout":
                self._explain(failure.status, failure.text, "", called=False)
            raise
        status, text, answer = judge(raw, self.settings, failures)
        if status == "valid":
            return answer
        if is_first:
            self._explain(status, text, unfit, called=bool(failures))
        raise program.Failure(status, text)

    def _text(self, program: Any) -> str:
        text: str = program.files[self.settings["entry"]]
        return text

    def _load(self) -> ModuleType | None:
        running.prepare([self._foreign, os.path.join(self._kit, "stand_in")])
        name = self.settings["evaluator"]
        if not self.settings["functions"]:
            return None  # a script: run anew each time
        try:
            return running.load(self._foreign, name)
        except ModuleNotFoundError as error:
            raise EvaluatorFails(running.absent(name, error)) from None
        except Exception as error:
            raise EvaluatorFails(f"{name} cannot be imported: {running.traced(error)}") from None

    def _guarded(self) -> Guard:
        """Watch what is executed from here on. Raises EvaluatorFails for a module that nobody has looked at."""
        modules = self.settings["modules"]
        known = {os.path.realpath(os.path.join(self._foreign, name)) for name in modules}
        own = os.path.realpath(self._foreign) + os.sep
        for module in list(sys.modules.values()):
            path = os.path.realpath(getattr(module, "__file__", None) or "/")
            if path.startswith(own) and path not in known:
                raise EvaluatorFails(
                    f"{self.settings['evaluator']} reads the program's text and loads {path.removeprefix(own)} in a way"
                    f" that is not to be seen before it runs; {UNSEALED}"
                )
        return Guard(self._kit, modules)

    def _sealed(self, program: Any) -> tuple[running.Raw, list[Any], str]:
        with tempfile.TemporaryDirectory(prefix="f", ignore_cleanup_errors=True) as work:
            address, path = socket_path(work), self._lay(program, work)
            bridge = Bridge(program, self.settings["seconds"], address, listens=self.settings["starts"])
            with bridge, self._readable(program, path), self._in_time(program, bridge):
                raw = running.run(self.settings, self._module, self._foreign, path, work)
            return raw, bridge.failures, bridge.unfit

    def _unsealed(self, program: Any) -> tuple[Any, list[Any], str]:
        raw = program.call("score", self._text(program), allow_nan=True)
        if type(raw) is dict and raw.get("syntax"):
            raise program.Failure("syntax", str(raw["syntax"])[:4000])
        return raw, [], ""

    def _lay(self, program: Any, work: str) -> str:
        """Write what lies at `program_path`: the stub, or the text of a program that is read and never run."""
        folder = os.path.join(work, "program")
        os.mkdir(folder)
        path = os.path.join(folder, "evolved_" + os.path.basename(self.settings["entry"]))
        text = self._text(program) if self.settings["text"] else self._stub(work)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return path

    def _stub(self, work: str) -> str:
        return STUB.format(kit=self._kit, address=socket_path(work))

    @contextlib.contextmanager
    def _in_time(self, program: Any, bridge: Bridge) -> Iterator[None]:
        """The evaluator's own time is what its configuration allows; what takes it longer is the program's answer."""
        seconds, own_time = self.settings["seconds"], OwnTime(self.settings["seconds"], bridge.waited)
        signal.setitimer(signal.ITIMER_REAL, seconds + _GRACE)
        late = False
        try:
            with own_time:
                yield
        except BaseException as error:
            late = type(error).__name__ == "AuthorHangs"  # the guest's, which cannot be imported in every place
            if not late and not own_time.late:
                raise
        if late or own_time.late:
            text = f"{self.settings['evaluator']} did not finish within {seconds:g} s of its own on this program"
            raise program.Failure("timeout", text)

    @contextlib.contextmanager
    def _readable(self, program: Any, path: str) -> Iterator[None]:
        """While it lasts, opening the stub for reading gives the program's text; importing it still gives the stub."""
        if not (self.settings["reads"] or self.settings["text"]):
            yield
            return
        if self._guard is None:  # only now: before, this process is one that starts others
            self._guard = self._guarded()
        plain = builtins.open
        shown = f"{path}.text"
        with plain(shown, "w", encoding="utf-8", newline="") as file:
            file.write(self._text(program))

        def opening(file: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
            same = isinstance(file, str | os.PathLike) and os.path.abspath(os.fspath(file)) == path
            return plain(shown if same and set(mode) <= set("rbt") else file, mode, *rest, **options)

        self._guard.stub = (path, "" if self.settings["text"] else self._stub(os.path.dirname(os.path.dirname(path))))
        builtins.open = io.open = opening
        try:
            yield
        finally:
            builtins.open = io.open = plain

    def _explain(self, status: str, text: str, unfit: str, *, called: bool) -> None:
        """The first program fails: most likely the evaluator cannot work here. Raises EvaluatorFails if so.

        `called` says whether a call failed: only where the stub was in the way can unsealed scoring help.
        """
        name = self.settings["evaluator"]
        if unfit:
            raise EvaluatorFails(f"{name} cannot be sealed: {unfit}; {UNSEALED}")
        if status == "output" and self.settings["sealed"]:
            raise EvaluatorFails(f"the program's answer to {name} cannot leave its process ({text}); {UNSEALED}")
        if status == "timeout":
            raise EvaluatorFails(
                f"{name} gives the first program no score in time ({text.partition(chr(10))[0]}); unless {name}"
                f" sets a shorter limit of its own, {self.settings['more_time']}"
            )
        refused = self._guard is not None and self._guard.refused
        in_the_way = refused or (called and status not in _SAME_UNSEALED)
        way_out = f"; if it needs the program in its own process, {UNSEALED}" if in_the_way else ""
        raise EvaluatorFails(
            f"{name} gives the first program no score ({status}): {text}\n"
            f"It runs without network, keys and GPU{way_out}."
        )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
