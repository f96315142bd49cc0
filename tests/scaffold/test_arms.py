"""Which model to ask: what earns most per money wins, in simulated worlds whose best arm is known."""

import random
import time
from collections import Counter

import pytest

from evolve.domain import Outcome, Status
from evolve.scaffold.arms import Arms
from evolve.scaffold.base import ModelView, OutcomeView
from evolve.scaffold.earning import Earnings

OPERATORS = ("mutate", "rewrite", "crossover", "plan", "repair", "simplify")


def spend(world, money, seed, width=8, answers=10**9, priced=True):
    """Spend a budget with `width` questions under way; how much money each model got, and what was earned in all.

    `world` gives each model's chance to earn and its mean cost, perhaps by the number of questions asked so far.
    """
    rng, arms = random.Random(seed), Arms()
    spent, asked, earned, queue = Counter(), 0, 0.0, []
    while sum(spent.values()) < money and asked < answers:
        models = world(asked) if callable(world) else world
        model, operator = arms.choose([ModelView(name) for name in models], OPERATORS, rng, Counter(queue))
        queue.append((model.name, operator))
        asked += 1
        if len(queue) == width:
            name, done = queue.pop(rng.randrange(width))
            chance, mean = models[name]
            gain = min(1.0, rng.expovariate(1.5)) if rng.random() < chance else 0.0
            cost = mean * rng.lognormvariate(0.0, 0.3)
            arms.observe(name, done, gain, cost if priced else None, int(1000 * cost))
            spent[name] += cost
            earned += gain
    return spent, earned / sum(spent.values())


def shares(world, money, seeds=8, **how):
    """The mean share of the money each model got, and the earnings over those of one who knows the best model."""
    runs = [spend(world, money, seed, **how) for seed in range(seeds)]
    names = world(0) if callable(world) else world
    share = {name: sum(spent[name] / sum(spent.values()) for spent, _ in runs) / seeds for name in names}
    best = (
        max(chance / cost for chance, cost in names.values()) * 0.518
    )  # the mean of min(1, an exponential of rate 1.5)
    return share, sum(earned for _, earned in runs) / seeds / best


def test_a_cheap_model_beats_one_that_is_ten_times_as_dear_and_slightly_better():
    share, reached = shares({"cheap": (0.08, 1.0), "dear": (0.10, 10.0)}, 800)
    print(f"cheap and good: shares of money {share}, {reached:.0%} of the best")
    assert share["cheap"] > 0.55
    assert reached > 0.6


def test_a_dear_model_wins_when_it_earns_more_than_it_costs():
    share, reached = shares({"cheap": (0.02, 1.0), "dear": (0.40, 10.0)}, 1500)
    print(f"ten times as dear, twenty times as good: shares of money {share}, {reached:.0%} of the best")
    assert share["dear"] > 0.8
    assert reached > 0.8


def test_of_two_models_of_one_price_the_better_one_wins():
    share, reached = shares({"weak": (0.05, 1.0), "strong": (0.15, 1.0)}, 500)
    print(f"one price, three times as good: shares of money {share}, {reached:.0%} of the best")
    assert share["strong"] > 0.65
    assert reached > 0.7


def test_two_equal_models_share_the_work():
    share, _ = shares({"one": (0.08, 1.0), "same": (0.08, 1.0)}, 300, seeds=16)
    assert 0.35 < share["one"] < 0.65


@pytest.mark.slow
def test_it_notices_that_another_model_pays_now():
    early, late = {"one": (0.3, 1.0), "two": (0.02, 1.0)}, {"one": (0.02, 1.0), "two": (0.3, 1.0)}
    share, _ = shares(lambda asked: early if asked < 200 else late, 1000)
    assert share["two"] > 0.5  # of the 800 after the turn it gets most


def test_without_prices_tokens_are_what_an_answer_costs():
    share, _ = shares({"terse": (0.10, 1.0), "wordy": (0.10, 6.0)}, 600, priced=False)
    assert share["terse"] > 0.5  # an even split of calls would give it a seventh


def test_models_without_any_known_cost_count_as_equally_dear():
    arms = Arms()
    models = [ModelView("a"), ModelView("b", 1.0, 4.0)]
    assert set(arms.costs(models, OPERATORS).values()) == {1.0}


def test_list_prices_count_until_costs_are_known_and_then_less_and_less():
    arms = Arms()
    models = [ModelView("cheap", 0.1, 0.4), ModelView("dear", 1.0, 4.0)]
    before = arms.costs(models, ["mutate"])
    assert before["dear", "mutate"] == pytest.approx(10 * before["cheap", "mutate"])
    for _ in range(50):
        arms.observe("cheap", "mutate", 0.0, 0.05, 4000)
        arms.observe("dear", "mutate", 0.0, 0.01, 4000)
    after = arms.costs(models, ["mutate"])
    assert after["cheap", "mutate"] == pytest.approx(0.05, rel=0.1)
    assert after["dear", "mutate"] == pytest.approx(0.01, rel=0.1)


def test_a_free_model_is_not_infinitely_good():
    arms = Arms()
    models = [ModelView("local", 0.0, 0.0), ModelView("paid", 1.0, 4.0)]
    costs = arms.costs(models, OPERATORS)
    assert 0.0 < costs["local", "mutate"] < costs["paid", "mutate"]
    free = [ModelView("local", 0.0, 0.0), ModelView("other", 0.0, 0.0)]
    arms.observe("local", "mutate", 0.0, 0.0, 500)
    arms.observe("other", "mutate", 0.0, 0.0, 5000)
    by_tokens = arms.costs(free, ["mutate"])
    assert by_tokens["other", "mutate"] > 2 * by_tokens["local", "mutate"]


