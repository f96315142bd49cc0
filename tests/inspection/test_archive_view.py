"""Maps of the archive in a terminal: cells where they belong, in whatever room and colours there are."""

from __future__ import annotations

import io
import itertools
import random
from datetime import UTC, datetime
from typing import Any, Literal

import pytest
from rich.console import Console

from evolve.archive.grid import Cells
from evolve.archive.settings import ArchiveSettings, Axis, Kind
from evolve.domain import Direction
from evolve.errors import UserError
from evolve.inspection.archive import ArchiveState, Elite, Island, Scale, archive_json
from evolve.inspection.archive_view import archive_view
from evolve.inspection.heatmap import Boxes
from evolve.inspection.space import Layout, Space
from evolve.store import RunRow, RunStatus, RunSummary


def run_of(measures: list[dict[str, Any]], direction: Direction = Direction.MAXIMIZE, **search: Any) -> RunRow:
    summary = RunSummary(
        3, "name", "problem", "gain", direction, RunStatus.FINISHED, 50, 50, 50, 50, 1, 9.0, 0.0, 1.0, datetime.now(UTC)
    )
    spec = {"objective": {"unit": "g"}, "measures": measures}
    return RunRow(summary, "", "", 1, {"search": {"islands": 1, **search}}, "", {}, {}, "", None, spec)


def measure(name: str, cells: int, low: float | None = 0.0, high: float | None = 10.0) -> dict[str, Any]:
    return {"name": name, "low": low, "high": high, "cells": cells}


def state_of(run: RunRow, held: dict[int, float], *, islands: int = 1, learning: bool = False) -> ArchiveState:
    """Elites by cell; their number is the cell and a thousand."""
    elites = tuple(Elite(cell, 1000 + cell, objective, "tweak", "") for cell, objective in held.items())
    best = max(elites, key=lambda elite: elite.objective, default=None)
    space = Space.of(run, None)
    each = tuple(Island(index, elites, best, None) for index in range(islands))
    return ArchiveState(
        run, 50, space, learning, not learning, each, Scale.of(list(held.values()), Direction.MAXIMIZE), ""
    )


def drawn(state: ArchiveState, width: int, *axes: str) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width, color_system=None).print(archive_view(state, None, *axes))
    return out.getvalue().splitlines()


def rows(lines: list[str], count: int) -> list[list[str]]:
    """The boxes of a map without colours, from the top, with the labels of its first and last row."""
    top = next(index for index, line in enumerate(lines) if "↑" in line) + 1
    return [line.split() for line in lines[top : top + count]]


def test_a_flat_cell_is_where_pyribs_means_it() -> None:
    dims = (3, 4, 5)
    names = ("a", "b", "c")
    settings = ArchiveSettings(tuple(Axis(name, 0.0, 1.0, cells) for name, cells in zip(names, dims, strict=True)))
    space = Space.of(run_of([measure(name, cells) for name, cells in zip(names, dims, strict=True)]), None)
    boxes = list(itertools.product(*map(range, dims)))
    middles = [[(place + 0.5) / cells for place, cells in zip(box, dims, strict=True)] for box in boxes]
    assert [space.coordinates(cell) for cell in Cells(settings, [(0.0, 1.0)] * 3).of_all(middles)] == boxes


def test_the_centre_of_a_cvt_cell_is_in_that_cell() -> None:
    axes = tuple(Axis(name, 0.0, 1.0) for name in "abc")
    cells = Cells(ArchiveSettings(axes, kind=Kind.CVT, cvt_cells=200), [(0.0, 1.0)] * 3)
    space = Space.of(run_of([measure(name, 4) for name in "abc"], archive="cvt", cvt_cells=200), None)
    assert space.layout is Layout.POINTS
    assert cells.of_all([list(point) for point in space.points.values()]) == list(space.points)


def test_a_cvt_of_very_many_cells_has_the_centres_of_those_that_are_used() -> None:
    run = run_of([measure(name, 4) for name in "ab"], archive="cvt", cvt_cells=1_000_000)
    every = Space.of(run_of([measure(name, 4) for name in "ab"], archive="cvt", cvt_cells=100), None)
    some = Space.of(run, None, [3, 77, 3])
    assert some.cells == 1_000_000
    assert some.points == {cell: every.points[cell] for cell in (3, 77)}


def test_right_is_more_of_x_and_up_is_more_of_y() -> None:
    run = run_of([measure("width", 4), measure("height", 3)])
    # cell = column * 3 + row
    state = state_of(run, {0: 0.0, 2: 5.0, 3 * 3 + 1: 9.0, 2 * 3: 4.0})
    lines = drawn(state, 80)
    assert rows(lines, 3) == [
        ["10", "5", "·", "·", "·"],
        ["·", "·", "·", "*"],
        ["0", "0", "·", "4", "·"],
    ]
    assert any("width →" in line for line in lines)
    assert any("height ↑" in line for line in lines)
    assert any("4 of 12 cells (33%)" in line for line in lines)
    assert any("best 9 g by 1010" in line for line in lines)
    turned = drawn(state, 80, "height", "width")
    assert rows(turned, 4)[0] == ["10", "·", "*", "·"]


