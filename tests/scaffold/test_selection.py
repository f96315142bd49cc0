"""Selection policies: the promised probabilities, and draws that follow them."""

import math
import random
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evolve.errors import SettingsError
from evolve.scaffold.base import EliteView
from evolve.scaffold.selection import POLICIES, choose, probabilities


def elite(number, score, *, children=0, cell=None, island=0):
    return EliteView(number, {}, score, None, island, number if cell is None else cell, children, "test")


def elites(*scores, children=()):
    counts = [*children, *[0] * len(scores)]
    return [elite(number, score, children=counts[number]) for number, score in enumerate(scores)]


finite = st.floats(allow_nan=False, allow_infinity=False)
views = st.lists(st.tuples(finite, st.integers(0, 50)), min_size=1, max_size=30).map(
    lambda rows: [elite(number, score, children=children) for number, (score, children) in enumerate(rows)]
)


@given(st.sampled_from(sorted(POLICIES)), views)
def test_any_scores_give_probabilities(policy, view):
    chances = probabilities(policy, view)
    assert len(chances) == len(view)
    assert all(0.0 <= chance <= 1.0 + 1e-12 for chance in chances)
    assert math.isclose(math.fsum(chances), 1.0, rel_tol=1e-9)
    assert choose(policy, view, random.Random(0)) in view


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(
    "scores",
    [
        (1.7e308, 1e308, 0.0, -1e308, -1.7e308),
        (5e-324, 0.0, 0.0),
        (1.0, 4e-310, 3e-310, 2e-310, 1e-310, 0.0),
        (1.0, 0.0, -1e-320, -2e-320, -3e-320, -4e-320, -1.0),
        (1.0 + 2**-52, 1.0, 1.0),
    ],
)
def test_extreme_scores_keep_their_order(policy, scores):
    chances = probabilities(policy, elites(*scores))
    assert math.fsum(chances) == pytest.approx(1.0)
    assert all(left >= right for left, right in pairwise(chances))
    assert policy == "uniform" or chances[0] > chances[-1]


@given(st.sampled_from(sorted(POLICIES)), views, st.randoms())
def test_the_order_of_the_elites_does_not_matter(policy, view, shuffler):
    mixed = view.copy()
    shuffler.shuffle(mixed)
    before = dict(zip((one.number for one in view), probabilities(policy, view), strict=True))
    after = dict(zip((one.number for one in mixed), probabilities(policy, mixed), strict=True))
    assert all(math.isclose(before[number], after[number], rel_tol=1e-6, abs_tol=1e-12) for number in before)


@given(
    st.sampled_from(["power", "sigmoid", "sigmoid_top", "softmax", "ucb1"]), st.lists(finite, min_size=2, max_size=20)
)
def test_a_better_elite_is_never_less_likely(policy, scores):
    view = elites(*sorted(scores, reverse=True))
    chances = probabilities(policy, view)
    assert all(left >= right * (1 - 1e-9) for left, right in pairwise(chances))


