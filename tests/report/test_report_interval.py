from __future__ import annotations

import pytest

from evolve.domain import Direction, Estimate, Evaluation, Measurement, Split, Status
from evolve.report.interval import case_means, paired_difference, t_interval


def held(*values: float | None, repeats: int = 1) -> Evaluation:
    """An evaluation on held-out cases with these values of `error`; None is a case that crashed."""
    looks = tuple(
        Measurement("holdout", Split.HOLDOUT, case, repeat, Status.CRASH if value is None else Status.VALID,
                    {} if value is None else {"error": value + repeat})
        for case, value in enumerate(values)
        for repeat in range(repeats)
    )  # fmt: skip
    valid = [value for value in values if value is not None]
    if len(valid) < len(values):
        return Evaluation(Status.CRASH, measurements=looks)
    return Evaluation(Status.VALID, Estimate.of(valid), measurements=looks)


def test_the_interval_is_students() -> None:
    # R: t.test(c(1, 2, 3, 4, 5))$conf.int
    interval = t_interval(Estimate.of([1, 2, 3, 4, 5]))
    assert interval is not None
    assert (interval.mean, interval.n) == (3.0, 5)
    assert (interval.low, interval.high) == pytest.approx((1.036757, 4.963243), abs=1e-6)


def test_one_case_has_no_interval() -> None:
    assert t_interval(Estimate.of([4.0])) is None
    difference = paired_difference(held(1.0), held(2.0), "error", Direction.MINIMIZE)
    assert difference is not None
    assert (difference.mean, difference.interval, difference.better) == (-1.0, None, False)


def test_pairing_takes_out_how_hard_the_cases_are() -> None:
    hard = (1.0, 10.0, 100.0, 1000.0)
    before, after = held(*hard), held(*(value - 0.5 + 0.01 * index for index, value in enumerate(hard)))
    alone = t_interval(Estimate.of(hard))
    difference = paired_difference(after, before, "error", Direction.MINIMIZE)
    assert alone is not None
    assert difference is not None
    assert difference.interval is not None
    assert difference.mean == pytest.approx(-0.485)
    assert difference.interval.high - difference.interval.low < 1e-3 * (alone.high - alone.low)
    assert difference.better


@pytest.mark.parametrize(
    ("direction", "after", "better"),
    [
        (Direction.MINIMIZE, (0.9, 1.9, 2.89), True),
        (Direction.MAXIMIZE, (0.9, 1.9, 2.89), False),
        (Direction.MAXIMIZE, (1.1, 2.1, 3.11), True),
        (Direction.MINIMIZE, (0.5, 2.6, 2.6), False),
        (Direction.MINIMIZE, (1.0, 2.0, 3.0), False),
    ],
)
def test_better_means_the_right_way_and_more_than_luck(
    direction: Direction, after: tuple[float, ...], better: bool
) -> None:
    difference = paired_difference(held(*after), held(1.0, 2.0, 3.0), "error", direction)
    assert difference is not None
    assert difference.better is better


def test_programs_are_compared_on_the_same_valid_cases_or_not_at_all() -> None:
    whole = held(1.0, 2.0, 3.0)
    assert paired_difference(held(1.0, 2.0), whole, "error", Direction.MINIMIZE) is None
    assert paired_difference(held(1.0, None, 3.0), whole, "error", Direction.MINIMIZE) is None
    assert paired_difference(None, whole, "error", Direction.MINIMIZE) is None
    assert paired_difference(whole, whole, "other", Direction.MINIMIZE) is None


def test_a_case_counts_once_however_often_it_was_looked_at() -> None:
    assert case_means(held(1.0, 5.0, repeats=3), "error") == {0: 2.0, 1: 6.0}
