"""A campaign and its trials are no runs to be worked on by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evolve.cli.archive import archive
from evolve.cli.browse import best, runs, show
from evolve.cli.candidates import candidates
from evolve.cli.compare import compare
from evolve.cli.cost import cost
from evolve.cli.desks import desk_of_run
from evolve.cli.export import export
from evolve.cli.failures import failures
from evolve.cli.lineage import lineage
from evolve.cli.operators import models, operators
from evolve.cli.options import Common
from evolve.cli.plot import plot
from evolve.cli.run import resume
from evolve.cli.top import top
from evolve.config import Settings
from evolve.errors import NotFound, SettingsError
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


def test_a_campaign_is_no_run_to_look_at_and_its_trials_are(tmp_path: Path) -> None:
    db = Common(db=str(tmp_path / "evolve.db"))
    with open_store(db.db, create=True) as store:
        campaign = choose_campaign(store, toy_order())
        new = new_run(load_problem(PROBLEM), Settings(), "trial")
        trial = str(store.create_run(replace(new, kind=RunKind.TRIAL, campaign=campaign.id)))
    looking = (archive, best, candidates, cost, failures, lineage, models, operators, plot, show, top)
    for command in looking:
        with pytest.raises(SettingsError, match="run 1 is a campaign: evolve meta show 1"):
            command("1", common=db)
    with pytest.raises(SettingsError, match="run 1 is a campaign"):
        compare("1", trial, common=db)
    show(trial, common=db)


def test_who_looks_for_a_campaign_among_runs_is_told_where_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db = Common(db=str(tmp_path / "evolve.db"))
    with open_store(db.db, create=True) as store:
        name = choose_campaign(store, toy_order()).summary.name
    with pytest.raises(NotFound, match=rf"no run called '{name}' in .*\(it is a campaign: evolve meta show {name}\)"):
        show(name, common=db)
    with pytest.raises(NotFound, match="holds 1 campaign: evolve meta list"):
        show("last", common=db)
    runs(common=db)
    assert "(it holds 1 campaign: evolve meta list)" in capsys.readouterr().out.replace("\n", " ")
