"""What a scaffold in a process of its own can do wrong, as one exception that is counted by kind."""

from __future__ import annotations

from evolve.domain import Status
from evolve.errors import EditError

KINDS = ("late", "crash", "memory", "output", "malformed", "forged", "turn", "too_long", "gone")
"""A reply that came late; a process that crashed, ran out of memory or said too much; a line that is no reply; a
number, a model or a right it was never given; a question out of turn; more than the caps allow; not started again."""

AFTER = {Status.TIMEOUT: "late", Status.MEMORY: "memory", Status.OUTPUT: "output"}
"""Kinds by what the sandbox says of a process that is gone; any other is a crash."""


def kind_of(feedback: str) -> str:
    """The kind of the fault that the feedback of a failed proposal tells of; "" when it tells of none."""
    kind = feedback.rpartition(" [")[2].removesuffix("]")
    return kind if kind in KINDS and feedback.startswith("the scaffold ") else ""


class Fault(Exception):
    """A scaffold broke the protocol; the message says what it did, as in "the scaffold {message}"."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind

    def as_edit_error(self) -> EditError:
        """The same as a proposal that failed: it takes its place in the budget and earns nothing."""
        return EditError(Status.NO_EDIT, f"the scaffold {self} [{self.kind}]")
