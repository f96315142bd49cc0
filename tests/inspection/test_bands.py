from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from evolve.inspection.bands import POINTS, climb_json, climbs_of
from evolve.report.comparison import compare
from evolve.report.entrant import Axis
from evolve.store import Leads, Store, open_store
from tests.report.compared_runs import add_run


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "evolve.db", create=True) as opened:
        yield opened


def test_a_band_is_the_median_and_interval_of_the_best_so_far(store: Store) -> None:
    plain = [add_run(store, "plain", seed, [0.0, 1.0 + seed, None, 2.0 + seed], cost=0.1) for seed in range(3)]
    other = [add_run(store, "other", seed, [0.0, 5.0, 4.0, 7.0], cost=0.2) for seed in range(3)]
    arms = [("plain", [store.run(run) for run in plain]), ("other", [store.run(run) for run in other])]
    evaluations, money = climbs_of(compare(store, arms))
    # A duplicate costs no evaluation, so the plain runs end after three of them.
    assert (evaluations.axis, evaluations.amounts) == (Axis.EVALUATIONS, [1.0, 2.0, 3.0])
    first, second = climb_json(evaluations)["arms"]
    assert (first["median"], first["low"], first["high"]) == ([0, 2, 3], [0, 1, 2], [0, 3, 4])
    assert (second["median"], second["low"]) == ([0, 5, 5], [0, 5, 5])
    assert first["coverage"] == pytest.approx(0.75)
    assert (money.axis, len(money.amounts), money.amounts[0]) == (Axis.MONEY, POINTS + 1, 0.0)
    assert money.amounts[-1] == pytest.approx(0.3)
    bought = dict(zip(money.amounts, climb_json(money)["arms"][1]["median"], strict=True))
    assert [best for amount, best in bought.items() if amount < 0.199] == [0.0] * 40
    assert bought[money.amounts[-1]] == 5.0


def test_many_evaluations_are_thinned_to_even_steps_that_end_at_the_last(store: Store) -> None:
    long = add_run(store, "long", 1, [float(number) for number in range(500)])
    short = add_run(store, "short", 1, [float(number) for number in range(400)])
    [climb] = climbs_of(compare(store, [("a", [store.run(long)]), ("b", [store.run(short)])]))
    assert (climb.amounts[0], climb.amounts[-1], len(climb.amounts)) == (1.0, 400.0, POINTS + 1)
    steps = {right - left for left, right in zip(climb.amounts, climb.amounts[1:], strict=False)}
    assert steps <= {6.0, 7.0}
    assert [interval.median for interval in climb.bands[0].intervals] == [amount - 1 for amount in climb.amounts]


def test_a_curve_ends_at_what_a_noisy_run_says_of_its_best_as_the_table_does(store: Store) -> None:
    runs = [store.run(add_run(store, name, 1, [0.0, 1.0, 9.0, 2.0])) for name in "ab"]
    store.append(runs[0].id, [Leads(1, 1.5)])
    comparison = compare(store, [(run.summary.name, [store.run(run.id)]) for run in runs])
    bands = [[interval.median for interval in band.intervals] for band in climbs_of(comparison)[0].bands]
    assert bands == [[0.0, 1.0, 9.0, 1.5], [0.0, 1.0, 9.0, 9.0]]
    assert [median.median for median in comparison.tracks[0].checkpoints[-1].medians] == [1.5, 9.0]
