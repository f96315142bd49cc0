"""The commands that look at campaigns and decide about them, on one that the real driver ran."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from evolve.cli.meta_begin import namesake
from evolve.genome.folder import write_folder
from evolve.genome.genome import Genome
from evolve.meta.sitting import choose_campaign
from evolve.store import open_store
from tests.cli.conftest import Evolve
from tests.report.paper_campaign import BASE, MODULE, PaperBench, database_with, order_for


@pytest.fixture(scope="module")
def bred(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a campaign that granted its certificate to scaffold 5."""
    return database_with(tmp_path_factory.mktemp("bred"), controls=())


@pytest.fixture
def copied(bred: Path, tmp_path: Path) -> Callable[[], Path]:
    """Makes a folder with a copy of that database, to be written to."""

    def copy() -> Path:
        with (
            closing(sqlite3.connect(bred / "evolve.db")) as source,
            closing(sqlite3.connect(tmp_path / "evolve.db")) as target,
        ):
            source.backup(target)
        return tmp_path

    return copy


def test_show_tree_diff_and_list_agree_with_their_json(evolve: Evolve, bred: Path) -> None:
    shown = evolve(bred, "meta", "show")
    assert shown.code == 0
    assert "Certificate granted: scaffold 5" in shown.out
    data = evolve(bred, "meta", "show", "paper", "--json").json()
    assert data["verdict"] in " ".join(shown.out.split())
    assert evolve(bred, "meta", "show", "1", "3").code == 0
    assert evolve(bred, "meta", "show", "1", "3", "--json").json()["hit"] is False
    assert "└╴5" in evolve(bred, "meta", "tree").out
    assert len(evolve(bred, "meta", "tree", "--json").json()["scaffolds"]) == 6
    assert "paper" in evolve(bred, "meta", "list").out
    assert evolve(bred, "meta", "list", "--json").json()["default"] is None


def test_a_difference_is_from_the_parent_unless_told_otherwise(evolve: Evolve, bred: Path) -> None:
    from_parent = evolve(bred, "meta", "diff", "last", "5").out
    assert "-WORTH = 0.6" in from_parent
    assert "+WORTH = 0.65" in from_parent
    assert "-WORTH = 0.3" in evolve(bred, "meta", "diff", "last", "5", "--with", "0").out
    assert "evolution.py" in evolve(bred, "meta", "diff", "last", "5", "--with", "zero", "--json").json()["diff"]
    assert "no difference" in evolve(bred, "meta", "diff", "last", "5", "--with", "5").out
    for arguments, said in (
        (("0",), "has no parent"),
        (("2",), "refused before there was an edit"),
        (("9",), "has no scaffold 9"),
        (("5", "--with", "seed"), "neither parent, zero nor a scaffold's number"),
    ):
        ended = evolve(bred, "meta", "diff", "last", *arguments)
        assert ended.code == 2
        assert said in ended.err


def test_verify_finds_a_flipped_byte_and_a_cut_end(evolve: Evolve, copied: Callable[[], Path]) -> None:
    folder = copied()
    whole = evolve(folder, "meta", "verify", "--json").json()
    assert whole["ok"] is True
    assert evolve(folder, "meta", "verify", "--head", whole["head"].upper()).code == 0
    with closing(sqlite3.connect(folder / "evolve.db")) as database:
        database.execute("DELETE FROM chain_entries WHERE seq > 20")
        database.commit()
    assert evolve(folder, "meta", "verify").code == 0  # what no log can show of itself
    cut = evolve(folder, "meta", "verify", "--head", whole["head"])
    assert cut.code == 2
    assert "NOT as it was written" in cut.out
    with closing(sqlite3.connect(folder / "evolve.db")) as database:
        database.execute("UPDATE chain_entries SET kind = 'trials' WHERE seq = 7")
        database.commit()
    flipped = evolve(folder, "meta", "verify")
    assert flipped.code == 2
    assert "entry 7" in flipped.out


def test_what_cannot_be_a_head_is_a_slip_and_no_cut_log(evolve: Evolve, bred: Path) -> None:
    head = evolve(bred, "meta", "verify", "--json").json()["head"]
    assert evolve(bred, "meta", "verify", "--head", head[:12]).code == 0
    assert "NOT as it was" in evolve(bred, "meta", "verify", "--head", f"{head[:11]}{int(head[11], 16) ^ 1:x}").out
    for slip in (head[:11], head + "0", "head", f"{head[:20]}x"):
        ended = evolve(bred, "meta", "verify", "--head", slip)
        assert (ended.code, ended.out) == (2, "")
        assert "is no head of a log" in ended.err


def test_a_decision_on_a_name_that_two_campaigns_have_needs_the_number(
    evolve: Evolve, copied: Callable[[], Path]
) -> None:
    folder = copied()
    with open_store(folder / "evolve.db", create=False) as store:
        first = store.run(1)
        assert namesake(store, first) == ""
        other = choose_campaign(store, order_for(margin=0.11))
        assert "there is a campaign 1 of that name with other settings" in namesake(store, other)
        same = choose_campaign(store, order_for(margin=0.11), new=True)
        assert f"there is a campaign {other.id} of that name with the same settings" in namesake(store, same)
    for command in (
        ("approve", "paper", "5"),
        ("quarantine", "paper", "5", "--reason", "odd"),
        ("release", "paper", "5"),
        ("verify", "paper", "--head", "0" * 64),
        ("run", "--suite", "demo", "--calls", "9000", "--rule", "random", "--base", "paper:5"),
    ):
        ended = evolve(folder, "meta", *command)
        assert ended.code == 2
        assert "are all called 'paper': give the number" in ended.err
    assert evolve(folder, "meta", "show", "1", "--json").json()["reason"] != ""


