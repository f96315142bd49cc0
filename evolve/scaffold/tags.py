"""The note a question carries and its outcome brings back: what was asked how, and which lessons were shown.

Written as `key=value;key=value`; the conversation appends words of its own (`level`, `step`). A note of the built-in
proposer has no `=`, which tells the two apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_ROOM = 112
"""Characters for lesson numbers: with all other words, those of the conversation included, a tag stays below 200."""


@dataclass(frozen=True, slots=True)
class Note:
    """What a tag says. `by` is the short name of the model (`short_name`), `fixes` the failure that is repaired.

    `level` is how loosely the edit had to be applied and `step` which question the answer belonged to.
    """

    by: str = ""
    form: str = ""
    lessons: tuple[int, ...] = ()
    fixes: int | None = None
    level: str = ""
    step: str = ""

    def tag(self) -> str:
        """The note as a tag; of `level` and `step` only the conversation knows."""
        words = {"by": self.by, "form": self.form, "lessons": ".".join(map(_written, self.lessons))}
        if self.fixes is not None:
            words["fixes"] = _written(self.fixes)
        return ";".join(f"{key}={value}" for key, value in words.items() if value)


def is_asked(tag: str) -> bool:
    """Whether a tag is the note of a question, and not one of the built-in proposer."""
    return "=" in tag


def read(tag: str) -> Note | None:
    """The note of a tag; None when it is not one of a question. Words it does not know are ignored."""
    if not is_asked(tag):
        return None
    words = dict(part.split("=", 1) for part in tag.split(";") if "=" in part)
    return Note(
        words.get("by", ""),
        words.get("form", ""),
        tuple(_numbers(words.get("lessons", ""))),
        next(_numbers(words.get("fixes", "")), None),
        words.get("level", ""),
        words.get("step", ""),
    )


def fitting(numbers: Sequence[int]) -> int:
    """How many of the lessons, from the first on, a tag has room for: what is not in the tag would earn no credit."""
    room = _ROOM
    for count, number in enumerate(numbers):
        room -= len(_written(number)) + 1
        if room < 0:
            return count
    return len(numbers)


@lru_cache(maxsize=256)
def short_name(model: str) -> str:
    """Six characters that stand for a model's name, which may be long."""
    return hashlib.blake2b(model.encode("utf-8", "surrogatepass"), digest_size=3).hexdigest()


def _written(number: int) -> str:
    """A number of at least 0 in base 36."""
    text = _DIGITS[number % 36]
    while number := number // 36:
        text = _DIGITS[number % 36] + text
    return text


def _numbers(text: str) -> Iterator[int]:
    return (int(word, 36) for word in text.split(".") if word.isalnum() and word.isascii())
