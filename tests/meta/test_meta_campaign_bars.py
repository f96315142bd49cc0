"""A small version of `benchmarks.meta_campaigns`: what the full one holds to its bars, on fewer campaigns."""

from __future__ import annotations

import argparse

import pytest

from benchmarks import meta_campaigns

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
    assert "true effect +0.0" in capsys.readouterr().out


@pytest.mark.slow
def test_stuffing_gains_nothing() -> None:
    assert meta_campaigns.stuffing_bar(FEW)


QUICK = {**meta_campaigns.DESIGN, "children": 4, "rank_seeds": 2, "confirm_seeds": 2, "certificate_seeds": 4}
