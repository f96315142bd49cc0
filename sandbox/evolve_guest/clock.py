"""The time an author's code may take for itself, with the waits for the candidate left out."""

from __future__ import annotations

import signal
from types import FrameType


class AuthorHangs(BaseException):
    """The author's code ran out of its own time."""


class OwnTime:
    """A stop watch on SIGALRM."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        signal.signal(signal.SIGALRM, self._ring)

    def start(self) -> None:
        """Give the full time."""
        signal.setitimer(signal.ITIMER_REAL, self.seconds)

    def pause(self) -> float:
        """Stand still; what is left, for `resume`."""
        return signal.setitimer(signal.ITIMER_REAL, 0)[0]

    def resume(self, left: float) -> None:
        """Go on with what was left."""
        signal.setitimer(signal.ITIMER_REAL, left)

    stop = pause

    def _ring(self, number: int, frame: FrameType | None) -> None:
        raise AuthorHangs(f"evaluate.py did not finish within {self.seconds:g} s of its own time")
