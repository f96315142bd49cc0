"""Every answer that has a score of an unsealed run says so: each command as a person and as a program reads it."""

from __future__ import annotations

import asyncio
import csv
import io
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client
from rich.console import Console

from evolve.config import load_settings
from evolve.domain import Estimate, Evaluation, Measurement, Split, Status
from evolve.inspection.plot import _title
from evolve.inspection.verdict import Finding, verdict_of
from evolve.mcp import server
from evolve.problem import load_problem
from evolve.report.live import panel
from evolve.report.sealing import UNSEALED, WORD
from evolve.report.watch import Scene, Watch
from evolve.session import Session, choose_run
from evolve.store import Store, open_store
from tests.cli import conftest as command_line
from tests.cli.conftest import Evolve
from tests.conftest import PROBLEM_TOML, write_tiny

evolve = command_line.evolve
TOML = PROBLEM_TOML + "\n[evaluation]\nsealed = false\n"


def search(store: Store, problem: Path, *, name: str, seed: int) -> None:
    loaded = load_problem(problem)
    settings = load_settings([], [f"seed={seed}", "budget.evaluations=10", "scaffold.polish=0"])
    run = choose_run(store, loaded, settings, name=name, new=True)
    asyncio.run(Session(store, run, loaded, settings).run())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs 1 and 2 are unsealed, run 3 of the same programs is sealed."""
    home = tmp_path_factory.mktemp("labels")
    forgeable = write_tiny(home / "forgeable", problem_toml=TOML)
    with open_store(home / "evolve.db", create=True) as store:
        search(store, forgeable, name="one", seed=1)
        search(store, forgeable, name="two", seed=2)
        search(store, write_tiny(home / "tiny"), name="sealed", seed=1)
    return home


COMMANDS = (
    ("runs",), ("show", "1"), ("show", "1/3"), ("show", "1", "--eval"), ("show", "1", "--prompt"), ("best", "1"),
    ("top", "1", "--once"), ("candidates", "1"), ("archive", "1"), ("lineage", "1"), ("operators", "1"), ("cost", "1"),
    ("compare", "1", "2"),
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_people_read_that_a_score_may_be_forged(evolve: Evolve, folder: Path, command: tuple[str, ...]) -> None:
    said = evolve(folder, *command, env={"COLUMNS": "400"})
    assert said.code == 0, said.err
    assert UNSEALED in said.out


@pytest.mark.parametrize("command", [each for each in COMMANDS if "runs" not in each], ids=" ".join)
def test_nothing_of_it_is_said_of_a_sealed_run(evolve: Evolve, folder: Path, command: tuple[str, ...]) -> None:
    named = [word.replace("1", "3") for word in command if word != "2"]
    said = evolve(folder, *named, *(["1,2"] if command[0] == "compare" else []), env={"COLUMNS": "400"})
    assert WORD not in said.out


@pytest.mark.parametrize("width", ["60", "160"])
def test_the_list_of_runs_labels_those_that_are_meant(evolve: Evolve, folder: Path, width: str) -> None:
    lines = evolve(folder, "runs", env={"COLUMNS": width}).out.splitlines()
    assert [WORD in line for line in lines[1:4]] == [False, True, True]


def test_programs_read_it_in_every_json(evolve: Evolve, folder: Path) -> None:
    for number, sealed in ((1, False), (3, True)):
        for command in (
            ("show", number), ("show", f"{number}/3"), ("best", number), ("top", number), ("candidates", number),
            ("archive", number), ("operators", number), ("models", number), ("failures", number), ("cost", number),
        ):  # fmt: skip
            assert evolve(folder, *command, "--json").json()["sealed"] is sealed, command
        assert {step["sealed"] for step in evolve(folder, "lineage", number, "--json").json()} == {sealed}
    assert [row["sealed"] for row in evolve(folder, "runs", "--json").json()] == [True, False, False]
    compared = evolve(folder, "compare", "1", "2", "--json").json()
    assert compared["sealed"] is False
    assert [run["sealed"] for arm in compared["arms"] for run in arm["runs"]] == [False, False]


def test_tables_have_a_column(evolve: Evolve, folder: Path, tmp_path: Path) -> None:
    for number, said in ((1, "0"), (3, "1")):
        printed = evolve(folder, "candidates", number, "--csv").out
        written = tmp_path / f"{number}.csv"
        assert evolve(folder, "export", number, "--csv", written).code == 0
        for text in (printed, written.read_text()):
            assert {row["sealed"] for row in csv.DictReader(io.StringIO(text))} == {said}
    compared = evolve(folder, "compare", "1", "2", "--csv").out
    assert {row["sealed"] for row in csv.DictReader(io.StringIO(compared))} == {"0"}


def test_a_comparison_labels_arms_verdicts_and_the_table_of_a_paper(evolve: Evolve, folder: Path) -> None:
    said = evolve(folder, "compare", "one", "two").out
    assert f"two ({WORD}) and one ({WORD}) at" in said
    latex = evolve(folder, "compare", "one", "two", "--latex").out
    assert f"one ({WORD}) & 1" in latex
    assert UNSEALED in latex


def test_a_sealed_and_an_unsealed_run_are_not_compared(evolve: Evolve, folder: Path) -> None:
    for arms in (("one", "sealed"), ("sealed", "one")):
        refused = evolve(folder, "compare", *arms)
        assert refused.code == 2
        assert "run 1 is unsealed, its programs could forge scores, and run 3 is sealed" in refused.err


def test_a_run_says_it_from_beginning_to_end(evolve: Evolve, folder: Path, tmp_path: Path) -> None:
    arguments = ("run", folder / "forgeable", "--evaluations", 6, "--seed", 3)
    said = evolve(tmp_path, *arguments).out
    assert said.count(UNSEALED) == 2, "at the beginning and in the summary"
    assert "problem.toml says evaluation.sealed = false" in said
    isolation = next(line for line in said.splitlines() if line.startswith("isolation"))
    assert "separate processes" not in isolation, "what the label says"
    assert f", {WORD}" in next(line for line in said.splitlines() if "  best " in line)
    assert evolve(tmp_path, *arguments, "--new", "--json").json()["sealed"] is False


def test_the_live_view_says_it(folder: Path) -> None:
    with open_store(folder / "evolve.db", create=False, read_only=True) as store:
        row = store.run(1)
        scene = Scene(1, "tiny", "error", "", row.summary.direction, load_settings().budget, row.sealed)
        watch = Watch(scene, row.summary, store.statuses(1), store.best_curve(1))
    out = Console(file=io.StringIO(), width=100)
    out.print(panel(watch, None, 100))
    assert isinstance(out.file, io.StringIO)
    assert UNSEALED in out.file.getvalue()


def test_the_verdict_is_not_called_real_without_the_label(folder: Path) -> None:
    with open_store(folder / "evolve.db", create=False, read_only=True) as store:
        unsealed, sealed = (held_out(store, number) for number in (1, 3))
    assert sealed.startswith("too few cases to tell: better than the seed on 3 held-out cases")
    assert unsealed == f"{WORD}: {sealed}"


def held_out(store: Store, number: int) -> str:
    run = store.run(number)
    best = run.summary.best_number
    assert best
    seed, found = (store.evaluation(number, each, Split.HOLDOUT) for each in (0, best))
    return verdict_of(run, "error", seed, found).sentence


def test_a_difference_beyond_luck_is_real_only_if_not_forged(folder: Path) -> None:
    def scored(value: float) -> Evaluation:
        looks = [
            Measurement("holdout", Split.HOLDOUT, case, 0, Status.VALID, {"error": value + case}) for case in range(9)
        ]
        return Evaluation(Status.VALID, Estimate(value), measurements=tuple(looks))

    with open_store(folder / "evolve.db", create=False, read_only=True) as store:
        run = store.run(1)
    verdict = verdict_of(run, "error", scored(5.0), scored(3.0))
    assert verdict.finding is Finding.BETTER
    assert verdict.sentence.startswith("unsealed, so real only if not forged: better than the seed on held-out cases")
    walled = replace(run, summary=replace(run.summary, sealed=True))
    assert verdict_of(walled, "error", scored(5.0), scored(3.0)).sentence.startswith("real: better than the seed")


def test_a_figure_has_it_in_its_title(evolve: Evolve, folder: Path, tmp_path: Path) -> None:
    with open_store(folder / "evolve.db", create=False, read_only=True) as store:
        titles = [_title(store, store.run(number)) for number in (1, 3)]
    assert [UNSEALED in title for title in titles] == [True, False]
    done = evolve(folder, "plot", 1, "--what", "curve", "-o", tmp_path / "run.svg", "--json")
    assert done.json()["sealed"] is False


@pytest.mark.slow
def test_work_and_its_report_say_it(evolve: Evolve, folder: Path, tmp_path: Path) -> None:
    problem = folder / "forgeable"
    assert UNSEALED in evolve(tmp_path, "ask", problem, "--minutes", 1).out
    assert UNSEALED in evolve(tmp_path, "ask", "last", "-o", "work", "--minutes", 1).out
    work = evolve(tmp_path, "ask", "last", "--json").json()
    assert work["sealed"] is False
    changed = tmp_path / "changed"
    changed.mkdir()
    (changed / "curve.py").write_text(work["files"]["curve.py"].replace("a = ", "a = 1 + "))
    told = ("tell", "last", work["number"], "--folder", changed)
    assert UNSEALED in evolve(tmp_path, *told).out
    more = evolve(tmp_path, "ask", "last", "--json").json()
    (changed / "curve.py").write_text(more["files"]["curve.py"].replace("b = ", "b = 1 + "))
    assert evolve(tmp_path, "tell", "last", more["number"], "--folder", changed, "--json").json()["sealed"] is False


def test_agents_are_told_over_mcp(folder: Path) -> None:
    async def look() -> None:
        async with Client(server(str(folder / "evolve.db"))) as client:

            async def call(tool: str, **arguments: Any) -> Any:
                return (await client.call_tool(tool, arguments)).structured_content

            for number, sealed in (("1", False), ("3", True)):
                assert (await call("best", run=number))["sealed"] is sealed
                assert (await call("lineage", run=number))["sealed"] is sealed
                assert (await call("status", run=number))["run"]["sealed"] is sealed
            assert [run["sealed"] for run in (await call("runs"))["runs"]] == [True, False, False]

    asyncio.run(look())


@pytest.mark.slow
def test_check_says_it_before_anything_is_searched(evolve: Evolve, folder: Path) -> None:
    said = evolve(folder, "check", "forgeable", "--repeats", 1, "--seconds", 3)
    assert UNSEALED in said.out
    assert "problem.toml says evaluation.sealed = false" in said.out


def test_runs_of_before_the_label_count_as_sealed(evolve: Evolve, folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "evolve.db", tmp_path)
    with closing(sqlite3.connect(tmp_path / "evolve.db")) as database:
        database.execute("""UPDATE runs SET spec = '{"evaluation": {}}' WHERE id = 1""")
        database.execute("UPDATE runs SET spec = '{}' WHERE id = 2")
        database.commit()
    assert [row["sealed"] for row in evolve(tmp_path, "runs", "--json").json()] == [True, True, True]
    assert [evolve(tmp_path, "show", number, "--json").json()["sealed"] for number in (1, 2)] == [True, True]


def test_exported_pages_know_it(evolve: Evolve, folder: Path, tmp_path: Path) -> None:
    said = evolve(folder, "export", 1, "--html", tmp_path / "run.html", "--json")
    assert said.json()["sealed"] is False
