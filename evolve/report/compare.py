"""The view of a comparison in the terminal: tables and verdicts."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from evolve.report.compare_words import (
    METHOD,
    ON_HELD_OUT,
    Grid,
    Tone,
    Verdict,
    arms_grid,
    headline,
    track_grid,
    track_title,
    track_verdicts,
    verdict,
)
from evolve.report.comparison import Comparison
from evolve.report.listing import Column, Listing
from evolve.report.text import plain

_STYLES = {Tone.BETTER: "green", Tone.WORSE: "red", Tone.OPEN: "yellow"}


def compare_view(comparison: Comparison) -> Iterator[RenderableType]:
    """A comparison for people."""
    yield plain(headline(comparison), style="bold")
    yield _listing(arms_grid(comparison))
    for track in comparison.tracks:
        yield Text(f"\n{track_title(comparison, track)}", style="bold")
        yield _listing(track_grid(comparison, track))
        for found in track_verdicts(track):
            yield _sentence(found)
    if comparison.held_out:
        yield Text("\nfinal programs on held-out cases", style="bold")
        for contest in comparison.held_out:
            yield _sentence(verdict(contest, ON_HELD_OUT))
    yield Text("")
    for remark in comparison.remarks:
        yield plain(remark, style="yellow")
    yield Text(METHOD, style="dim")


def _listing(grid: Grid) -> Listing:
    columns = [Column(plain(each.title), each.text, each.optional) for each in grid.headings]
    return Listing(columns, [[plain(cell) for cell in row] for row in grid.rows])


def _sentence(found: Verdict) -> Text:
    return plain(found.head, style=_STYLES[found.tone]).append(f": {found.evidence}", style="default")
