"""The socket on which processes of an evaluator ask for the program; sees when one hangs up."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Callable
from typing import Any

from .stub import Answer, receive, send

_HUNG_UP = getattr(select, "POLLRDHUP", 0)  # Linux only
JOINED = 5.0
"""Seconds to wait for a thread whose line was closed."""


class Lines:
    """Answers on `address` until closed: a thread that takes lines and watches them, and one for each line."""

    def __init__(self, address: str, answer: Callable[..., Answer], hung_up: Callable[[object], None]) -> None:
        """`answer` gets a question and, as `asker`, the line it came on; `hung_up` a line whose other end is gone."""
        self._answer, self._hung_up = answer, hung_up
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(address)
        self._listener.listen()
        self._poll = select.poll()
        self._poll.register(self._listener, select.POLLIN)
        self._lines: dict[int, socket.socket] = {}
        self._threads: list[threading.Thread] = []
        self._watcher = self._start(self._watch)

    def close(self) -> None:
        """Hang up everywhere and wait for the threads."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._watcher.join(JOINED)
        for line in list(self._lines.values()):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(JOINED)
        self._listener.close()

    def _start(self, target: Callable[..., None], *args: Any) -> threading.Thread:
        self._threads = [each for each in self._threads if each.is_alive()]
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _watch(self) -> None:
        while True:
            for fd, _ in self._poll.poll():
                if fd == self._listener.fileno():
                    try:
                        line, _ = self._listener.accept()
                    except OSError:  # shut down
                        return
                    self._lines[line.fileno()] = line
                    self._poll.register(line, _HUNG_UP)
                    self._start(self._serve, line)
                elif gone := self._lines.get(fd):
                    self._forget(fd)
                    self._hung_up(gone)

    def _serve(self, line: socket.socket) -> None:
        fd = line.fileno()
        with line, contextlib.suppress(EOFError, OSError):
            try:
                while True:
                    send(line, self._answer(*receive(line), asker=line))
            finally:
                self._forget(fd)
                self._lines.pop(fd, None)

    def _forget(self, fd: int) -> None:
        with contextlib.suppress(KeyError):
            self._poll.unregister(fd)
