"""The figure of the archive: one map per island, drawn by pyribs; bright is better in either direction."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from evolve.domain import Direction
from evolve.inspection.archive import ArchiveState, Elite, Island, Scale
from evolve.inspection.plot_style import INK, LINE, MUTED, RAMP, Measure, label, missing, note, plain_numbers
from evolve.inspection.space import AxisShown, Layout, Space
from evolve.report import figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.figure import FigureBase

MOST_ISLANDS = 12


@dataclass(frozen=True, slots=True)
class Shade:
    """The scale of colours: objectives from `low` to `high`; `clipped` when some are worse than that."""

    low: float
    high: float
    clipped: bool
    direction: Direction

    @classmethod
    def of(cls, scale: Scale, direction: Direction) -> Shade:
        """That of the terminal and the pages; a single value gets some room."""
        low, high = sorted((scale.worst or 0.0, scale.best or 0.0))
        room = 0.0 if low < high else abs(high) * 0.05 or 0.5
        return cls(low - room, high + room, scale.clipped, direction)

    @property
    def ramp(self) -> str:
        """The name of the colour map, turned around where less is better."""
        return RAMP if self.direction is Direction.MAXIMIZE else f"{RAMP}_r"

    @property
    def extend(self) -> str:
        """Which end of the colour bar gets an arrow."""
        if not self.clipped:
            return "neither"
        return "min" if self.direction is Direction.MAXIMIZE else "max"


def draw_heatmaps(figure: FigureBase, state: ArchiveState, measure: Measure) -> None:
    """Draw the islands of an archive side by side into a figure of their own; the best of all is starred."""
    direction = state.run.summary.direction
    filled = [island for island in state.islands if island.elites]
    reason = _undrawable(state, filled)
    if reason:
        note(figure.subplots(), reason)
        return
    shown = sorted(
        sorted(filled, key=lambda island: _rank(island, direction))[:MOST_ISLANDS], key=lambda each: each.index
    )
    shade = Shade.of(state.scale, direction)
    columns = math.ceil(math.sqrt(len(shown)))
    grid = figure.subplots(-(-len(shown) // columns), columns, squeeze=False, sharex=True, sharey=True)
    boxes = list(grid.flat)
    leader = min(shown, key=lambda island: _rank(island, direction))
    for axes, island in zip(boxes, shown, strict=False):
        _draw_island(axes, state.space, island, shade, starred=island is leader)
        axes.set_title(_island_title(state, island), fontsize=10 if columns < 3 else 8)
    for axes in boxes[len(shown) :]:
        axes.set_axis_off()
    _label_axes(grid, state.space)
    _bar(figure, boxes, shade, measure)
    if said := "; ".join(_remarks(state, len(shown))):
        figure.supxlabel(said, x=0.01, ha="left", color=MUTED, fontsize=8)


def _undrawable(state: ArchiveState, filled: Sequence[Island]) -> str:
    """Why there is no map; nothing where there is one."""
    if not filled:
        return "the archive is empty"
    if state.space.layout is Layout.ONE or not state.space.axes:
        return "no heatmap: this problem has no measures,\nso its archive has one cell an island"
    if not state.placed or any(axis.low is None for axis in state.space.axes):
        return "no heatmap yet: the bounds of the axes are still being learnt"
    return ""


def _rank(island: Island, direction: Direction) -> float:
    return math.inf if island.best is None else -direction.sign * island.best.objective


def _island_title(state: ArchiveState, island: Island) -> str:
    held = figures.count(len(island.elites))
    of = "" if state.space.cells is None else f" of {figures.count(state.space.cells)}"
    return f"{'archive' if len(state.islands) == 1 else f'island {island.index}'}: {held}{of} cells"


def _remarks(state: ArchiveState, drawn: int) -> Iterator[str]:
    """What the maps leave out."""
    others = ", ".join(label(axis.name, 24) for axis in state.space.axes[2:])
    if others:
        folded = "the best of cells that differ only in" if state.space.layout is Layout.GRID else "not drawn:"
        yield f"{folded} {others}"
    if state.learning:
        yield "bounds are still being learnt"
    if state.space.cells is None:
        yield "where elites measured; an older run does not say where its cells are"
    if drawn < len(state.islands):
        yield f"{figures.plural(len(state.islands) - drawn, 'island')} not drawn"


def _draw_island(axes: Axes, space: Space, island: Island, shade: Shade, *, starred: bool) -> None:
    cells = _best_by_place(space, island.elites, shade.direction)
    if space.layout is Layout.GRID:
        _hatch(axes)
        _grid(axes, space, cells, shade)
    elif space.cells == 1:
        _grid(axes, _undivided(space), cells, shade)
    elif space.cells is not None and len(space.axes) <= 2:
        _hatch(axes)
        _voronoi(axes, space, cells, shade)
    else:
        _scatter(axes, space, cells, shade)
    if starred and island.best is not None:
        x, y = _centre(space, island.best.cell)
        axes.plot([x], [y], "*", color="white", markeredgecolor=INK, markersize=11, markeredgewidth=0.8, zorder=5)


def _hatch(axes: Axes) -> None:
    """Empty cells show what is behind them."""
    from matplotlib.patches import Rectangle

    axes.add_patch(
        Rectangle((0, 0), 1, 1, transform=axes.transAxes, facecolor="white", edgecolor=LINE, hatch="////",
                  linewidth=0, zorder=-2)
    )  # fmt: skip


def _best_by_place(space: Space, elites: Sequence[Elite], direction: Direction) -> Mapping[int, Elite]:
    """The elite to draw in each cell of the first two axes: the best of those that fall together there."""
    found: dict[int, Elite] = {}
    for elite in elites:
        place = _place(space, elite.cell)
        if place not in found or direction.better(elite.objective, found[place].objective):
            found[place] = elite
    return found


def _place(space: Space, cell: int) -> int:
    """The flat index of a cell on the first two axes alone."""
    if space.layout is not Layout.GRID or len(space.axes) <= 2:
        return cell
    x, y, *_ = space.coordinates(cell)
    return x * space.axes[1].cells + y


def _edges(axis: AxisShown) -> tuple[float, float]:
    """The bounds of an axis as numbers; a single value gets some room."""
    low, high = axis.low or 0.0, axis.high or 0.0
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def _centre(space: Space, cell: int) -> tuple[float, float]:
    """Where a cell is on the first two axes, in units of the measures; in the middle where there is one axis."""
    if space.layout is Layout.GRID:
        at = [(place + 0.5) / axis.cells for place, axis in zip(space.coordinates(cell), space.axes, strict=True)]
    else:
        at = list(space.points[cell])
    ends = [_edges(axis) for axis in space.axes[:2]]
    spots = [low + share * (high - low) for share, (low, high) in zip(at, ends, strict=False)]
    return (spots[0], spots[1]) if len(spots) > 1 else (spots[0], 0.5)


def _frame(cells: Mapping[int, Elite]) -> Any:  # pyribs is untyped here: it must not be imported above
    """The elites as pyribs takes them: flat cell index and objective."""
    from ribs.archives import ArchiveDataFrame

    # With one axis, pyribs 0.12 stumbles over a single elite: given twice, it is drawn over itself.
    rows = [*cells.items()] * (2 if len(cells) == 1 else 1)
    return ArchiveDataFrame({"index": [cell for cell, _ in rows], "objective": [elite.objective for _, elite in rows]})


def _grid(axes: Axes, space: Space, cells: Mapping[int, Elite], shade: Shade) -> None:
    visualize = _visualize()
    from ribs.archives import GridArchive

    shown = space.axes[:2]
    archive = GridArchive(solution_dim=(), dims=[axis.cells for axis in shown], ranges=[_edges(axis) for axis in shown])
    visualize.grid_archive_heatmap(
        archive, axes, df=_frame(cells), cmap=shade.ramp, vmin=shade.low, vmax=shade.high, cbar=None, aspect="auto"
    )


def _undivided(space: Space) -> Space:
    """A CVT archive of one cell as a grid: pyribs finds no neighbours to draw a line between."""
    return replace(space, layout=Layout.GRID, axes=tuple(replace(axis, cells=1) for axis in space.axes))


def _voronoi(axes: Axes, space: Space, cells: Mapping[int, Elite], shade: Shade) -> None:
    visualize = _visualize()
    from ribs.archives import CVTArchive

    centroids = [_centre(space, cell)[: len(space.axes)] for cell in sorted(space.points)]
    archive = CVTArchive(solution_dim=(), centroids=centroids, ranges=[_edges(axis) for axis in space.axes])
    visualize.cvt_archive_heatmap(
        archive, axes, df=_frame(cells), cmap=shade.ramp, vmin=shade.low, vmax=shade.high, cbar=None, aspect="auto",
        lw=0.2, ec=MUTED,
    )  # fmt: skip


def _scatter(axes: Axes, space: Space, cells: Mapping[int, Elite], shade: Shade) -> None:
    """Elites at their places, where cells have no outline in two dimensions or nobody knows it."""
    spots = [_centre(space, cell) for cell in cells]
    axes.scatter([x for x, _ in spots], [y for _, y in spots], c=[elite.objective for elite in cells.values()],
                 cmap=shade.ramp, vmin=shade.low, vmax=shade.high, s=18, linewidths=0)  # fmt: skip
    ends = [_edges(axis) for axis in space.axes[:2]]
    axes.set_xlim(*ends[0])
    axes.set_ylim(*(ends[1] if len(ends) > 1 else (0.0, 1.0)))


def _visualize() -> Any:
    try:
        import ribs.visualize
    except ImportError as error:
        raise missing(error) from error
    return ribs.visualize


def _label_axes(grid: Any, space: Space) -> None:  # matplotlib types a grid of axes as Any
    for axes in grid.flat:
        axes.locator_params(nbins=4)
        plain_numbers(axes)
    for axes in grid[-1]:
        axes.set_xlabel(label(space.axes[0].name, 30))
    for axes in grid[:, 0]:
        if len(space.axes) > 1:
            axes.set_ylabel(label(space.axes[1].name, 30))
        else:
            axes.set_yticks([])


def _bar(figure: FigureBase, boxes: Sequence[Axes], shade: Shade, measure: Measure) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from matplotlib.ticker import FuncFormatter

    colours: ScalarMappable = ScalarMappable(Normalize(shade.low, shade.high), shade.ramp)
    bar = figure.colorbar(colours, ax=list(boxes), extend=shade.extend, fraction=0.05, pad=0.02)
    bar.set_label(measure.axis)
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: figures.number(value)))
    if shade.direction is Direction.MINIMIZE:
        bar.ax.invert_yaxis()
    bar.outline.set_visible(False)
