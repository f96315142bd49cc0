"""The archive in the terminal: a map per island, side by side as far as they fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.style import Style
from rich.text import Text

from evolve.inspection.archive import ArchiveState, Island
from evolve.inspection.heatmap import Boxes, Painter, in_order, ramp
from evolve.inspection.space import Layout
from evolve.report import figures
from evolve.report.sealing import notices
from evolve.report.text import one_line, plain

_GAP = 4
_NAME = 24
_LEGEND = 24
"""Characters of the colour scale."""
_STRIP = 16
"""Candidates of a line where none has a place yet."""


def archive_view(
    state: ArchiveState, island: int | None = None, x: str | None = None, y: str | None = None
) -> RenderableType:
    """Maps of all islands or of one, over the measures `x` and `y` (the first two).

    Raises UserError for an island or a measure that is not there.
    """
    return _Maps(state, state.chosen(island), state.space.pick(x, y))


@dataclass(frozen=True, slots=True)
class _Maps:
    """Draws islands once the width and the colours of the terminal are known."""

    state: ArchiveState
    islands: Sequence[Island]
    axes: tuple[int | None, int | None]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        colours = console.color_system in ("256", "truecolor", "windows") and not console.no_color
        yield from self._head()
        blocks = [self._block(island, options.max_width, colours=colours) for island in self.islands]
        yield from _beside(blocks, options.max_width)
        yield from self._foot(colours=colours)

    # ---------------------------------------------------------------- around the maps

    def _head(self) -> Iterator[Text]:
        state, summary = self.state, self.state.run.summary
        sense = "less is better" if summary.direction.sign < 0 else "more is better"
        yield plain(
            f"archive of run {summary.id} after {figures.count(state.told)} of"
            f" {figures.count(summary.told)} candidates; {one_line(summary.objective, _NAME)}, {sense}"
        )
        yield from notices(sealed=summary.sealed)
        if state.learning:
            first = self.state.run.settings.get("search", {}).get("learn_first")
            of = f" from the first {first} valid ones" if first else ""
            where = "shown where they belong by the bounds learnt since" if state.placed else "in the order they came"
            yield plain(f"bounds are being learnt{of}: every candidate has a cell of its own; {where}")
        if state.space.note:
            yield plain(state.space.note)
        yield Text()

    def _foot(self, *, colours: bool) -> Iterator[Text]:
        yield self._legend(colours=colours)
        space, rest = self.state.space, len(self.state.space.axes) - 2
        if rest > 0 and self.state.placed:
            names = ", ".join(
                one_line(axis.name, _NAME) for index, axis in enumerate(space.axes) if index not in self.axes
            )
            yield plain(f"folded over {names}: a box shows the best of its cells; --x and --y choose other axes", "dim")
        if space.layout is Layout.POINTS and space.cells is not None and self.state.placed:
            yield plain(f"the {figures.count(space.cells)} cells are drawn where their centres are", "dim")
        if any(island.elites for island in self.islands):
            said = (
                f"no QD-score: {self.state.no_qd}" if self.state.no_qd else "QD-score: objectives of all filled cells"
            )
            yield plain(said, "dim")

    def _legend(self, *, colours: bool) -> Text:
        scale = self.state.scale
        if scale.worst is None or scale.best is None:
            return plain("nobody has a cell yet")
        worst = f"{self._value(scale.worst)}{' or worse' if scale.clipped else ''}"
        best = self._value(scale.best)
        if not colours:
            return plain(f"0 is {worst}, 9 is {best}; * the best of its island, · an empty cell")
        legend = plain(f"{worst} ")
        for index in range(_LEGEND):
            legend.append(" ", Style.from_color(None, ramp(index / (_LEGEND - 1))))
        return legend.append(f" {best}   <> the best of its island, · an empty cell")

    def _value(self, objective: float) -> str:
        unit = one_line(str(self.state.run.spec.get("objective", {}).get("unit", "")), _NAME)
        return figures.objective(objective, unit)

    # ---------------------------------------------------------------- a map

    def _block(self, island: Island, width: int, *, colours: bool) -> list[Text]:
        """An island: facts, then its map with the names and bounds of the axes."""
        lines = [*self._facts(island)]
        painter = Painter(self.state.scale, colours, island.best)
        space = self.state.space
        if not self.state.placed:
            boxes = Boxes(space, None, None, _STRIP, -(-len(island.elites) // _STRIP))
            strip = in_order(island.elites, _STRIP)
            return [*lines, *painter.lines(strip, frozenset(), boxes)]
        if space.layout is Layout.ONE:
            return lines
        labels = self._labels()
        margin = max(map(len, labels)) + 1 if any(labels) else 0
        boxes = Boxes.fitting(space, self.axes, width - margin, colours=colours)
        drawn = painter.lines(boxes.shown(island.elites, self.state.run.summary.direction), boxes.known, boxes)
        low, high = labels
        for index, line in enumerate(drawn):
            label = high if index == 0 else low if index == len(drawn) - 1 else ""
            lines.append(Text(label.rjust(max(0, margin - 1)) + " " * bool(margin), style="dim").append_text(line))
        if any(labels) and self.axes[1] is not None:
            lines.insert(2, plain(f"{' ' * margin}{self._name(self.axes[1])} ↑", "dim"))
        return [*lines, *self._below(boxes, margin)]

    def _facts(self, island: Island) -> Iterator[Text]:
        cells, filled = self.state.space.cells, len(island.elites)
        title = Text(f"island {island.index}", style="bold")
        if cells is None or self.state.learning:
            title.append(f"  {figures.plural(filled, 'candidate')}", style="default not bold")
        else:
            share = f" ({filled / cells:.0%})" if cells > 1 else ""
            title.append(f"  {figures.count(filled)} of {figures.plural(cells, 'cell')}{share}", "default not bold")
        yield title
        best = island.best
        if best is None:
            yield plain("empty", "dim")
            return
        qd = "" if island.qd is None else f", QD-score {self._value(island.qd)}"
        yield plain(f"best {self._value(best.objective)} by {best.number}{qd}")

    def _labels(self) -> tuple[str, str]:
        """The bounds of the axis that goes up."""
        axis = None if self.axes[1] is None else self.state.space.axes[self.axes[1]]
        if axis is None or axis.low is None or axis.high is None:
            return "", ""
        return figures.number(axis.low), figures.number(axis.high)

    def _below(self, boxes: Boxes, margin: int) -> Iterator[Text]:
        """Bounds and name of the axis that goes to the right, and how large boxes are if not one cell."""
        if boxes.x is None:
            return
        axis = self.state.space.axes[boxes.x]
        low, high = ("" if bound is None else figures.number(bound) for bound in (axis.low, axis.high))
        name = f"{self._name(boxes.x)} →"
        room = boxes.width - len(low) - len(high) - 2
        if len(name) <= room:
            yield plain(" " * margin + f"{low} {name.center(room)} {high}", "dim")
        else:
            yield plain(" " * margin + low + high.rjust(max(len(high) + 1, boxes.width - len(low))), "dim")
            yield plain(" " * margin + name, "dim")
        if boxes.across * boxes.up > 1:
            yield plain(f"{' ' * margin}a box is {boxes.across} × {boxes.up} cells, and shows the best", "dim")

    def _name(self, axis: int) -> str:
        return one_line(self.state.space.axes[axis].name, _NAME)


def _beside(blocks: Sequence[list[Text]], width: int) -> Iterator[Text]:
    """Blocks of lines, as many beside each other as fit."""
    widest = max(max((line.cell_len for line in block), default=0) for block in blocks)
    abreast = max(1, (width + _GAP) // (widest + _GAP))
    for start in range(0, len(blocks), abreast):
        for lines in zip_longest(*blocks[start : start + abreast]):
            joined = Text(no_wrap=True)
            for index, line in enumerate(lines):
                piece = line or Text()
                joined.append_text(piece)
                if index < len(lines) - 1:
                    joined.append(" " * (widest + _GAP - piece.cell_len))
            yield joined
        yield Text()
