"""Sees to it that a program's text which an evaluator reads is never executed on the trusted side."""

from __future__ import annotations

import collections
import dataclasses
import os
import sys
import tempfile
from collections.abc import Sequence
from typing import NoReturn

REFUSED = (
    "the evaluator executes text that is none of its own files, perhaps the program's; sealed scoring does not allow"
    " that"
)
_PROCESSES = frozenset({
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn",
})  # fmt: skip
_OBJECTS = frozenset({"pickle.find_class", "ctypes.dlsym", "ctypes.call_function", "code.__new__"})
"""Objects made of text, and functions of the system that execute it."""
_GENERATORS = frozenset(os.path.realpath(str(module.__file__)) for module in (dataclasses, collections))
"""Modules of the standard library that compile methods of records, from names that they check."""


class Guard:
    """From its making on, nothing is compiled but installed code, the evaluator's own files and the one stub.

    Nor is a process started, or an object made by pickle. An audit hook cannot be taken back, so there is one for the
    life of the process: a text that was read may be remembered. Parsing alone (`ast.parse`) stays allowed.
    """

    def __init__(self, folder: str, modules: Sequence[str]) -> None:
        """`folder` is all of the evaluator's; of its own files `modules` are known, as they are now."""
        import _posixsubprocess  # what multiprocessing starts processes with, which no audit event tells of

        self.stub = ("", "")
        """Path and text of the module that stands in for the program at present."""
        self.refused = False
        """Whether anything was refused so far."""
        _posixsubprocess.fork_exec = self._no_process
        self._known = {
            path: _content(path) for name in modules if (path := os.path.realpath(f"{folder}/foreign/{name}"))
        }
        installed = {os.path.realpath(path) for path in (*sys.path, os.path.dirname(os.__file__)) if path}
        own = {os.path.realpath(place) for place in (folder, tempfile.gettempdir(), os.getcwd())}
        self._own = tuple(place + os.sep for place in own if place != os.sep)
        self._installed = tuple(path + os.sep for path in installed if not f"{path}{os.sep}".startswith(self._own))
        for name in ("stand_in", "evolve_foreign"):
            self._learn(f"{folder}/{name}")
        sys.addaudithook(self._heard)

    def _learn(self, folder: str) -> None:
        for place, _, names in os.walk(os.path.realpath(folder)):
            self._known |= {path: _content(path) for name in names if (path := os.path.join(place, name))}

    def _heard(self, event: str, details: tuple[object, ...]) -> None:
        if event == "compile":
            self._compiled(details[0], details[1], sys._getframe(1).f_code.co_filename)
        elif event == "marshal.loads":
            if sys._getframe(1).f_code.co_filename != "<frozen importlib._bootstrap_external>":
                self._refuse(REFUSED)
        elif event in _PROCESSES:
            self._no_process()
        elif event in _OBJECTS and not os.path.realpath(sys._getframe(1).f_code.co_filename).startswith(
            self._installed
        ):
            self._refuse(f"{REFUSED} ({event})")

    def _compiled(self, source: object, file: object, asked: str) -> None:
        name = os.fsdecode(file) if isinstance(file, str | bytes) else ""
        text = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
        if not os.path.isabs(name) or not isinstance(text, bytes):
            if os.path.realpath(asked) in _GENERATORS and name == "<string>":
                return
            self._refuse(REFUSED)
        path = os.path.realpath(name)
        if path == os.path.realpath(self.stub[0]):
            allowed = self.stub[1].encode()
        elif path in self._known:
            allowed = self._known[path]
        elif path.startswith(self._installed) and not path.startswith(self._own):
            allowed = _content(path)
        else:
            self._refuse(REFUSED)
        if text.replace(b"\r\n", b"\n") != allowed.replace(b"\r\n", b"\n"):
            self._refuse(REFUSED)

    def _no_process(self, *_: object) -> NoReturn:
        self._refuse("the evaluator reads the program's text and starts a process; sealed scoring does not allow both")

    def _refuse(self, why: str) -> NoReturn:
        self.refused = True
        raise PermissionError(why)


def _content(path: str) -> bytes:
    """What a file holds, past a patched `open`; nothing where it cannot be read."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return b""
    with os.fdopen(handle, "rb") as file:
        return file.read()
