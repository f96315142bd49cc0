"""Which stretches of a file may change: everything, or only what lies between EVOLVE-BLOCK markers.

The host checks every program again; this keeps the scaffold from wasting proposals.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

START_MARKER = "EVOLVE-BLOCK-START"
END_MARKER = "EVOLVE-BLOCK-END"


class Span(NamedTuple):
    """A half-open stretch of a text, in characters."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The text inside the span."""
        return text[self.start : self.end]

    def inside(self, other: Span) -> bool:
        """Whether this span lies wholly within the other."""
        return other.start <= self.start and self.end <= other.end


@lru_cache(maxsize=1024)
def editable_spans(text: str) -> tuple[Span, ...]:
    """The stretches of `text` that may change, in order; the whole text when it has no markers."""
    if START_MARKER not in text:
        return (Span(0, len(text)),)
    spans: list[Span] = []
    opened: int | None = None
    offset = 0
    for line in text.splitlines(keepends=True):
        if END_MARKER in line and opened is not None:
            spans.append(Span(opened, offset))
            opened = None
        offset += len(line)
        if START_MARKER in line:
            opened = offset
    return tuple(spans)


def is_editable(text: str, span: Span) -> bool:
    """Whether `span` of `text` lies inside one editable stretch."""
    return any(span.inside(region) for region in editable_spans(text))


def splice(text: str, *edits: tuple[Span, str]) -> str:
    """`text` with every span replaced by its new text; the spans must not overlap."""
    for span, new in sorted(edits, key=lambda edit: edit[0], reverse=True):
        text = text[: span.start] + new + text[span.end :]
    return text
