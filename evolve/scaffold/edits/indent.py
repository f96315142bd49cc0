"""Fitting new lines to the indentation of the place they go to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, pairwise
from math import gcd

from evolve.scaffold.edits.lines import indent_of, is_blank

_TAB = 4
"""Columns a tab counts for when one side indents with tabs and the other with spaces."""


_SAMPLE = 400
"""Lines by which the indentation of a file is judged."""


def relation(pairs: Iterable[tuple[str, str]]) -> dict[str, str] | None:
    """Which indentation of the second lines each of the first has: `{theirs: ours}`.

    None when lines that share an indentation on one side do not on the other, or when deeper is not deeper.
    """
    found: dict[str, str] = {}
    for theirs, ours in pairs:
        if found.setdefault(indent_of(theirs), indent_of(ours)) != indent_of(ours):
            return None
    ordered = sorted(found, key=width)
    widths = [width(found[indent]) for indent in ordered]
    return found if all(a < b for a, b in pairwise(widths)) else None


def refit(lines: Sequence[str], known: Mapping[str, str], file_lines: Sequence[str]) -> list[str]:
    """Lines moved to the indentation that `known` gives for theirs, deeper ones by as many steps as they had."""
    if all(theirs == ours for theirs, ours in known.items()):
        return list(lines)
    step, unit = _step([*lines, *known]), unit_of(file_lines)
    return [line if is_blank(line) else _moved(indent_of(line), known, step, unit) + line.lstrip() for line in lines]


def _moved(indent: str, known: Mapping[str, str], step: int, unit: str) -> str:
    shallower = [key for key in known if width(key) <= width(indent)]
    if shallower:
        nearest = max(shallower, key=width)
        return known[nearest] + _deeper(width(indent) - width(nearest), step, unit, _plain(known))
    nearest = min(known, key=width)
    ours = known[nearest]
    less = _deeper(width(nearest) - width(indent), step, unit, _plain(known))
    return ours[: max(len(ours) - len(less), 0)]


def _plain(known: Mapping[str, str]) -> bool:
    """Whether the two sides differ only by a constant number of spaces."""
    texts = [*known, *known.values()]
    return not any("\t" in text for text in texts) and len({len(ours) - len(key) for key, ours in known.items()}) == 1


def _deeper(columns: int, step: int, unit: str, plain: bool) -> str:
    if plain:
        return " " * columns
    return unit * (columns // step) + " " * (columns % step)


def retabbed(lines: Sequence[str], file_lines: Sequence[str]) -> list[str]:
    """New lines indented with what the file uses alone, tabs or spaces, when they use the other alone.

    For languages in which a mixture is an error.
    """
    ours, theirs = _kinds(islice(file_lines, _SAMPLE)), _kinds(lines)
    if len(ours) != 1 or len(theirs) != 1 or ours == theirs:
        return list(lines)
    step, unit = _step(lines), unit_of(file_lines)
    return [
        _deeper(width(indent_of(line)), step, unit, plain=False) + line.lstrip() if not is_blank(line) else line
        for line in lines
    ]


def width(indent: str) -> int:
    """Columns of an indentation."""
    return sum(_TAB if char == "\t" else 1 for char in indent)


def unit_of(lines: Iterable[str]) -> str:
    """One step of indentation in these lines: a tab, or so many spaces (4 when none is indented)."""
    indents = [indent for line in islice(lines, _SAMPLE) if (indent := indent_of(line)) and not is_blank(line)]
    if sum(indent[0] == "\t" for indent in indents) * 2 > len(indents):
        return "\t"
    return " " * _step(indents)


def _step(lines: Iterable[str]) -> int:
    """The greatest common measure of the indentations, within 2 to 8 columns; 4 when there is none."""
    common = 0
    for line in lines:
        common = gcd(common, width(indent_of(line)))
    return common if 2 <= common <= 8 else 4


def _kinds(lines: Iterable[str]) -> set[str]:
    return {char for line in lines if not is_blank(line) for char in indent_of(line)}