def test_every_model_is_tried_and_a_new_one_at_once():
    arms, rng = Arms(), random.Random(1)
    for _ in range(200):
        arms.observe("old", "mutate", 0.5, 0.01, 1000)
    models = [ModelView("old", 1.0, 1.0), ModelView("new", 1000.0, 1000.0)]
    assert arms.choose(models, OPERATORS, rng)[0].name == "new"
    later = [arms.choose(models, OPERATORS, rng, {("new", "mutate"): 1})[0].name for _ in range(50)]
    assert later.count("old") > 40


def test_a_batch_asked_before_any_outcome_is_spread_over_the_arms():
    arms, rng, queue = Arms(), random.Random(2), Counter()
    models = [ModelView("a"), ModelView("b")]
    for _ in range(24):
        model, operator = arms.choose(models, OPERATORS, rng, queue)
        queue[model.name, operator] += 1
    assert len(queue) >= 8
    assert max(queue.values()) <= 6


def test_an_operator_that_pays_is_chosen_more_often():
    arms, rng, chosen = Arms(), random.Random(3), Counter()
    for _ in range(400):
        _, operator = arms.choose([ModelView("a")], OPERATORS, rng)
        chosen[operator] += 1
        arms.observe("a", operator, float(rng.random() < (0.3 if operator == "plan" else 0.03)), 0.01, 1000)
    assert chosen["plan"] > 200


def test_an_operator_that_costs_more_calls_is_chosen_less_for_the_same_earnings():
    arms, rng, chosen = Arms(), random.Random(5), Counter()
    for number in range(300):
        operator = ("mutate", "plan")[number % 2]
        arms.observe("a", operator, float(number % 10 < 2), 0.05 if operator == "plan" else 0.01, 1000)
    for _ in range(200):
        chosen[arms.choose([ModelView("a")], ("mutate", "plan"), rng)[1]] += 1
    assert chosen["mutate"] > 170


def test_what_is_under_way_makes_an_arm_less_tempting():
    arms, rng, chosen = Arms(), random.Random(6), Counter()
    for number in range(60):
        arms.observe("a", OPERATORS[number % 6], float(number % 5 == 0), 0.01, 1000)
    for _ in range(300):
        chosen[arms.choose([ModelView("a")], OPERATORS, rng, {("a", "mutate"): 30})[1]] += 1
    assert chosen["mutate"] < 20  # of 50 that chance would give


def test_what_paid_long_ago_counts_little():
    arms, rng = Arms(), random.Random(7)
    for number in range(1400):
        name = ("one", "two")[number % 2]
        pays = name == ("one" if number < 1000 else "two")
        arms.observe(name, "mutate", float(rng.random() < (0.3 if pays else 0.02)), 0.01, 1000)
    models = [ModelView("one"), ModelView("two")]
    chosen = Counter(arms.choose(models, OPERATORS, rng)[0].name for _ in range(100))
    assert chosen["two"] > 80


def test_calls_nobody_answered_do_not_make_a_model_cheap():
    arms = Arms()
    for _ in range(20):
        arms.observe("a", "mutate", 0.0, 0.02, 1000)
        arms.observe("a", "mutate", 0.0, 0.0, 0)
    assert arms.costs([ModelView("a")], ["mutate"])["a", "mutate"] == pytest.approx(0.02, rel=0.1)


def test_evidence_stays_finite_for_ever():
    arms, rng = Arms(), random.Random(4)
    start = time.process_time()
    for number in range(100_000):
        arms.observe("ab"[number % 2], OPERATORS[number % 6], float(number % 10 == 0), 0.01, 1000)
    assert time.process_time() - start < 5.0
    described = arms.snapshot()
    assert sum(arm["pulls"] for arm in described.values()) == 100_000
    assert all(0.0 < arm["earning"] < 0.5 and arm["money"] == pytest.approx(0.01) for arm in described.values())
    arms.choose([ModelView("a"), ModelView("b")], OPERATORS, rng)


def test_nothing_offered_is_an_error():
    with pytest.raises(ValueError, match="nothing to choose from"):
        Arms().choose([], OPERATORS, random.Random(1))


def earned(earnings, score, parent, new_best=False):
    told = OutcomeView(1, "mutate", "", (0,), 0, Status.VALID, Outcome.IMPROVED, score, parent, new_best)
    return earnings.of(told)


def test_an_earning_is_the_improvement_in_units_of_what_is_usual_lately():
    earnings = Earnings()
    for _ in range(40):
        earned(earnings, 2.0, 1.0)
    assert earned(earnings, 2.0, 1.0) == 1.0
    assert earned(earnings, 1.25, 1.0) == pytest.approx(0.4)  # a fifth of 1.25, where half of 2 is usual
    for _ in range(40):
        earned(earnings, 1.001, 1.0)
    assert earned(earnings, 1.001, 1.0) == 1.0


def test_what_is_no_improvement_earns_nothing():
    earnings = Earnings()
    assert earned(earnings, None, 1.0) == 0.0
    assert earned(earnings, 1.0, 1.0) == 0.0
    assert earned(earnings, 0.5, 1.0) == 0.0
    assert earned(earnings, 5.0, None) == 0.0
    assert earned(earnings, 5.0, None, new_best=True) == 1.0
    assert earned(earnings, -1.0, -2.0) == 1.0
