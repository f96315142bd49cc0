from __future__ import annotations

import itertools
import math
import random
import statistics
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.statistics import (
    ALPHA,
    holm,
    median_interval,
    shift_interval,
    sign_flip_test,
    superiority,
    two_sample_test,
)

VALUES = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3))


def by_hand(differences: list[float]) -> float:
    """The sign-flip test by its definition."""
    thousandths = [round(1000 * value) for value in differences]  # whole, so that equal sums are equal
    patterns = list(itertools.product((1, -1), repeat=len(thousandths)))
    sums = [abs(sum(s * d for s, d in zip(signs, thousandths, strict=True))) for signs in patterns]
    return sum(found >= abs(sum(thousandths)) for found in sums) / len(patterns)


def dealt_by_hand(left: list[float], right: list[float]) -> float:
    """The two-sample test by its definition."""
    both = [*left, *right]
    bar = abs(statistics.fmean(left) - statistics.fmean(right)) * (1 - 1e-9) - 1e-9
    far = []
    for chosen in itertools.combinations(range(len(both)), len(left)):
        mine = [both[i] for i in chosen]
        theirs = [both[i] for i in range(len(both)) if i not in chosen]
        far.append(abs(statistics.fmean(mine) - statistics.fmean(theirs)) >= bar)
    return sum(far) / len(far)


@settings(deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=8))
def test_the_sign_flip_test_counts_every_pattern_of_signs(differences: list[float]) -> None:
    assert sign_flip_test(differences).p == pytest.approx(by_hand(differences))


@settings(deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=5), st.lists(VALUES, min_size=1, max_size=4))
def test_the_two_sample_test_counts_every_deal(left: list[float], right: list[float]) -> None:
    assert two_sample_test(left, right).p == pytest.approx(dealt_by_hand(left, right))
    assert two_sample_test(left, right).p == pytest.approx(two_sample_test(right, left).p)


def test_fishers_own_example() -> None:
    # Darwin's 15 pairs of maize, eighths of an inch; Fisher (1935) counts 1,726 of 32,768 two-sided: p = 0.05267.
    pairs = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    assert sign_flip_test(pairs).p == pytest.approx(1726 / 32768)


@pytest.mark.parametrize(("n", "floor"), [(1, 1.0), (4, 0.125), (5, 0.0625), (6, 0.03125), (10, 2 / 1024)])
def test_no_p_is_below_what_so_few_pairs_can_give(n: int, floor: float) -> None:
    clear = sign_flip_test([100.0 + i for i in range(n)])
    assert clear.p == clear.floor == floor
    assert clear.can_show is (floor <= ALPHA)


def test_equal_pairs_show_nothing() -> None:
    assert sign_flip_test([0.0] * 12).p == 1.0
    assert sign_flip_test([]).p == 1.0
    # Three differences that are none: as if there were five pairs.
    assert sign_flip_test([0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0]).p == 2 / 32


def test_sums_that_differ_by_rounding_alone_are_equal() -> None:
    # 0.1 + 0.2 is not 0.3: without tolerance the pattern (+, +, -) would be missed.
    assert sign_flip_test([0.1, 0.2, -0.3]).p == 1.0
    assert two_sample_test([0.1, 0.2], [0.3, 0.0]).p == 1.0


def test_many_pairs_are_drawn_from_and_agree_with_the_normal_limit() -> None:
    source = random.Random(5)
    differences = [source.gauss(0.4, 1.0) for _ in range(60)]
    found = sign_flip_test(differences)
    z = abs(sum(differences)) / math.sqrt(sum(value * value for value in differences))
    assert not found.exact
    assert found.p == pytest.approx(2 * (1 - statistics.NormalDist().cdf(z)), abs=0.003)
    assert found == sign_flip_test(differences)
    assert sign_flip_test([1.0] * 60).p == pytest.approx(1e-5, rel=0.1)


def test_many_runs_are_drawn_from_and_agree_with_the_normal_limit() -> None:
    source = random.Random(6)
    left, right = ([source.gauss(mean, 1.0) for _ in range(40)] for mean in (0.0, 0.5))
    found = two_sample_test(left, right)
    both = [*left, *right]
    spread = statistics.stdev(both) * math.sqrt(2 / 40)
    z = abs(statistics.fmean(left) - statistics.fmean(right)) / spread
    assert not found.exact
    assert found.p == pytest.approx(2 * (1 - statistics.NormalDist().cdf(z)), abs=0.004)


