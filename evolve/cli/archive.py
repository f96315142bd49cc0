"""`evolve archive`: who holds which cell of every island, now or after any number of candidates."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from evolve.cli.names import LAST, find_measured
from evolve.cli.options import COMMON, Common, reading


def archive(
    run: Annotated[str, Parameter(help="A run: its number, its name, or last.")] = LAST,
    /,
    *,
    island: Annotated[int | None, Parameter(help="Only this island, counted from 0.")] = None,
    at: Annotated[int | None, Parameter(help="As it was after so many candidates; now by default.")] = None,
    x: Annotated[str | None, Parameter(help="The measure that goes to the right.")] = None,
    y: Annotated[str | None, Parameter(help="The measure that goes up.")] = None,
    common: Common = COMMON,
) -> None:
    """Show the archive of a run as maps: the best candidate of every cell, brighter is better."""
    from evolve.inspection.archive import ArchiveState, archive_json
    from evolve.report import console

    with reading(common) as store:
        state = ArchiveState.of(store, find_measured(store, run), at)
    if common.json:
        console.show_json(archive_json(state, island))
        return
    from evolve.inspection.archive_view import archive_view

    console.show(archive_view(state, island, x, y))
