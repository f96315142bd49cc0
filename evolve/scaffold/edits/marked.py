"""What a whole-file answer puts into each region of a file with EVOLVE-BLOCK markers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from evolve.scaffold.edits.definitions import definitions
from evolve.scaffold.edits.document import Document, Range
from evolve.scaffold.edits.elision import stands_for_code
from evolve.scaffold.edits.lines import content_key, is_blank
from evolve.scaffold.edits.parts import not_applied, outside
from evolve.scaffold.regions import END_MARKER, START_MARKER

_IMPORT = re.compile(r"(?:import\s+\w|from\s+(?!__future__)[\w.]+\s+import\s).*")


def region_parts(lines: Sequence[str], document: Document, python: bool) -> list[Sequence[str]]:
    """The new text of each region: between markers, between the frozen lines, or all of it when it was sent alone.

    Raises EditError when text outside the markers differs, or when it cannot be told what belongs where.
    """
    if any(START_MARKER in line or END_MARKER in line for line in lines):
        return _marked_parts(lines, document, python)
    if parts := _between_frozen(lines, document):
        return parts
    if len(document.regions) > 1:
        raise not_applied(
            f"{document.path} has {len(document.regions)} EVOLVE-BLOCK regions; send the file with its marker lines"
        )
    return [_bare_part(lines, document)]


def _marked_parts(lines: Sequence[str], document: Document, python: bool) -> list[Sequence[str]]:
    parts: list[list[str]] = []
    outer: list[str] = []
    current: list[str] | None = None
    if START_MARKER not in "\n".join(lines):
        current = []
        parts.append(current)
    for line in lines:
        if START_MARKER in line:
            current = []
            parts.append(current)
        elif END_MARKER in line:
            current = None
        else:
            (outer if current is None else current).append(line)
    if len(parts) != len(document.regions):
        raise outside(
            f"{document.path} has {len(document.regions)} EVOLVE-BLOCK regions and the answer {len(parts)}; "
            "leave the marker lines as they are"
        )
    start = Range(document.regions[0].first, document.regions[0].first)
    top = place_for_imports(document, Range(0, 0)) == start
    moved = _checked_outer(outer, document, python and top)
    return [[*moved, *parts[0]], *parts[1:]]


def _checked_outer(outer: Sequence[str], document: Document, python: bool) -> list[str]:
    """Imports that an answer adds outside the markers, to be moved inside. Raises EditError for any other new line."""
    inside = [range(region.first, region.last) for region in document.regions]
    frozen = {
        content_key(line) for row, line in enumerate(document.lines) if not any(row in region for region in inside)
    }
    added = [line for line in outer if not is_blank(line) and content_key(line) not in frozen]
    added = [line for line in added if not stands_for_code(line)]
    for line in added:
        if not (python and is_import(line)):
            raise outside(
                f"{document.path}: the line {line.strip()[:120]!r} is new or different outside the EVOLVE-BLOCK "
                "markers, where nothing may change; put what is new between them"
            )
    return added


def _between_frozen(lines: Sequence[str], document: Document) -> list[Sequence[str]]:
    """The stretches between the frozen lines of a file sent whole but without its markers; [] if it was not."""
    bounds = [Range(0, 0), *document.regions, Range(len(document.lines), len(document.lines))]
    frozen = [
        [content_key(line) for line in without_markers(document.lines[before.last : after.first]) if content_key(line)]
        for before, after in pairwise(bounds)
    ]
    if not frozen[0] and not frozen[-1]:
        return []
    rows = [row for row, line in enumerate(lines) if not is_blank(line)]
    keys = [content_key(lines[row]) for row in rows]
    head, tail = len(frozen[0]), len(keys) - len(frozen[-1])
    if keys[:head] != frozen[0] or keys[max(tail, 0) :] != frozen[-1] or head > tail:
        return []
    parts: list[Sequence[str]] = []
    place = head
    for middle in frozen[1:-1]:
        starts = [at for at in range(place, tail - len(middle) + 1) if keys[at : at + len(middle)] == middle]
        if len(starts) != 1 or not middle:
            return []
        parts.append(_rows(lines, rows, place, starts[0]))
        place = starts[0] + len(middle)
    return [*parts, _rows(lines, rows, place, tail)]


def _rows(lines: Sequence[str], rows: Sequence[int], first: int, last: int) -> Sequence[str]:
    return lines[rows[first] : rows[last - 1] + 1] if last > first else []


def _bare_part(lines: Sequence[str], document: Document) -> Sequence[str]:
    """The region's text when it was sent alone, without lines repeated from around it."""
    region = document.regions[0]
    above, below = document.lines[: region.first], document.lines[region.last :]
    start, end = _echo_above(lines, above), _echo_below(lines, below)
    kept = lines[start : max(start, end)]
    ours = definitions(document.lines[region.first : region.last])
    taken = sorted((definitions(kept) & (definitions(above) | definitions(below))) - ours)
    if taken:
        raise outside(
            f"{document.path}: {taken[0]} is defined outside the EVOLVE-BLOCK markers, where nothing may change; "
            "send only the text between the markers"
        )
    return kept


def _echo_above(lines: Sequence[str], above: Sequence[str]) -> int:
    """How many lines at the start repeat lines from above the region."""
    known = set(map(content_key, above))
    return next((row for row, line in enumerate(lines) if content_key(line) not in known | {""}), len(lines))


def _echo_below(lines: Sequence[str], below: Sequence[str]) -> int:
    """Where a repetition of the text below the region starts, from its first filled line on; else the end."""
    sought = [key for key in map(content_key, below) if key and START_MARKER not in key and END_MARKER not in key]
    keys = [content_key(line) for line in lines]
    for row, key in enumerate(keys):
        if sought and key == sought[0] and [rest for rest in keys[row:] if rest] == sought:
            return row
    return len(lines)


def is_import(line: str) -> bool:
    """Whether a line of Python imports something and may stand anywhere."""
    return _IMPORT.fullmatch(line) is not None


def place_for_imports(document: Document, place: Range) -> Range:
    """Where imports meant for `place` can go: there, or else to the start of the first region, if that is top level."""
    first = document.regions[0].first if document.regions else 0
    if document.region_of(place) or not document.regions:
        return place
    inner = next((line for line in document.lines[first : document.regions[0].last] if not is_blank(line)), "")
    return place if inner[:1].isspace() else Range(first, first)


def without_markers(lines: Sequence[str]) -> list[str]:
    """The lines but for those with a marker."""
    return [line for line in lines if START_MARKER not in line and END_MARKER not in line]
