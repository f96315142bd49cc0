"""`evolve ask` and `evolve tell` as a person or an agent uses them, over the real sandbox."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from evolve.cli import main
from evolve.store import RunStatus, open_store
from tests.cli.conftest import COMMAND, Evolve, environment

BETTER = '''\
def f(x):
    """A parabola through 0, pi / 2 and pi."""
    return 4 * x * (3.141592653589793 - x) / 9.869604401089358
'''
ANSWER = f"Idea: a parabola through three points\n\nprogram.py\n```python\n{BETTER}```\n"
RUNNING = (*COMMAND, "run", "sine", "--seconds", "60", "--quiet")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a problem, shared by tests that give their own database."""
    folder = tmp_path_factory.mktemp("begun")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        with pytest.raises(SystemExit):
            main(["new", "sine"])
    return folder


@pytest.fixture
def home(begun: Path, tmp_path: Path) -> Path:
    (tmp_path / "sine").symlink_to(begun / "sine")
    return tmp_path


def asked(evolve: Evolve, home: Path, *arguments: object) -> Any:
    done = evolve(home, "ask", *arguments, "--json")
    assert done.code == 0, done.err
    return done.json()


def asked_for_an_edit(evolve: Evolve, home: Path, *arguments: object) -> Any:
    """Work whose first answer is an edit and not a plan."""
    work = asked(evolve, home, *arguments)
    while work["step"] == "plan":
        work = asked(evolve, home, *arguments)
    return work


def test_work_is_asked_edited_in_a_folder_and_told(evolve: Evolve, home: Path) -> None:
    done = evolve(home, "ask", "sine", "-o", "work")
    assert done.code == 0, done.err
    assert "evolve tell 1 1 --folder work" in done.out
    assert {path.name for path in (home / "work").iterdir()} == {"program.py", "PROMPT.md"}
    assert "# Problem: sine" in (home / "work" / "PROMPT.md").read_text()
    (home / "work" / "program.py").write_text(BETTER)
    done = evolve(home, "tell", 1, 1, "--folder", "work", "--idea", "a parabola")
    assert done.code == 0, done.err
    for said in ("candidate 1/1", "valid", "score", "cell", "gain", "this is the new best"):
        assert said in done.out
    shown = evolve(home, "best", "--code")
    assert "A parabola through" in shown.out


def test_json_holds_all_an_agent_needs(evolve: Evolve, home: Path) -> None:
    work = asked_for_an_edit(evolve, home, "sine", "--minutes", 30)
    assert set(work) == {
        "run", "number", "operator", "step", "parents", "inspirations", "base", "prompt", "files", "editable",
        "may_add", "limits", "expires", "reason", "sealed",
    }  # fmt: skip
    assert (work["run"], work["parents"], work["base"]) == (1, [0], 0)
    assert work["editable"] == [{"path": "program.py", "lines": None}]
    assert work["files"]["program.py"] in work["prompt"]
    (home / "answer.md").write_text(ANSWER)
    done = evolve(home, "tell", "last", work["number"], "--file", "answer.md", "--json")
    assert done.code == 0, done.err
    report = done.json()
    assert (report["number"], report["status"], report["again"]) == (work["number"], "valid", None)
    assert report["objective"]["mean"] < 0.1
    assert report["verdict"]["new_best"] is True
    assert report["verdict"]["gain"] > 0
    assert report["best"]["number"] == work["number"]
    assert "holdout" not in done.out


def test_an_answer_that_holds_no_edit_may_be_given_again_from_standard_input(
    evolve: Evolve, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = asked_for_an_edit(evolve, home, "sine")["number"]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"I would rather not.")))
    done = evolve(home, "tell", 1, number, "--file", "-")
    assert done.code == 0
    assert "nothing was scored yet" in done.out
    assert f"evolve tell 1 {number} --file" in done.out
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(ANSWER.encode())))
    done = evolve(home, "tell", 1, number, "--file", "-")
    assert "new best" in done.out


def test_a_program_that_crashes_is_a_result(evolve: Evolve, home: Path) -> None:
    evolve(home, "ask", "sine", "-o", "work")
    (home / "work" / "program.py").write_text("def f(x):\n    return 1 / 0\n")
    done = evolve(home, "tell", 1, 1, "--folder", "work")
    assert done.code == 0
    assert "crash" in done.out
    assert "ZeroDivisionError" in done.out
    assert "candidate 1/0" in done.out  # the best still is the seed


