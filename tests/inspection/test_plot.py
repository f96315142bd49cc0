"""Figures of runs: what they show, read from matplotlib's own objects, and that they can be written."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from evolve.domain import (
    Candidate,
    Direction,
    Estimate,
    Evaluation,
    Origin,
    Outcome,
    Program,
    Relook,
    Series,
    Status,
    Verdict,
)
from evolve.errors import UserError
from evolve.inspection.archive import ArchiveState, Elite, Island, Scale
from evolve.inspection.figures_curve import Axis, Course, apart, draw_curve
from evolve.inspection.figures_heatmap import draw_heatmaps
from evolve.inspection.figures_lineage import Descent, draw_lineage
from evolve.inspection.plot import What, check_path, plot
from evolve.inspection.plot_style import Measure, drawing
from evolve.inspection.space import AxisShown, Layout, Space, centres
from evolve.store import Evaluated, Holder, Looked, NewRun, Proposed, RunRow, RunStatus, Store, Told, open_store
from tests.report.compared_runs import add_run

HOSTILE = "$\\frac{1}{$ \\input{x} \x1b[31m\u202e <b> 数字"
SPEC = {
    "objective": {
        "unit": "cm",
        "baselines": {"shelf": {"value": 2.5, "source": ""}, "$\\bad{": {"value": 3.5, "source": ""}},
        "best_known": {"value": 40.0, "source": ""},
        "bound": 3.6,
    }
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "evolve.db", create=True) as opened:
        yield opened


def drawn_curve(course: Course, axis: Axis = Axis.EVALUATIONS) -> Axes:
    with drawing():
        figure = Figure()
        draw_curve(figure, course, axis)
        figure.draw_without_rendering()
    return figure.axes[0]


def legend_of(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def points_of(axes: Axes, label: str) -> tuple[list[float], list[float]]:
    """What a line with this label goes through."""
    line = next(line for line in axes.lines if line.get_label() == label)
    return [float(each) for each in line.get_xdata()], [float(each) for each in line.get_ydata()]


def test_the_curve_is_the_best_so_far_against_evaluations(store: Store) -> None:
    run = store.run(add_run(store, "a", 1, [1.0, 2.0, None, -500.0, 3.0, 1.5], held_out=2.75))
    axes = drawn_curve(Course.of(store, run))
    # The duplicate cost no evaluation.
    assert points_of(axes, "best so far") == ([1, 2, 4, 5], [1, 2, 3, 3])
    low, high = axes.get_ylim()
    assert low < 1 < 3 < high < 10
    assert low > -10
    assert axes.get_ylabel() == "radius, more is better"
    assert axes.get_title("right") == "on held-out cases: best 2.75"
    assert isinstance(axes.figure, Figure)
    assert legend_of(axes.figure) == ["candidates", "1 of them beyond the axis", "best so far"]


def test_less_is_better_where_it_is(store: Store) -> None:
    run = store.run(add_run(store, "a", 1, [5.0, 3.0, 4.0], direction=Direction.MINIMIZE))
    axes = drawn_curve(Course.of(store, run))
    assert points_of(axes, "best so far")[1] == [5, 3, 3]
    assert axes.get_ylabel() == "radius, less is better"
    assert axes.get_title("right") == "held-out cases: not measured"


def test_money_is_an_axis_only_where_it_was_spent(store: Store) -> None:
    dear = store.run(add_run(store, "a", 1, [1.0, 2.0, 3.0], cost=0.25))
    axes = drawn_curve(Course.of(store, dear), Axis.MONEY)
    assert points_of(axes, "best so far") == ([0, 0.25, 0.5, 0.5], [1, 2, 3, 3])
    free, unknown = (store.run(add_run(store, "b", 1, [1.0, 2.0], cost=cost)) for cost in ((), None))
    with pytest.raises(UserError, match="spent no money"):
        drawn_curve(Course.of(store, free), Axis.MONEY)
    with pytest.raises(UserError, match="price of this run's model calls is unknown"):
        drawn_curve(Course.of(store, unknown), Axis.MONEY)


def new_run(store: Store, *, name: str = "crossed") -> int:
    """Seed 0 and 1, 2 its children; 3 of both; 4 fails; 5 repairs it."""
    run = store.create_run(
        NewRun(
            name, "packing", "problems/packing", "digest", "radius", Direction.MAXIMIZE, 1, {}, "settings", spec=SPEC
        )
    )
    holder = Holder.here()
    store.acquire(run, holder)
    steps: Sequence[tuple[str, tuple[int, ...], float | None]] = (
        ("seed", (), 1.0), ("mutate", (0,), 2.0), ("mutate", (0,), 1.5), ("crossover", (1, 2), 3.0),
        ("mutate", (3,), None), ("repair", (4,), 3.5),
    )  # fmt: skip
    for number, (operator, parents, objective) in enumerate(steps):
        program = Program.of({"a.py": f"x = {number}\n"})
        if objective is None:
            evaluation, verdict = Evaluation(Status.CRASH), Verdict(Outcome.REJECTED, 0)
        else:
            evaluation = Evaluation(Status.VALID, Estimate(objective))
            verdict = Verdict(Outcome.NEW_CELL, 0, 0, None, new_best=number != 2)
        store.append(
            run,
            [
                Proposed(Candidate(number, program, Origin(operator, 0, parents, model=HOSTILE)), str(number)),
                Evaluated(number, evaluation),
                Told(number, number, verdict, elapsed=float(number)),
            ],
        )
    store.release(run, holder, RunStatus.FINISHED, "done")
    return run


def test_references_are_drawn_where_they_flatten_nothing_and_named_where_they_would(store: Store) -> None:
    axes = drawn_curve(Course.of(store, store.run(new_run(store))))
    assert axes.get_ylabel() == "radius (cm), more is better"
    names = [text for text in axes.texts if isinstance(text, Annotation)]
    assert [text.get_text() for text in names] == ["shelf 2.5 cm", "$\\bad{ 3.5 cm", "bound 3.6 cm"]
    heights = [text.xy[1] for text in names]
    assert heights[1] - heights[0] > 0.2
    assert heights[2] - heights[1] == pytest.approx(0.055)
    assert isinstance(axes.figure, Figure)
    assert "off the axis: best known 40 cm" in legend_of(axes.figure)


def test_names_of_near_lines_do_not_lie_over_one_another() -> None:
    assert apart([0.1, 0.11, 0.5], 0.05) == pytest.approx([0.1, 0.15, 0.5])
    assert apart([0.1, 0.97, 0.98], 0.05) == pytest.approx([0.1, 0.95, 1.0])
    assert apart([], 0.05) == []


def test_a_lineage_shows_crossovers_and_failures_that_were_repaired(store: Store) -> None:
    run = store.run(new_run(store))
    with drawing():
        figure = Figure()
        draw_lineage(figure, Descent.of(store, run, 5))
        figure.draw_without_rendering()
    axes = figure.axes[0]
    names = ["seed", "mutate", "crossover", "repair", "other parent of a crossover", "failed, repaired later"]
    assert sorted(legend_of(figure)) == sorted(names)
    assert points_of(axes, "other parent of a crossover") == ([1, 2], [1.5, 3.0])
    assert points_of(axes, "failed, repaired later")[0] == [3]
    steps, heights = points_of(axes, "mutate")
    assert steps == [1, 3]
    assert heights[0] == 2.0
    assert math.isnan(heights[1])
    assert [text.get_text() for text in axes.texts] == ["0", "1", "3", "5"]


def test_a_step_far_off_stands_at_the_edge_with_its_score(store: Store) -> None:
    run = store.run(new_run(store))
    found = Descent.of(store, run, 3)
    far = [row if row.number != 1 else type(row)(1, "mutate", 0, Status.VALID, 900.0, None, None, None)
           for row in found.path]  # fmt: skip
    with drawing():
        figure = Figure()
        draw_lineage(figure, Descent(found.measure, far, found.rows))
    axes = figure.axes[0]
    assert axes.get_ylim()[1] < 10
    assert "1\n(900 cm)" in [text.get_text() for text in axes.texts]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_hostile_names_are_drawn_as_text(store: Store, tmp_path: Path, kind: str) -> None:
    run = store.run(new_run(store, name=HOSTILE))
    path = tmp_path / f"run.{kind}"
    plot(store, run, path, What.CURVE)
    begins = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
    first = path.read_bytes()
    assert first.startswith(begins[kind])
    plot(store, run, path, What.CURVE)
    assert path.read_bytes() == first


def test_the_title_of_a_noisy_run_has_the_confirmed_score(store: Store, tmp_path: Path) -> None:
    number = add_run(store, "a", 1, [1.0, 9.0])
    store.append(number, [Looked(2, Relook(1, Status.VALID, {100: 3.0, 101: 4.0}, series=Series.CONFIRM))])
    plot(store, store.run(number), tmp_path / "run.svg", What.CURVE)
    assert "radius 1 → 3.5 confirmed in 2 candidates" in (tmp_path / "run.svg").read_text()


def test_what_cannot_be_drawn_is_said(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty, run = store.run(add_run(store, "empty", 1, [])), store.run(add_run(store, "a", 1, [1.0]))
    with pytest.raises(UserError, match=r"run 1 has scored nothing yet"):
        plot(store, empty, tmp_path / "a.png")
    for name, said in (("a.xyz", "ends in '.xyz'"), ("a", "has no suffix"), ("no/a.png", "there is no folder")):
        with pytest.raises(UserError, match=said):
            check_path(tmp_path / name)
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(UserError, match="is a folder; name a file"):
        check_path(tmp_path / "folder.png")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UserError, match=r"matplotlib, which is not installed: pip install 'evolve\[plot\]'"):
        plot(store, run, tmp_path / "a.png")


# ---------------------------------------------------------------- the archive


def state(run: RunRow, space: Space, cells: Sequence[Sequence[tuple[int, float]]], **changes: bool) -> ArchiveState:
    """An archive with these (cell, objective) pairs on each island."""
    islands = []
    for index, held in enumerate(cells):
        elites = tuple(Elite(cell, cell, objective, "mutate", "") for cell, objective in held)
        islands.append(Island(index, elites, max(elites, key=lambda elite: elite.objective, default=None), None))
    scale = Scale.of([objective for held in cells for _, objective in held], run.summary.direction)
    flags = {"learning": False, "placed": True, **changes}
    return ArchiveState(run, 1, space, flags["learning"], flags["placed"], tuple(islands), scale, "")


def axes_of(count: int, cells: int) -> tuple[AxisShown, ...]:
    return tuple(AxisShown(f"m{index}", 0.0, 10.0, cells, learnt=False) for index in range(count))


def drawn_maps(found: ArchiveState) -> Figure:
    with drawing():
        figure = Figure(layout="constrained")
        draw_heatmaps(figure, found, Measure.of(found.run))
        figure.draw_without_rendering()
    return figure


def said_in(figure: Figure) -> str:
    return " ".join(text.get_text() for text in [*figure.texts, *(each for axes in figure.axes for each in axes.texts)])


@pytest.mark.parametrize(
    ("space", "cells", "changes", "said"),
    [
        (Space(Layout.ONE, (), 1, {}), [[(0, 1.0)]], {}, "has no measures"),
        (Space(Layout.GRID, axes_of(2, 4), 16, {}), [[], []], {}, "archive is empty"),
        (Space(Layout.GRID, axes_of(2, 4), 16, {}), [[(0, 1.0)]], {"learning": True, "placed": False}, "being learnt"),
    ],
)
def test_an_archive_without_a_map_says_why(
    store: Store, space: Space, cells: list[list[tuple[int, float]]], changes: dict[str, bool], said: str
) -> None:
    run = store.run(add_run(store, "a", 1, [1.0]))
    assert said in said_in(drawn_maps(state(run, space, cells, **changes)))


@pytest.mark.slow
def test_maps_show_every_island_the_best_of_folded_cells_and_one_scale(store: Store) -> None:
    run = store.run(add_run(store, "a", 1, [1.0]))
    space = Space(Layout.GRID, axes_of(3, 4), 64, {})
    # Cells 0 and 1 differ in the third axis only; cell 23 is (1, 1, 3).
    figure = drawn_maps(state(run, space, [[(0, 1.0), (1, 5.0)], [(23, 2.0)], []]))
    first, second, bar = figure.axes
    assert (first.get_title("left"), second.get_title("left")) == ("island 0: 2 of 64 cells", "island 1: 1 of 64 cells")
    shades = [axes.collections[0].get_array().reshape(4, 4) for axes in (first, second)]
    assert shades[0][0, 0] == 5.0
    assert shades[1][1, 1] == 2.0
    assert shades[0].count() == shades[1].count() == 1
    assert {axes.collections[0].get_clim() for axes in (first, second)} == {(1.0, 5.0)}
    assert (first.get_xlabel(), first.get_ylabel()) == ("m0", "m1")
    assert "the best of cells that differ only in m2; 1 island not drawn" in said_in(figure)
    assert bar.get_ylabel() == "radius, more is better"
    # The star of the best, in the middle of its cell.
    assert [float(each[0]) for each in first.lines[0].get_data()] == [1.25, 1.25]


@pytest.mark.slow
@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("cells", [1, 40])
def test_voronoi_cells_are_drawn_too(store: Store, axes: int, cells: int) -> None:
    run = store.run(add_run(store, "a", 1, [1.0], direction=Direction.MINIMIZE))
    space = Space(Layout.POINTS, axes_of(axes, 16), cells, dict(enumerate(centres(cells, axes))))
    figure = drawn_maps(state(run, space, [[(0, 3.0)]]))
    assert figure.axes[0].get_title("left") == f"archive: 1 of {cells} cells"


@pytest.mark.slow
def test_an_archive_of_an_older_run_is_drawn_where_its_elites_measured(store: Store) -> None:
    run = store.run(add_run(store, "a", 1, [1.0]))
    measured = {7: {"size": 3.0, "depth": 1.0}, 8: {"size": 3.0, "depth": 1.0}}
    figure = drawn_maps(state(run, Space.seen(measured), [[(7, 3.0), (8, 3.0)]]))
    assert "an older run does not say where its cells are" in said_in(figure)