def test_approve_shows_all_there_is_to_see_and_wants_the_digest_typed(
    evolve: Evolve, copied: Callable[[], Path]
) -> None:
    folder = copied()
    digest = evolve(folder, "meta", "show", "1", "5", "--json").json()["digest"]
    asked = evolve(folder, "meta", "approve", "1", "5")
    assert asked.code == 2
    assert f"--yes {digest[:12]}" in asked.err
    for said in ("+WORTH = 0.65", "--- a/zero.py", "Certificate granted", "predicted", "probe_a"):
        assert said in asked.out
    wrong = evolve(folder, "meta", "approve", "1", "5", "--yes", "abcdef123456")
    assert wrong.code == 2
    assert evolve(folder, "meta", "list", "--json").json()["default"] is None
    done = evolve(folder, "meta", "approve", "1", "5", "--yes", digest[:12], "--by", "Ada", "--json")
    assert done.code == 0, done.err
    assert done.json() == {"default": digest, "campaign": 1, "number": 5, "by": "Ada"}
    assert f"use scaffold {digest[:12]}" in evolve(folder, "meta", "list").out
    assert evolve(folder, "meta", "rollback", "--by", "Ada", "--reason", "slow").code == 0
    listed = evolve(folder, "meta", "list", "--json").json()
    assert listed["default"] is None
    assert [(each["kind"], each["by"]) for each in listed["history"]] == [("approve", "Ada"), ("rollback", "Ada")]


def test_what_has_no_certificate_is_not_approved(evolve: Evolve, copied: Callable[[], Path]) -> None:
    folder = copied()
    digest = evolve(folder, "meta", "show", "1", "4", "--json").json()["digest"]
    ended = evolve(folder, "meta", "approve", "1", "4", "--yes", digest)
    assert ended.code == 2
    assert "the certificate is of scaffold 5" in ended.err
    asked = evolve(folder, "meta", "approve", "1", "4")
    assert (asked.code, asked.out) == (2, "")
    assert "the certificate is of scaffold 5" in asked.err  # and no way to go that ends here
    assert "--yes" not in asked.err
    refused = evolve(folder, "meta", "approve", "1", "2", "--yes", "abcdef")
    assert refused.code == 2
    assert "was refused" in refused.err


def test_quarantine_takes_descendants_along_and_names_the_default_after_it(
    evolve: Evolve, copied: Callable[[], Path]
) -> None:
    folder = copied()
    digest = evolve(folder, "meta", "show", "1", "5", "--json").json()["digest"]
    evolve(folder, "meta", "approve", "1", "5", "--yes", digest)
    missing = evolve(folder, "meta", "quarantine", "1", "4")
    assert missing.code == 2
    assert "--reason" in missing.err
    done = evolve(folder, "meta", "quarantine", "1", "4", "--reason", "it cheats", "--json").json()
    assert digest in done["quarantined"]
    assert len(done["quarantined"]) == 2
    assert done["default"] is None
    assert "quarantined" in evolve(folder, "meta", "tree").out
    assert evolve(folder, "meta", "verify").code == 0
    write_folder(Genome.of({**BASE.files, "main.py": MODULE.replace("0.3", "0.6")}), folder / "again")
    again = evolve(folder, "meta", "run", "--suite", "demo", "--calls", 9, "--base", "again", "--rule", "random")
    assert again.code == 2
    assert "is in quarantine (it cheats)" in again.err


def test_a_held_scaffold_is_waited_for_until_a_person_releases_it(evolve: Evolve, tmp_path: Path) -> None:
    bench = PaperBench(steps=(0.001, 0.002, 0.003, 0.004, 0.005, 0.6))
    settings = {"children": 6, "controls": (), "rule": "flat", "certificate_seeds": 1}
    database_with(tmp_path, bench, **settings)
    shown = evolve(tmp_path, "meta", "show", "--json").json()
    assert list(shown["held"]) == ["6"]
    assert shown["certificate"] is None
    assert re.search(r"╴6 .* held ", evolve(tmp_path, "meta", "tree").out)
    wrong = evolve(tmp_path, "meta", "release", "last", "1")
    assert wrong.code == 2
    assert "not held" in wrong.err
    assert evolve(tmp_path, "meta", "release", "last", "6", "--by", "Ada").code == 0
    database_with(tmp_path, bench, **settings)
    shown = evolve(tmp_path, "meta", "show", "--json").json()
    assert shown["released"] == {"6": "Ada"}
    assert shown["certificate"]["scaffold"] == 6
    assert shown["granted"] is True
    late = evolve(tmp_path, "meta", "release", "last", "5")
    assert late.code == 2


def test_a_database_without_campaigns_is_a_sentence(evolve: Evolve, tmp_path: Path) -> None:
    open_store(tmp_path / "evolve.db", create=True).close()
    assert "no campaigns yet" in evolve(tmp_path, "meta", "list").out
    for command in (("show",), ("tree",), ("verify",), ("diff", "last", "1"), ("approve", "last", "1")):
        ended = evolve(tmp_path, "meta", *command)
        assert ended.code == 2
        assert "has no campaign yet" in ended.err
