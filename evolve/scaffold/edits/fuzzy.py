"""The place most like some lines, when they are nowhere to be found as they stand."""

from __future__ import annotations

import heapq
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from evolve.scaffold.edits.lines import content_key, fold

_TOKEN = re.compile(r"\w+|[^\w\s]")
_MOST_LINES = 400
_MOST_PAIRS = 2_000
_LONG = 300
_CANDIDATES = 6


@dataclass(frozen=True, slots=True)
class Window:
    """Rows `first` up to `last` of the file's filled lines and how alike they are to what was looked for, 0 to 1."""

    similarity: float
    first: int
    last: int

    def overlaps(self, other: Window) -> bool:
        """Whether the two share a row."""
        return self.first < other.last and other.first < self.last


def windows(rows: Sequence[str], wanted: Sequence[str]) -> list[Window]:
    """The windows of `rows` most like the `wanted` lines, best first, none overlapping the best but itself.

    Candidates are the offsets most voted for by equal lines, or by shared words, the rarer the more.
    """
    size = len(wanted)
    if not 0 < size <= _MOST_LINES:
        return []
    found = [_window(rows, wanted, offset, offset + size) for offset in _offsets(rows, wanted)]
    if not found:
        return []
    best = max(found, key=_rank)
    around = [
        _window(rows, wanted, best.first + shift, best.last + shift + grown)
        for shift in (-1, 0, 1)
        for grown in (-2, -1, 0, 1, 2)
        if best.similarity < 1.0
    ]
    best = max([best, *around], key=_rank)
    others = sorted((window for window in found if not window.overlaps(best)), key=_rank, reverse=True)
    return [best, *others]


def _rank(window: Window) -> tuple[float, int]:
    return window.similarity, -window.first


def pairing(rows: Sequence[str], wanted: Sequence[str]) -> list[int | None]:
    """For every wanted line, the row it stands for, or None."""
    found: list[int | None] = [None] * len(wanted)
    matcher = SequenceMatcher(None, list(map(content_key, rows)), list(map(content_key, wanted)), autojunk=False)
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        if tag == "equal" or (tag == "replace" and a2 - a1 == b2 - b1):
            found[b1:b2] = range(a1, a2)
        elif tag == "replace":
            for a, b in _closest(rows[a1:a2], wanted[b1:b2]):
                found[b1 + b] = a1 + a
    return found


def _offsets(rows: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Where the wanted lines may start: where half of them stand as they are, else where their words are."""
    votes = _votes_of_lines(rows, wanted)
    if not votes or 2 * max(votes.values()) < len(wanted):
        votes = _votes_of_words(rows, wanted)
    return heapq.nlargest(_CANDIDATES, votes, key=lambda offset: (votes[offset], -offset))


def _votes_of_lines(rows: Sequence[str], wanted: Sequence[str]) -> dict[int, float]:
    looked: dict[str, list[int]] = defaultdict(list)
    for index, line in enumerate(wanted):
        looked[content_key(line)].append(index)
    votes: dict[int, float] = defaultdict(float)
    for row, line in enumerate(rows):
        for index in looked.get(content_key(line), ()):
            votes[row - index] += 1.0
    return votes


def _votes_of_words(rows: Sequence[str], wanted: Sequence[str]) -> dict[int, float]:
    looked: dict[str, list[int]] = defaultdict(list)
    for index, line in enumerate(wanted):
        for token in _tokens(line):
            looked[token].append(index)
    hits: dict[str, list[int]] = defaultdict(list)
    for row, line in enumerate(rows):
        for token in _tokens(line) & looked.keys():
            hits[token].append(row)
    votes: dict[int, float] = defaultdict(float)
    for token, places in sorted(hits.items()):
        if len(places) * len(looked[token]) <= _MOST_PAIRS:
            for index in looked[token]:
                for row in places:
                    votes[row - index] += 1.0 / len(places)
    return votes


def _window(rows: Sequence[str], wanted: Sequence[str], first: int, last: int) -> Window:
    first, last = max(first, 0), min(last, len(rows))
    if first >= last:
        return Window(0.0, first, first)
    ours = [_plain(line) for line in rows[first:last]]
    theirs = [_plain(line) for line in wanted]
    total = sum(map(len, ours)) + sum(map(len, theirs))
    return Window(2.0 * _shared(ours, theirs) / total if total else 0.0, first, last)


def _shared(ours: Sequence[str], theirs: Sequence[str]) -> float:
    """Characters that the two have in common, line by line in order."""
    shared = 0.0
    for tag, a1, a2, b1, b2 in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if tag == "equal":
            shared += sum(map(len, ours[a1:a2]))
        elif tag == "replace":
            left, right = ours[a1:a2], theirs[b1:b2]
            shared += sum(_common(left[a], right[b]) for a, b in _closest(left, right))
    return shared


def _closest(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int]]:
    """Lines that stand for one another, in order: the shorter side slid along the longer to where it fits best."""
    short = min(len(left), len(right))
    slack = max(len(left), len(right)) - short
    if slack > 4 or short > 40:
        slack = 0
    shifts = range(slack + 1)
    if len(left) >= len(right):
        ways = [[(at + shift, at) for at in range(short)] for shift in shifts]
    else:
        ways = [[(at, at + shift) for at in range(short)] for shift in shifts]
    if len(ways) == 1:
        return ways[0]
    return max(ways, key=lambda way: sum(_common(_plain(left[a]), _plain(right[b])) for a, b in way))


@lru_cache(maxsize=8192)
def _common(left: str, right: str) -> float:
    """Characters in common, in order; none of lines that share less than half their words.

    By words for lines so long that comparing letters would take too long.
    """
    ours, theirs = _tokens(left), _tokens(right)
    if len(ours) + len(theirs) > 6 and 4 * len(ours & theirs) < len(ours) + len(theirs):
        return 0.0
    if max(len(left), len(right)) > _LONG:
        words = SequenceMatcher(None, _TOKEN.findall(left), _TOKEN.findall(right), autojunk=False)
        return words.ratio() * (len(left) + len(right)) / 2.0
    letters = SequenceMatcher(None, left, right, autojunk=False)
    return letters.ratio() * (len(left) + len(right)) / 2.0


@lru_cache(maxsize=16_384)
def _tokens(line: str) -> frozenset[str]:
    return frozenset(_TOKEN.findall(fold(line)))


@lru_cache(maxsize=16_384)
def _plain(line: str) -> str:
    """A line without indentation and runs of white space."""
    return " ".join(fold(line).split())
