"""The ladder: where in a file some lines are, exactly, but for white space, for indentation, or nearly."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from evolve.scaffold.edits.document import Document, Range
from evolve.scaffold.edits.fuzzy import Window, pairing, windows
from evolve.scaffold.edits.indent import relation
from evolve.scaffold.edits.lines import content_key, indent_of, is_blank

_COMMENT = re.compile(r"\s+(?:#|//)\s.*")
_PY_COMMENT = re.compile(r"\s+#\s.*")

ALIKE = 0.9
"""Least similarity of a place that is taken for the one meant."""

_WORTH_SHOWING = 0.4
"""Least similarity of lines that a message shows as the nearest."""

_CLEARLY = 0.5
"""The best place may have at most this share of the second best's differences."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where some lines are: for each its row in the file or None, and how its indentation translates."""

    level: str
    rows: tuple[int | None, ...]
    indents: Mapping[str, str] = field(default_factory=dict)

    @property
    def range(self) -> Range:
        """From the first row to after the last."""
        known = [row for row in self.rows if row is not None]
        return Range(known[0], known[-1] + 1)


@dataclass(frozen=True, slots=True)
class Search:
    """What a search came to: a place, or several equally good `rivals`, or the `nearest` lines for a message."""

    place: Place | None = None
    rivals: tuple[Place, ...] = ()
    nearest: Range | None = None


def strictly(document: Document, wanted: Sequence[str], near: int | None = None) -> Search:
    """Find lines exactly, else but for white space and blank lines, else but for a common change of indentation."""
    for climb in (_exact, _but_for_space, _but_for_indentation):
        places = climb(document, wanted)
        if places:
            return _choose(document, places, near)
    return Search()


def loosely(document: Document, wanted: Sequence[str]) -> Search:
    """Find the one place that differs by comments at line ends alone, or is 90 % alike and clearly the best."""
    uncommented = _choose(document, _but_for_comments(document, wanted), None)
    if uncommented.place:
        return uncommented
    filled = document.filled
    kept = _filled(wanted)
    looked = [wanted[index] for index in kept]
    found = windows([document.lines[row] for row in filled], looked)
    if not found:
        return Search()
    best = found[0]
    end = min(max(best.last, best.first + len(kept)), len(filled))
    nearest = Range(filled[best.first], filled[end - 1] + 1) if best.similarity >= _WORTH_SHOWING else None
    second = found[1].similarity if len(found) > 1 else 0.0
    if best.similarity < ALIKE or (second >= ALIKE and 1.0 - best.similarity > _CLEARLY * (1.0 - second)):
        return Search(nearest=nearest)
    return Search(_fuzzy_place(document, wanted, filled, kept, best), nearest=nearest)


def _fuzzy_place(
    document: Document, wanted: Sequence[str], filled: Sequence[int], kept: Sequence[int], best: Window
) -> Place:
    rows = filled[best.first : best.last]
    paired = pairing([document.lines[row] for row in rows], [wanted[index] for index in kept])
    found: list[int | None] = [None] * len(wanted)
    for index, at in zip(kept, paired, strict=True):
        found[index] = None if at is None else rows[at]
    indents: dict[str, str] = {}
    for index, row in enumerate(found):
        if row is not None:
            indents.setdefault(indent_of(wanted[index]), indent_of(document.lines[row]))
    return Place("fuzzy", tuple(found), indents)


def _exact(document: Document, wanted: Sequence[str]) -> list[Place]:
    size, lines, sought = len(wanted), document.lines, tuple(wanted)
    if not size:
        return []
    starts = (row for row, line in enumerate(lines[: len(lines) - size + 1]) if line == sought[0])
    return [Place("exact", tuple(range(row, row + size))) for row in starts if lines[row : row + size] == sought]


def _but_for_space(document: Document, wanted: Sequence[str]) -> list[Place]:
    return [
        Place("whitespace", rows)
        for rows in _alike(document, wanted)
        if all(indent_of(ours) == indent_of(theirs) for theirs, ours in _pairs(document, wanted, rows))
    ]