def test_a_number_nobody_waits_for_and_a_second_answer_are_the_users_mistakes(evolve: Evolve, home: Path) -> None:
    number = asked_for_an_edit(evolve, home, "sine")["number"]
    (home / "answer.md").write_text(ANSWER)
    done = evolve(home, "tell", 1, 99, "--file", "answer.md")
    assert done.code == 2
    assert "waits for no answer to 99; numbers that wait for one: 1" in done.err
    evolve(home, "tell", 1, number, "--file", "answer.md")
    done = evolve(home, "tell", 1, number, "--file", "answer.md")
    assert done.code == 2
    assert "was answered and scored already (valid" in done.err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("tell", "1", "1"), "give --file answer.md, --file - or --folder DIR"),
        (("tell", "1", "1", "--file", "a", "--folder", "b"), "takes one answer"),
        (("tell", "1", "1", "--file", "nowhere.md"), "--file nowhere.md cannot be read"),
        (("tell", "1", "1", "--folder", "nowhere"), "--folder nowhere is not a folder"),
        (("tell", "elsewhere", "1", "--file", "a"), "there is no run called 'elsewhere'"),
        (("ask", "1", "--minutes", "0"), "--minutes 0 must be above 0"),
        (("ask", "elsewhere"), "there is no run called 'elsewhere'"),
        (("ask", "1", "-o", "sine"), "-o sine is already there and not empty"),
    ],
)
def test_mistakes_are_said_in_a_sentence(
    evolve: Evolve, home: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    evolve(home, "ask", "sine", "--db", "other.db")
    with open_store(home / "other.db", create=False) as store:
        before = store.next_number(1)
        done = evolve(home, *arguments, "--db", "other.db")
        assert (done.code, complaint in done.err) == (2, True), done.err
        assert len(done.err.strip().splitlines()) == 1
        assert store.next_number(1) == before


@pytest.mark.slow
def test_a_problem_folder_means_its_unfinished_run_and_run_goes_on_with_it(evolve: Evolve, home: Path) -> None:
    first, second = asked(evolve, home, "sine"), asked(evolve, home, "sine")
    assert [(work["run"], work["number"]) for work in (first, second)] == [(1, 1), (1, 2)]
    (home / "work").mkdir()
    (home / "work" / "program.py").write_text(BETTER)
    evolve(home, "tell", 1, 1, "--folder", "work")
    done = evolve(home, "run", "sine", "--evaluations", 12, "--json")
    assert done.code == 0, done.err
    summary = done.json()
    assert (summary["run"], summary["finished"]) == (1, True)
    assert summary["best"]["mean"] < 0.1  # what was told is what the search goes on from
    assert summary["holdout"]["best"]["cases"] > 0
    assert asked(evolve, home, "sine")["run"] == 2  # run 1 is finished
    (home / "work" / "program.py").write_text("def f(x):\n    return 0.5\n")
    assert evolve(home, "tell", 1, 2, "--folder", "work", "--json").json()["status"] == "valid"
    assert evolve(home, "runs", "--json").json()[1]["status"] == "finished"


@pytest.mark.slow
def test_while_evolve_run_is_at_it_asking_and_telling_exit_with_3(evolve: Evolve, home: Path) -> None:
    number = asked_for_an_edit(evolve, home, "sine")["number"]
    (home / "answer.md").write_text(ANSWER)
    running = subprocess.Popen(RUNNING, cwd=home, env=environment(), stdout=subprocess.DEVNULL)
    try:
        with open_store(home / "evolve.db", create=False, read_only=True) as store:
            until = time.monotonic() + 60
            while store.run(1).summary.told < 5:
                assert time.monotonic() < until
                time.sleep(0.2)
        done = evolve(home, "ask", 1)
        assert done.code == 3
        assert "run 1 is being written by process" in done.err
        done = evolve(home, "tell", 1, number, "--file", "answer.md")
        assert done.code == 3
        assert f"the answer to {number} was not taken: tell it again" in done.err
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(60)
    done = evolve(home, "tell", 1, number, "--file", "answer.md")
    assert done.code == 0, done.err
    assert f"candidate 1/{number}" in done.out


@pytest.mark.slow
def test_a_tell_that_is_killed_has_not_happened(evolve: Evolve, home: Path) -> None:
    evolve(home, "ask", "sine", "-o", "work")
    (home / "work" / "program.py").write_text("import time\n\n\ndef f(x):\n    time.sleep(5)\n    return x\n")
    telling = subprocess.Popen(
        (*COMMAND, "tell", "1", "1", "--folder", "work"), cwd=home, env=environment(), stdout=subprocess.DEVNULL
    )
    try:
        with open_store(home / "evolve.db", create=False, read_only=True) as store:
            until, visited = time.monotonic() + 60, False
            while not visited or store.run(1).status is RunStatus.RUNNING:  # its first visit is over: it scores
                assert time.monotonic() < until
                visited = visited or store.run(1).status is RunStatus.RUNNING
                time.sleep(0.002)
    finally:
        telling.kill()
        assert telling.wait(60) == -signal.SIGKILL
    (home / "work" / "program.py").write_text(BETTER)
    done = evolve(home, "tell", 1, 1, "--folder", "work")
    assert "this is the new best" in done.out
