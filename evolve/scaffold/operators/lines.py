"""Whole lines and blocks of a text in any language: delete, duplicate, move, swap, and take from another elite."""

from __future__ import annotations

import random

from evolve.scaffold.operators.base import Change, Ground, Operator, Syntax
from evolve.scaffold.regions import editable_spans, splice

_LONGEST_BLOCK = 40
"""Lines of the longest block that is moved or copied."""


def rearrange_lines(ground: Ground, rng: random.Random) -> Change | None:
    """Delete, duplicate or move one line or one block (by braces or indentation), or swap it with its neighbour."""
    region = rng.choice(editable_spans(ground.text))
    lines = region.of(ground.text).splitlines(keepends=True)
    full = [index for index, line in enumerate(lines) if line.strip()]
    if not full:
        return None
    start = rng.choice(full)
    end = block_end(lines, start) if rng.random() < 0.4 else start + 1
    piece, rest = lines[start:end], lines[:start] + lines[end:]
    roll = rng.random()
    if roll < 0.35:
        new = rest
    elif roll < 0.6:
        new = _closed(lines[:end]) + _closed(piece) + lines[end:]
    else:
        place = rng.randint(0, len(rest)) if roll < 0.8 else max(0, min(len(rest), start + rng.choice((-1, 1))))
        new = _closed(rest[:place]) + _closed(piece) + rest[place:]
    return Change(splice(ground.text, (region, "".join(new))))


def crossover_lines(ground: Ground, rng: random.Random) -> Change | None:
    """Insert a line or block of another elite, or put it in the place of one of ours."""
    donor = rng.choice(ground.donors)
    region = rng.choice(editable_spans(ground.text))
    mine = region.of(ground.text).splitlines(keepends=True)
    theirs = rng.choice(editable_spans(donor.text)).of(donor.text).splitlines(keepends=True)
    known = set(mine)
    fresh = [index for index, line in enumerate(theirs) if line.strip() and line not in known]
    if not fresh:
        return None
    start = rng.choice(fresh)
    piece = theirs[start : block_end(theirs, start) if rng.random() < 0.3 else start + 1]
    place = min(len(mine), max(0, start + rng.randint(-1, 1)))
    end = min(len(mine), place + (len(piece) if rng.random() < 0.6 else 0))
    new = _closed(mine[:place]) + _closed(piece) + mine[end:]
    return Change(splice(ground.text, (region, "".join(new))), (donor.number,))


def block_end(lines: list[str], start: int) -> int:
    """The line after the block that opens at `start`: to the matching brace, else while indented deeper."""
    depth = 0
    for index in range(start, min(len(lines), start + _LONGEST_BLOCK)):
        depth += lines[index].count("{") - lines[index].count("}")
        if depth <= 0 and (index > start or "{" in lines[index] or not _opens_by_indent(lines, start)):
            return index + 1 if "{" in "".join(lines[start : index + 1]) else _indented_end(lines, start)
    return start + 1


def _opens_by_indent(lines: list[str], start: int) -> bool:
    return start + 1 < len(lines) and _indent(lines[start + 1]) > _indent(lines[start])


def _indented_end(lines: list[str], start: int) -> int:
    last = min(len(lines), start + _LONGEST_BLOCK)
    for end in range(start + 1, last):
        if not lines[end].strip() or _indent(lines[end]) <= _indent(lines[start]):
            return end
    return last


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _closed(lines: list[str]) -> list[str]:
    """The lines, the last one ending in a newline: a text's last line may have none."""
    return [*lines[:-1], lines[-1] if lines[-1].endswith("\n") else f"{lines[-1]}\n"] if lines else []


OPERATORS = (
    Operator("rearrange_lines", Syntax.OTHER, rearrange_lines, shrinks=True),
    Operator("crossover_lines", Syntax.OTHER, crossover_lines, needs_donor=True),
)
