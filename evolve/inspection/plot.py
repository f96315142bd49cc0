"""`evolve plot`: figures of a run as a file, by matplotlib and pyribs' own drawing; needs the extra `plot`."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from evolve.domain import SEED_NUMBER, Split
from evolve.errors import NotFound, UserError
from evolve.inspection.archive import ArchiveState
from evolve.inspection.figures_curve import Axis, Course, draw_curve
from evolve.inspection.figures_heatmap import draw_heatmaps
from evolve.inspection.figures_lineage import Descent, draw_lineage
from evolve.inspection.plot_style import INK, Measure, drawing, label
from evolve.inspection.verdict import verdict_of
from evolve.report import figures
from evolve.report.sealing import UNSEALED
from evolve.store import RunRow, Store

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

KINDS = ("png", "svg", "pdf", "jpg", "jpeg", "webp", "tif", "tiff", "eps", "ps")
"""Suffixes matplotlib writes without other programs."""
_STAMPS = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "ps": {"CreationDate": None}}
_STAMPS["eps"] = _STAMPS["ps"]


class What(StrEnum):
    """What is drawn: one figure, or all three in one."""

    ALL = "all"
    CURVE = "curve"
    HEATMAP = "heatmap"
    LINEAGE = "lineage"


def plot(store: Store, run: RunRow, path: Path, what: What = What.ALL, axis: Axis = Axis.EVALUATIONS) -> None:
    """Draw a run into a file, whose suffix says of which kind; one that is there is written over.

    Raises UserError when matplotlib or another package of the extra is missing, the run has nothing to draw, or the
    file cannot be written.
    """
    kind = check_path(path)
    if run.summary.best_number is None:
        raise UserError(
            f"run {run.id} has scored nothing yet, so there is nothing to draw; evolve show {run.id} says why"
        )
    with drawing():
        figure = _figure(store, run, what, axis)
        with warnings.catch_warnings():
            # A name in a script that no font here has is drawn as boxes.
            warnings.filterwarnings("ignore", message=".*Glyph", category=UserWarning)
            try:
                figure.savefig(path, format=kind, metadata=_STAMPS.get(kind))
            except OSError as error:
                raise UserError(f"{path} cannot be written: {error.strerror or error}") from error


def check_path(path: Path) -> str:
    """The kind of figure a path asks for. Raises UserError when it cannot be written there, or not as that."""
    kind = path.suffix.removeprefix(".").lower()
    if kind not in KINDS:
        said = f"ends in {path.suffix!r}" if kind else "has no suffix"
        raise UserError(f"{path} {said}, which is no kind of figure; name one that ends in .png, .svg or .pdf")
    if not path.parent.is_dir():
        raise NotFound(f"there is no folder {path.parent} to write {path.name} into; make it first")
    if path.is_dir():
        raise UserError(f"{path} is a folder; name a file to write, such as {path / 'run.png'}")
    return kind


def _figure(store: Store, run: RunRow, what: What, axis: Axis) -> Figure:
    from matplotlib.figure import Figure

    draw = _painters(store, run, axis)
    if what is not What.ALL:
        figure = Figure(figsize=(9, 5.5), layout="constrained")
        figure.suptitle(_title(store, run), x=0.01, ha="left", color=INK, fontsize=11)
        [[part]] = figure.subfigures(squeeze=False)
        draw[what](part)
        return figure
    figure = Figure(figsize=(12, 10), layout="constrained")
    figure.suptitle(_title(store, run), x=0.01, ha="left", color=INK, fontsize=12)
    [[top], [bottom]] = figure.subfigures(2, 1, squeeze=False, height_ratios=(1, 1.1), hspace=0.04)
    [[left, right]] = bottom.subfigures(1, 2, squeeze=False, width_ratios=(1, 1.15), wspace=0.04)
    for part, each in ((top, What.CURVE), (left, What.LINEAGE), (right, What.HEATMAP)):
        draw[each](part)
    return figure


def _painters(store: Store, run: RunRow, axis: Axis) -> dict[What, Callable[[SubFigure], None]]:
    """What draws each part; the database is read when it is called."""
    best = run.summary.best_number
    assert best is not None
    return {
        What.CURVE: lambda part: draw_curve(part, Course.of(store, run), axis),
        What.LINEAGE: lambda part: draw_lineage(part, Descent.of(store, run, best)),
        What.HEATMAP: lambda part: draw_heatmaps(part, ArchiveState.of(store, run), Measure.of(run)),
    }


def _title(store: Store, run: RunRow) -> str:
    """What run it is, what came of it, and whether that holds."""
    summary, measure = run.summary, Measure.of(run)
    name = "" if summary.name in ("", summary.problem) else f" · {label(summary.name)}"
    confirmed = summary.confirmed
    values = (summary.seed_objective, summary.best_objective if confirmed is None else confirmed.mean)
    seed, best = ("–" if value is None else measure.written(value) for value in values)
    sure = "" if confirmed is None else " confirmed"
    scores = f"{label(summary.problem, 30)}: {measure.name} {seed} → {best}{sure}"
    candidates = figures.plural(summary.candidates, "candidate")
    lines = [f"run {run.id}{name}", f"{scores} in {candidates}, {run.status}", _verdict(store, run)]
    return "\n".join([*lines, *([] if run.sealed else [UNSEALED])])


def _verdict(store: Store, run: RunRow) -> str:
    numbers = (SEED_NUMBER, run.summary.best_number or SEED_NUMBER)
    seed, best = (store.evaluation(run.id, number, Split.HOLDOUT) for number in numbers)
    return verdict_of(run, run.summary.objective, seed, best).sentence