def _but_for_indentation(document: Document, wanted: Sequence[str]) -> list[Place]:
    found: list[Place] = []
    for rows in _alike(document, wanted):
        pairs = _pairs(document, wanted, rows)
        # The first line alone often lost its indentation at the start of a block.
        indents = relation(pairs) or (relation(pairs[1:]) if len(pairs) > 2 else None)
        if indents is not None:
            indents.setdefault(indent_of(pairs[0][0]), indent_of(pairs[0][1]))
            found.append(Place("indentation", rows, indents))
    return found


def _but_for_comments(document: Document, wanted: Sequence[str]) -> list[Place]:
    """Places that are the same but for comments at the ends of lines, which models leave out."""
    kept = _filled(wanted)
    comment = _PY_COMMENT if document.path.endswith(".py") else _COMMENT
    sought = [_uncommented(wanted[index], comment) for index in kept]
    keys = [_uncommented(document.lines[row], comment) for row in document.filled]
    size = len(sought)
    starts = [at for at in range(len(keys) - size + 1) if size and keys[at : at + size] == sought]
    found = [_rows(wanted, kept, document.filled[at : at + size]) for at in starts]
    fitting = [(rows, relation(_pairs(document, wanted, rows))) for rows in found]
    return [Place("fuzzy", rows, indents) for rows, indents in fitting if indents is not None]


@lru_cache(maxsize=16_384)
def _uncommented(line: str, comment: re.Pattern[str]) -> str:
    return content_key(comment.sub("", line)) or content_key(line)


def _pairs(document: Document, wanted: Sequence[str], rows: Sequence[int | None]) -> list[tuple[str, str]]:
    """The filled lines looked for, each with the line of the file it stands for."""
    lines = document.lines
    return [
        (wanted[index], lines[row]) for index, row in enumerate(rows) if row is not None and not is_blank(lines[row])
    ]


def _alike(document: Document, wanted: Sequence[str]) -> list[tuple[int | None, ...]]:
    """Where the filled lines say the same; blank lines between them pair up as far as both have any."""
    kept = _filled(wanted)
    sought = [content_key(wanted[index]) for index in kept]
    filled, keys, size = document.filled, document.keys, len(sought)
    if not size:
        return []
    starts = (at for at in range(len(keys) - size + 1) if keys[at] == sought[0])
    return [_rows(wanted, kept, filled[at : at + size]) for at in starts if keys[at : at + size] == sought]


def _rows(wanted: Sequence[str], kept: Sequence[int], rows: Sequence[int]) -> tuple[int | None, ...]:
    found: list[int | None] = [None] * len(wanted)
    for index, row in zip(kept, rows, strict=True):
        found[index] = row
    for (index, row), (index_after, row_after) in zip(
        zip(kept, rows, strict=True), zip(kept[1:], rows[1:], strict=True), strict=False
    ):
        for step in range(1, min(index_after - index, row_after - row)):
            found[index + step] = row + step
    return tuple(found)


def _choose(document: Document, places: list[Place], near: int | None) -> Search:
    """The only place, the only one that may change, or the one nearest to the line number given."""
    open_places = [place for place in places if document.region_of(place.range)] or places
    if not open_places:
        return Search()
    if len(open_places) == 1:
        return Search(open_places[0])
    if near is not None:
        ranked = sorted(open_places, key=lambda place: abs(place.range.first + 1 - near))
        nearest, second = (abs(place.range.first + 1 - near) for place in ranked[:2])
        # Models count lines badly: the number decides only when it is right, or one place is far nearer.
        if nearest == 0 or 3 * (nearest + 1) <= second:
            return Search(ranked[0])
    return Search(rivals=tuple(open_places))


def _filled(lines: Sequence[str]) -> list[int]:
    return [index for index, line in enumerate(lines) if not is_blank(line)]
