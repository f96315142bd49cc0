"""What a mind notices of a prompt: examples, hints, attempts, a plan, and which programs there are already."""

from __future__ import annotations

import ast
import math
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from . import mind_notes as notes
from .mind_reading import Reading, Shown
from .mind_source import Constant, Source
from .mind_writing import region

Key = tuple[str, str, int]


@dataclass(frozen=True)
class Example:
    """A scored program of the same file: its constants by place, and how much better than the parent it is.

    `gap` is in units of the widest gap shown (so -1 to 1), shrunk where the standard errors are as large.
    """

    source: Source
    values: dict[Key, Constant]
    gap: float


@dataclass(frozen=True)
class Knowledge:
    """What was noticed: scored examples, hints, attempts, a plan to follow, and programs that exist already."""

    examples: tuple[Example, ...] = ()
    donors: tuple[tuple[Source, float], ...] = ()
    hints: tuple[notes.Hint, ...] = ()
    tried: tuple[notes.Tried, ...] = ()
    focus: frozenset[str] = frozenset()
    plan: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    intent: str = ""


@lru_cache(1024)
def shape(text: str) -> str:
    """What may change of a program, without comments and layout, to tell whether two are the same."""
    kept = region(text)
    try:
        return ast.dump(ast.parse(kept))
    except (SyntaxError, ValueError):
        return kept


def gather(reading: Reading, path: str, source: Source, attention: float, rng: random.Random) -> Knowledge:
    """What a mind notices of a prompt: each piece of information with probability `attention`."""

    def noticed(pieces: Iterable[object]) -> list[object]:
        return [piece for piece in pieces if rng.random() < attention]

    parent = reading.parent
    assert parent is not None
    shown = [(other, text) for other in reading.others for name, text in other.files if name == path]
    parsed = [(other, found) for other, text in shown if (found := parse(text)) is not None]
    way = reading.better or rng.choice((-1, 1))
    gaps = _gaps(parent, [other for other, _ in parsed if not other.failed], way)
    examples = [
        Example(found, {constant.key: constant for constant in found.constants}, gaps[id(other)])
        for other, found in parsed
        if id(other) in gaps
    ]
    told = [piece for heading, text in reading.tried for piece in notes.attempts(heading, text, source.words)]
    told += _ideas(reading, source, gaps)
    about = parent.about
    hints = notes.hints(about, source.words)
    return Knowledge(
        examples=tuple(noticed(examples)),  # type: ignore[arg-type]
        donors=tuple((found, gaps.get(id(other), 0.0)) for other, found in parsed if not other.failed),
        hints=tuple(noticed(hints)),  # type: ignore[arg-type]
        tried=tuple(noticed(told)),  # type: ignore[arg-type]
        focus=frozenset().union(*(hint.words for hint in hints), _at_fault(parent, source)),
        plan=notes.words(notes.idea(reading.plan) or reading.plan, source.words),
        known=frozenset(noticed([shape(text) for _, text in shown])) | {shape(source.text)},  # type: ignore[arg-type]
        intent=reading.intent,
    )


def _at_fault(parent: Shown, source: Source) -> frozenset[str]:
    """The identifiers of the lines that the error of a failed program names."""
    if not parent.failed:
        return frozenset()
    lines = source.text.splitlines()
    named = [int(number) for number in re.findall(r"\bline (\d+)", parent.about)]
    text = " ".join(lines[number - 1] for number in named if 0 < number <= len(lines))
    return frozenset(word for word in re.findall(r"[A-Za-z_]\w*", text) if word in source.words)


@lru_cache(512)
def parse(text: str, figures: tuple[float, ...] = ()) -> Source | None:
    """The program, or None when it is no Python."""
    try:
        return Source(text, figures)
    except (SyntaxError, ValueError):
        return None


def _gaps(parent: Shown, others: Sequence[Shown], way: int) -> dict[int, float]:
    if parent.score is None:
        return {}
    raw = {
        id(other): (way * (other.score - parent.score), math.hypot(other.stderr, parent.stderr))
        for other in others
        if other.score is not None
    }
    widest = max((abs(gap) for gap, _ in raw.values()), default=0.0)
    return {key: gap / widest * abs(gap) / (abs(gap) + error) for key, (gap, error) in raw.items() if widest and gap}


def _ideas(reading: Reading, source: Source, gaps: dict[int, float]) -> list[notes.Tried]:
    """What the authors of shown programs say they tried, with how it came out; and one's own refused answer."""
    found = [
        notes.Tried(notes.words(said, source.words), False if other.failed else gaps.get(id(other), 0.0) > 0)
        for other in reading.others
        if (said := notes.idea(other.about)) and (other.failed or id(other) in gaps)
    ]
    if reading.refused and re.search(r"different|tried before|another change", reading.last, re.IGNORECASE):
        found.append(notes.Tried(notes.words(notes.idea(reading.refused), source.words), False))
    return found
