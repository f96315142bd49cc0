"""Which text of a program may change: globs over its paths, and EVOLVE-BLOCK regions inside a file.

A marker line is recognised in any language's comments, because any line that contains the token counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

START = "EVOLVE-BLOCK-START"
END = "EVOLVE-BLOCK-END"


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of a file that may change: from character `start` up to `end`, marker lines excluded."""

    start: int
    end: int


class MarkerError(ValueError):
    """Markers that do not pair up; the message gives the line."""


@lru_cache(maxsize=4096)
def regions(text: str) -> tuple[Region, ...]:
    """The editable regions of a file, in order; the whole file when it has no markers. Raises MarkerError."""
    found: list[Region] = []
    opened: int | None = None
    offset = 0
    for number, line in enumerate(text.split("\n"), start=1):
        following = min(offset + len(line) + 1, len(text))
        starts, ends = START in line, END in line
        if starts and ends:
            raise MarkerError(f"line {number} has both {START} and {END}; put them on lines of their own")
        if starts:
            if opened is not None:
                raise MarkerError(f"line {number} has {START} inside a block that is still open; close it first")
            opened = following
        if ends:
            if opened is None:
                raise MarkerError(f"line {number} has {END} without a {START} before it")
            found.append(Region(opened, offset))
            opened = None
        offset = following
    if opened is not None:
        raise MarkerError(f"a {START} is never closed; add a line with {END}")
    return tuple(found) or (Region(0, len(text)),)


def has_markers(text: str) -> bool:
    """Whether a file restricts edits to marked regions."""
    return START in text or END in text


def splice(base_text: str, region: Region, new_text: str) -> str:
    """`base_text` with the text of `region` replaced; everything outside it stays byte for byte."""
    return base_text[: region.start] + new_text + base_text[region.end :]


def is_safe_path(path: str) -> bool:
    """Whether a program's file path is relative, without `..`, hidden parts or unusual characters."""
    parts = path.split("/")
    plain = all(re.fullmatch(r"[\w][\w.+-]*", part, re.ASCII) for part in parts)
    return plain and PurePosixPath(path).as_posix() == path and len(path) <= 200


def matches(globs: Sequence[str], path: str) -> bool:
    """Whether any glob matches the whole path: `*` and `?` inside a folder, `**` across folders."""
    return any(_pattern(glob).fullmatch(path) for glob in globs)


@lru_cache(maxsize=256)
def _pattern(glob: str) -> re.Pattern[str]:
    pieces = {"**/": r"(?:[^/]+/)*", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}
    tokens = re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", glob)
    return re.compile("".join(pieces.get(token, re.escape(token)) for token in tokens), re.DOTALL)
