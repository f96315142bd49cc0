"""What a model says it tried, in one line."""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST = 500
_LABEL = re.compile(
    r"(?:\d+[.)])?[\s>*_#`-]*\b(?:idea|the idea|change|approach)\b[\s*_`]*[:\u2013\u2014-]+[\s*_]*(.*)", re.IGNORECASE
)
_HEADING = re.compile(r"[\s>*_]*#+\s*(?:the\s+)?idea[\s*_:]*|[\s*_]*\*\*idea:?\*\*:?\s*", re.IGNORECASE)
_POLITE = re.compile(
    r"(?:sure|certainly|of course|okay|ok|great|absolutely|here(?:'s| is| are)|below (?:is|are)|the following)\b",
    re.IGNORECASE,
)


def idea_of(prose: Sequence[str]) -> str:
    """The text after `Idea:`, else the first plain paragraph; at most 500 characters, "" if there is nothing."""
    for index, line in enumerate(prose):
        label = _LABEL.fullmatch(line)
        if label and label[1].strip():
            return _one_line(_paragraph([label[1], *prose[index + 1 :]]))
        if label or _HEADING.fullmatch(line):
            return _one_line(_paragraph(prose[index + 1 :]))
    kept = [line for line in prose if not (line.rstrip().endswith(":") or _POLITE.match(line.strip()))]
    said = _one_line(_paragraph(kept))
    return said if len(said.split()) >= 4 else ""


def _paragraph(lines: Sequence[str]) -> str:
    found: list[str] = []
    for line in lines:
        if line.strip():
            found.append(line.strip())
        elif found:
            break
    return " ".join(found)


def _one_line(text: str) -> str:
    line = " ".join(text.strip(" *_").split())
    return line if len(line) <= LONGEST else line[: LONGEST - 3].rstrip() + "..."
