from __future__ import annotations

import json
import sqlite3
import subprocess
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from evolve.domain import Candidate, Direction, Estimate, Evaluation, Origin, Outcome, Program, Status, Verdict
from evolve.report.conversation import conversation_view
from evolve.store import AskedRow, Evaluated, Holder, NewRun, Proposed, RunStatus, Told, open_store
from evolve.store.dialogue import MODEL
from tests.cli.conftest import COMMAND, Evolve, Searched, environment

HOSTILE = "\x1b[2J\x1b]0;owned\x07[bold red]x[/]\u202egnp.exe\u200b\x9b31m"
CONTROL = ("\x1b", "\x07", "\u202e", "\u200b", "\x9b")


def test_a_run_is_listed_with_what_it_reached(evolve: Evolve, searched: Searched) -> None:
    listed = evolve(searched.folder, "runs")
    assert listed.code == 0
    assert "first (sine)" in listed.out
    assert "finished" in listed.out
    [row] = evolve(searched.folder, "runs", "--json").json()
    assert (row["id"], row["name"], row["status"]) == (1, "first", "finished")
    assert row["best_number"] == searched.summary["best"]["number"]
    assert row["best_objective"] == searched.summary["best"]["mean"]
    assert row["seed_objective"] == searched.summary["seed"]["mean"]


@pytest.mark.parametrize("name", ["1", "first", "last"])
def test_a_run_is_shown_by_number_name_or_last(evolve: Evolve, searched: Searched, name: str) -> None:
    shown = evolve(searched.folder, "show", name)
    assert shown.code == 0
    assert "run 1 · first" in shown.out
    assert "60 evaluations used" in shown.out
    data = evolve(searched.folder, "show", name, "--json").json()
    assert data["evaluations"] == 60
    assert data["curve"][-1]["number"] == searched.summary["best"]["number"]
    assert data["isolation"] == searched.summary["isolation"]
    for which in ("seed", "best"):
        assert data["holdout"][which]["mean"] == searched.summary["holdout"][which]["mean"]
        assert f"{data['holdout'][which]['mean']:.6g}" in shown.out


def test_a_candidate_is_shown_with_its_origin_scores_and_program(evolve: Evolve, searched: Searched) -> None:
    number = searched.summary["best"]["number"]
    assert f"candidate 1/{number}" in evolve(searched.folder, "show", f"1/{number}").out
    best = evolve(searched.folder, "show", "first/best", "--json").json()
    assert best["number"] == number
    assert best["evaluation"]["objective"]["mean"] == searched.summary["best"]["mean"]
    assert best["holdout"]["status"] == "valid"
    assert best["parents"]
    seed = evolve(searched.folder, "show", "last/seed", "--json").json()
    assert (seed["number"], seed["parents"], seed["operator"]) == (0, [], "seed")
    assert seed["files"] == {"program.py": (searched.folder / "sine/seed/program.py").read_text(encoding="utf-8")}


def test_code_is_the_program_and_nothing_else(evolve: Evolve, searched: Searched) -> None:
    source = (searched.folder / "sine/seed/program.py").read_text(encoding="utf-8")
    assert evolve(searched.folder, "show", "1/0", "--code").out == source
    assert evolve(searched.folder, "best", "--code").out == next(iter(_files(evolve, searched).values()))


def _files(evolve: Evolve, searched: Searched) -> dict[str, str]:
    files: dict[str, str] = evolve(searched.folder, "show", "1/best", "--json").json()["files"]
    return files


@pytest.mark.parametrize(
    "arguments", [("show", "1/best", "--diff", "seed"), ("best", "--diff"), ("best", "1", "--diff=seed")]
)
def test_the_difference_from_the_seed_says_what_the_search_changed(
    evolve: Evolve, searched: Searched, arguments: tuple[str, ...]
) -> None:
    out = evolve(searched.folder, *arguments).out
    assert out.startswith("--- 0/program.py\n+++ ")
    assert out.strip() == searched.summary["diff"].strip()


