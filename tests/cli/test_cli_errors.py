from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from evolve.cli.app import Exit, exit_code, with_diff_base
from evolve.errors import (
    DatabaseError,
    EvaluatorError,
    EvolveError,
    NotFound,
    ProblemError,
    RunBusy,
    SandboxUnavailable,
    SettingsError,
)
from evolve.store import Holder, open_store
from tests.cli.conftest import Evolve, Searched, run_evolve
from tests.conftest import PROBLEM_TOML, write_tiny


def one_sentence(text: str) -> bool:
    """Something said on one line, with no trace of Python's inner life."""
    return text.startswith("evolve: ") and text.count("\n") == 1 and "Traceback" not in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("runs",), r"no database 'evolve\.db'; start a run"),
        (("runs", "--db", "mysql://x/y"), r"postgresql://"),
        (("run", "nowhere"), r"nowhere does not exist; .*evolve new"),
        (("run", "tiny", "--seconds", "-1"), r"--seconds -1 .*greater than 0"),
        (("run", "tiny", "--evaluations", "0"), r"--evaluations 0 .*1 or more"),
        (("run", "tiny", "--evaluations", "5.5"), r"--evaluations 5\.5 is not a whole number"),
        (("run", "tiny", "--budget", "-2usd"), r"'-2usd'.*write 2usd, 500ktokens, 500evals"),
        (("run", "tiny", "--budget", "2usd"), r"budget of \$2 .*without a model.*--model"),
        (("run", "tiny", "--budget", "5ktokens"), r"budget of 5,000 tokens .*without a model"),
        (("run", "tiny", "--llm", "replay", "--budget", "2usd"), r"a replay pays for nothing"),
        (("run", "tiny", "--llm", "replay", "--model", "openai/x", "--seed", "3"), r"leave --model, --seed out"),
        (("run", "tiny", "--builtin", "0.5"), r"--builtin 0\.5 has no effect without a model"),
        (
            ("run", "tiny", "--api-base", "http://127.0.0.1:1/v1"),
            r"--api-base .*without a model; name one with --model",
        ),
        (("run", "tiny", "--recording", "3"), r"--recording 3 has no effect without --llm replay"),
        (("run", "tiny", "--model", ""), r"--model '' names no model"),
        (("run", "tiny", "--model", "m", "--set", "llm.models=['x']"), r"--model and --set llm\.models"),
        (
            ("run", "tiny", "--model", "m", "--api-base", "127.0.0.1:8000/v1"),
            r"write --api-base http://127\.0\.0\.1:8000/v1",
        ),
        (("run", "tiny", "--model", "m", "--api-base", "htp://here/v1"), r"write --api-base http://here/v1"),
        (("run", "tiny", "--model", "m", "--model", "m"), r"different names"),
        (("run", "tiny", "--seconds", "soon"), r"soon"),
        (("run", "tiny", "--budget", "2 parsecs"), r"2usd, 500ktokens, 500evals, 90s, 10min"),
        (("run", "tiny", "--budget", "9s", "--seconds", "9"), r"second time"),
        (("run", "tiny", "--set", "search.iland=4"), r"search\.iland.*did you mean search\.islands"),
        (("run", "tiny", "--set", "islands"), r"section\.key=value"),
        (("run", "tiny", "--config", "no.toml"), r"no\.toml does not exist"),
        (("run", "tiny", "--workers", "0"), r"workers\.evaluations = 0"),
        (("run", "tiny", "--name", "3"), r"--name '3'"),
        (("run", "tiny", "--name", "a/b"), r"has no / in it"),
        (("run",), r"PROBLEM.*evolve --help"),
        (("run", "tiny", "--colour"), r"--colour"),
        (("fly",), r"fly"),
        (("new", "Bad Name"), r"lower-case letters"),
        (("new", "tiny"), r"already there"),
        (("check", "broken"), r"direction"),
        (("show", "1", "--diff=uncle"), r"uncle"),
    ],
)
def test_a_mistake_is_answered_in_one_sentence_with_the_way_out(
    evolve: Evolve, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    write_tiny(tmp_path / "tiny")
    write_tiny(tmp_path / "broken", problem_toml=PROBLEM_TOML.replace("minimize", "sideways"))
    ran = evolve(tmp_path, *arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert one_sentence(ran.err), ran.err
    assert re.search(says, ran.err), ran.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("show", "7"), r"no run 7; the runs there are: 1"),
        (("show", "another"), r"no run called 'another'"),
        (("show", "1/9999"), r"no candidate 9999; its candidates are 0 to \d+"),
        (("show", "1/worst"), r"'worst' names no candidate"),
        (("lineage", "1/9999"), r"no candidate 9999"),
        (("resume", "1"), r"used its 60 evaluations; give it more in all: evolve resume 1 --evaluations 120"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(
    evolve: Evolve, searched: Searched, arguments: tuple[str, ...], says: str
) -> None:
    ran = evolve(searched.folder, *arguments)
    assert ran.code == 2
    assert one_sentence(ran.err), ran.err
    assert re.search(says, ran.err), ran.err


def test_last_of_an_empty_database_says_how_to_start(evolve: Evolve, tmp_path: Path) -> None:
    open_store(tmp_path / "evolve.db", create=True).close()
    assert "start one with evolve run" in evolve(tmp_path, "show").err
    listed = evolve(tmp_path, "runs")
    assert (listed.code, "no runs yet" in listed.out) == (0, True)


def test_a_file_that_is_no_database_is_named(evolve: Evolve, tmp_path: Path) -> None:
    (tmp_path / "evolve.db").write_text("not a database, but long enough to look like one\n" * 30, encoding="utf-8")
    ran = evolve(tmp_path, "runs")
    assert ran.code == 2
    assert one_sentence(ran.err), ran.err


def test_a_run_another_process_writes_is_busy(evolve: Evolve, copied: Callable[[], Path], tmp_path: Path) -> None:
    copy = copied()
    with open_store(copy / "evolve.db", create=False) as store:
        store.acquire(1, Holder.here())
        ran = evolve(copy, "resume", "1", "--evaluations", 200)
    assert ran.code == 3
    assert one_sentence(ran.err), ran.err
    assert str(os.getpid()) in ran.err


def test_a_problem_that_changed_is_not_gone_on_with(evolve: Evolve, copied: Callable[[], Path], tmp_path: Path) -> None:
    copy = copied()
    problem = write_tiny(tmp_path / "moved")
    with sqlite3.connect(copy / "evolve.db") as connection:
        connection.execute("UPDATE runs SET problem_path = ?", (str(problem),))
    connection.close()
    ran = evolve(copy, "resume", "1", "--evaluations", 200)
    assert ran.code == 2
    assert "changed since run 1 began" in ran.err
    assert one_sentence(ran.err), ran.err


def test_a_problem_with_many_faults_lists_them_all(evolve: Evolve, tmp_path: Path) -> None:
    toml = PROBLEM_TOML.replace("minimize", "sideways").replace("cells = 8", "cells = -8")
    write_tiny(tmp_path / "broken", problem_toml=toml)
    ran = evolve(tmp_path, "check", "broken")
    assert ran.code == 2
    assert "has 3 faults" in ran.err
    assert ran.err.count("\n  - problem.toml: ") == 3


def test_debug_shows_where_an_error_comes_from(tmp_path: Path) -> None:
    ran = run_evolve(tmp_path, "runs", "--debug")
    assert ran.code != 0
    assert "Traceback" in ran.err
    assert "DatabaseError" in ran.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SettingsError, 2), (ProblemError, 2), (DatabaseError, 2), (NotFound, 2), (RunBusy, 3),
        (SandboxUnavailable, 4), (EvaluatorError, 4), (EvolveError, 1),
    ],
)  # fmt: skip
def test_exit_codes_say_whose_fault_it_is(error: Callable[[str], EvolveError], code: int) -> None:
    assert exit_code(error("x")) is Exit(code)


def test_diff_without_a_base_is_completed_for_the_commands_that_have_one() -> None:
    assert with_diff_base(["show", "--diff", "3/1"]) == ["show", "--diff=parent", "3/1"]
    assert with_diff_base(["show", "--diff", "best", "3/1"]) == ["show", "--diff", "best", "3/1"]
    assert with_diff_base(["best", "--diff"]) == ["best", "--diff=seed"]
    assert with_diff_base(["runs", "--diff"]) == ["runs", "--diff"]
