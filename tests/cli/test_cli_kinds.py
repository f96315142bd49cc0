"""A campaign and its trials are no runs to be worked on by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evolve.cli.desks import desk_of_run
from evolve.cli.export import export
from evolve.cli.options import Common
from evolve.cli.run import resume
from evolve.config import Settings
from evolve.errors import SettingsError
from evolve.meta.sitting import choose_campaign
from evolve.problem import load_problem
from evolve.session import new_run
from evolve.store import RunKind, open_store
from tests.meta.toy.sitting import toy_order

PROBLEM = Path(__file__).parents[2] / "benchmarks" / "trivial"


def test_campaigns_and_trials_are_neither_resumed_nor_asked(tmp_path: Path) -> None:
    db = str(tmp_path / "evolve.db")
    with open_store(db, create=True) as store:
        campaign = choose_campaign(store, toy_order())
        new = new_run(load_problem(PROBLEM), Settings(), "trial")
        trial = store.create_run(replace(new, kind=RunKind.TRIAL, campaign=campaign.id))
        for run, what in ((campaign.id, "a campaign"), (trial, "a trial of campaign 1")):
            with pytest.raises(SettingsError, match=f"run {run} is {what}.*evolve meta run.*evolve meta show 1"):
                desk_of_run(store, str(run))
    for run in (campaign.id, trial):
        with pytest.raises(SettingsError, match="evolve meta run"):
            resume(str(run), common=Common(db=db))


def test_a_campaign_is_not_exported(tmp_path: Path) -> None:
    db = str(tmp_path / "evolve.db")
    with open_store(db, create=True) as store:
        choose_campaign(store, toy_order())
    with pytest.raises(SettingsError, match="run 1 is a campaign: evolve meta show 1"):
        export("1", html=tmp_path / "report.html", common=Common(db=db))
    assert not (tmp_path / "report.html").exists()