def test_diff_alone_compares_with_the_parent_wherever_it_stands(evolve: Evolve, searched: Searched) -> None:
    parent = evolve(searched.folder, "show", "1/best", "--json").json()["parents"][0]
    number = searched.summary["best"]["number"]
    for arguments in (("show", "--diff", f"1/{number}"), ("show", f"1/{number}", "--diff")):
        assert evolve(searched.folder, *arguments).out.startswith(f"--- {parent}/program.py\n+++ {number}/program.py\n")


def test_every_measurement_is_listed(evolve: Evolve, searched: Searched) -> None:
    out = evolve(searched.folder, "show", "1/best", "--eval").out
    looks = evolve(searched.folder, "show", "1/best", "--json").json()
    for purpose in ("evaluation", "holdout"):
        for look in looks[purpose]["measurements"]:
            assert f"{look['metrics']['error']:.6g}" in out


def test_the_best_program_is_written_out_unchanged_and_nothing_is_overwritten(
    evolve: Evolve, searched: Searched, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    wrote = evolve(searched.folder, "best", "-o", target)
    assert wrote.code == 0
    assert (target / "program.py").read_text(encoding="utf-8") == _files(evolve, searched)["program.py"]
    (target / "program.py").write_text("mine", encoding="utf-8")
    again = evolve(searched.folder, "best", "-o", target)
    assert again.code == 2
    assert "already there" in again.err
    assert (target / "program.py").read_text(encoding="utf-8") == "mine"


def test_a_lineage_leads_from_the_best_to_the_seed(evolve: Evolve, searched: Searched) -> None:
    rows = evolve(searched.folder, "lineage", "--json").json()
    assert rows[0]["number"] == searched.summary["best"]["number"]
    assert rows[-1]["number"] == 0
    total = sum(row["step"] for row in rows if row["step"] is not None)
    assert total == pytest.approx(searched.summary["best"]["mean"] - searched.summary["seed"]["mean"])
    assert [row["parents"][:1] for row in rows] == [*([row["number"]] for row in rows[1:]), []]
    assert "1/0" in evolve(searched.folder, "lineage", "1").out
    every = evolve(searched.folder, "lineage", "1/best", "--all", "--inspirations").out
    assert all(f"1/{row['number']} " in every for row in rows)


def test_the_database_can_be_named_by_flag_and_by_environment(
    evolve: Evolve, searched: Searched, tmp_path: Path
) -> None:
    database = searched.folder / "evolve.db"
    flagged = evolve(tmp_path, "runs", "--db", database, "--json")
    from_environment = evolve(tmp_path, "runs", "--json", env={"EVOLVE_DB": str(database)})
    assert flagged.json() == from_environment.json() == evolve(searched.folder, "runs", "--json").json()


@pytest.mark.parametrize("width", [30, 60, 80])
def test_narrow_terminals_cut_no_figure(evolve: Evolve, searched: Searched, width: int) -> None:
    out = evolve(searched.folder, "runs", env={"COLUMNS": str(width)}).out
    assert max(map(len, out.splitlines())) <= width
    assert "…" not in out
    if width >= 60:
        assert f"{searched.summary['best']['mean']:.6g}" in out


def test_a_reader_that_goes_away_is_no_error(searched: Searched) -> None:
    process = subprocess.Popen(
        [*COMMAND, "show", "1", "--json"], cwd=searched.folder, env=environment(), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(30) == 141


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A database in which every text a candidate or a person may choose is hostile to terminals."""
    with open_store(tmp_path / "evolve.db", create=True) as store:
        new = NewRun(HOSTILE, HOSTILE, HOSTILE, "d", HOSTILE, Direction.MAXIMIZE, 1, {}, "s", {HOSTILE: HOSTILE})
        run = store.create_run(new)
        holder = Holder.here()
        store.acquire(run, holder)
        program = Program.of({f"{HOSTILE}.py": f"x = 1  # {HOSTILE}\n", "../escape.py": "x = 2\n"})
        names = {HOSTILE: 1.0}
        evaluation = Evaluation(Status.VALID, Estimate(1.0), names, names, HOSTILE, {HOSTILE: HOSTILE})
        for number, parents in ((0, ()), (1, (0,))):
            origin = Origin(HOSTILE, 0, parents)
            verdict = Verdict(Outcome.NEW_CELL, 0, 0, None, True, 0.0)
            store.append(run, [
                Proposed(Candidate(number, program.with_files({"a.py": str(number)}), origin), str(number)),
                Evaluated(number, evaluation),
                Told(number, number, verdict, 1.0),
            ])  # fmt: skip
        store.release(run, holder, RunStatus.FINISHED, HOSTILE)
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ("runs",), ("show",), ("show", "1/1"), ("show", "1/1", "--code"), ("show", "1/1", "--diff"),
        ("show", "1/1", "--eval"), ("best", "1"), ("lineage", "1"), ("show", "1/1", "--json"), ("runs", "--json"),
    ],
)  # fmt: skip
def test_no_text_of_a_candidate_reaches_the_terminal_as_control_characters(
    evolve: Evolve, hostile: Path, arguments: tuple[str, ...]
) -> None:
    ran = evolve(hostile, *arguments)
    assert ran.code == 0, ran.err
    assert not any(char in ran.out for char in CONTROL)


def test_hostile_text_is_shown_as_what_it_is_and_kept_exact_in_json(evolve: Evolve, hostile: Path) -> None:
    assert "\\x1b[2J" in evolve(hostile, "show", "1/1", "--code").out
    assert "[bold red]x[/]\\u202egnp.exe" in evolve(hostile, "show", "1/1").out
    assert json.loads(evolve(hostile, "show", "1/1", "--json").out)["evaluation"]["feedback"] == HOSTILE


def test_a_program_cannot_be_written_outside_the_folder(evolve: Evolve, hostile: Path) -> None:
    ran = evolve(hostile, "best", "-o", "out")
    assert ran.code == 2
    assert "leads out of the folder" in ran.err
    assert not (hostile / "escape.py").exists()
    assert not (hostile / "out").exists()


def test_reading_commands_leave_a_database_as_it_is(evolve: Evolve, hostile: Path) -> None:
    with sqlite3.connect(hostile / "evolve.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = (hostile / "evolve.db").read_bytes()
    for arguments in (("runs",), ("show", "1/1"), ("lineage", "1")):
        assert evolve(hostile, *arguments).code == 0
    assert (hostile / "evolve.db").read_bytes() == before


def test_the_seed_program_is_not_put_down_to_the_built_in_proposer(evolve: Evolve, searched: Searched) -> None:
    assert "it is the seed program" in evolve(searched.folder, "show", "1/seed", "--prompt").out
    assert "the built-in proposer made it" in evolve(searched.folder, "show", "1/3", "--prompt").out


def test_nothing_is_padded_or_listed_that_looks_like_the_line_before(evolve: Evolve, searched: Searched) -> None:
    shown = evolve(searched.folder, "show", "1").out
    assert not [line for line in shown.splitlines() if line != line.rstrip()]
    values = [
        line.split()[-1] for line in shown[shown.index("objective\n", shown.index("improvements")) :].splitlines()
    ]
    assert all(before != after for before, after in pairwise(values))
    assert "models" not in shown, "no model was asked"


@pytest.mark.parametrize("text", ["a " * 300, "x" * 600])
def test_what_was_asked_is_printed_as_it_is_however_long_its_lines(text: str) -> None:
    row = AskedRow(
        3, 0, 0, "mutate", "edit", "openai/x",
        {"sections": [{"role": "user", "name": "task", "stable": False, "text": text}]},
        "", None, 0, MODEL, None, datetime(2026, 1, 1, tzinfo=UTC), 1, None,
    )  # fmt: skip
    assert text in list(conversation_view([row], 3)), "plain strings are left to the terminal to wrap"


def test_money_for_a_run_without_models_is_refused_when_it_is_gone_on_with(evolve: Evolve, searched: Searched) -> None:
    ran = evolve(searched.folder, "resume", "1", "--budget", "2usd")
    assert ran.code == 2
    assert "a budget of $2 could not end this run: without a model nothing is paid for" in ran.err
