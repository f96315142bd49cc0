"""What an operator is given and gives back. A new operator is one file beside this one and one line in the registry."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

T = TypeVar("T")


class Syntax(StrEnum):
    """Which files an operator can edit."""

    PYTHON = "python"
    OTHER = "other"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Donor:
    """The same file of another elite, from which code may be taken."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Ground:
    """One file of the parent, open for editing, and the donors an operator may borrow from (best first)."""

    text: str
    python: bool
    donors: tuple[Donor, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """The file's new text, and the donors whose code is now in it."""

    text: str
    donors: tuple[int, ...] = ()


class Edit(Protocol):
    """Makes one random change, or None when there is nothing of its kind to change. A pure function."""

    def __call__(self, ground: Ground, rng: random.Random) -> Change | None:
        """The changed file; it need not compile, the caller checks."""
        ...


@dataclass(frozen=True, slots=True)
class Operator:
    """A named kind of edit: one arm of the bandit. One that `shrinks` makes long programs shorter."""

    name: str
    syntax: Syntax
    edit: Edit
    needs_donor: bool = False
    shrinks: bool = False

    def fits(self, ground: Ground) -> bool:
        """Whether the operator can be tried on this file at all."""
        language = Syntax.PYTHON if ground.python else Syntax.OTHER
        return self.syntax in (Syntax.ANY, language) and (bool(ground.donors) or not self.needs_donor)


def pick(rng: random.Random, weighted: dict[T, float]) -> T:
    """One key, drawn with its weight."""
    return rng.choices(list(weighted), list(weighted.values()))[0]
