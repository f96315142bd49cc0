"""What a foreign evaluator gets in place of the program: a module whose functions are calls to the sealed process.

Nothing of the program's text enters it. Works in the evaluator's own process and, through a socket in its private
directory, in processes the evaluator starts. Standard library only.
"""

from __future__ import annotations

import builtins
import os
import pickle
import socket
import struct
import threading
from collections.abc import Callable
from typing import Any

Answer = tuple[str, Any, str]
"""`("ok", value, "")`, or `("error", name of the exception, its text)`."""
Ask = Callable[[str, str, tuple[Any, ...], dict[str, Any]], Answer]
"""A question to the process that holds the program: `look`, `names` or `call`; a name; arguments."""

STUB = '''"""The program lives in a process of its own; this module stands in for it. Made by evolve."""
import sys as _sys
_sys.path.append({kit!r})
from evolve_foreign.stub import connect as _connect
__getattr__, __dir__ = _connect({address!r})
'''
_RAISED = (
    "ArithmeticError", "AssertionError", "AttributeError", "ImportError", "IndexError", "KeyError", "LookupError",
    "MemoryError", "ModuleNotFoundError", "NameError", "NotImplementedError", "OverflowError", "RecursionError",
    "RuntimeError", "StopIteration", "SyntaxError", "TimeoutError", "TypeError", "UnicodeError", "ValueError",
    "ZeroDivisionError",
)  # fmt: skip
"""Built-in exceptions of a program that an evaluator meets as what they were; all others become a RuntimeError."""

_SIZE = struct.Struct(">Q")

_here: tuple[int, str, Ask] | None = None


def answer_here(address: str, ask: Ask | None) -> None:
    """Answer this process's stubs of an `address` without a socket; None ends that.

    A thread that an earlier evaluation left behind keeps its own address, and nobody answers there any more.
    """
    global _here
    _here = None if ask is None else (os.getpid(), address, ask)


def connect(address: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """A module's `__getattr__` and `__dir__`."""
    remote = _Remote(address)

    def ask(what: str, name: str, args: tuple[Any, ...] = (), options: dict[str, Any] | None = None) -> Any:
        here = _here
        direct = here[2] if here is not None and here[:2] == (os.getpid(), address) else remote
        kind, value, text = direct(what, name, args, options or {})
        if kind == "ok":
            return value
        raise exception(value, text)

    def get(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        kind, value = ask("look", name)
        if kind == "value":
            return value
        if kind == "missing":
            raise AttributeError(f"module 'program' has no attribute {name!r}")
        return _function(name, ask)

    return get, lambda: ask("names", "")


def exception(name: str, text: str) -> Exception:
    """A built-in exception by its name where it is one of the ordinary ones."""
    return (getattr(builtins, name) if name in _RAISED else RuntimeError)(text)


def _function(name: str, ask: Callable[..., Any]) -> Callable[..., Any]:
    def function(*args: Any, **options: Any) -> Any:
        return ask("call", name, args, options)

    function.__name__ = function.__qualname__ = name
    return function


class _Remote:
    """The way to the evaluator's process from one that it started; a connection for each thread and process."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._local = threading.local()

    def __call__(self, what: str, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Answer:
        if getattr(self._local, "process", 0) != os.getpid():
            self._local.line = socket.socket(socket.AF_UNIX)
            self._local.line.connect(self._address)
            self._local.process = os.getpid()
        send(self._local.line, (what, name, args, options))
        found: Answer = receive(self._local.line)
        return found


def send(line: socket.socket, value: object) -> None:
    """One message between the evaluator and a process of its own; the program is at neither end, hence pickle."""
    data = pickle.dumps(value)
    line.sendall(_SIZE.pack(len(data)) + data)


def receive(line: socket.socket) -> Any:
    """The next message. Raises EOFError when the other end hung up."""
    return pickle.loads(_exactly(line, _SIZE.unpack(_exactly(line, _SIZE.size))[0]))


def _exactly(line: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        chunk = line.recv(min(size - len(data), 1 << 20))
        if not chunk:
            raise EOFError
        data += chunk
    return bytes(data)
