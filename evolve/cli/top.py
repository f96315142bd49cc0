"""The command `top`: a run as it goes on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from evolve.cli.browse import RunName
from evolve.cli.names import LAST, find_measured
from evolve.cli.options import COMMON, Common, reading

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from evolve.store import RunRow, Store

REFRESH_SECONDS = 0.5
SHARE = 4
"""Of the time, one part in so many may go into reading: a long run is drawn less often."""


def top(
    run: RunName = LAST,
    /,
    *,
    once: Annotated[bool, Parameter(help="Print how it stands now, and end.")] = False,
    common: Common = COMMON,
) -> None:
    """Watch a run: best so far, budget, pace, islands, last improvements, failures. Ctrl-C leaves; the run goes on.

    It ends with the run. Where the output is no terminal it is printed once.
    """
    from evolve.inspection.overview import Overview, overview_json
    from evolve.report import console

    with reading(common) as store:
        found = find_measured(store, run)
        if common.json:
            console.show_json(overview_json(Overview.of(store, found)))
            return
        out = console.console()
        if once or not out.is_terminal:
            console.show(_frame(store, found, out.width, None))
        else:
            _watch(store, found, out)


def _frame(store: Store, run: RunRow, width: int, height: int | None) -> RenderableType:
    from evolve.inspection.overview import Overview
    from evolve.inspection.points import Points
    from evolve.inspection.top_view import frame

    return frame(Overview.of(store, run), Points.of(store, run, dots=False), width, height)


def _watch(store: Store, run: RunRow, out: Console) -> None:
    from rich.live import Live

    from evolve.store import RunStatus

    try:
        # The last frame stays on the screen.
        with Live(console=out, auto_refresh=False, vertical_overflow="crop") as live:
            while True:
                begun = time.monotonic()
                live.update(_frame(store, run, out.width, out.height), refresh=True)
                if run.status is not RunStatus.RUNNING:
                    return
                time.sleep(max(REFRESH_SECONDS, (SHARE - 1) * (time.monotonic() - begun)))
                run = store.run(run.id)
    except KeyboardInterrupt:
        return
