"""A lineage in the terminal: one line a step, newest first, with dashed side branches for everybody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from evolve.inspection.lineage import Lineage, Step, Stretch
from evolve.report import figures
from evolve.report.sealing import notices
from evolve.report.text import one_line, plain
from evolve.store import LineageRow

BETTER, OTHER, SIDE, SHOWN, GAP, ON = "●  ", "○  ", "├╌ ", "├┈ ", "┊  ", "│  "
"""Before a step with a better score, any other one, a further parent, an inspiration, a stretch, what goes on."""
IDEA_LEAST = 24
"""Columns an idea needs beside the figures; with fewer it has a line of its own."""
_NAME_MOST, _IDEA_MOST = 24, 400
_FIGURES = {"objective", "change", "island", "time"}
_OPTIONAL = ("time", "island", "model")
"""Left out in this order to make room for ideas."""
_GAP = "  "


@dataclass(frozen=True, slots=True)
class _Line:
    """One line: the rail on the left, cells by heading, and an idea; or, instead of both, a `note`."""

    rail: str
    cells: Mapping[str, Text]
    idea: str = ""
    note: str = ""
    style: str = ""


def lineage_view(lineage: Lineage, *, every: bool = False, inspirations: bool = False) -> RenderableType:
    """The way from a candidate to the seed. `every` step, or stretches without a better score in one line each."""
    lines = [line for passage in lineage.passages(every=every) for line in _lines(lineage, passage, inspirations)]
    return Group(_summary(lineage), *notices(sealed=lineage.sealed), Text(), _Drawing(lines))


def _summary(lineage: Lineage) -> Text:
    first, last = lineage.steps[0].row, lineage.steps[-1].row
    unit = one_line(lineage.unit, _NAME_MOST)
    said = Text(f"candidate {lineage.run_id}/{first.number}: {figures.objective(first.objective, unit)}")
    if first.objective is not None and last.objective is not None and len(lineage.steps) > 1:
        change = first.objective - last.objective
        said.append(", ").append(_change(change, change * lineage.direction.sign))
        said.append(f" from the seed's {figures.objective(last.objective, unit)}")
    return said.append(_progress(lineage.steps[:-1]))


def _progress(taken: Sequence[Step]) -> str:
    if len(taken) < 2:
        return " in one step" if taken else ""
    better = sum(step.better for step in taken)
    return f" in {len(taken)} steps, {'each' if better == len(taken) else f'{better} of them'} to a better score"


def _lines(lineage: Lineage, passage: Step | Stretch, inspirations: bool) -> Iterator[_Line]:
    if isinstance(passage, Stretch):
        yield _stretch(passage)
        return
    row = passage.row
    change = Text() if passage.change is None else _change(passage.change, passage.gain or 0.0)
    yield _Line(BETTER if passage.better else OTHER, _cells(lineage, row, change), row.idea)
    sides = [(SIDE, number, "2nd parent") for number in row.parents[1:2]]
    sides += [(SIDE, number, "parent, too") for number in row.parents[2:]]
    if inspirations:
        sides += [(SHOWN, number, "shown") for number in row.inspirations]
    for rail, number, part in sides:
        other = lineage.others[number]
        cells = _cells(lineage, other, Text(part))
        yield _Line(rail, {name: cells[name] for name in ("candidate", "objective", "change", "operator")}, style="dim")


def _stretch(passage: Stretch) -> _Line:
    newest = passage.steps[0].row.objective
    at = "" if newest is None else f", the last with {figures.number(newest)}"
    crossovers = sum(len(step.row.parents) > 1 for step in passage.steps)
    crossed = f", {figures.plural(crossovers, 'crossover')} among them" if crossovers else ""
    note = f"… {len(passage.steps)} steps without a better score{crossed}{at}"
    return _Line(GAP, {}, note=note, style="dim")


def _cells(lineage: Lineage, row: LineageRow, change: Text) -> dict[str, Text]:
    failed = "" if row.status is None or row.objective is not None else f", {row.status}"
    return {
        "candidate": Text(f"{lineage.run_id}/{row.number}"),
        "objective": Text(figures.objective(row.objective)),
        "change": change,
        "operator": plain(one_line(row.operator, _NAME_MOST) + (failed or ("" if row.status else ", unscored"))),
        "model": plain(one_line(row.model, _NAME_MOST)),
        "island": Text(str(row.island)),
        "time": Text("–" if row.elapsed is None else figures.seconds(row.elapsed)),
    }


def _change(change: float, gain: float) -> Text:
    if not change:
        return Text("±0", style="dim")
    return Text(figures.signed(change), style="green" if gain > 0 else "red")


class _Drawing:
    """The lines in columns, as wide as the terminal allows: ideas get what figures leave, and are cut there."""

    def __init__(self, lines: Sequence[_Line]) -> None:
        self._lines = lines
        self._ideas = any(line.idea for line in lines)
        names = list(next(line.cells for line in lines if line.cells))
        self._widths = {name: self._width(name) for name in names if self._used(name)}

    def _used(self, name: str) -> bool:
        return any(name in line.cells and line.cells[name].plain for line in self._lines)

    def _width(self, name: str) -> int:
        cells = [line.cells[name].plain for line in self._lines if name in line.cells]
        return max(map(cell_len, [name, *cells]))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        shown = dict(self._widths)
        for name in _OPTIONAL:
            if self._room(shown, options.max_width) < (IDEA_LEAST if self._ideas else 0):
                shown.pop(name, None)
        beside = self._room(shown, options.max_width) >= IDEA_LEAST
        head = {name: Text(name) for name in shown}
        for line in (_Line(" " * len(GAP), head, "idea" if beside and self._ideas else "", style="dim"), *self._lines):
            for text in self._texts(line, shown, beside):
                text.no_wrap = True
                text.rstrip()
                text.truncate(options.max_width, overflow="ellipsis")
                yield text

    def _room(self, shown: Mapping[str, int], width: int) -> int:
        return width - len(GAP) - sum(shown.values()) - len(_GAP) * len(shown)

    def _texts(self, line: _Line, shown: Mapping[str, int], beside: bool) -> Iterator[Text]:
        text = Text(line.rail + line.note, style=line.style)
        for name, width in shown.items():
            cell = line.cells.get(name, Text()) if not line.note else Text()
            blank = " " * (width - cell_len(cell.plain))
            text.append_text(Text.assemble(blank, cell) if name in _FIGURES else Text.assemble(cell, blank))
            text.append(_GAP)
        idea = one_line(line.idea, _IDEA_MOST)
        if beside:
            text.append(idea)
        yield text
        if idea and not beside:
            yield Text(f"{ON}{idea}", style="dim")
