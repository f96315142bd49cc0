"""Areas: a run becomes one number on the scale from the seed program to the suite's ceiling."""

from __future__ import annotations

import math
import random
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.domain import Direction
from evolve.errors import SettingsError
from evolve.meta.areas import (
    area,
    curve,
    mean_area,
    mean_curve,
    once,
    paired_differences,
    problem_differences,
    problem_means,
    robust_spread,
    trial_of,
)
from evolve.meta.records import Measured, Stage, SuiteProblem, Trial, TrialKey, Use

UP = SuiteProblem("hill", "/hill", Use.SEARCH, ceiling=10.0)
DOWN = SuiteProblem("pit", "/pit", Use.SEARCH, ceiling=1.0, direction=Direction.MINIMIZE)


def run(value: float, problem: str = "hill", seed: int = 1, scaffold: int = 0, calls: int = 2) -> Trial:
    measured = Measured((value,) * calls, 0.0, calls)
    return Trial(TrialKey(scaffold, problem, seed, Stage.RANK, calls), measured, value, (value,) * calls)


def test_half_way_after_half_the_calls_is_a_quarter() -> None:
    found = curve(Measured((2.0, 2.0, 6.0, 6.0), 2.0, 4), UP, 4)
    assert found == (0.0, 0.0, 0.5, 0.5)
    assert area(found) == 0.25


def test_a_minimised_objective_is_measured_towards_its_ceiling_below() -> None:
    """Scores are turned: an objective of 5 is a score of -5, and the ceiling of 1 lies 4 above it."""
    assert curve(Measured((-5.0, -3.0, -1.0), -5.0, 3), DOWN, 3) == (0.0, 0.5, 1.0)


def test_early_progress_is_worth_more_than_late() -> None:
    early, late = (curve(Measured(bests, 0.0, 3), UP, 3) for bests in ((5.0, 5.0, 5.0), (0.0, 0.0, 5.0)))
    assert area(early) == 0.5 > area(late) > 0


def test_a_run_that_ended_early_keeps_what_it_had_and_calls_beyond_the_budget_earn_nothing() -> None:
    assert curve(Measured((5.0,), 0.0, 1), UP, 4) == (0.5,) * 4
    assert curve(Measured((0.0, 0.0, 10.0), 0.0, 3), UP, 2) == (0.0, 0.0)
    assert curve(Measured((), 0.0, 0), UP, 3) == (0.0,) * 3


def test_below_the_seed_is_zero_and_beyond_the_ceiling_more_than_one() -> None:
    assert curve(Measured((-3.0, 20.0), 0.0, 2), UP, 2) == (0.0, 2.0)


def test_an_infrastructure_failure_is_no_progress_whatever_else_was_measured() -> None:
    trial = trial_of(UP, TrialKey(0, "hill", 1, Stage.RANK, 5), Measured((), math.nan, 0, failed="the sandbox died"))
    assert trial.curve == (0.0,) * 5
    assert trial.area == 0.0


