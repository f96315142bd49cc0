"""Whole files: the text between a file's markers, with or without what surrounds it, or all of an unmarked file."""

from __future__ import annotations

import re
from collections.abc import Sequence

from evolve.scaffold.edits.definitions import definitions
from evolve.scaffold.edits.document import Document, Range
from evolve.scaffold.edits.elision import elided
from evolve.scaffold.edits.indent import width
from evolve.scaffold.edits.lines import content_key, indent_of, is_blank, mend, trim_blank, unnumbered
from evolve.scaffold.edits.marked import region_parts, without_markers
from evolve.scaffold.edits.parts import Whole, not_applied, outside, truncated
from evolve.scaffold.edits.paths import Paths
from evolve.scaffold.pyspan import compiles
from evolve.scaffold.regions import END_MARKER, START_MARKER

_LONGEST = 200
_LANGUAGE = re.compile(r"(?:python3?|py|cpp|c\+\+|c|rust|go|java|javascript|js|typescript|ts|julia|r|lua)", re.I)
_HEADING = re.compile(r"(?:package|#include|using|use|import|module)\b")


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
    parts = region_parts(lines, document, python) if document.marked else [without_markers(lines)]
    if not python and (left := _left_out(parts, document)):
        raise not_applied(f"{document.path}: the code leaves out {', '.join(sorted(left))}; send all of it, or blocks")
    for part in parts:
        if line := elided(part, "\n".join(document.lines)):
            raise not_applied(f"{document.path}: the line {line!r} stands for code; write the whole text out")
    for region, part in reversed(list(zip(document.regions, parts, strict=True))):
        place = _filled(document, region)
        new = trim_blank(part)
        if document.marked:
            new = _indented(new, document.lines[place.first : place.last])
        if list(new) != list(document.lines[place.first : place.last]):
            document = document.swapped(place, mend(new, "\n".join(document.lines)))
    return document


def _left_out(parts: Sequence[Sequence[str]], document: Document) -> frozenset[str]:
    """Definitions that are gone although what is left still names them, or a heading such as `package` is gone too."""
    ours = [line for first, last in document.regions for line in document.lines[first:last]]
    new = [line for part in parts for line in part]
    gone = definitions(ours) - definitions(new)
    if not gone:
        return frozenset()
    heads = [next((line for line in lines if _HEADING.match(line)), "") for lines in (ours, new)]
    if heads[0] and not heads[1]:
        return gone
    inside = set(ours)
    frozen = [line for line in document.lines if line not in inside]
    named = set(re.findall(r"\w+", "\n".join([*new, *frozen])))
    return gone & named


def _indented(lines: Sequence[str], before: Sequence[str]) -> Sequence[str]:
    """Lines moved to the indentation of a region that lies inside a class or function, if they were sent without it."""
    ours, theirs = (
        min((indent_of(line) for line in half if not is_blank(line)), key=width, default="") for half in (before, lines)
    )
    if not ours or theirs:
        return lines
    return [line if is_blank(line) else ours + line for line in lines]


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
