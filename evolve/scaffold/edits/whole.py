"""Whole files: the text between a file's markers, with or without what surrounds it, or all of an unmarked file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from evolve.scaffold.edits.document import Document, Range
from evolve.scaffold.edits.elision import elided, stands_for_code
from evolve.scaffold.edits.lines import content_key, is_blank, mend, trim_blank, unnumbered
from evolve.scaffold.edits.parts import Whole, not_applied, outside, truncated
from evolve.scaffold.edits.paths import Paths
from evolve.scaffold.pyspan import compiles
from evolve.scaffold.regions import END_MARKER, START_MARKER

_DEFINITION = re.compile(
    r"(?:(?:export|default|public|private|static|async|pub(?:\([a-z]+\))?|unsafe|inline|extern|const|constexpr)\s+)*"
    r"(?:def|class|fn|func|function|struct|enum|interface|trait|module|proc|sub)\s+([A-Za-z_]\w*)"
)
_C_FUNCTION = re.compile(r"[A-Za-z_][\w:<>,*&\[\] ]*?[ *&]([A-Za-z_]\w*)\s*\([^;]*\)\s*(?:const\s*)?(?:\{.*)?")
_LONGEST = 200
_LANGUAGE = re.compile(r"(?:python3?|py|cpp|c\+\+|c|rust|go|java|javascript|js|typescript|ts|julia|r|lua)", re.I)
_IMPORT = re.compile(r"(?:import\s+\w|from\s+(?!__future__)[\w.]+\s+import\s).*")


def definitions(lines: Sequence[str]) -> frozenset[str]:
    """Names of functions and types defined at the start of a line, in most languages."""
    top = [line for line in lines if line[:1].isalpha() and len(line) <= _LONGEST]
    found = (_DEFINITION.match(line) or _C_FUNCTION.fullmatch(line.rstrip()) for line in top)
    return frozenset(match[1] for match in found if match)


def resembles(lines: Sequence[str], document: Document) -> bool:
    """Whether some lines look like a version of the file: its markers, or a name it defines where it may change."""
    if any(START_MARKER in line for line in lines):
        return True
    ours = [line for first, last in document.regions for line in document.lines[first:last]]
    return bool(definitions(lines) & definitions(ours))


def new_file(path: str, lines: Sequence[str], paths: Paths) -> str:
    """The text of a file to add. Raises EditError when it may not be added, or not be like this."""
    if not paths.may_add(path):
        files = ", ".join(paths.editable) or "none"
        raise outside(f"the file {path!r} may not be added or changed; these may change: {files}")
    if any(START_MARKER in line or END_MARKER in line for line in lines):
        raise outside(f"the new file {path} may not hold EVOLVE-BLOCK markers")
    if line := elided(lines, ""):
        raise not_applied(f"{path}: the line {line!r} stands for code; write the code out")
    return "\n".join([*mend(trim_blank(lines), ""), ""])


def replace_whole(whole: Whole, document: Document, python: bool) -> Document:
    """The document with its editable text replaced by that of a whole-file answer.

    Raises EditError: TRUNCATED when the answer was cut off, EDIT_NOT_APPLIED when code is left out or it cannot be told
    what belongs where, OUTSIDE_REGION when text outside the markers is different.
    """
    if not document.regions:
        raise outside(f"{document.path} may not change; leave it as it is")
    lines = tidied(whole.lines, document)
    if not whole.ended and not _complete(lines, document, python):
        raise truncated(f"{document.path}: the answer ends inside the file; send a shorter answer, complete to its end")
    parts = _parts(lines, document, python) if document.marked else [_without_markers(lines)]
    for part in parts:
        if line := elided(part, "\n".join(document.lines)):
            raise not_applied(f"{document.path}: the line {line!r} stands for code; write the whole text out")
    for region, part in reversed(list(zip(document.regions, parts, strict=True))):
        place = _filled(document, region)
        if list(new := trim_blank(part)) != list(document.lines[place.first : place.last]):
            document = document.swapped(place, mend(new, "\n".join(document.lines)))
    return document


def _filled(document: Document, region: Range) -> Range:
    """A region without the blank lines at its ends, which stay."""
    rows = [row for row in document.filled if region.first <= row < region.last]
    return Range(rows[0], rows[-1] + 1) if rows else region


def tidied(lines: Sequence[str], document: Document) -> Sequence[str]:
    """A file's lines without blank ends, a stray language name, a path comment, or pasted line numbers."""
    kept = trim_blank(lines)
    before = {line.strip() for line in document.lines}
    if kept and _LANGUAGE.fullmatch(kept[0].strip()) and kept[0].strip() not in before:
        kept = trim_blank(kept[1:])
    if len(kept) > 2 and (plain := unnumbered(kept)) is not None and unnumbered(document.lines) is None:
        kept = plain
    comment = kept[0].strip() if kept else ""
    name = document.path.rsplit("/", 1)[-1]
    if comment not in before and len(comment) <= _LONGEST and _names(comment, name):
        kept = trim_blank(kept[1:])
    return kept


def _names(comment: str, name: str) -> bool:
    """Whether a comment says nothing but a file's name."""
    return bool(
        re.fullmatch(rf"\W{{1,9}}(?:file(?:name)?|path)?[ :=]*[\w./-]*{re.escape(name)}\W{{0,9}}", comment, re.I)
    )


def _without_markers(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if START_MARKER not in line and END_MARKER not in line]


def _complete(lines: Sequence[str], document: Document, python: bool) -> bool:
    """Whether a file whose fence was never closed is there to its end all the same."""
    if document.marked and any(END_MARKER in line for line in lines):
        return True
    last = next((content_key(line) for line in reversed(lines) if not is_blank(line)), "")
    ends = {document.regions[-1].last, len(document.lines)}
    ours = {
        next((content_key(line) for line in reversed(document.lines[:end]) if not is_blank(line)), "") for end in ends
    }
    return last in ours or (python and compiles("\n".join(lines)) and definitions(lines) >= definitions(document.lines))


def _parts(lines: Sequence[str], document: Document, python: bool) -> list[Sequence[str]]:
    """What an answer puts into each region of a marked file."""
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
        [content_key(line) for line in _without_markers(document.lines[before.last : after.first]) if content_key(line)]
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
    """The region's text when it was sent alone, without lines repeated from above it."""
    region = document.regions[0]
    above = {content_key(line) for line in document.lines[: region.first] if not is_blank(line)}
    below = definitions(document.lines[region.last :]) | definitions(document.lines[: region.first])
    taken = sorted((definitions(lines) & below) - definitions(document.lines[region.first : region.last]))
    start = 0
    while start < len(lines) and (is_blank(lines[start]) or content_key(lines[start]) in above):
        start += 1
    if taken := [name for name in taken if name in definitions(lines[start:])]:
        raise outside(
            f"{document.path}: {taken[0]} is defined outside the EVOLVE-BLOCK markers, where nothing may change; "
            "send only the text between the markers"
        )
    return lines[start:]
