"""Markdown fences: where one opens, and which of several candidates closes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_FENCE = re.compile(r"([ \t]*)(`{3,}|~{3,})([^`]*)")
_LONGEST = 300
_MOST = 12
"""Candidates for the end of a fence that are looked at."""

_QUOTES = ('"""', "'''")


@dataclass(frozen=True, slots=True)
class Fence:
    """A fence line: its indentation, its sign with its length, and the info string."""

    indent: int
    sign: str
    info: str

    @property
    def language(self) -> str:
        """The first word of the info string, in lower case."""
        word = re.match(r"[\w+#-]+", self.info)
        return word[0].lower() if word else ""

    def closes(self, opener: Fence) -> bool:
        """Whether this line can close a fence."""
        return not self.info and self.sign[0] == opener.sign[0] and len(self.sign) >= len(opener.sign)


def fence_on(line: str) -> Fence | None:
    """The fence on a line, if it is one."""
    if ("```" not in line and "~~~" not in line) or len(line) > _LONGEST:
        return None
    found = _FENCE.fullmatch(line)
    return Fence(len(found[1].expandtabs(4)), found[2], found[3].strip()) if found else None


def closing(lines: Sequence[str], index: int, opener: Fence) -> int | None:
    """The line that closes the fence opened on line `index`; None when nothing does before the next one opens.

    Fences inside a docstring make several candidates: nested ones are counted, and a candidate between the two ends of
    a triple-quoted string is passed over, as is one indented deeper than the opener.
    """
    depth, counted, candidates = 1, None, []
    for place in range(index + 1, len(lines)):
        fence = fence_on(lines[place])
        if fence is None:
            continue
        if fence.closes(opener) and fence.indent <= opener.indent:
            candidates.append(place)
            depth -= 1
            counted = place if depth == 0 and counted is None else counted
            if len(candidates) == _MOST:
                break
        elif fence.info and fence.indent <= opener.indent and len(fence.sign) == len(opener.sign):
            if not candidates and _even(lines[index + 1 : place]):
                return None
            depth += 1
    for place in candidates:
        if _even(lines[index + 1 : place]):
            return place
    if candidates:
        return counted if counted is not None else candidates[0]
    later = range(index + 1, len(lines))
    return next((at for at in later if (found := fence_on(lines[at])) and found.closes(opener)), None)


def _even(lines: Sequence[str]) -> bool:
    """Whether every triple-quoted string that opens here is closed here."""
    text = "\n".join(lines)
    return all(text.count(quote) % 2 == 0 for quote in _QUOTES)
