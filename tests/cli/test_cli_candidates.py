"""`evolve candidates`: the same list as the page's, in a terminal, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from evolve.store import open_store
from tests.cli.conftest import Evolve, Searched
from tests.cli.test_cli_startup import HEAVY, imported, stays_under
from tests.store.store_samples import NEW_RUN


def listed(evolve: Evolve, searched: Searched, *arguments: object) -> Any:
    ran = evolve(searched.folder, "candidates", *arguments, "--json")
    assert ran.code == 0, ran.err
    return ran.json()


def test_the_best_come_first_when_asked_for(evolve: Evolve, searched: Searched) -> None:
    best = evolve(searched.folder, "show", "1", "--json").json()["best_number"]
    sort = ("--sort", "objective", *(["-d"] if direction(evolve, searched) == "maximize" else []))
    found = listed(evolve, searched, "first", *sort, "--limit", 5)
    values = found["lines"]["objective"]
    assert values == sorted(values, reverse="-d" in sort)
    assert best in found["lines"]["number"]
    shown = evolve(searched.folder, "candidates", "first", *sort, "--limit", 5)
    assert shown.code == 0
    assert f"1/{found['lines']['number'][0]}" in shown.out
    assert f"1 to 5 of {found['total']}, sorted by" in shown.out
    assert "--offset 5 shows the next ones" in shown.out


def direction(evolve: Evolve, searched: Searched) -> str:
    return str(evolve(searched.folder, "show", "1", "--json").json()["direction"])


def test_filters_leave_out_the_others(evolve: Evolve, searched: Searched) -> None:
    everybody = listed(evolve, searched, "--limit", 1000)["lines"]
    for name, flags in (
        ("valid", ("--status", "valid")),
        ("failed", ("--status", "failed")),
        ("bests", ("--new-best",)),
        ("better", ("--improved",)),
        ("tuned", ("--operator", everybody["operator"][-1])),
    ):
        kept = [
            number
            for number, status, new_best, gain, operator in zip(
                *(everybody[key] for key in ("number", "status", "new_best", "gain", "operator")), strict=True
            )
            if {
                "valid": status == "valid",
                "failed": status not in ("valid", None),
                "bests": new_best,
                "better": (gain or 0) > 0,
                "tuned": operator == everybody["operator"][-1],
            }[name]
        ]
        found = listed(evolve, searched, *flags, "--limit", 1000)
        assert found["lines"]["number"] == kept, name
        assert found["total"] == len(kept)


def test_csv_is_everybody(evolve: Evolve, searched: Searched) -> None:
    ran = evolve(searched.folder, "candidates", "--csv")
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert [int(row["number"]) for row in rows] == listed(evolve, searched, "--limit", 1000)["lines"]["number"]
    assert rows[0]["operator"] == "seed"


def test_wrong_flags_say_the_way_out(evolve: Evolve, searched: Searched) -> None:
    for flags, said in (
        (("--status", "broken"), "no status is called 'broken'"),
        (("--limit", "0"), "--limit 0 is not from 1 to 1,000; --offset shows later lines, --csv prints all"),
        (("--offset", "-3"), "--offset -3 is negative"),
        (("--csv", "--json"), "--csv and --json each say what to print"),
        (("--operator", "nope"), "no candidate of this run is of operator 'nope'; those it has: "),
        (("--operator", "nope", "--csv"), ", seed, "),
        (("--model", "nope"), "no candidate of this run is of model 'nope'; no model was asked for any"),
        (("--island", "77"), "no candidate of this run is of island 77; those it has: 0"),
        (("--low", "2", "--high", "1.5"), "no objective is at least 2 and at most 1.5; swap --low and --high"),
    ):
        ran = evolve(searched.folder, "candidates", *flags)
        assert ran.code == 2
        assert said in ran.err
    assert "no candidate is like that" in evolve(searched.folder, "candidates", "--idea", "none").out
    assert "--offset 1000 is beyond the end: there are 6" in evolve(searched.folder, "candidates", "--offset", 1000).out


def test_a_narrow_terminal_shows_whole_words(evolve: Evolve, searched: Searched) -> None:
    lines = evolve(searched.folder, "candidates", "--limit", 40, env={"COLUMNS": "60"}).out.splitlines()
    assert lines[0].split() == ["number", "status", "objective", "gain", "operator"]
    operators = listed(evolve, searched, "--limit", 40)["lines"]["operator"]
    assert [line.split()[-1] for line in lines[1:41]] == operators


def test_an_empty_run_says_so(evolve: Evolve, tmp_path: Path) -> None:
    with open_store(tmp_path / "evolve.db", create=True) as store:
        store.create_run(NEW_RUN)
    assert evolve(tmp_path, "candidates").out == "no candidates yet\n"
    assert evolve(tmp_path, "candidates", "--operator", "tune").out == "no candidates yet\n"
    for command in ("operators", "models"):
        assert evolve(tmp_path, command).out == "nothing was proposed yet\n"


@pytest.mark.slow
def test_it_is_quick(searched: Searched) -> None:
    assert stays_under(1.0, searched.folder, "candidates")
    assert not imported(searched.folder, "candidates") & (HEAVY - {"sqlalchemy"} | {"starlette"})
