"""What a found block really changes: the lines in which its two halves differ."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from evolve.scaffold.edits.document import Document, Range
from evolve.scaffold.edits.elision import stands_for_code
from evolve.scaffold.edits.match import Place
from evolve.scaffold.edits.parts import Swap

_MOST_COMPARED = 1_000_000


def pieces(document: Document, place: Place, swap: Swap) -> list[tuple[Range, tuple[str, ...]]]:
    """What to replace with what, last piece first: only the lines that differ between the two halves.

    Lines that both halves have stay as they are in the file; so context may be quoted from outside a region.
    """
    if place.level == "exact" and document.region_of(place.range):
        return [(place.range, swap.replace)]
    starts, ends = _bounds(place.rows)
    changes = [
        (Range(starts[a1], max(starts[a1], ends[a2])), swap.replace[b1:b2])
        for a1, a2, b1, b2 in _differences(swap.search, swap.replace)
    ]
    return changes[::-1]


def _bounds(rows: Sequence[int | None]) -> tuple[list[int], list[int]]:
    """For every boundary between lines looked for, the row where what follows starts and what precedes ends."""
    starts: list[int] = []
    following = next(row for row in reversed(rows) if row is not None) + 1
    for row in reversed(rows):
        following = following if row is None else row
        starts.append(following)
    starts.reverse()
    ends = [starts[0]]
    for row in rows:
        ends.append(ends[-1] if row is None else row + 1)
    return [*starts, ends[-1]], ends


def _differences(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int, int, int]]:
    short = min(len(left), len(right))
    head = next((index for index in range(short) if left[index] != right[index]), short)
    tail = next((index for index in range(short - head) if left[-1 - index] != right[-1 - index]), short - head)
    ours, theirs = left[head : len(left) - tail], right[head : len(right) - tail]
    if not ours and not theirs:
        return []
    if len(ours) * len(theirs) > _MOST_COMPARED:
        return [(head, head + len(ours), head, head + len(theirs))]
    opcodes = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    return [(a1 + head, a2 + head, b1 + head, b2 + head) for tag, a1, a2, b1, b2 in opcodes if tag != "equal"]


def between_elisions(swap: Swap) -> list[Swap]:
    """The swaps around the "..." lines of one whose halves skip over the same stretches; [] when they do not."""
    halves = [_split(half) for half in (swap.search, swap.replace)]
    if len(halves[0]) != len(halves[1]) or len(halves[0]) < 2:
        return []
    return [Swap(tuple(a), tuple(b)) for a, b in zip(*halves, strict=True) if a or b]


def _split(lines: Sequence[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for line in lines:
        if stands_for_code(line):
            parts.append([])
        else:
            parts[-1].append(line)
    return parts
