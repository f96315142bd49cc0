"""A small version of `benchmarks.meta_campaigns`: what the full one holds to its bars, on fewer campaigns."""

from __future__ import annotations

import argparse

import pytest

from benchmarks import meta_campaigns
from evolve.domain import Estimate
from evolve.meta.records import Use
from tests.meta.toy import grammar
from tests.meta.toy.bench import toy_zero

SEALED = meta_campaigns.SUITE.used(Use.SEALED)
FEW = argparse.Namespace(campaigns=6, arms=2, seeds=15)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_nothing_is_certified_for_a_model_that_ignores_the_scaffold() -> None:
    granted = sum(meta_campaigns.certified(meta_campaigns.campaign("ignoring", seed, QUICK)) for seed in range(6))
    assert granted <= 1  # two of six at 5 % each: 3 in 100


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_small_true_effect_is_mostly_certified(capsys: pytest.CaptureFixture[str]) -> None:
    assert meta_campaigns.effect_bar(FEW)
    said = capsys.readouterr().out
    assert "true effect +0.0" in said
    assert "8 sealed problems x 24 seeds" in said
    assert "(the uncertified claim)" in said


@pytest.mark.slow
def test_the_effect_that_is_to_be_found_is_one_twentieth() -> None:
    gain, error = meta_campaigns.true_gain(grammar.GOOD.of(toy_zero()), "subtle", 100, SEALED)
    assert error < 0.007
    assert gain == pytest.approx(0.05, abs=0.008)


@pytest.mark.parametrize(
    ("values", "small"), [([0.01, 0.02, 0.0], True), ([0.3, -0.3, 0.0], False), ([0.06, 0.06, 0.06], False)]
)
def test_stuffed_words_are_shown_to_be_worth_nothing_not_just_not_shown_to_help(
    values: list[float], small: bool
) -> None:
    assert meta_campaigns.about_nothing(Estimate.of(values)) is small
    assert not meta_campaigns.about_nothing(Estimate.of(values[:1]))


@pytest.mark.slow
def test_a_search_that_chose_nothing_claims_its_best_rank_gain_too(capsys: pytest.CaptureFixture[str]) -> None:
    """Else the searches that confirmation stopped are left out, and what an uncertified search claims looks small."""
    states = [meta_campaigns.campaign("ignoring", seed, QUICK) for seed in range(4)]
    meta_campaigns._claims(states)
    mean = sum(map(meta_campaigns.best_rank_gain, states)) / len(states)
    assert f"(the uncertified claim) {mean:+.4f}" in capsys.readouterr().out
    assert any(state.chosen is None for state in states)


def test_true_gains_are_measured_on_problems_that_are_in_no_suite() -> None:
    known = {problem.name for problem in meta_campaigns.SUITE.problems}
    assert not known.intersection(problem.name for problem in meta_campaigns.UNSEEN)


QUICK = {**meta_campaigns.DESIGN, "children": 4, "rank_seeds": 2, "confirm_seeds": 2, "certificate_seeds": 4}
