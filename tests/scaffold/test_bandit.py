"""The operator bandit: it finds what pays, notices when that changes, and never gives up on anyone."""

import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evolve.domain import Outcome, Status
from evolve.scaffold.bandit import Bandit, credit
from evolve.scaffold.base import OutcomeView

ARMS = ("tune", "swap", "cross", "delete", "wrap")


def play(bandit, chances, rounds, seed, arms=ARMS):
    """Choose and reward; how often each arm was taken."""
    rng = random.Random(seed)
    taken = Counter()
    for _ in range(rounds):
        arm = bandit.choose(arms, rng)
        taken[arm] += 1
        bandit.reward(arm, float(rng.random() < chances[arm]))
    return taken


def test_before_anything_is_known_all_arms_are_alike():
    chances = Bandit(ARMS).probabilities(ARMS)
    assert list(chances) == list(ARMS)
    assert all(chance == pytest.approx(0.2) for chance in chances.values())
    assert Bandit(ARMS).probabilities(["wrap"]) == {"wrap": pytest.approx(1.0)}


def test_it_finds_the_one_operator_that_pays_even_if_rarely():
    chances = dict.fromkeys(ARMS, 0.01) | {"cross": 0.10}
    shares = [play(Bandit(ARMS), chances, 1000, seed)["cross"] / 1000 for seed in range(10)]
    assert sum(shares) / 10 > 0.5  # 0.2 is what chance gives


def test_it_notices_that_another_operator_pays_now():
    early = dict.fromkeys(ARMS, 0.02) | {"tune": 0.4}
    late = dict.fromkeys(ARMS, 0.02) | {"wrap": 0.4}
    for seed in range(5):
        bandit = Bandit(ARMS)
        play(bandit, early, 600, seed)
        assert bandit.probabilities(ARMS)["tune"] > 0.7
        play(bandit, late, 1000, seed + 100)
        assert bandit.probabilities(ARMS)["wrap"] > 0.7


def test_without_discount_it_would_not_notice_so_soon():
    early = dict.fromkeys(ARMS, 0.02) | {"tune": 0.4}
    late = dict.fromkeys(ARMS, 0.02) | {"wrap": 0.4}
    taken = {}
    for discount in (0.995, 1.0):
        bandit = Bandit(ARMS, discount=discount)
        play(bandit, early, 600, 1)
        taken[discount] = play(bandit, late, 400, 2)["wrap"]
    assert taken[0.995] > 1.5 * taken[1.0]


@given(
    st.lists(st.tuples(st.sampled_from(ARMS), st.floats(0.0, 1.0)), max_size=60),
    st.sets(st.sampled_from(ARMS), min_size=1),
)
def test_every_available_arm_keeps_its_floor(rewards, available):
    bandit = Bandit(ARMS, floor=0.1)
    for arm, value in rewards:
        bandit.reward(arm, value)
    chances = bandit.probabilities(available)
    assert set(chances) == available
    assert sum(chances.values()) == pytest.approx(1.0)
    assert all(chance >= 0.1 / len(available) * (1 - 1e-9) for chance in chances.values())


def test_draws_follow_the_probabilities():
    bandit = Bandit(ARMS)
    play(bandit, {"tune": 0.3, "swap": 0.2, "cross": 0.2, "delete": 0.0, "wrap": 0.1}, 60, 3)
    available = {"wrap", "tune", "swap", "delete"}
    expected = bandit.probabilities(available)
    rng = random.Random(5)
    counts = Counter(bandit.choose(available, rng) for _ in range(20_000))
    assert "cross" not in counts
    for arm, chance in expected.items():
        assert abs(counts[arm] - 20_000 * chance) < 5 * math.sqrt(20_000 * chance * (1 - chance)) + 20


def test_choosing_changes_nothing_and_the_same_history_gives_the_same_choices():
    one, other = Bandit(ARMS), Bandit(ARMS)
    for bandit in (one, other):
        play(bandit, dict.fromkeys(ARMS, 0.3), 50, 7)
    before = one.snapshot()
    choices = [one.choose(set(ARMS), random.Random(f"{n}")) for n in range(50)]
    assert one.snapshot() == before == other.snapshot()
    assert choices == [other.choose(reversed(ARMS), random.Random(f"{n}")) for n in range(50)]
    assert len(set(choices)) > 1


def test_a_snapshot_is_plain_and_tells_what_was_earned():
    bandit = Bandit(["a", "b"], discount=0.5)
    bandit.reward("a", 1.0)
    bandit.reward("b", 0.0)
    shown = bandit.snapshot()
    assert {name: arm["pulls"] for name, arm in shown.items()} == {"a": 1, "b": 1}
    assert shown["a"]["weight"] == 0.5
    assert shown["b"]["weight"] == 1.0
    assert shown["a"]["mean"] > shown["b"]["mean"]


def test_mistakes_are_named():
    bandit = Bandit(ARMS)
    with pytest.raises(ValueError, match=r"reward 1.5 of arm 'tune' is outside \[0, 1\]"):
        bandit.reward("tune", 1.5)
    with pytest.raises(ValueError, match="reward nan"):
        bandit.reward("tune", math.nan)
    with pytest.raises(KeyError, match="unknown arms"):
        bandit.choose(["tune", "fly"], random.Random(0))
    with pytest.raises(KeyError):
        bandit.reward("fly", 1.0)
    with pytest.raises(ValueError, match="no arm is available"):
        bandit.choose([], random.Random(0))
    with pytest.raises(ValueError, match="each once"):
        Bandit(["a", "a"])
    with pytest.raises(ValueError, match="discount 0"):
        Bandit(["a"], discount=0.0)


def outcome(score, parent, kept=Outcome.NOT_ADDED, *, best=False):
    status = Status.CRASH if score is None else Status.VALID
    return OutcomeView(1, "swap", "", (0,), 0, status, kept, score, parent, best)


def test_credit_rises_with_what_was_achieved():
    ladder = [
        outcome(None, 1.0, Outcome.REJECTED),
        outcome(0.5, 1.0, Outcome.NEW_CELL),
        outcome(1.0 + 1e-9, 1.0, Outcome.IMPROVED),
        outcome(1.01, 1.0, Outcome.IMPROVED),
        outcome(2.0, 1.0, Outcome.IMPROVED),
        outcome(1.001, 1.0, Outcome.IMPROVED, best=True),
    ]
    credits = [credit(step) for step in ladder]
    assert credits == sorted(set(credits))
    assert credits[0] == 0.0
    assert credits[-1] == 1.0
    assert credit(outcome(0.9, 1.0)) == 0.0
    assert credit(outcome(1.1, None, Outcome.NEW_CELL)) == credits[1]


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_any_scores_give_a_credit_the_bandit_takes(score, parent):
    earned = credit(outcome(score, parent, Outcome.NEW_CELL))
    Bandit(ARMS).reward("tune", earned)
    assert (earned > 0.2) == (score > parent)
