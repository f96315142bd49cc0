"""The archive as a search sees it: who is kept, where, and what replaying does."""

import math
import random
import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.archive.islands import BoundsFrozen, Entry, Islands, Migrated, Restarted
from evolve.archive.settings import ArchiveSettings, Axis, Kind, Topology
from evolve.domain import Direction, Outcome

SQUARE = (Axis("x", 0.0, 1.0, 5), Axis("y", 0.0, 1.0, 5))


def entry(number, score, measures=(), island=0, stderr=None):
    return Entry(number, island, score, stderr, tuple(measures))


def state(archive):
    """Everything a search can see of an archive."""
    islands = range(archive.count)
    return {
        "elites": [list(archive.elites(island)) for island in islands],
        "cells": [[archive.cell(island, number) for number in archive.elites(island)] for island in islands],
        "top": [archive.top(island, 64) for island in islands],
        "coverage": [archive.coverage(island) for island in islands],
        "sizes": [archive.size(island) for island in islands],
        "drawn": [archive.sample(island, 3, random.Random(7)) for island in islands],
        "entries": {number: archive.entry(number) for number in archive.held()},
        "bounds": archive.bounds(),
        "held": (len(archive.held()), sorted(archive.held())),
    }


def test_without_axes_only_the_best_is_kept_and_a_tie_changes_nothing():
    archive = Islands(ArchiveSettings())
    assert archive.add(entry(0, 1.0)).outcome is Outcome.NEW_CELL
    assert archive.add(entry(1, 1.0)).outcome is Outcome.NOT_ADDED
    placed = archive.add(entry(2, 1.5))
    assert (placed.outcome, placed.cell, placed.replaced) == (Outcome.IMPROVED, 0, 0)
    assert list(archive.elites(0)) == [2]
    assert archive.coverage(0) == (1, 1)
    assert 0 not in archive
    assert 2 in archive


def test_a_cell_keeps_its_best_and_the_record_of_it():
    archive = Islands(ArchiveSettings(axes=SQUARE))
    archive.add(entry(0, 1.0, (0.1, 0.1)))
    archive.add(entry(1, 0.5, (0.9, 0.1), stderr=0.25))
    placed = archive.add(entry(2, 2.0, (0.15, 0.05), stderr=0.5))
    assert (placed.outcome, placed.replaced) == (Outcome.IMPROVED, 0)
    assert archive.cell(0, 2) == placed.cell
    assert archive.entry(2) == Entry(2, 0, 2.0, 0.5, (0.15, 0.05))
    assert archive.entry(1) == Entry(1, 0, 0.5, 0.25, (0.9, 0.1))
    assert archive.top(0, 5) == (2, 1)
    assert archive.coverage(0) == (2, 25)
    with pytest.raises(KeyError, match="candidate 0 is not an elite"):
        archive.entry(0)


def test_measures_outside_the_bounds_belong_to_the_edge_cells_however_far():
    archive = Islands(ArchiveSettings(axes=SQUARE))
    inside = archive.add(entry(0, 0.0, (0.99, 0.5))).cell
    assert archive.add(entry(1, 1.0, (5.0, 0.5))).cell == inside
    assert archive.add(entry(2, 2.0, (1.7e308, 0.5))).cell == inside
    low = archive.add(entry(3, 0.0, (0.0, 0.5))).cell
    assert archive.add(entry(4, 1.0, (-1.7e308, 0.5))).cell == low != inside


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_measure_that_is_no_number_is_rejected_with_its_name(bad):
    archive = Islands(ArchiveSettings(axes=SQUARE))
    placed = archive.add(entry(0, 1.0, (0.5, bad)))
    assert (placed.outcome, placed.cell) == (Outcome.REJECTED, None)
    assert f"y is {bad}" in placed.reason
    assert "x is" not in placed.reason
    assert archive.size(0) == 0
    assert archive.add(entry(1, bad, (0.5, 0.5))).outcome is Outcome.REJECTED