@pytest.mark.parametrize(
    ("problem", "seed_score", "says"),
    [
        (UP, 10.0, "problem hill: the seed program scores 10 and the ceiling is 10"),
        (DOWN, -0.5, "problem pit: the seed program scores 0.5 and the ceiling is 1 (minimize)"),
        (UP, -math.inf, "leaves no room"),
    ],
)
def test_a_suite_without_room_above_the_seed_is_a_fault_of_the_suite(
    problem: SuiteProblem, seed_score: float, says: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        curve(Measured((11.0,), seed_score, 1), problem, 1)
    assert says in str(caught.value)
    assert "give the problem a ceiling that is better than its seed" in str(caught.value)


def test_a_run_whose_noisy_seed_reaches_the_ceiling_is_a_named_failure_and_stops_nothing() -> None:
    measured = Measured((11.0, 12.0), 10.5, 2, cost=0.3)
    trial = trial_of(UP, TrialKey(0, "hill", 1, Stage.CERTIFY, 2), measured)
    assert (trial.area, trial.curve, trial.measured.bests) == (0.0, (0.0, 0.0), ())
    assert "its seed program already reaches the ceiling" in trial.measured.failed
    assert "scores 10.5 and the ceiling is 10" in trial.measured.failed
    assert (trial.measured.calls, trial.measured.cost) == (2, 0.3), "what it cost is billed all the same"


def test_a_mean_counts_every_problem_once_however_many_seeds_it_had() -> None:
    trials = [run(0.2, "a", 1), run(0.4, "a", 2), run(0.9, "b", 1)]
    assert problem_means(trials) == {"a": pytest.approx(0.3), "b": pytest.approx(0.9)}
    assert mean_area(trials) == pytest.approx(0.6)
    with pytest.raises(ValueError, match="at least one trial"):
        mean_area([])


def test_differences_are_taken_within_problem_and_seed_and_then_averaged_by_problem() -> None:
    child = [run(0.5, "a", 1, 3), run(0.1, "a", 2, 3), run(0.7, "b", 1, 3)]
    base = [run(0.2, "a", 2), run(0.3, "a", 1), run(0.9, "b", 1)]
    assert paired_differences(child, base) == {
        ("a", 1): pytest.approx(0.2),
        ("a", 2): pytest.approx(-0.1),
        ("b", 1): pytest.approx(-0.2),
    }
    assert problem_differences(child, base) == {"a": pytest.approx(0.05), "b": pytest.approx(-0.2)}


def test_a_comparison_with_gaps_is_refused() -> None:
    both = [run(0.1, "a", 1), run(0.1, "a", 2)]
    with pytest.raises(ValueError, match="the child was not run on a with seed 2"):
        paired_differences(both[:1], both)
    with pytest.raises(ValueError, match="the other was not run on a with seed 2"):
        paired_differences(both, both[:1])
    with pytest.raises(ValueError, match="two runs on a with seed 1"):
        paired_differences([both[0], both[0]], both)
    with pytest.raises(ValueError, match="had 2 and 3 calls"):
        paired_differences(both[:1], [run(0.1, "a", 1, calls=3)])


def test_a_curve_of_means_needs_curves_of_one_length() -> None:
    assert mean_curve([run(0.2), run(0.4)]) == (pytest.approx(0.3), pytest.approx(0.3))
    assert mean_curve([]) == ()
    with pytest.raises(ValueError, match="shorter"):
        mean_curve([run(0.2, calls=3), run(0.4)])


def test_the_first_entry_of_a_key_holds_and_the_order_of_the_table_does_not_matter() -> None:
    first, again, other = run(0.2, seed=1), run(0.9, seed=1), run(0.3, seed=2)
    assert once([first, other, again]) == [first, other] == once([other, first])


def test_a_robust_spread_is_the_standard_deviation_of_a_normal_sample_and_ignores_odd_values() -> None:
    rng = random.Random(1)
    sample = [rng.gauss(0.4, 0.1) for _ in range(2000)]
    assert robust_spread(sample) == pytest.approx(0.1, rel=0.06)
    assert robust_spread([*sample, *[50.0] * 40]) == pytest.approx(0.1, rel=0.1)


def test_a_robust_spread_is_zero_only_where_there_is_none() -> None:
    assert robust_spread([]) == robust_spread([0.3]) == robust_spread([0.3] * 5) == 0.0
    assert robust_spread([0.3] * 9 + [0.4]) == pytest.approx(statistics.stdev([0.3] * 9 + [0.4]))
    assert robust_spread([0.0] * 5 + [0.1] * 3) == pytest.approx(0.1 / 1.349)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(-1e3, 1e3), max_size=12),
    st.floats(-1e3, 1e3),
    st.floats(1e-2, 1e3),
    st.integers(1, 12),
    st.sampled_from(Direction),
)
def test_an_area_has_one_value_per_call_and_never_falls_below_zero(
    bests: list[float], floor: float, room: float, calls: int, direction: Direction
) -> None:
    so_far = [max(bests[: end + 1]) for end in range(len(bests))]
    problem = SuiteProblem("any", "/any", Use.SEARCH, direction.sign * (floor + room), direction=direction)
    found = curve(Measured(tuple(so_far), floor, len(so_far)), problem, calls)
    assert len(found) == calls
    assert all(value >= 0 for value in found)
    assert list(found) == sorted(found)
