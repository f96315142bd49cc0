from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import COMMAND, Searched, environment, run_evolve
from tests.conftest import write_tiny


@contextmanager
def started(folder: Path, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """`evolve` at work in a process group of its own, ended with it."""
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        cwd=folder,
        env=environment(PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def read_until(process: subprocess.Popen[str], pattern: str) -> str:
    """Lines up to the first one that matches."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if re.search(pattern, line):
            return said
    raise AssertionError(f"{pattern!r} did not come: {said}")


def interrupt(process: subprocess.Popen[str]) -> None:
    """What Ctrl-C does on a terminal: every process of the group hears it."""
    os.killpg(process.pid, signal.SIGINT)


def test_a_run_ends_with_scores_on_both_kinds_of_cases_and_what_held_the_candidates(searched: Searched) -> None:
    summary = searched.summary
    assert summary["finished"]
    assert summary["evaluations"] == 60
    assert summary["best"]["mean"] <= summary["seed"]["mean"]
    assert summary["holdout"]["seed"]["status"] == summary["holdout"]["best"]["status"] == "valid"
    difference = summary["holdout"]["best"]["mean"] - summary["holdout"]["seed"]["mean"]
    assert summary["holdout"]["difference"]["mean"] == pytest.approx(difference)
    assert summary["isolation"]["level"] in ("namespaces", "landlock", "process")
    assert sum(summary["statuses"].values()) >= 60
    assert all(reference["source"] for reference in summary["references"])
    assert len(summary["references"]) == 1


@pytest.mark.slow
def test_interrupted_once_it_sums_up_and_the_same_command_goes_on(tmp_path: Path) -> None:
    write_tiny(tmp_path / "tiny")
    command = ("run", "tiny", "--evaluations", 400, "--seed", 3)
    with started(tmp_path, *command) as process:
        read_until(process, r"best .*candidate \d+")
        interrupt(process)
        rest, _ = process.communicate(timeout=60)
        assert process.returncode == 130
    assert re.search(r"^run 1 of tiny interrupted$", rest, re.MULTILINE), "said once"
    assert "stopping: finishing what is being evaluated" in rest
    assert "best, held-out cases" in rest
    assert "evolve resume 1" in rest
    [before] = run_evolve(tmp_path, "runs", "--json").json()
    assert before["status"] == "interrupted"
    again = run_evolve(tmp_path, *command)
    assert again.code == 0
    assert re.search(rf"going on with run 1 of tiny after {before['told']} candidates", again.out)
    [after] = run_evolve(tmp_path, "runs", "--json").json()
    assert after["status"] == "finished"
    assert run_evolve(tmp_path, "show", "1", "--json").json()["evaluations"] == 400


@pytest.mark.slow
def test_interrupted_twice_it_stops_at_once_and_loses_nothing(tmp_path: Path) -> None:
    slow = "import time\ndef evaluate(program, case):\n    time.sleep(8)\n    return {'error': 1.0, 'spread': 0.0}\n"
    write_tiny(tmp_path / "tiny", evaluate_py=slow)
    with started(tmp_path, "run", "tiny", "--seconds", 300) as process:
        read_until(process, r"best .*candidate 0")
        time.sleep(0.5)
        began = time.monotonic()
        interrupt(process)
        time.sleep(0.3)
        interrupt(process)
        rest, _ = process.communicate(timeout=30)
        assert time.monotonic() - began < 6
        assert process.returncode == 130
    last = rest.strip().splitlines()[-1]
    assert last == "evolve: interrupted; nothing that was scored is lost; evolve resume 1 goes on"
    [row] = run_evolve(tmp_path, "runs", "--json").json()
    assert (row["status"], row["best_number"]) == ("interrupted", 0)


@pytest.mark.slow
def test_a_run_whose_reader_goes_away_stops_quietly_and_can_be_gone_on_with(tmp_path: Path) -> None:
    write_tiny(tmp_path / "tiny")
    with subprocess.Popen(
        [*COMMAND, "run", "tiny", "--seconds", "60"], cwd=tmp_path, env=environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "run 1 of tiny\n"
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(30) == 141
    [row] = run_evolve(tmp_path, "runs", "--json").json()
    assert row["status"] == "interrupted"


@pytest.mark.slow
def test_a_finished_run_takes_a_larger_budget(searched: Searched, copied: Callable[[], Path]) -> None:
    folder = copied()
    ran = run_evolve(folder, "resume", "first", "--budget", "90evals", "--json")
    assert ran.code == 0, ran.err
    summary = ran.json()
    assert (summary["run"], summary["evaluations"]) == (1, 90)
    assert summary["best"]["mean"] <= searched.summary["best"]["mean"]
    assert "going on with run 1 of sine" in ran.err


@pytest.mark.slow
def test_on_a_terminal_there_is_a_live_view_that_leaves_only_the_summary(tmp_path: Path) -> None:
    write_tiny(tmp_path / "tiny")
    seen = on_terminal(tmp_path, "run", "tiny", "--evaluations", 60)
    assert "best" in seen
    assert "island 0" in seen
    assert "of 60 left" in seen
    assert "\x1b[?25h" in seen, "the cursor is back"
    assert "run 1 of tiny finished" in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", seen)


def on_terminal(folder: Path, *arguments: object) -> str:
    """Everything `evolve` writes to a terminal of 100 columns."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        cwd=folder,
        env=environment(TERM="xterm-256color", COLUMNS="100", LINES="40"),
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
    )
    os.close(follower)
    said = b""
    until = time.monotonic() + 90
    try:
        while time.monotonic() < until:
            if not select.select([leader], [], [], 1.0)[0]:
                continue
            try:
                said += os.read(leader, 65536)
            except OSError:  # how Linux says that the other side has gone
                break
        assert process.wait(10) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(leader)
    return said.decode()


@pytest.mark.slow
def test_quiet_and_json_leave_nothing_but_the_result(tmp_path: Path) -> None:
    write_tiny(tmp_path / "tiny")
    quiet = run_evolve(tmp_path, "run", "tiny", "--evaluations", 20, "--quiet")
    assert quiet.code == 0
    assert quiet.err == ""
    assert quiet.out.startswith("run 1 of tiny finished")


@pytest.mark.slow
def test_a_seed_that_fails_is_the_authors_mistake_and_an_evaluator_that_raises_is_trouble(tmp_path: Path) -> None:
    write_tiny(tmp_path / "wrong", seed_curve_py="def curve(x):\n    return 'no'\n")
    wrong = run_evolve(tmp_path, "run", "wrong", "--evaluations", 20)
    assert wrong.code == 2
    assert "the seed program is not valid (wrong)" in wrong.err
    assert "Traceback" not in wrong.err
    write_tiny(tmp_path / "raising", evaluate_py="def evaluate(program, case):\n    raise RuntimeError('author')\n")
    raising = run_evolve(tmp_path, "run", "raising", "--evaluations", 20)
    assert raising.code == 4
    assert "author" in raising.err


@pytest.mark.slow
def test_check_measures_the_seed_and_holds_attacks_off(tmp_path: Path) -> None:
    folder = write_tiny(tmp_path / "tiny")
    (folder / "attacks").mkdir()
    (folder / "attacks" / "text.py").write_text("# expect: wrong\ndef curve(x):\n    return 'no'\n", encoding="utf-8")
    checked = run_evolve(tmp_path, "check", "tiny", "--json", "--repeats", 2)
    assert checked.code == 0, checked.err
    data = checked.json()
    assert data["seed"]["objective"] == pytest.approx(2.25)
    assert [case["value"] for case in data["seed"]["cases"]] == pytest.approx([5.375, 0.375, 1.625, 1.625])
    assert data["noise"] == 0
    assert data["candidates_per_minute"] > 10
    assert data["holdout"]["status"] == "valid"
    assert data["attacks"] == [{"name": "text", "expect": ["wrong"], "status": "wrong", "held": True}]


@pytest.mark.slow
def test_check_says_which_attack_scores(tmp_path: Path) -> None:
    folder = write_tiny(tmp_path / "tiny")
    (folder / "attacks").mkdir()
    (folder / "attacks" / "honest.py").write_text("# expect: crash\ndef curve(x):\n    return 1.0\n", encoding="utf-8")
    checked = run_evolve(tmp_path, "check", "tiny", "--repeats", 1)
    assert checked.code == 2
    assert re.search("attack honest +ended as valid and should end as crash", checked.out)


@pytest.mark.slow
def test_check_says_which_cheat_scores_and_how_to_keep_it_out(tmp_path: Path) -> None:
    careless = """
def evaluate(program, case):
    value = program.call("curve", 1.0, allow_nan=True)
    if value < 0:
        program.reject("negative")
    return {"error": 1.0, "spread": 0.5}
"""
    write_tiny(tmp_path / "tiny", evaluate_py=careless)
    checked = run_evolve(tmp_path, "check", "tiny", "--repeats", 2)
    assert checked.code == 2
    line = r"cheat nan +a program that answers NaN for every number is valid and scores 1 \(seed 1\) → reject every"
    assert re.search(line, checked.out), checked.out
    assert re.search("reaction +the score does not react to the program", checked.out)
    assert re.search("measure spread +is 0.5 for all of", checked.out)
    assert re.search(r"\d+ faults: .*cheat nan", checked.out)
    assert "ready" not in checked.out