DISTRIBUTIONS: dict[str, Callable[[random.Random], float]] = {
    "normal": lambda source: source.gauss(0, 1),
    "skewed": lambda source: source.lognormvariate(0, 1.5),
    "heavy-tailed": lambda source: math.tan(math.pi * (source.random() - 0.5)),
    "few values": lambda source: float(source.randrange(3)),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
@pytest.mark.parametrize("n", [6, 10])
def test_two_equal_arms_differ_as_often_as_alpha_says_and_no_more(name: str, n: int) -> None:
    source, draw, times = random.Random(f"{name}{n}"), DISTRIBUTIONS[name], 800
    paired = unpaired = 0
    for _ in range(times):
        left, right = ([draw(source) for _ in range(n)] for _ in range(2))
        paired += sign_flip_test([a - b for a, b in zip(left, right, strict=True)]).p <= ALPHA
        unpaired += n == 6 and two_sample_test(left, right).p <= ALPHA
    error = 3 * math.sqrt(ALPHA * (1 - ALPHA) / times)
    assert paired / times <= ALPHA + error
    assert unpaired / times <= ALPHA + error
    if name != "few values" and n == 10:  # continuous, and enough patterns that alpha can nearly be used up
        assert paired / times >= ALPHA - error


@pytest.mark.parametrize("n", [1, 2, 3, 5, 6, 9, 10, 20])
def test_the_interval_of_a_median_holds_it_as_often_as_it_says(n: int) -> None:
    source, times, held, said = random.Random(n), 2000, 0, 0.0
    for _ in range(times):
        found = median_interval([source.lognormvariate(0, 1.5) for _ in range(n)])
        held += found.low <= 1.0 <= found.high  # the median of this distribution is 1
        said = found.coverage
    assert held / times == pytest.approx(said, abs=3.5 * math.sqrt(0.25 / times))
    assert said >= 0.95 or n < 6


@pytest.mark.parametrize(
    ("n", "ranks", "coverage"), [(5, (1, 5), 0.9375), (6, (1, 6), 0.96875), (10, (2, 9), 0.978516)]
)
def test_the_interval_of_a_median_is_the_narrowest_of_its_kind(n: int, ranks: tuple[int, int], coverage: float) -> None:
    # Conover, Practical Nonparametric Statistics, table A3: ranks of the 95 % interval of a median.
    found = median_interval([float(i) for i in range(n, 0, -1)])
    assert (found.low, found.high) == ranks
    assert found.coverage == pytest.approx(coverage, abs=1e-6)


def test_one_run_has_no_interval() -> None:
    assert median_interval([3.0]).coverage == 0.0
    assert shift_interval([3.0], [1.0]).coverage == 0.0
    assert shift_interval([3.0], [1.0]).median == 2.0


@settings(deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=30))
def test_the_median_lies_in_its_interval(values: list[float]) -> None:
    found = median_interval(values)
    assert min(values) <= found.low <= found.median <= found.high <= max(values)


def test_the_interval_of_a_shift_holds_it_as_often_as_it_says() -> None:
    source, times, held, said = random.Random(3), 1000, 0, 0.0
    for _ in range(times):
        later, earlier = ([mean + source.expovariate(1) for _ in range(6)] for mean in (2.0, 0.0))
        found = shift_interval(later, earlier)
        held += found.low <= 2.0 <= found.high
        said = found.coverage
    # Hollander and Wolfe, table A.6: 5 is the critical value of 6 and 6 at 0.0206 on either side.
    assert said == pytest.approx(1 - 2 * 0.0206, abs=1e-3)
    assert held / times == pytest.approx(said, abs=3.5 * math.sqrt(said * (1 - said) / times))


def test_superiority_is_the_chance_to_win() -> None:
    assert superiority([2.0, 3.0], [1.0, 2.0]) == pytest.approx(3.5 / 4)
    assert superiority([1.0], [1.0]) == 0.5


def test_holms_correction() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([0.02]) == [0.02]
    assert holm([]) == []


@pytest.mark.parametrize(
    "call", [lambda: median_interval([]), lambda: shift_interval([], [1.0]), lambda: two_sample_test([1.0], []),
             lambda: superiority([], [1.0])]
)  # fmt: skip
def test_nothing_can_be_said_of_no_runs(call: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="at least one value"):
        call()