def test_a_callers_mistake_is_an_error_that_names_it():
    archive = Islands(ArchiveSettings(axes=SQUARE, islands=2))
    archive.add(entry(4, 1.0, (0.5, 0.5)))
    with pytest.raises(ValueError, match="island 2; there are 2"):
        archive.add(entry(5, 1.0, (0.5, 0.5), island=2))
    with pytest.raises(ValueError, match=r"1 measures; the axes are \['x', 'y'\]"):
        archive.add(entry(5, 1.0, (0.5,)))


def test_the_seed_may_be_told_to_every_island_and_a_candidate_ties_with_itself():
    archive = Islands(ArchiveSettings(axes=SQUARE, islands=3, migration_interval=1))
    outcomes = [archive.add(entry(0, 1.0, (0.5, 0.5), island=island)).outcome for island in range(3)]
    assert outcomes[0] is Outcome.NEW_CELL
    assert outcomes[1] is Outcome.NOT_ADDED  # it had migrated there before
    assert [list(archive.elites(island)) for island in range(3)] == [[0], [0], [0]]
    assert archive.add(entry(0, 9.0, (0.1, 0.1))).outcome is Outcome.NOT_ADDED
    assert archive.entry(0).score == 1.0
    assert len(archive.held()) == 1


def test_minimising_is_the_mirror_image_of_maximising():
    rng = random.Random(3)
    told = [(n, rng.gauss(0, 1), (rng.random(), rng.random())) for n in range(200)]
    archives = []
    for direction in Direction:
        archive = Islands(ArchiveSettings(axes=SQUARE))
        objective_sign = direction.sign  # the same candidates, their objective turned over
        for number, quality, measures in told:
            objective = quality * objective_sign
            archive.add(entry(number, objective * direction.sign, measures))
        archives.append(state(archive))
    assert archives[0] == archives[1]


def test_sampling_is_uniform_over_cells_and_repeats_nobody():
    archive = Islands(ArchiveSettings(axes=SQUARE))
    for number in range(10):
        archive.add(entry(number, float(number), (number % 5 / 5 + 0.1, number // 5 / 5 + 0.1)))
    rng = random.Random(0)
    counts = Counter(number for _ in range(3000) for number in archive.sample(0, 3, rng))
    assert all(abs(counts[number] - 900) < 5 * math.sqrt(900 * 0.7) for number in range(10))
    assert all(len(set(archive.sample(0, 4, rng))) == 4 for _ in range(100))
    assert sorted(archive.sample(0, 99, rng)) == list(range(10))
    assert archive.sample(0, 0, rng) == ()


@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.0])), max_size=300))
@settings(max_examples=60, deadline=None)
def test_top_is_the_sorted_elites_whatever_was_displaced(told):
    archive = Islands(ArchiveSettings(axes=(Axis("x", 0.0, 61.0, 61),)))
    for number, (cell, score) in enumerate(reversed(told)):
        archive.add(entry(1000 - number, score + cell * (score == 3.0), (cell + 0.5,)))
    ordered = sorted(archive.elites(0), key=lambda number: (-archive.entry(number).score, number))
    assert archive.top(0, 64) == tuple(ordered[:64])
    assert archive.top(0, 3) == tuple(ordered[:3])


def test_top_holds_the_best_64_of_many():
    archive = Islands(ArchiveSettings(axes=(Axis("x", 0.0, 200.0, 200),)))
    numbers = list(range(200))
    random.Random(4).shuffle(numbers)
    for number in numbers:
        archive.add(entry(number, float(number), (number + 0.5,)))
    assert archive.top(0, 99) == tuple(range(199, 135, -1))
    assert archive.top(0, 2) == (199, 198)
    assert archive.top(0, 0) == ()


