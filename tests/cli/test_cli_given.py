"""Parameters and held-out files of a run are read wherever people look at it, and a parameter is given once."""

from __future__ import annotations

from pathlib import Path

import pytest

from evolve.inspection.overview import Overview, overview_json
from evolve.problem.template import templates
from evolve.report.given import marked, parameters_text
from evolve.store import open_store
from tests.cli.conftest import Evolve
from tests.conftest import PROBLEM_TOML, write_tiny

BUDGET = ("--evaluations", 4, "--seed", 1, "--quiet")
WIDE = {"COLUMNS": "200"}


@pytest.fixture
def problem(tmp_path: Path) -> Path:
    toml = PROBLEM_TOML + '\n[parameters]\nn = 4\nfast = false\nkind = "square"\n'
    folder = write_tiny(tmp_path / "tiny", problem_toml=toml)
    (folder / "holdout").mkdir()
    (folder / "holdout" / "own.txt").write_text("own")
    return folder


def test_what_was_given_is_shown_wherever_a_run_is(evolve: Evolve, problem: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "data.txt").write_text("1")
    said = evolve(tmp_path, "run", problem, "-p", "n=5", "--holdout", "kept", *BUDGET, env=WIDE)
    assert said.code == 0, said.err
    shown = evolve(tmp_path, "show", 1, env=WIDE)
    for out in (said.out, shown.out):
        rows = [line.split("  ") for line in out.splitlines()]
        facts = {row[0].strip(): row[-1].strip() for row in rows}
        assert facts["parameters"] == "n = 5, fast = false, kind = square"
        assert facts["held-out files"] == f"of {tmp_path / 'kept'}"
    assert "tiny n=5, fast=false, kind=square" in evolve(tmp_path, "runs", env=WIDE).out
    assert evolve(tmp_path, "runs", "--json").json()[0]["parameters"] == {"n": 5, "fast": False, "kind": "square"}
    with open_store(tmp_path / "evolve.db", create=False, read_only=True) as store:
        given = overview_json(Overview.of(store, store.run(1), ()))["given"]
    assert given == {"parameters": "n = 5, fast = false, kind = square", "holdout": str(tmp_path / "kept")}


def test_nothing_is_shown_of_a_run_that_was_given_nothing(evolve: Evolve, tmp_path: Path) -> None:
    folder = write_tiny(tmp_path / "tiny")
    said = evolve(tmp_path, "run", folder, *BUDGET).out + evolve(tmp_path, "show", 1).out
    assert "parameters" not in said
    assert "held-out files" not in said


def test_runs_of_other_parameters_are_not_said_to_be_of_a_changed_problem(
    evolve: Evolve, problem: Path, tmp_path: Path
) -> None:
    for n in (5, 6):
        assert evolve(tmp_path, "run", problem, "-p", f"n={n}", *BUDGET).code == 0
    refused = evolve(tmp_path, "compare", 1, 2)
    assert refused.code == 2
    assert (
        "problem 'tiny' has the parameters n=5, fast=false, kind=square in run 1 and n=6, fast=false, kind=square in"
        " run 2, so their scores cannot be compared"
    ) in refused.err


def test_a_mark_stays_short() -> None:
    assert marked("p", {}) == "p"
    assert parameters_text({"a": 0.5, "b": True, "c": "x y"}) == "a = 0.5, b = true, c = x y"
    assert len(marked("p", {"text": "long " * 50})) < 70


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (("-p", "n=5", "-p", "n=6"), "--parameter n=6 gives n a second time; give it once"),
        (("-p", "n=nan"), "--parameter n=nan is no finite number; give one, as in --parameter n=32"),
        (("-p", "n=1e400"), "--parameter n=1e400 is no finite number; give one"),
        (("-p", "n=[1, 2]"), "--parameter n=[1, 2] is neither a number, true or false, nor a text"),
    ],
)
def test_a_value_no_parameter_can_have_is_refused_in_a_sentence(
    evolve: Evolve, problem: Path, tmp_path: Path, flags: tuple[str, ...], text: str
) -> None:
    for command in ("run", "check"):
        refused = evolve(tmp_path, command, problem, *flags)
        assert refused.code == 2
        assert refused.err.count("\n") == 1
        assert text in refused.err


def test_help_says_how_long_a_run_takes_and_which_templates_there_are(evolve: Evolve, tmp_path: Path) -> None:
    run, new = (" ".join(evolve(tmp_path, command, "--help", env=WIDE).out.split()) for command in ("run", "new"))
    assert "60 for a new run when no limit is given" in run
    for name in templates():
        assert name in new
