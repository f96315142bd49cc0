"""The command `plot`: figures of a run as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from evolve.cli.browse import RunName
from evolve.cli.names import LAST, find_measured
from evolve.cli.options import COMMON, Common, reading


def plot(
    run: RunName = LAST,
    /,
    *,
    output: Annotated[
        Path | None,
        Parameter(alias="-o", help="The file to write, by suffix .png, .svg or .pdf; run-N.png by default."),
    ] = None,
    what: Annotated[
        Literal["all", "curve", "heatmap", "lineage"], Parameter(help="One figure, or all three in one.")
    ] = "all",
    axis: Annotated[
        Literal["evaluations", "time", "money"], Parameter(help="What the curve is drawn against.")
    ] = "evaluations",
    common: Common = COMMON,
) -> None:
    """Draw a run: its course, its archive, and how its best candidate came about.

    Needs matplotlib: pip install 'evolve[plot]'. A file that is there already is written over.
    """
    from evolve.inspection.figures_curve import Axis
    from evolve.inspection.plot import What, check_path
    from evolve.inspection.plot import plot as draw
    from evolve.report import console

    with reading(common) as store:
        found = find_measured(store, run)
        path = Path(f"run-{found.id}.png") if output is None else output
        check_path(path)
        draw(store, found, path, What(what), Axis(axis))
    if common.json:
        console.show_json({"run": found.id, "sealed": found.sealed, "written": [str(path)]})
    else:
        console.show(f"wrote {path}")
