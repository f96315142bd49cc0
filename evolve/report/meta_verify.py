"""Whether a log is as it was written, for people and as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.console import RenderableType

from evolve.report.text import plain
from evolve.store.chain import Verification


def verify_json(found: Verification) -> dict[str, Any]:
    """As plain data."""
    return asdict(found)


def verify_view(found: Verification, *, checked: bool) -> Iterator[RenderableType]:
    """The same for people; `checked` says that a head was given."""
    entries = "1 entry" if found.entries == 1 else f"{found.entries:,} entries"
    if not found.ok:
        yield plain(f"log {found.chain} is NOT as it was written: {found.reason}", style="bold red")
        yield plain(f"sound up to there: {entries}, the last with the hash {found.head or 'none'}")
        return
    yield plain(f"log {found.chain} is whole: {entries}, each follows from the one before", style="green")
    yield plain(f"head {found.head}")
    if checked:
        yield plain("the head that was given is in it", style="green")
    else:
        yield plain(
            "write the head down: with --head HEAD a log that was cut off or written anew is found, too", style="dim"
        )