def test_other_axes_are_folded_to_the_best() -> None:
    run = run_of([measure("a", 2), measure("b", 2), measure("c", 2)])
    state = state_of(run, {0: 1.0, 1: 9.0, 7: 5.0})  # (0, 0, 0), (0, 0, 1), (1, 1, 1)
    assert rows(drawn(state, 80), 2) == [["10", "·", "5"], ["0", "*", "·"]]
    assert any("folded over c" in line for line in drawn(state, 80))
    assert rows(drawn(state, 80, "c", "b"), 2) == [["10", "·", "5"], ["0", "0", "*"]]


@pytest.mark.parametrize("colours", [None, "truecolor"])
@pytest.mark.parametrize("width", [24, 40, 80, 200])
def test_a_large_grid_fits_any_terminal(width: int, colours: Literal["truecolor"] | None) -> None:
    run = run_of([measure("x", 100), measure("y", 100)])
    rng = random.Random(3)
    state = state_of(run, {cell: rng.random() for cell in rng.sample(range(10_000), 4_000)})
    console = Console(file=io.StringIO(), width=width, color_system=colours, force_terminal=colours is not None)
    lines = console.render_lines(archive_view(state), pad=False)
    map_lines = [line for line in lines if any(piece.text.strip("▀▄") != piece.text for piece in line)]
    if colours:
        assert 25 <= len(map_lines) <= 33
    assert all(sum(piece.cell_length for piece in line) <= width for line in lines)
    assert len(lines) < 60


def test_every_elite_of_a_folded_grid_is_in_a_box_that_is_drawn() -> None:
    space = Space.of(run_of([measure("x", 97), measure("y", 53)]), None)
    for width in (7, 30, 97, 300):
        boxes = Boxes.fitting(space, (0, 1), width, colours=True)
        places = {boxes.of(cell) for cell in range(97 * 53)}
        assert places == boxes.known
        assert boxes.width <= max(width, 2)


def test_one_axis_is_a_line_and_none_a_sentence() -> None:
    line = drawn(state_of(run_of([measure("length", 5)]), {1: 1.0, 4: 2.0}), 80)
    assert any(row.split() == ["·", "0", "·", "·", "*"] for row in line)
    single = drawn(state_of(run_of([]), {0: 2.5}), 80)
    assert any("island 0  1 of 1 cell" in row for row in single)
    assert any("best 2.5 g by 1000" in row for row in single)


def test_while_bounds_are_learnt_candidates_are_listed_in_order() -> None:
    run = run_of([measure("x", 8, None, None), measure("y", 8)], learn_first=64)
    lines = drawn(state_of(run, {0: 1.0, 1: 2.0, 2: 3.0}, learning=True), 160)
    assert any("learnt from the first 64 valid ones" in row and "in the order they came" in row for row in lines)
    assert any(row.split() == ["0", "5", "*"] for row in lines)


def test_names_can_neither_style_nor_break_a_terminal() -> None:
    run = run_of([measure("[red]\x1b[31mlong\u202e" + "n" * 300, 3), measure("a\nb", 3)])
    text = "\n".join(drawn(state_of(run, {4: 1.0}), 60))
    assert "\x1b" not in text
    assert "[red]\\x1b[31m" in text
    assert "a b ↑" in text
    assert all(len(line) <= 60 for line in text.splitlines())


def test_a_freak_does_not_take_the_colours_from_all_others() -> None:
    scale = Scale.of([*(10.0 + index for index in range(9)), 1e9], Direction.MINIMIZE)
    assert scale.clipped
    assert (scale.worst, scale.best) == (18.0, 10.0)
    assert scale.share(1e9) == 0.0
    assert scale.share(14.0) == 0.5
    assert Scale.of([3.0, 3.0], Direction.MAXIMIZE).share(3.0) == 1.0


def test_what_is_not_there_is_said_so() -> None:
    state = state_of(run_of([measure("a", 2), measure("b", 2)]), {0: 1.0}, islands=2)
    with pytest.raises(UserError, match=r"--island is 2; run 3 has 2, 0 to 1"):
        archive_json(state, 2)
    with pytest.raises(UserError, match="--x is 'c', no axis of this run; its axes are a, b"):
        archive_view(state, None, "c")
    with pytest.raises(UserError, match="--x and --y are both 'a'"):
        archive_view(state, None, "a", "a")
