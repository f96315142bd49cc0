"""What a page asks, checked, and the topics it may ask about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from evolve.errors import UserError
from evolve.report.text import one_line
from evolve.store import RunRow, Store

MOST_TEXT = 10_000
"""Characters of one parameter. Longer ones are no question a page would ask."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question about a run (None when it is about a whole database), with the parameters of its address.

    The readers of parameters raise UserError, naming the parameter, for a value they cannot take.
    """

    store: Store
    run: RunRow | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    recording: bool = False
    """For an exported file, which may ask for more at once than a page."""

    def need_run(self) -> RunRow:
        """The run it is about. Raises UserError when there is none."""
        if self.run is None:
            raise UserError("this is asked of a run: api/run/<number>/<topic>")
        return self.run

    def text(self, name: str, default: str = "") -> str:
        """A parameter as it is."""
        value = self.params.get(name, default)
        if len(value) > MOST_TEXT:
            raise UserError(f"{name} has {len(value):,} characters; {MOST_TEXT:,} are the most")
        return value

    def integer(self, name: str, default: int | None = None, low: int = 0, high: int | None = None) -> int | None:
        """A whole number from `low` to `high`; `default` when it is left out."""
        value = self.params.get(name, "")
        if not value:
            return default
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
            raise UserError(f"{name} is {one_line(value, 40)!r}; give a whole number")
        number = int(value)
        if number < low or (high is not None and number > high):
            span = f"at least {low}" if high is None else f"from {low} to {high}"
            raise UserError(f"{name} is {number}; give one {span}")
        return number

    def choice(self, name: str, options: Sequence[str], default: str) -> str:
        """One of `options`."""
        value = self.params.get(name, "") or default
        if value not in options:
            raise UserError(f"{name} is {one_line(value, 40)!r}; give one of {', '.join(options)}")
        return value


Answer = Callable[[Query], Any]
"""Gives data that JSON can hold. Raises UserError for a bad question, NotFound for what is not there."""


def once(_query: Query) -> Iterable[Mapping[str, str]]:
    """The parameters under which most topics are recorded: none."""
    return ({},)


@dataclass(frozen=True, slots=True)
class Topic:
    """Something pages ask about. `recorded` gives the parameters under which an exported file keeps its answers."""

    name: str
    answer: Answer
    recorded: Callable[[Query], Iterable[Mapping[str, str]]] = once
    scope: Literal["run", "database"] = "run"


@dataclass(frozen=True, slots=True)
class Download:
    """A file that is written while it is sent: `lines` gives it in pieces."""

    name: str
    lines: Callable[[Query], Iterator[str]]
    media: str = "text/plain"
