"""Lines as models garble them: look-alike characters, white space, pasted line numbers, quoted markup."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from evolve.scaffold.edits.parts import Swap

_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_INVISIBLE = "\u200b\u2060\ufeff\u00ad"
_TYPOGRAPHIC = {
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\uff02", '"'),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\uff07", "'"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\uff0d", "-"),
    "\u2026": "...",
    "\u00d7": "*",
    "\uff08": "(",
    "\uff09": ")",
    "\uff1a": ":",
    "\uff0c": ",",
    "\uff1d": "=",
}
_BREAKING = str.maketrans({**dict.fromkeys(_SPACES, " "), **dict.fromkeys(_INVISIBLE, None)})
_FOLDED = str.maketrans({**dict.fromkeys(_SPACES, " "), **dict.fromkeys(_INVISIBLE, None), **_TYPOGRAPHIC})
_CURLY = re.compile("[\u201c\u201d\u2018\u2019]")
_NUMBERED = re.compile(r"\s{0,6}(\d{1,6})(?:\s*[|\u2502]\s?|\t|: ?|\u2192\s?)(.*)", re.DOTALL)


def split_lines(text: str) -> list[str]:
    """The lines of a text without their ends; only a line feed (after any carriage returns) ends a line."""
    lines = [line.rstrip("\r") for line in text.split("\n")]
    return lines[:-1] if lines[-1] == "" else lines


@lru_cache(maxsize=16_384)
def fold(line: str) -> str:
    """A line with look-alike characters made plain, for comparing."""
    return line if line.isascii() else line.translate(_FOLDED)


@lru_cache(maxsize=16_384)
def content_key(line: str) -> str:
    """What a line says without any white space; "" for a blank one."""
    return "".join(fold(line).split())


@lru_cache(maxsize=16_384)
def indent_of(line: str) -> str:
    """The white space a line starts with, look-alikes made plain."""
    plain = fold(line)
    return plain[: len(plain) - len(plain.lstrip(" \t"))]


def is_blank(line: str) -> bool:
    """Whether a line shows nothing."""
    return not content_key(line)


def trim_blank(lines: Sequence[str]) -> Sequence[str]:
    """The lines from the first to the last that is not blank."""
    filled = [index for index, line in enumerate(lines) if not is_blank(line)]
    return lines[filled[0] : filled[-1] + 1] if filled else ()


def mend(lines: Iterable[str], base: str) -> list[str]:
    """New lines without invisible characters and odd spaces that the program did not have before.

    Curly quotes are made straight where the new lines have no straight ones at all: a typographer has been over them.
    """
    kept = list(lines)
    text = "\n".join(kept)
    if text.isascii():
        return kept
    alien = {char: to for char, to in _BREAKING.items() if chr(char) not in base}
    kept = [line.translate(alien) for line in kept]
    if _CURLY.search(text) and not ('"' in text or "'" in text) and not _CURLY.search(base):
        kept = [fold(line) for line in kept]
    return kept


def variants(swap: Swap) -> Iterator[Swap]:
    """A swap as it was perhaps meant, one mishap undone at a time: numbers, fences, diff signs, HTML entities."""
    search, replace = swap.search, swap.replace
    if (plain := unnumbered(search)) is not None:
        yield Swap(tuple(plain), tuple(_unnumber_loosely(replace)))
    if (inner := _unfenced(search)) is not None:
        yield Swap(inner, _unfenced(replace) or replace)
    if search and all(line[:1] == "-" or is_blank(line) for line in search):
        yield Swap(tuple(line[1:] for line in search), tuple(re.sub(r"^\+", "", line) for line in replace))
    if any("&lt;" in line or "&gt;" in line or "&amp;" in line or "&quot;" in line for line in search):
        yield Swap(tuple(map(html.unescape, search)), tuple(map(html.unescape, replace)))


def unnumbered(lines: Sequence[str]) -> list[str] | None:
    """Lines without the numbers pasted before them, or None when they are not numbered upwards one by one."""
    found = [_NUMBERED.fullmatch(line) for line in lines]
    numbers = [int(match[1]) for match in found if match]
    filled = sum(1 for line in lines if not is_blank(line))
    if not numbers or len(numbers) < filled or any(b - a != 1 for a, b in pairwise(numbers)):
        return None
    return [match[2] if match else line for match, line in zip(found, lines, strict=True)]


def _unnumber_loosely(lines: Sequence[str]) -> list[str]:
    return [match[2] if (match := _NUMBERED.fullmatch(line)) else line for line in lines]


def _unfenced(lines: tuple[str, ...]) -> tuple[str, ...] | None:
    inner = trim_blank(lines)
    if len(inner) >= 2 and inner[0].lstrip().startswith("```") and inner[-1].strip() == "```":
        return tuple(inner[1:-1])
    return None