def test_bounds_are_learnt_from_the_first_candidates_then_frozen():
    archive = Islands(ArchiveSettings(axes=(Axis("length", cells=4), Axis("y", 0.0, 1.0, 2)), learn_first=8))
    for number in range(7):
        placed = archive.add(entry(number, 1.0 - number, (100.0 + number, 0.5)))
        assert placed.outcome is Outcome.NEW_CELL  # nothing is lost while there are no bounds
    assert archive.bounds() is None
    assert archive.coverage(0) == (7, 8)
    placed = archive.add(entry(7, 10.0, (107.0, 0.5)))
    (frozen,) = placed.events
    assert isinstance(frozen, BoundsFrozen)
    assert frozen.bounds == archive.bounds() == ((98.25, 108.75), (0.0, 1.0))
    assert archive.cell(0, 7) == placed.cell
    assert archive.coverage(0) == (4, 8)
    assert set(archive.elites(0)) == {0, 1, 4, 7}  # the best of each quarter of [98.25, 108.75]
    archive.add(entry(8, 0.0, (1e9, 0.5)))
    assert archive.bounds() == frozen.bounds


def test_migrants_are_the_same_candidates_on_two_islands():
    archive = Islands(ArchiveSettings(axes=SQUARE, islands=3, migration_interval=4, migration_rate=0.01))
    for number in range(3):
        archive.add(entry(number, float(number), (0.1, number / 4), island=number))
    placed = archive.add(entry(3, 9.0, (0.9, 0.9), island=0))
    assert placed.events == (Migrated(0, 1, (3,)), Migrated(1, 2, (1,)), Migrated(2, 0, (2,)))
    assert set(archive.elites(1)) == {1, 3}
    assert archive.cell(0, 3) == archive.cell(1, 3)
    assert archive.entry(3).island == 0
    assert sorted(archive.held()) == [0, 1, 2, 3]
    assert len(archive.held()) == 4
    assert 3 in archive.held()
    assert 9 not in archive.held()


def test_a_migrant_must_be_better_than_who_is_there():
    archive = Islands(ArchiveSettings(islands=2, migration_interval=2))
    archive.add(entry(0, 1.0, island=0))
    placed = archive.add(entry(1, 1.0, island=1))
    assert placed.events == ()
    assert [list(archive.elites(island)) for island in (0, 1)] == [[0], [1]]


def test_topology_none_and_interval_zero_keep_islands_apart():
    for change in ({"topology": Topology.NONE}, {"migration_interval": 0}):
        archive = Islands(ArchiveSettings(islands=2, **{"migration_interval": 1, **change}))
        archive.add(entry(0, 5.0, island=0))
        archive.add(entry(1, 1.0, island=1))
        assert list(archive.elites(1)) == [1]


def test_a_random_ring_gives_everyone_one_neighbour_and_changes():
    options = ArchiveSettings(islands=5, migration_interval=5, topology=Topology.RANDOM_RING, axes=SQUARE)
    archive = Islands(options)
    successors = set()
    for number in range(100):
        measures = (random.Random(number).random(), random.Random(-number).random())
        placed = archive.add(entry(number, float(number), measures, island=number % 5))
        moves = [event for event in placed.events if isinstance(event, Migrated)]
        assert len({move.source for move in moves}) == len({move.target for move in moves}) == len(moves)
        assert all(move.source != move.target for move in moves)
        successors.update(move.target for move in moves if move.source == 0)
    assert successors == {1, 2, 3, 4}