@given(
    st.sampled_from(sorted(POLICIES)),
    st.lists(st.integers(-50, 50), min_size=2, max_size=20),
    st.integers(-300, 300),
    st.sampled_from([0, 1000]),
)
def test_the_scale_and_origin_of_scores_do_not_matter(policy, scores, exponent, shift):
    assume(shift == 0 or abs(exponent) < 3)
    plain = probabilities(policy, elites(*map(float, scores)))
    scaled = probabilities(policy, elites(*[(score + shift) * 2.0**exponent for score in scores]))
    assert scaled == pytest.approx(plain, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("policy", POLICIES)
def test_equal_elites_are_equally_likely_and_one_elite_is_certain(policy):
    assert probabilities(policy, elites(3.0, 3.0, 3.0, 3.0)) == pytest.approx([0.25] * 4)
    assert probabilities(policy, elites(-7.0)) == [1.0]
    assert probabilities(policy, elites(0.0, 0.0)) == pytest.approx([0.5] * 2)


@pytest.mark.parametrize("policy", POLICIES)
def test_draws_follow_the_probabilities(policy):
    view = elites(1.0, 0.9, 0.9, 0.5, -3.0, children=(9, 2, 0, 0, 1))
    expected = probabilities(policy, view)
    rng = random.Random(11)
    draws = 20_000
    counts = Counter(choose(policy, view, rng).number for _ in range(draws))
    for one, chance in zip(view, expected, strict=True):
        assert abs(counts[one.number] - draws * chance) <= 5 * math.sqrt(draws * chance * (1 - chance)) + 1e-9


@pytest.mark.parametrize("policy", POLICIES)
def test_the_same_random_state_gives_the_same_choice(policy):
    view = elites(*[random.Random(1).random() for _ in range(20)])
    first = [choose(policy, view, random.Random(f"{n}")).number for n in range(30)]
    assert [choose(policy, view, random.Random(f"{n}")).number for n in range(30)] == first


def test_uniform_is_over_cells():
    view = [elite(1, 5.0, cell=4), elite(2, 4.0, cell=4), elite(3, 3.0, cell=4, island=1), elite(4, 2.0, cell=9)]
    assert probabilities("uniform", view) == pytest.approx([1 / 6, 1 / 6, 1 / 3, 1 / 3])


def test_power_follows_the_rank_and_ties_share_theirs():
    assert probabilities("power", elites(9.0, 1.0, 5.0)) == pytest.approx([6 / 11, 2 / 11, 3 / 11])
    assert probabilities("power", elites(9.0, 5.0, 5.0)) == pytest.approx([6 / 11, 2.5 / 11, 2.5 / 11])


def test_sigmoid_at_the_median_is_one_half_and_children_divide_it():
    weights = POLICIES["sigmoid"](elites(1.0, 2.0, 3.0, 4.0, 5.0, children=(0, 0, 3)))
    spread = 2.0 / 1.349  # quartiles 2 and 4
    assert weights == pytest.approx(
        [1 / (1 + math.exp(-2.0 * (score - 3.0) / spread)) / (4 if score == 3.0 else 1) for score in range(1, 6)]
    )
    greedy = POLICIES["sigmoid_top"](elites(1.0, 2.0, 3.0, 4.0, 5.0))
    assert greedy[3] == 0.5  # the 75th percentile


def test_softmax_compares_by_the_spread():
    chances = probabilities("softmax", elites(1.0, 2.0, 3.0, 4.0, 5.0))
    assert chances[4] / chances[3] == pytest.approx(math.exp(1.349 / 2.0 / 0.5))


def test_a_freak_score_does_not_flatten_the_rest():
    usual = probabilities("softmax", elites(*[n / 10 for n in range(12)]))
    freak = probabilities("softmax", elites(*[n / 10 for n in range(12)], -1e12))
    assert freak[11] / freak[8] == pytest.approx(usual[11] / usual[8], rel=0.2)


def test_ucb1_tries_the_best_first_then_those_with_fewer_children():
    assert probabilities("ucb1", elites(3.0, 2.0, 1.0)) == [1.0, 0.0, 0.0]
    assert probabilities("ucb1", elites(3.0, 2.0, 1.0, children=(40, 0, 40))) == [0.0, 1.0, 0.0]
    pulls = [3, 6]
    bounds = [1 + math.sqrt(2 * math.log(9) / 3), 0 + math.sqrt(2 * math.log(9) / 6)]
    assert bounds[0] > bounds[1]
    assert probabilities("ucb1", elites(2.0, 1.0, children=[count - 1 for count in pulls])) == [1.0, 0.0]


def test_ucb1_divides_its_pulls_without_regret():
    """Played on its own, it comes back to every parent and prefers the better ones."""
    scores = (5.0, 4.0, 3.0, 2.0)
    children = [0, 0, 0, 0]
    for _ in range(400):
        children[choose("ucb1", elites(*scores, children=children), random.Random(0)).number] += 1
    assert children == sorted(children, reverse=True)
    assert min(children) >= 5
    assert children[0] > 150


def test_a_wrong_name_lists_the_right_ones():
    with pytest.raises(SettingsError, match=r"'best' does not exist; choose one of uniform, power, sigmoid"):
        choose("best", elites(1.0), random.Random(0))
    with pytest.raises(ValueError, match="no elite"):
        choose("uniform", [], random.Random(0))
