"""What an answer is made of, as plain records: blocks that swap lines, whole files, and the idea behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from evolve.domain import Status
from evolve.errors import EditError

LEVELS: Final = ("exact", "whitespace", "indentation", "fuzzy", "whole")
"""The steps of the ladder, strictest first; a whole file needs no place to be found."""


@dataclass(frozen=True, slots=True)
class Swap:
    """Lines to find and the lines to put in their place, both without line ends."""

    search: tuple[str, ...]
    replace: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One edit of a file. `path` is as the model wrote it, "" when it named none.

    There are several `swaps` when the divider between the two halves is in doubt. `near` is the
    line number the model gave (1 is the first), `ended` whether the block was closed, `floats` whether with nothing to
    find it still says what to do: to append to a file.
    """

    path: str
    swaps: tuple[Swap, ...]
    near: int | None = None
    ended: bool = True
    floats: bool = True


@dataclass(frozen=True, slots=True)
class Whole:
    """Code that may be a whole file. `path` and `language` are as the model wrote them, "" when it gave none."""

    path: str
    language: str
    lines: tuple[str, ...]
    ended: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything found in an answer; `cut` when it breaks off where no edit can be recovered."""

    blocks: tuple[Block, ...] = ()
    wholes: tuple[Whole, ...] = ()
    prose: tuple[str, ...] = ()
    cut: bool = False

    def __bool__(self) -> bool:
        return bool(self.blocks or self.wholes)


def looser(left: str, right: str) -> str:
    """The looser of two levels."""
    return max(left, right, key=LEVELS.index)


def not_applied(message: str) -> EditError:
    """The error of an edit that has no place in the file."""
    return EditError(Status.EDIT_NOT_APPLIED, message)


def outside(message: str) -> EditError:
    """The error of an edit that reaches for text which may not change."""
    return EditError(Status.OUTSIDE_REGION, message)


def truncated(message: str) -> EditError:
    """The error of an answer that was cut off."""
    return EditError(Status.TRUNCATED, message)
