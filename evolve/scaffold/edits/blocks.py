"""The SEARCH/REPLACE grammar: two halves between three marker lines, in all the spellings models use."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evolve.scaffold.edits.parts import Block, Swap

_LONGEST = 200
_COMMENT = r"(?:(?:#|//|--|;)\s*)?"
_START = re.compile(
    rf"<{{5,9}}(?!<)(?:\s*[\w/.`*(\[-].*)?|{_COMMENT}(?:<{{5,9}}|-{{5,9}})\s*(?:SEARCH|ORIGINAL)\b.*", re.IGNORECASE
)
_DIVIDER = re.compile(rf"{_COMMENT}={{5,9}}\s*(?:(?:REPLACE|WITH|UPDATED|NEW)\b.*)?", re.IGNORECASE)
_END = re.compile(
    rf">{{5,9}}(?!>)(?:\s*[\w/.`*(\[-].*)?|{_COMMENT}(?:>{{5,9}}|\+{{5,9}})\s*(?:REPLACE|UPDATED)\b.*", re.IGNORECASE
)
_LINE_NUMBER = re.compile(r":(?:start_line|end_line):\s*(\d{1,6})")
_FENCE = re.compile(r"(?:`{3,}|~{3,})[\w+-]*")
_WORD = re.compile(rf"{_COMMENT}[<-]{{5,9}}\s*(?:(?:SEARCH|ORIGINAL|HEAD|OLD|FIND|BEFORE)\b)?\s*(.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Taken:
    """A block read from an answer and the index of the first line after it; `cut` when it has only one half."""

    block: Block | None
    after: int
    cut: bool = False
    fault: str = ""


def starts(line: str) -> bool:
    """Whether a line opens a block."""
    return _is(_START, line)


def _is(marker: re.Pattern[str], line: str) -> bool:
    stripped = line.strip()
    return len(stripped) <= _LONGEST and marker.fullmatch(stripped) is not None


def path_beside(line: str) -> str:
    """What stands on an opening line after its keyword: perhaps a path."""
    found = _WORD.fullmatch(line.strip())
    return found[1].strip() if found else ""


def take(lines: Sequence[str], index: int, path: str, fenced: bool, is_path: Callable[[str], bool]) -> Taken:
    """Read the block that opens on line `index`. A block without its last marker ends at the fence around it."""
    dividers: list[int] = []
    place = index + 1
    while place < len(lines) and not starts(lines[place]):
        line = lines[place]
        if dividers and _is(_END, line):
            return Taken(_block(path, lines, index, dividers, place, True), place + 1)
        if _is(_END, line):
            fault = "it has no ======= line between what to find and what to put there"
            return Taken(None, place + 1, fault=fault)
        if _is(_DIVIDER, line):
            dividers.append(place)
        place += 1
    return _unclosed(lines, index, dividers, place, path, fenced, is_path)


def _unclosed(
    lines: Sequence[str],
    index: int,
    dividers: list[int],
    place: int,
    path: str,
    fenced: bool,
    is_path: Callable[[str], bool],
) -> Taken:
    """A block whose last marker is missing: closed by the fence around it, by the next block, or not at all."""
    last = place
    if fenced:
        first = (dividers[0] if dividers else index) + 1
        last = next((at for at in range(first, place) if _is(_FENCE, lines[at])), place)
    closed = last < place or place < len(lines)
    if not dividers or dividers[0] >= last:
        fault = "it has no ======= line between what to find and what to put there"
        return Taken(None, max(last, index + 1), cut=not closed, fault=fault)
    end = last
    while end > dividers[0] + 1 and (not lines[end - 1].strip() or _is(_FENCE, lines[end - 1])):
        end -= 1
    if place < len(lines) and last == place and end > dividers[0] + 1 and is_path(lines[end - 1]):
        end -= 1
    kept = [at for at in dividers if at < end] or dividers[:1]
    return Taken(_block(path, lines, index, kept, end, closed), last)


def _block(path: str, lines: Sequence[str], start: int, dividers: list[int], end: int, ended: bool) -> Block:
    """Each line of = may be the divider; the others underline headings."""
    first, near = start + 1, None
    while first < dividers[0] and (line := _LINE_NUMBER.fullmatch(lines[first].strip())):
        near = int(line[1]) if near is None else near
        first += 1
    if near is not None and first < dividers[0] and set(lines[first].strip()) == {"-"}:
        first += 1
    swaps = tuple(Swap(tuple(lines[first:at]), tuple(lines[at + 1 : end])) for at in dividers[:6])
    return Block(path, swaps, near, ended)
