"""A file under edit: lines that may change and lines that cannot, because nothing here replaces those."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from evolve.scaffold.edits.lines import content_key
from evolve.scaffold.edits.parts import outside
from evolve.scaffold.regions import END_MARKER, START_MARKER, editable_spans

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


class Range(NamedTuple):
    """Lines from `first` up to `last`, the latter excluded."""

    first: int
    last: int

    def within(self, other: Range) -> bool:
        """Whether all lines (or the empty place) lie in the other."""
        return other.first <= self.first and self.last <= other.last


@dataclass(frozen=True)
class Document:
    """A text by lines: `raw` with their ends, `lines` without, and the ranges that may change."""

    path: str
    raw: tuple[str, ...]
    lines: tuple[str, ...]
    regions: tuple[Range, ...]
    marked: bool
    newline: str
    final: bool

    @classmethod
    def of(cls, path: str, text: str, editable: bool = True) -> Document:
        """Take a text apart; nothing may change when the file is not `editable`."""
        raw = tuple(_LINE.findall(text))
        offsets = [0, *accumulate(map(len, raw))]
        spans = editable_spans(text) if editable else ()
        ranges = (Range(bisect_left(offsets, span.start), bisect_right(offsets, span.end) - 1) for span in spans)
        windows = sum(line.endswith("\r\n") for line in raw)
        return cls(
            path,
            raw,
            tuple(bare(line) for line in raw),
            tuple(found for found in ranges if found.first <= found.last),
            START_MARKER in text,
            "\r\n" if windows * 2 > sum(line.endswith("\n") for line in raw) else "\n",
            not raw or raw[-1].endswith("\n"),
        )

    @cached_property
    def filled(self) -> list[int]:
        """The numbers of the lines that are not blank."""
        return [row for row, line in enumerate(self.lines) if content_key(line)]

    @cached_property
    def keys(self) -> list[str]:
        """What each of the filled lines says, without white space."""
        return [content_key(self.lines[row]) for row in self.filled]

    @property
    def text(self) -> str:
        """The whole text, with a line end at the end if it had one before."""
        text = "".join(self.raw)
        if self.final and text and not text.endswith("\n"):
            return text + self.newline
        return bare(text) if not self.final else text

    def region_of(self, place: Range) -> Range | None:
        """The editable range around some lines, or None."""
        return next((region for region in self.regions if place.within(region)), None)

    def swapped(self, place: Range, lines: Sequence[str]) -> Document:
        """The document with some lines replaced.

        Raises EditError(OUTSIDE_REGION) when they may not change or new lines hold a region marker.
        """
        region = self.region_of(place)
        if region is None:
            raise outside(self._frozen(place))
        if any(START_MARKER in line or END_MARKER in line for line in lines):
            raise outside(f"{self.path}: an edit may not add, move or repeat the EVOLVE-BLOCK marker lines")
        before, after = list(self.raw[: place.first]), self.raw[place.last :]
        if before and not before[-1].endswith("\n"):
            before[-1] += self.newline
        grown = len(lines) - (place.last - place.first)
        at = self.regions.index(region)
        regions = (
            *self.regions[:at],
            Range(region.first, region.last + grown),
            *(Range(later.first + grown, later.last + grown) for later in self.regions[at + 1 :]),
        )
        raw = (*before, *(line + self.newline for line in lines), *after)
        return replace(
            self, raw=raw, lines=(*self.lines[: place.first], *lines, *self.lines[place.last :]), regions=regions
        )

    def _frozen(self, place: Range) -> str:
        where = f"line {place.first + 1}" if place.last - place.first < 2 else f"lines {place.first + 1}-{place.last}"
        if not self.regions:
            return f"{self.path} may not change; leave it as it is"
        spans = ", ".join(f"{region.first + 1}-{region.last}" for region in self.regions)
        return (
            f"{self.path}: {where} may not change; only lines {spans}, between the EVOLVE-BLOCK markers, may. "
            "Put the change (an import, a new function) inside them"
        )


def bare(line: str) -> str:
    """A line without its end."""
    return line[:-1].removesuffix("\r") if line.endswith("\n") else line
