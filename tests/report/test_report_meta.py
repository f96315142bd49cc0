"""What is shown of a campaign that the real driver ran in a real database."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from evolve.errors import NotFound
from evolve.meta.promotion import quarantine
from evolve.meta.records import Contest, Stage
from evolve.meta.settings import CampaignSettings
from evolve.report import meta_probes, meta_words
from evolve.report.meta import campaign_json, campaign_view, decision_view
from evolve.report.meta_campaign import Campaign, find_campaign
from evolve.report.meta_list import Listed, list_json, list_view
from evolve.report.meta_plan import plan_of, plan_view
from evolve.report.meta_scaffold import scaffold_json, scaffold_view
from evolve.report.meta_tree import tree_json, tree_view
from evolve.store import open_store
from tests.report.paper_campaign import CALLS, SUITE, PaperBench, campaign_in, database_with

Read = Callable[..., Campaign]


def shown(items: Iterable[RenderableType], width: int = 160) -> str:
    out = Console(width=width, markup=False, emoji=False, highlight=False, color_system=None, file=None)
    with out.capture() as captured:
        for item in items:
            out.print(item)
    return captured.get()


@pytest.fixture(scope="module")
def granted(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    return read(database_with(tmp_path_factory.mktemp("granted"), controls=("longer", "flat"), calls=5000))


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """A campaign in which luck is all there is."""
    bench = PaperBench(steps=(0.001,), luck=0.4, fails="search_b")
    return read(database_with(tmp_path_factory.mktemp("refused"), bench, children=3, controls=()))


def read(folder: Path, name: str = "last") -> Campaign:
    with open_store(folder / "evolve.db", create=False, read_only=True) as store:
        return Campaign.of(store, find_campaign(store, name))


def test_the_verdict_comes_first_with_all_that_it_rests_on(granted: Campaign) -> None:
    text = shown(campaign_view(granted))
    certificate = granted.state.certificate
    assert certificate is not None
    first, second = text.splitlines()[:2]
    assert first == "campaign 1 · paper · suite paper"
    assert second.startswith(f"Certificate granted: scaffold {certificate.scaffold} against scaffold 0")
    flat = " ".join(text.split())
    for said in (
        meta_words.gain(certificate.contest.mean),
        f"one-sided p = {certificate.contest.p:.4f}",
        "90 % interval",
        "6 problems × 2 seeds each side",
        f"claim {meta_words.gain(certificate.claimed)} (uncertified",
        "the same calls spent on running the base longer would have given a final progress (not an area) of",
        "future runs",
        "1 refused (edit_not_applied 1)",
        "3 of 4 came true (the same predictions of other scaffolds: 75 %)",
        f"0 of {len(granted.state.trials)} runs failed",
        f"head {granted.head}",
    ):
        assert said in flat
    for problem in certificate.contest.differences:
        assert problem in text
    assert re.search(r"^flat +\d+ ", text, re.MULTILINE)


def test_probes_say_what_they_could_have_shown(granted: Campaign) -> None:
    certificate, settings = granted.state.certificate, granted.state.settings
    assert certificate is not None
    assert certificate.probes is not None
    enough = meta_probes.sentence(granted)
    assert settings.probe_seeds == 2
    assert f"no fall was shown: {meta_words.gain(certificate.probes.mean)} (50 % interval" in enough
    assert "p of a fall = 1.0000, the least it can be 0.0278; 2 probes × 2 seeds each side)" in enough
    assert "cannot fire" not in enough
    first = {
        trial.key.seed for trial in granted.state.trials if trial.key.stage is Stage.PROBE and not trial.key.scaffold
    }
    kept = [each for each in granted.state.trials if each.key.stage is not Stage.PROBE or each.key.seed == min(first)]
    once = settings.model_copy(update={"probe_seeds": 1})
    few = replace(granted, state=replace(granted.state, trials=tuple(kept), settings=once))
    assert "this test cannot fire: its least p is not below alpha = 0.05" in meta_probes.sentence(few)


def test_no_improvement_is_said_in_so_many_words(refused: Campaign) -> None:
    text = " ".join(shown(campaign_view(refused)).split())
    assert "No improvement: " in text
    assert "Certificate granted" not in text
    data = campaign_json(refused)
    assert data["granted"] is False
    assert data["break_even"] is None
    assert data["infrastructure"] > 0
    assert "counted as no progress" in text


def test_a_verdict_without_a_certificate_says_why_there_is_none(tmp_path: Path) -> None:
    campaign = read(database_with(tmp_path, PaperBench(steps=(-0.1,)), children=2, controls=()))
    assert campaign.state.certificate is None
    text = shown(campaign_view(campaign))
    assert "No improvement: no scaffold ranked above the first one" in text
    assert "claim" not in text


def test_plain_data_holds_the_numbers_of_the_log(granted: Campaign) -> None:
    data, state = campaign_json(granted), granted.state
    assert state.certificate is not None
    assert data["certificate"]["contest"]["p"] == state.certificate.contest.p
    assert data["spent"]["calls"] == state.bill.calls == sum(b["calls"] for b in data["spent"]["by_purpose"].values())
    assert data["scores"].keys() == {str(member.number) for member in state.members}
    assert data["log"] == {"entries": granted.entries, "head": granted.head, "broken": ""}


def test_a_scaffold_is_shown_with_what_it_predicted_and_what_came_of_it(granted: Campaign) -> None:
    text = shown(scaffold_view(granted, 3))
    assert "area up on search_a: did not come true" in text
    assert r"worth 0.2\x1b[31m" in text  # what a scaffold wrote cannot reach the terminal
    assert "\x1b" not in text
    assert re.search(r"rank +search_d +1 +0\.\d{4} +0\.\d{4}", text)
    data = scaffold_json(granted, 3)
    assert data["hit"] is False
    assert data["gain"] < 0
    assert len(data["trials"]) == 5
    assert re.search(r"^alive +search_\w +1 +– +–", text, re.MULTILINE)
    rows = re.findall(r"^(?:alive|rank|confirm|certify|probe) +\w+ +(\d+) ", text, re.MULTILINE)
    assert sum(map(int, rows)) == 5  # as many as "runs" says
    assert data["standing"] == "admitted"
    assert re.search(r"standing +admitted", text)
    assert "refused" in shown(scaffold_view(granted, 2))
    assert scaffold_json(granted, 2)["status"] == "edit_not_applied"
    with pytest.raises(NotFound, match="numbered from 0 to 5"):
        scaffold_json(granted, 6)


def test_the_tree_has_every_child_below_its_parent(granted: Campaign) -> None:
    lines = shown(tree_view(granted)).splitlines()
    numbers = [int(found[1]) for line in lines if (found := re.match(r"[│ ├└╴]*(\d+) ", line))]
    data = tree_json(granted)["scaffolds"]
    assert numbers == [each["number"] for each in data]
    assert sorted(numbers) == [0, 1, 2, 3, 4, 5]
    places = {number: place for place, number in enumerate(numbers)}
    assert all(places[each["number"]] > places[each["parent"]] for each in data if each["parent"] is not None)
    assert sum("certified" in line for line in lines) == 1
    assert "4 search problems with room" in lines[0]


def test_whoever_decides_sees_prediction_certificate_and_probes(granted: Campaign) -> None:
    assert granted.state.certificate is not None
    text = shown(decision_view(granted, granted.state.certificate.scaffold))
    for said in ("Certificate granted", "area up on search_a", "claim", "probes", "sealed_f", "probe_b"):
        assert said in text


def test_a_list_says_what_each_came_to_and_hides_controls(tmp_path: Path) -> None:
    database_with(tmp_path, controls=("flat",), calls=5000)
    with open_store(tmp_path / "evolve.db", create=False) as store:
        campaign_in(store, "second", PaperBench(steps=(-0.1,)), children=1, controls=())
        quarantine(store, 1, 3, "somebody", "a look at it")
        listed = Listed.of(store)
        assert find_campaign(store, "paper").id == 1
        assert find_campaign(store, "2").summary.name == "paper.flat"
        with pytest.raises(NotFound, match="evolve meta list"):
            find_campaign(store, "third")
    data = list_json(listed)
    assert [(row["name"], row["verdict"]) for row in data["campaigns"]] == [
        ("second", "no improvement"),
        ("paper", "certified"),
    ]
    text = shown(list_view(listed))
    assert "runs of this database use scaffold zero" in text
    assert "quarantine" in text
    assert "by somebody: a look at it" in text


def test_a_changed_byte_is_said_above_everything_else(tmp_path: Path) -> None:
    database_with(tmp_path, children=1, controls=())
    with closing(sqlite3.connect(tmp_path / "evolve.db")) as database:
        database.execute("UPDATE chain_entries SET data = replace(data, '0.004', '0.003') WHERE seq = 4")
        database.commit()
    text = shown(campaign_view(read(tmp_path)))
    assert "the log is not as it was written" in text.splitlines()[1]
    assert "entry 4" in text


def test_a_plan_adds_up_and_is_never_exceeded(granted: Campaign) -> None:
    from evolve.meta.entries import Started
    from evolve.meta.state import begun

    settings = CampaignSettings(
        children=5, rank_seeds=1, confirm_seeds=2, certificate_seeds=2, controls=("longer", "flat"), calls=5000
    )
    plan = plan_of(begun(Started(SUITE, settings, "", 7, {})), price=0.001)
    assert plan.calls == sum(share.calls for share in plan.shares) <= 5000
    assert granted.state.bill.calls <= plan.calls
    spent = granted.state.bills
    by_name = {share.name: share.calls for share in plan.shares}
    assert by_name["calibration"] == spent["calibrate"].calls == 10 * CALLS
    assert by_name["certificate and probes"] == spent["certify"].calls + spent["probe"].calls
    text = shown(plan_view(plan))
    assert f"at most {plan.calls:,} model calls" in text
    assert "a call" in text
    few = plan_of(begun(Started(SUITE, settings.model_copy(update={"calls": 50, "money": 1.0}), "", 7, {})), None)
    assert few.calls == 50
    assert few.least > 50
    assert "there is no verdict" in shown(plan_view(few))
    assert "never more than $1" in shown(plan_view(few))


def test_small_probabilities_keep_their_digits() -> None:
    assert meta_words.probability(0.0156) == "0.0156"
    assert meta_words.probability(2**-20) == "9.5e-07"
    contest = Contest({"a": 0.1}, 0.1, 0.5, 0.5, -0.1, 0.3, 0.9)
    assert meta_words.interval(contest) == "90 % interval -0.1000 to +0.3000"
