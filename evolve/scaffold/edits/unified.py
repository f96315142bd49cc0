"""Unified diffs, with or without line numbers, and the `*** Begin Patch` dialect, read as blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from evolve.scaffold.edits.parts import Block, Swap

_HUNK = re.compile(r"@@(?:\s*-\d+(?:,\d+)?\s*\+(\d+)(?:,\d+)?)?.*")
_FILE = re.compile(r"(?:\+\+\+|\*\*\* (?:Update|Add|Delete) File:)[ ]*([^\t]+)(?:\t.*)?")
_NOISE = re.compile(
    r"diff --git .*|index [0-9a-f]+\.\..*|new file mode .*|\*\*\* (?:Begin|End) (?:Patch|of File).*|\\ No .*"
)
_ELIDED = re.compile(r"\s*(?:\.{3,}|\u2026)\s*")


def is_diff(language: str, lines: Sequence[str]) -> bool:
    """Whether the lines of a fence are a unified diff."""
    signed = any(line[:1] in "+-" for line in lines if line)
    if language.lower() in ("diff", "patch", "udiff"):
        return signed
    return signed and any(_opens(lines, index) for index in range(len(lines)))


def opens(lines: Sequence[str], index: int) -> bool:
    """Whether a diff starts here outside any fence: a pair of file lines, or a hunk that has a signed line."""
    if not _opens(lines, index):
        return False
    return any(line[:1] in "+-" for line in lines[index + 1 : index + 40] if line)


def end_of(lines: Sequence[str], index: int) -> int:
    """The first line after a diff that stands outside any fence."""
    while index < len(lines):
        line = lines[index]
        known = line[:1] in (" ", "+", "-", "\\", "") or line.startswith("@@") or _NOISE.fullmatch(line)
        if not (known or _FILE.fullmatch(line)) or line.startswith("```"):
            return index
        index += 1
    return index


def hunks(lines: Sequence[str], path: str) -> Iterator[Block]:
    """The hunks of a diff as blocks; `path` is the file when the diff names none.

    The line number of a hunk is that in the new file, which is where it is once the hunks before it are applied.
    """
    near: int | None = None
    body: list[str] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        header = _heads_file(lines, index)
        hunk = None if header else _HUNK.fullmatch(line)
        if header or hunk or _NOISE.fullmatch(line) or _ELIDED.fullmatch(line):
            yield from _block(path, body, near)
            body, near = [], (int(hunk[1]) if hunk and hunk[1] else None)
            if header:
                named = _FILE.fullmatch(lines[index + header - 1])
                path = named[1].strip() if named and named[1].strip() != "/dev/null" else path
        else:
            body.append(line)
        index += header or 1
    yield from _block(path, body, near)


def _heads_file(lines: Sequence[str], index: int) -> int:
    """How many lines here name the file of a diff; 0 when none do."""
    if lines[index].startswith("*** ") and _FILE.fullmatch(lines[index]):
        return 1
    pair = lines[index].startswith("--- ") and index + 1 < len(lines) and lines[index + 1].startswith("+++ ")
    if not pair:
        return 0
    # Removing "-- x" and adding "++ y" looks the same; a diff goes on with a hunk.
    return 2 if index + 2 >= len(lines) or lines[index + 2].startswith("@@") or index == 0 else 0


def _opens(lines: Sequence[str], index: int) -> bool:
    line = lines[index]
    numbered = line.startswith("@@") and (line.rstrip() == "@@" or " @@" in line or line.startswith("@@ "))
    return bool(numbered or _heads_file(lines, index))


def _block(path: str, body: list[str], near: int | None) -> Iterator[Block]:
    while body and not body[-1]:
        body.pop()
    if not any(line[:1] in ("+", "-") for line in body):
        return
    search = tuple(_context(line) for line in body if line[:1] != "+")
    replace = tuple(_context(line) for line in body if line[:1] != "-")
    yield Block(path, (Swap(search, replace),), near, floats=False)


def _context(line: str) -> str:
    """A line without its sign; context lines that lost their blank are kept as they are."""
    return line[1:] if line[:1] in ("+", "-", " ") else line