def test_other_elites_travel_each_time():
    options = ArchiveSettings(axes=SQUARE, islands=2, migration_interval=10, migration_rate=0.1)
    archive = Islands(options)
    for number in range(20):
        archive.add(entry(number, 1.0, (number % 5 / 5 + 0.1, number // 5 / 5 + 0.1), island=0))
    travelled = [move.numbers for step in range(20, 100) for move in archive.add(entry(step, 0.0, (0.9, 0.9))).events]
    assert len(travelled) >= 4
    assert len({number for numbers in travelled for number in numbers}) > 4


def test_a_stagnant_island_begins_again_from_the_others_but_the_leader_never():
    archive = Islands(ArchiveSettings(axes=SQUARE, islands=2, migration_interval=0, stagnation=5, founders=2))
    for number in range(3):
        archive.add(entry(number, 10.0 + number, (0.1 + number / 4, 0.1), island=0))
    restarts = []
    for number in range(3, 9):
        placed = archive.add(entry(number, 1.0, (0.1, number / 10), island=1))
        restarts += [(number, event) for event in placed.events]
    ((when, event),) = restarts
    assert when == 8  # the sixth tell to the island, the fifth without a better best
    assert isinstance(event, Restarted)
    assert event.island == 1
    assert set(event.founders) == set(archive.elites(1))
    assert len(event.founders) == 2
    assert set(event.founders) <= {0, 1, 2}
    for number in range(9, 40):
        assert archive.add(entry(number, 0.0, (0.9, 0.9), island=0)).events == ()
    assert archive.top(0, 1) == (2,)


def test_an_island_that_still_improves_is_left_alone():
    archive = Islands(ArchiveSettings(islands=2, migration_interval=0, stagnation=3))
    archive.add(entry(0, 1000.0, island=0))
    for number in range(1, 60):
        assert archive.add(entry(number, number // 3, island=1)).events == ()


@st.composite
def runs(draw):
    """Settings of every kind, and tells with ties, freak and impossible measures."""
    islands = draw(st.integers(1, 4))
    axis = st.builds(
        Axis,
        st.just("?"),
        st.sampled_from([None, 0.0]),
        st.sampled_from([None, 3.0]),
        st.integers(1, 4),
    )
    axes = tuple(
        Axis(f"m{place}", item.low, item.high, item.cells)
        for place, item in enumerate(draw(st.lists(axis, max_size=2)))
    )
    options = ArchiveSettings(
        axes=axes,
        islands=islands,
        kind=draw(st.sampled_from(Kind)),
        cvt_cells=draw(st.integers(1, 12)),
        learn_first=draw(st.integers(1, 12)),
        migration_interval=draw(st.integers(0, 7)),
        migration_rate=draw(st.sampled_from([0.1, 0.5, 1.0])),
        topology=draw(st.sampled_from(Topology)),
        stagnation=draw(st.integers(0, 6)),
        founders=draw(st.integers(1, 3)),
        seed=draw(st.integers(0, 3)),
    )
    measure = st.sampled_from([-2.0, 0.0, 0.5, 1.0, 1.5, 2.5, 3.0, 1e9, math.nan])
    score = st.sampled_from([-1.0, 0.0, 0.25, 0.5, 1.0, 2.0, math.inf])
    told = draw(st.lists(st.tuples(st.integers(0, islands - 1), score, st.tuples(*[measure] * len(axes))), max_size=80))
    entries = [
        Entry(max(0, number - islands), island, value, None, where)
        for number, (island, value, where) in enumerate(told)
    ]  # number 0 is told several times, as the seed is
    return options, entries, draw(st.integers(0, len(entries)))


@given(runs())
@settings(max_examples=150, deadline=None)
def test_replay_gives_the_archive_that_adding_one_by_one_gave(run):
    options, entries, split = run
    live, resumed, logged = Islands(options), Islands(options), Islands(options)
    placed = [live.add(told) for told in entries[:split]]
    resumed.replay(entries[:split])
    assert state(resumed) == state(live)
    frozen = [event.cells for place in placed for event in place.events if isinstance(event, BoundsFrozen)]
    logged.replay(entries[:split], [place.cell for place in placed], frozen[0] if frozen else None)
    assert state(logged) == state(live)
    assert len(live.held()) == len({number for island in range(live.count) for number in live.elites(island)})
    # and from there on the two behave the same: clocks and pending restarts survive too
    assert [resumed.add(told) for told in entries[split:]] == [live.add(told) for told in entries[split:]]
    assert state(resumed) == state(live)


def test_nothing_heavy_is_imported_until_a_candidate_needs_a_cell():
    program = """
import sys
from evolve.archive.islands import Entry, Islands
from evolve.archive.settings import ArchiveSettings, Axis
archive = Islands(ArchiveSettings(axes=(Axis("x"),)))
archive.add(Entry(0, 0, 1.0, None, (1.0,)))
Islands(ArchiveSettings()).add(Entry(0, 0, 1.0, None, ()))
heavy = {"numpy", "scipy", "ribs", "numba"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
