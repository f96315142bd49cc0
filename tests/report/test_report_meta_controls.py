"""What stands beside a certificate so that nobody takes it for more than it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evolve.meta.records import Stage
from evolve.report.meta_campaign import Campaign, find_campaign
from evolve.report.meta_controls import longer, pays
from evolve.store import open_store
from tests.report.paper_campaign import database_with


@pytest.fixture(scope="module")
def granted(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    folder = database_with(tmp_path_factory.mktemp("controls"), children=3, controls=("longer",))
    with open_store(folder / "evolve.db", create=False, read_only=True) as store:
        return Campaign.of(store, find_campaign(store, "last"))


def test_break_even_says_what_it_rests_on_and_what_runs_took(granted: Campaign) -> None:
    said = pays(granted)
    assert "future runs of as many calls (estimated on the certificate's own runs, which favour the winner" in said
    assert "calls only; a run of the winner: $0.004, 400 tokens; of the base: $0.004, 400 tokens)" in said
    certificate = granted.state.certificate
    assert certificate is not None
    refused = replace(granted.state, certificate=replace(certificate, granted=False))
    assert pays(replace(granted, state=refused)) == ""


def test_a_price_that_is_not_known_is_not_made_up(granted: Campaign) -> None:
    free = [
        replace(trial, measured=replace(trial.measured, cost=None)) if trial.key.stage is Stage.CERTIFY else trial
        for trial in granted.state.trials
    ]
    said = pays(replace(granted, state=replace(granted.state, trials=tuple(free))))
    assert "a run of the winner: price unknown, 400 tokens;" in said


def test_the_longer_run_is_one_a_problem_and_failures_are_named(granted: Campaign) -> None:
    assert "sealed problems, one run a problem; after 4 calls the base" in longer(granted)
    (made,) = granted.state.controls
    failed = replace(granted, state=replace(granted.state, controls=(replace(made, failed=("sealed_b",)),)))
    assert "left out, for the machinery failed in the run: sealed_b" in longer(failed)
