"""`evolve archive` over the database of a real search."""

from __future__ import annotations

import pytest

from evolve.store import open_store
from tests.cli.conftest import Evolve, Searched
from tests.cli.test_cli_startup import HEAVY, imported


def test_the_archive_now_and_as_it_was(evolve: Evolve, searched: Searched) -> None:
    shown = evolve(searched.folder, "archive")
    assert shown.code == 0
    assert "archive of run 1 after" in shown.out
    assert "island 0" in shown.out
    now = evolve(searched.folder, "archive", "--json").json()
    with open_store(str(searched.folder / "evolve.db"), create=False, read_only=True) as store:
        run = store.run(1)
        elites = {row.number: row for row in store.browse.elites(1, now["islands"][0]["elites"]["number"])}
    assert now["told"] == run.summary.told
    held = now["islands"][0]["elites"]
    assert held["objective"] == [elites[number].objective for number in held["number"]]
    assert run.summary.best_number in held["number"]
    assert len(set(held["cell"])) == len(held["cell"])
    seed = evolve(searched.folder, "archive", "--at", 1, "--json").json()["islands"][0]["elites"]
    assert seed["number"] == [0]
    assert seed["operator"] == ["seed"]
    assert "nobody has a cell yet" in evolve(searched.folder, "archive", "--at", 0).out


def test_what_is_not_there_is_a_mistake_of_the_user(evolve: Evolve, searched: Searched) -> None:
    late = evolve(searched.folder, "archive", "--at", 10_000)
    assert (late.code, late.out) == (2, "")
    assert "--at is 10000" in late.err
    assert "give 0 to" in late.err
    assert evolve(searched.folder, "archive", "--island", 7, "--json").code == 2
    assert evolve(searched.folder, "archive", "--x", "colour").code == 2


@pytest.mark.slow
def test_it_is_quick(searched: Searched) -> None:
    assert not imported(searched.folder, "archive") & (HEAVY - {"sqlalchemy"})
