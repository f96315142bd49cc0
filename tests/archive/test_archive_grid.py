"""Cells agree with plain pyribs, bounds are sensible, and settings say what is wrong with them."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ribs.archives import CVTArchive, GridArchive

from evolve.archive.bounds import learn
from evolve.archive.grid import Cells, preload
from evolve.archive.islands import Entry, Islands
from evolve.archive.settings import ArchiveSettings, Axis, Kind
from evolve.domain import Outcome
from evolve.errors import SettingsError

STATUS = {0: Outcome.NOT_ADDED, 1: Outcome.IMPROVED, 2: Outcome.NEW_CELL}


def told(count, seed, low, high):
    rng = random.Random(seed)
    scores = [rng.choice([rng.gauss(0, 1), round(rng.gauss(0, 1))]) for _ in range(count)]  # ties among them
    return [
        Entry(n, 0, score, None, (rng.uniform(low, high), rng.uniform(low, high))) for n, score in enumerate(scores)
    ]


@pytest.mark.parametrize("bounds", [(0.0, 1.0), (-3.0, 17.5)])
def test_a_grid_holds_what_a_plain_pyribs_grid_holds(bounds):
    low, high = bounds
    archive = Islands(ArchiveSettings(axes=(Axis("x", low, high, 7), Axis("y", low, high, 9))))
    plain = GridArchive(solution_dim=(), solution_dtype=np.int64, dims=[7, 9], ranges=[bounds, bounds])
    width = high - low
    for entry in told(600, 1, low - width / 5, high + width / 5):
        status = plain.add_single(entry.number, entry.score, entry.measures)["status"]
        assert archive.add(entry).outcome is STATUS[int(status)]
    held = dict(zip(plain.data("index").tolist(), plain.data("solution").tolist(), strict=True))
    assert {archive.cell(0, number): number for number in archive.elites(0)} == held
    assert archive.entry(archive.top(0, 1)[0]).score == plain.stats.obj_max


def test_a_cvt_holds_what_a_plain_pyribs_cvt_holds():
    options = ArchiveSettings(axes=(Axis("x", 0.0, 1.0), Axis("y", 0.0, 1.0)), kind=Kind.CVT, cvt_cells=50)
    archive = Islands(options)
    grid = np.array([[x, y] for x in np.linspace(0, 1, 101) for y in np.linspace(0, 1, 101)])
    cells = np.array(Cells(options, ((0.0, 1.0), (0.0, 1.0))).of_all(grid))
    counts = np.bincount(cells, minlength=50)
    assert counts.min() > 0.2 * counts.mean()  # evenly spread: no cell is a sliver
    assert counts.max() < 3 * counts.mean()
    centroids = _halton(50)
    plain = CVTArchive(solution_dim=(), solution_dtype=np.int64, centroids=centroids, ranges=[(0, 1), (0, 1)])
    for entry in told(600, 2, 0.0, 1.0):
        status = plain.add_single(entry.number, entry.score, entry.measures)["status"]
        assert archive.add(entry).outcome is STATUS[int(status)]
    held = dict(zip(plain.data("index").tolist(), plain.data("solution").tolist(), strict=True))
    assert {archive.cell(0, number): number for number in archive.elites(0)} == held


def _halton(count):
    from scipy.stats import qmc

    sequence = qmc.Halton(2, scramble=False)
    sequence.fast_forward(1)
    return sequence.random(count)


def test_cvt_axes_weigh_the_same_whatever_their_scale():
    small = Cells(ArchiveSettings(axes=(Axis("x"), Axis("y")), kind=Kind.CVT), ((0, 1), (0, 1)))
    large = Cells(ArchiveSettings(axes=(Axis("x"), Axis("y")), kind=Kind.CVT), ((0, 1), (0, 1e6)))
    rng = random.Random(0)
    for _ in range(100):
        x, y = rng.random(), rng.random()
        assert small.of((x, y)) == large.of((x, y * 1e6))


@pytest.mark.parametrize("kind", Kind)
def test_one_by_one_and_all_at_once_agree(kind):
    bounds = ((-1.0, 1e-9), (0.0, 1e300))
    cells = Cells(ArchiveSettings(axes=(Axis("x", cells=6), Axis("y", cells=6)), kind=kind, cvt_cells=40), bounds)
    rng = random.Random(5)
    rows = [(rng.uniform(-2, 1), rng.choice([0.0, 1e299, -1e308, 1e308, rng.random() * 1e300])) for _ in range(300)]
    assert cells.of_all(rows) == [cells.of(row) for row in rows]
    assert len(set(cells.of_all(rows))) > 10
    assert cells.of_all([]) == []


def test_a_narrow_axis_is_cut_as_finely_as_a_wide_one():
    cells = Cells(ArchiveSettings(axes=(Axis("x", cells=4),)), ((0.0, 4e-9),))
    assert cells.of_all([(place * 1e-9 + 5e-10,) for place in range(4)]) == [0, 1, 2, 3]


def test_preload_imports_pyribs():
    preload()  # the import itself is the behaviour; a later archive then starts at once


def test_learnt_bounds_have_a_margin_and_ignore_a_freak():
    rows = [(float(value),) for value in range(20)] + [(1e12,)]
    ((low, high),) = learn((Axis("x"),), rows)
    assert -6.0 < low < 0.0
    assert 19.0 < high < 25.0


def test_constant_measures_get_room_on_both_sides():
    assert learn((Axis("x"),), [(7.0,)] * 5) == ((3.5, 10.5),)
    assert learn((Axis("x"),), [(0.0,)]) == ((-1.0, 1.0),)


def test_a_rare_value_still_counts_when_most_are_equal():
    ((low, high),) = learn((Axis("x"),), [(0.0,)] * 9 + [(8.0,)])
    assert low == -2.0
    assert high == 10.0


def test_a_declared_bound_stays_and_the_other_is_learnt():
    rows = [(float(value),) for value in range(1, 10)]
    assert learn((Axis("x", low=0.0),), rows) == ((0.0, 11.0),)
    assert learn((Axis("x", high=9.0),), rows) == ((-1.0, 9.0),)
    assert learn((Axis("x", low=100.0),), rows) == ((100.0, 150.0),)  # all of them below it
    assert learn((Axis("x", high=-4.0),), rows) == ((-6.0, -4.0),)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=40))
def test_any_finite_measures_give_bounds_that_work(values):
    ((low, high),) = learn((Axis("x", cells=3),), [(value,) for value in values])
    assert low < high
    cells = Cells(ArchiveSettings(axes=(Axis("x", cells=3),)), ((low, high),))
    assert all(0 <= cells.of((value,)) < 3 for value in values)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"islands": 0}, "islands is 0"),
        ({"migration_rate": 0.0}, "migration_rate is 0.0"),
        ({"learn_first": 0}, "learn_first is 0"),
        ({"stagnation": -1}, "stagnation is -1"),
        ({"axes": (Axis("x"), Axis("x"))}, "name a measure twice"),
        ({"axes": (Axis("x", cells=1001), Axis("y", cells=1000))}, "1001000 cells"),
        ({"axes": (Axis("x"),), "kind": Kind.CVT, "cvt_cells": 2_000_000}, "2000000 cells"),
    ],
)
def test_wrong_settings_name_the_key_and_the_value(change, said):
    with pytest.raises(SettingsError, match=said):
        ArchiveSettings(**change)


@pytest.mark.parametrize(
    ("bounds", "said"),
    [((2.0, 2.0), "low 2.0 must be less"), ((float("nan"), 1.0), "low is nan"), ((0.0, 1e301), "high is 1e")],
)
def test_wrong_bounds_name_the_axis(bounds, said):
    with pytest.raises(SettingsError, match=f"axis 'x': {said}"):
        Axis("x", *bounds)
