"""The gate: exact p-values, intervals by inversion, and verdicts that a person can check by hand."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.meta.gate import certificate, contest, contest_of, least_p, least_problems
from evolve.meta.probes import worse
from evolve.meta.records import Certificate, Measured, Stage, Trial, TrialKey
from evolve.meta.verdicts import sentence
from evolve.statistics import sign_flip_test

BASE = {f"p{number}": 0.3 for number in range(6)}


def runs(
    areas: Mapping[str, float | Sequence[float]], scaffold: int = 0, stage: Stage = Stage.CERTIFY, seeds: int = 2
) -> list[Trial]:
    """Trials of a scaffold: an area by problem, the same for all seeds or one by seed."""
    found = []
    for problem, given_ in areas.items():
        values = given_ if isinstance(given_, Sequence) else [given_] * seeds
        for seed, value in enumerate(values):
            key = TrialKey(scaffold, problem, seed, stage, 10)
            found.append(Trial(key, Measured((value,) * 10, 0.0, 10), value, (value,) * 10))
    return found


def judged(
    child: Mapping[str, float | Sequence[float]],
    base: Mapping[str, float | Sequence[float]] = BASE,
    probes: tuple[Mapping[str, float | Sequence[float]], Mapping[str, float | Sequence[float]]] = ({}, {}),
    more: Iterable[Trial] = (),
) -> Certificate:
    table = [*runs(child, 7), *runs(base, 0), *runs(probes[0], 7, Stage.PROBE), *runs(probes[1], 0, Stage.PROBE), *more]
    return certificate(
        table, scaffold=7, base=0, sealed=list(base), seeds=(0, 1), probes=list(probes[1]), probe_seeds=(0, 1)
    )


def shifted(by: float, but: Mapping[str, float] | None = None) -> dict[str, float]:
    return {name: value + by for name, value in BASE.items()} | dict(but or {})


def by_hand(values: Sequence[float]) -> float:
    """The share of all patterns of signs with a sum that is not below the observed one."""
    patterns = [sum(sign * value for sign, value in zip(signs, values, strict=True))
                for signs in itertools.product((1, -1), repeat=len(values))]  # fmt: skip
    return sum(total >= sum(values) - 1e-12 for total in patterns) / len(patterns)


def named(values: Iterable[float]) -> dict[str, float]:
    return {f"p{number}": value for number, value in enumerate(values)}


TENTHS = st.integers(-20, 20).map(lambda tenths: tenths / 10)
QUICK = settings(max_examples=30, deadline=None)


@QUICK
@given(st.lists(TENTHS, min_size=1, max_size=9))
def test_p_is_the_share_of_all_sign_patterns_ties_counted_against_the_child(values: list[float]) -> None:
    assert contest_of(named(values)).p == pytest.approx(by_hand(values))


@QUICK
@given(st.lists(TENTHS, min_size=1, max_size=9).filter(any))
def test_twice_the_smaller_p_is_what_the_two_sided_test_says(values: list[float]) -> None:
    up, down = contest_of(named(values)).p, contest_of(named(-value for value in values)).p
    assert min(1.0, 2 * min(up, down)) == pytest.approx(sign_flip_test(values).p)


@QUICK
@given(st.lists(st.floats(-1, 1), min_size=5, max_size=8), st.floats(-1.2, 1.2))
def test_the_interval_holds_exactly_the_shifts_that_the_test_does_not_reject(values: list[float], shift: float) -> None:
    found = contest_of(named(values), 0.9)
    if min(abs(shift - found.low), abs(shift - found.high)) < 1e-9:
        return
    moved = [value - shift for value in values]
    rejected = 2 * min(by_hand(moved), by_hand([-value for value in moved])) <= 0.1
    assert rejected == (not found.low <= shift <= found.high)


def test_known_figures_of_six_problems() -> None:
    found = contest_of(named([0.01, 0.02, 0.03, 0.04, 0.05, 0.06]))
    assert (found.p, found.floor, found.level) == (1 / 64, 1 / 64, 0.9)
    assert found.mean == pytest.approx(0.035)
    assert found.low == pytest.approx(0.02)  # the third smallest mean of a subset: 0.01, 0.015, 0.02
    assert found.high == pytest.approx(0.05)


def test_too_few_problems_have_the_interval_they_can_have() -> None:
    found = contest_of({"a": 0.1, "b": 0.3})
    assert (found.low, found.high, found.level) == (0.1, 0.3, 0.5)
    assert contest_of({}).p == contest_of({}).floor == 1.0
    assert contest_of({"a": 0.1}).level == 0.0


def test_beyond_twenty_problems_patterns_are_drawn_and_agree_with_counting() -> None:
    rng = random.Random(5)
    values = [rng.gauss(0.02, 0.06) for _ in range(20)]
    exact, drawn = contest_of(named(values)), contest_of(named([*values, 0.0]))
    assert drawn.p == pytest.approx(exact.p, rel=0.1)
    assert drawn.low == pytest.approx(exact.low, abs=0.004)
    assert drawn.floor == least_p(21) == pytest.approx(1e-5, rel=0.01)
    assert contest_of(named([*values, 0.0])) == drawn


def test_rounding_does_not_decide_a_tie() -> None:
    """0.1 + 0.2 - 0.3 is not 0 in floating point, and yet nothing was gained."""
    assert contest_of({"a": 0.1, "b": 0.2, "c": -0.3}).p == by_hand([1, 2, -3])


def test_five_problems_are_needed_at_five_percent() -> None:
    assert least_problems(0.05) == 5
    assert least_problems(0.01) == 7
    assert least_p(5) < 0.05 <= least_p(4)


def test_better_on_every_problem_is_certified() -> None:
    found = judged(shifted(0.04))
    assert found.granted
    assert found.reasons == ()
    assert (found.contest.p, found.seeds, found.calls) == (1 / 64, 2, 240)


def test_no_difference_and_one_big_win_are_not() -> None:
    same, lucky = judged(shifted(0.0)), judged(shifted(-0.01, {"p0": 0.9}))
    assert not same.granted
    assert not lucky.granted
    assert lucky.contest.mean > 0.05
    assert lucky.reasons == ("p is not below 0.05", "the interval is not above zero")


def test_one_small_loss_among_six_is_forgiven_and_a_large_one_is_not() -> None:
    assert judged(shifted(0.05, {"p3": 0.295})).granted
    assert not judged(shifted(0.05, {"p3": 0.1})).granted


def test_four_sealed_problems_are_refused_in_words() -> None:
    few = dict.fromkeys(("a", "b", "c", "d"), 0.3)
    found = judged(dict.fromkeys(few, 0.9), few)
    assert not found.granted
    assert found.reasons == (
        "4 sealed problems cannot show anything at alpha = 0.05: the least p is 0.0625; at least 5 problems with room"
        " are needed",
    )


def test_an_infrastructure_failure_is_a_zero_for_its_side_and_is_counted() -> None:
    table = runs(BASE, 0) + runs(shifted(0.04), 7)
    failed = Trial(TrialKey(7, "p0", 0, Stage.CERTIFY, 10), Measured((), 0.0, 3, failed="gone"), 0.0, (0.0,) * 10)
    table = [failed if trial.key == failed.key else trial for trial in table]
    found = certificate(table, scaffold=7, base=0, sealed=list(BASE), seeds=(0, 1))
    assert found.infrastructure == 1
    assert found.contest.differences["p0"] == pytest.approx((0.04 - 0.3) / 2)
    assert found.calls == 233
    assert not found.granted


def broken(side: list[Trial], seeds: tuple[int, ...]) -> list[Trial]:
    """The runs of a side, those of some seeds as if the machinery had failed in them."""
    gone = Measured((), 0.0, 0, failed="gone")
    return [Trial(run.key, gone, 0.0, (0.0,) * 10) if run.key.seed in seeds else run for run in side]


def test_failures_of_the_bases_runs_are_no_gain_of_the_child() -> None:
    """An outage while the base is measured would certify anything else."""
    worse = runs(shifted(-0.04), 7)
    for seeds in ((0,), (0, 1)):
        table = broken(runs(BASE, 0), seeds) + worse
        found = certificate(table, scaffold=7, base=0, sealed=list(BASE), seeds=(0, 1))
        assert (found.infrastructure, found.base_failed) == (6 * len(seeds), 6 * len(seeds))
        assert not found.granted
        assert max(found.contest.differences.values()) <= 0
        assert f"the machinery failed in 0 of its runs and {found.base_failed} of the first one's" in sentence(found)


def test_a_probe_that_failed_for_the_base_hides_no_collapse() -> None:
    table = runs(BASE, 0) + runs(shifted(0.04), 7) + runs({"probe": 0.01}, 7, Stage.PROBE)
    table += broken(runs({"probe": 0.5}, 0, Stage.PROBE), (1,))
    found = certificate(
        table, scaffold=7, base=0, sealed=list(BASE), seeds=(0, 1), probes=["probe"], probe_seeds=(0, 1)
    )
    assert not found.granted
    assert found.reasons == ("probe probe says nothing: the machinery failed in a run of the first scaffold",)


def test_runs_that_are_missing_or_were_not_planned_give_no_verdict() -> None:
    planned = list(BASE)
    table = runs(BASE, 0) + runs(shifted(0.04), 7)
    with pytest.raises(ValueError, match=r"11 runs of the 12 planned; the first odd one is p5 with seed 1"):
        certificate(table[:-1], scaffold=7, base=0, sealed=planned, seeds=(0, 1))
    further = runs({"p0": [0.9] * 3}, 7)[2:]
    with pytest.raises(ValueError, match="p0 with seed 2"):
        certificate(table + further, scaffold=7, base=0, sealed=planned, seeds=(0, 1))
    with pytest.raises(ValueError, match="13 runs of the 12"):
        certificate(table + table[:1], scaffold=7, base=0, sealed=planned, seeds=(0, 1))


def test_trials_of_other_stages_and_scaffolds_do_not_count() -> None:
    other = [*runs(shifted(0.6), 7, Stage.RANK), *runs(shifted(-0.3), 3)]
    assert judged(shifted(0.04), more=other) == judged(shifted(0.04))


def test_a_contest_needs_the_same_runs_on_both_sides() -> None:
    with pytest.raises(ValueError, match="have no counterpart"):
        contest(runs(BASE, 1)[:-1], runs(BASE, 0))


PROBES = {"safe": 0.4, "sound": 0.5}


def test_probes_that_stay_or_rise_pass_and_a_fall_of_every_run_does_not() -> None:
    good = shifted(0.04)
    assert judged(good, probes=(PROBES, PROBES)).granted
    assert judged(good, probes=({"safe": 0.6, "sound": 0.5}, PROBES)).granted
    found = judged(
        good, probes=({"safe": [0.3, 0.31], "sound": [0.4, 0.41]}, {"safe": [0.4, 0.42], "sound": [0.5, 0.52]})
    )
    assert not found.granted
    assert found.reasons == ("the probes fall by 0.1050 on average, more than 0.05 (p = 0.0278)",)
    assert found.probes is not None
    assert found.probes.mean == pytest.approx(-0.105)


def test_a_fall_within_the_tolerance_or_by_chance_passes() -> None:
    base = runs({"safe": [0.4, 0.42], "sound": [0.5, 0.52]})
    assert worse(runs({"safe": [0.36, 0.38], "sound": [0.46, 0.48]}, 7), base) == ()
    noisy = {"safe": [0.5, 0.2], "sound": [0.55, 0.3]}
    assert worse(runs(noisy, 7), base) == ()


def test_a_single_probe_that_collapses_is_enough_unless_it_was_near_the_floor() -> None:
    base = runs({"safe": 0.4, "near": 0.08})
    assert worse(runs({"safe": 0.9, "near": 0.0}, 7), base) == ()
    assert worse(runs({"safe": 0.19, "near": 0.9}, 7), base) == (
        "probe safe collapses from 0.4000 to 0.1900, in every run",
    )
    assert worse(runs({"safe": [0.0, 0.35], "near": 0.1}, 7), runs({"safe": [0.3, 0.5], "near": 0.1})) == ()


def test_with_enough_probes_the_test_is_on_problem_means() -> None:
    base = {f"q{number}": 0.5 for number in range(5)}
    falls = dict.fromkeys(base, 0.43)
    assert worse(runs(falls, 7), runs(base)) == ("the probes fall by 0.0700 on average, more than 0.05 (p = 0.0312)",)
    assert worse(runs(falls | {"q0": 0.55}, 7), runs(base)) == ()


def test_many_probe_runs_are_dealt_at_random_and_the_verdict_repeats() -> None:
    rng = random.Random(3)
    base = {name: [rng.gauss(0.5, 0.05) for _ in range(8)] for name in ("a", "b", "c")}
    low = {name: [value - 0.1 for value in values] for name, values in base.items()}
    first = worse(runs(low, 7), runs(base))
    assert len(first) == 1
    assert worse(runs(low, 7), runs(base)) == first
