from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from evolve.domain import Direction, Evaluation, Outcome, Status, Verdict
from evolve.inspection.points import MOST_DOTS, MOST_STRETCHES, Points, points_json
from evolve.inspection.spark import curve_values, spark
from evolve.store import Evaluated, Proposed, Store, Told, open_store
from tests.report.compared_runs import add_run
from tests.store.store_samples import FAILED, NEW_RUN, candidate, scored


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'evolve.db'}", create=True) as opened:
        yield opened


def grow(store: Store, run: int, first: int, last: int) -> None:
    """Candidates of which every third fails and every hundredth is a new best."""
    records = []
    for number in range(first, last):
        failed = number % 3 == 1
        evaluation: Evaluation = FAILED if failed else scored(number / 1000, cases=1)
        best = number % 100 == 0 and not failed
        verdict = Verdict(Outcome.REJECTED if failed else Outcome.NOT_ADDED, 0, None, None, best)
        records += [Proposed(candidate(number), ""), Evaluated(number, evaluation)]
        records.append(Told(number, number, verdict, elapsed=number / 10))
    store.append(run, records)


def test_reading_on_gives_what_reading_anew_gives(store: Store, tmp_path: Path) -> None:
    run = store.create_run(NEW_RUN)
    lengths = (150, 151, MOST_DOTS + 50, MOST_STRETCHES + 100)
    for first, last in zip((0, *lengths), lengths, strict=False):
        grow(store, run, first, last)
        known = Points.of(store, store.run(run))
        with open_store(f"sqlite:///{tmp_path / 'evolve.db'}", create=False, read_only=True) as fresh:
            assert Points.of(fresh, fresh.run(run)) == known
        assert known.end.told == known.end.evaluations == last
        assert len(known.dots) <= MOST_DOTS + last // 100
        assert sum(part.told for part in known.failures) == last
        assert sum(part.failed for part in known.failures) == store.statuses(run)[Status.CRASH]
    assert [dot.number for dot in known.bests] == [n for n in range(0, lengths[-1], 100) if n % 3 != 1]
    assert known.step == 4


def test_a_dot_knows_what_had_been_used_up(store: Store) -> None:
    run = add_run(store, "a", 1, [1.0, None, 3.0, 2.0], cost=[0.5, 0.25, None])
    columns = points_json(Points.of(store, store.run(run)))
    assert columns["dots"]["number"] == [0, 2, 3]
    assert columns["dots"]["evaluations"] == [1, 2, 3]
    assert columns["dots"]["cost"] == [0.0, 0.75, None]
    assert columns["failures"]["share"] == [0, 1, 0, 0]


def test_the_curve_ends_where_the_run_stands(store: Store) -> None:
    run = add_run(store, "a", 1, [5.0, 4.0, 6.0, 6.0], direction=Direction.MINIMIZE)
    curve = points_json(Points.of(store, store.run(run)))["curve"]
    assert curve["objective"] == [5.0, 4.0, 4.0]
    assert curve["evaluations"] == [1, 2, 4]
    assert curve["number"] == [0, 1, None]


def test_a_run_without_candidates_has_no_points(store: Store) -> None:
    run = store.create_run(NEW_RUN)
    columns = points_json(Points.of(store, store.run(run)))
    assert columns["dots"]["number"] == columns["curve"]["number"] == columns["failures"]["share"] == []
    json.dumps(columns, allow_nan=False)


def test_a_sparkline_goes_from_the_seed_to_the_best(store: Store) -> None:
    run = add_run(store, "a", 1, [0.0, 1.0, None, 2.0, 1.0, 1.0, 1.0, 1.0])
    values = curve_values(Points.of(store, store.run(run), dots=False), 7)
    assert values == [0.0, 0.0, 1.0, 2.0, 2.0, 2.0, 2.0]
    assert spark(values, 2) == ["  ▁████", "▁▁█████"]
    assert spark([3.0, 3.0], 1) == ["▁▁"]
