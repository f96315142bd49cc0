"""The time an author's code may take for itself, with the waits for the candidate left out."""

from __future__ import annotations

import signal
from types import FrameType

from evolve_guest.link import Failure


class AuthorHangs(BaseException):
    """The author's code ran out of its own time."""


class OwnTime:
    """A stop watch on SIGALRM."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._candidates_turn = False
        signal.signal(signal.SIGALRM, self._ring)

    def start(self) -> None:
        """Give the full time."""
        signal.setitimer(signal.ITIMER_REAL, self.seconds)

    def stop(self) -> None:
        """No more time is counted."""
        signal.setitimer(signal.ITIMER_REAL, 0)

    def pause(self, bound: float) -> float:
        """The candidate's turn, for at most `bound` seconds; what the author has left, for `resume`."""
        self._candidates_turn = True
        return signal.setitimer(signal.ITIMER_REAL, bound)[0]

    def resume(self, left: float) -> None:
        """Go on with what was left."""
        signal.setitimer(signal.ITIMER_REAL, left)
        self._candidates_turn = False

    def _ring(self, number: int, frame: FrameType | None) -> None:
        # Calls have deadlines of their own; what rings here is a result made to be slow to read.
        if self._candidates_turn:
            raise Failure("output", "the result took too long to read")
        raise AuthorHangs(f"evaluate.py did not finish within {self.seconds:g} s of its own time")
