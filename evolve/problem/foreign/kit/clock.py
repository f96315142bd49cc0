"""The evaluator's own time, counted where its own alarms cannot stop it."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable

SIGNAL = signal.SIGRTMIN + 9
"""One that no evaluator uses: many set SIGALRM themselves, and switch it off for good."""
_AGAIN = 1.0
"""Seconds until it rings once more, where the evaluator swallowed the first."""


class Late(BaseException):
    """The evaluator ran out of its own time. Not an `Exception`, which it would take for the program's."""


class OwnTime:
    """While it lasts, raises Late in the main thread once `seconds` were spent, what `waited` tells left out."""

    def __init__(self, seconds: float, waited: Callable[[], tuple[float, bool]]) -> None:
        """`waited` gives the seconds spent waiting for the program, and whether somebody waits now."""
        self.late = False
        self._seconds, self._waited = seconds, waited
        self._over = threading.Event()

    def __enter__(self) -> OwnTime:
        self._before = signal.signal(SIGNAL, self._ring)
        self._begun = time.monotonic()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        signal.signal(SIGNAL, self._before)

    def _watch(self) -> None:
        pause = self._seconds
        while not self._over.wait(pause):
            waited, waits = self._waited()
            left = self._seconds - (time.monotonic() - self._begun - waited)
            pause = max(left, 0.05)
            if left <= 0 and not waits:
                signal.pthread_kill(threading.main_thread().ident or 0, SIGNAL)
                pause = _AGAIN

    def _ring(self, *_: object) -> None:
        if self._over.is_set() or self._waited()[1]:  # a call has a limit of its own, and must not be left half done
            return
        self.late = True
        raise Late
