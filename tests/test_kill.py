"""`kill -9` at any moment, then the same command: nothing scored is lost or scored twice, no budget grows back."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evolve.domain import Split
from evolve.errors import DatabaseError
from evolve.store import RunStatus, open_store
from tests.conftest import write_tiny

EVOLVE = Path(sys.executable).with_name("evolve")


def start(problem: Path, database: Path, evaluations: int, *extra: str) -> subprocess.Popen[bytes]:
    command = [
        EVOLVE,
        "run",
        problem,
        "--evaluations",
        str(evaluations),
        "--seed",
        "3",
        "--db",
        database,
        "--quiet",
        "--set",
        "search.islands=2",
    ]
    with problem.with_name("stderr.txt").open("wb") as errors:
        return subprocess.Popen([*command, *extra], stdout=subprocess.DEVNULL, stderr=errors)


def scored(database: Path) -> dict[int, tuple[object, ...]]:
    """Every scored candidate of run 1: its program, status, objective and place in the order."""
    try:
        with open_store(database, create=False, read_only=True) as store:
            rows = [store.candidate(1, row.number) for row in store.tells(1)]
    except DatabaseError:  # the process has not come as far as making the tables
        return {}
    return {row.number: (row.program.digest, row.evaluation, row.position) for row in rows}


def descendants(pid: int) -> set[int]:
    """Live processes below one, by /proc."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                parents[int(entry.name)] = int(fields[1])
    found: set[int] = set()
    wave = {pid}
    while wave:
        wave = {child for child, parent in parents.items() if parent in wave} - found
        found |= wave
    return found


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}").exists() and "Z" not in state_of(pid)}


def state_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def told(database: Path) -> int:
    try:
        with open_store(database, create=False, read_only=True) as store:
            return sum(run.told for run in store.runs())
    except DatabaseError:
        return 0


def kill_after_some_tells(process: subprocess.Popen[bytes], database: Path, more: int) -> None:
    """Kill the engine, and it alone, once it has scored so many more candidates; its sandbox must end by itself."""
    before = told(database)
    deadline = time.monotonic() + 60
    while told(database) < before + more and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    family = descendants(process.pid)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    while alive(family) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(family), "the sandbox outlived its engine"


def kill_and_resume(tmp_path: Path, kills: int, order: str) -> None:
    problem, database = write_tiny(tmp_path / "tiny"), tmp_path / "evolve.db"
    moments = random.Random(f"{order}:{kills}")
    evaluations = 60 * kills
    known: dict[int, tuple[object, ...]] = {}
    for _ in range(kills):
        process = start(problem, database, evaluations, "--set", f"search.order={order}")
        kill_after_some_tells(process, database, moments.randrange(1, 40))
        now = scored(database)
        assert now.items() >= known.items()
        known = now
    last = start(problem, database, evaluations, "--set", f"search.order={order}")
    assert last.wait(timeout=120) == 0, problem.with_name("stderr.txt").read_text()
    now = scored(database)
    assert now.items() >= known.items()
    with open_store(database, create=False, read_only=True) as store:
        (run,) = store.runs()
        assert run.status is RunStatus.FINISHED
        statuses = store.statuses(1)
        spent = sum(count for status, count in statuses.items() if status.costs_evaluation)
        assert spent <= evaluations
        assert not store.untold(1)
        assert store.evaluation(1, run.best_number or 0, Split.HOLDOUT) is not None
    programs = [program for program, evaluation, _ in now.values() if evaluation.status.costs_evaluation]  # type: ignore[attr-defined]
    assert len(set(programs)) == len(programs), "a program was evaluated twice"
    assert sorted(position for _, _, position in now.values()) == list(range(len(now)))  # type: ignore[type-var]


def test_a_killed_run_goes_on(tmp_path: Path) -> None:
    kill_and_resume(tmp_path, kills=1, order="arrival")


@pytest.mark.slow
@pytest.mark.parametrize("order", ["arrival", "ordered"])
def test_a_run_survives_many_kills(tmp_path: Path, order: str) -> None:
    kill_and_resume(tmp_path, kills=10, order=order)


@pytest.mark.slow
def test_kills_leave_no_trace_in_an_ordered_run(tmp_path: Path) -> None:
    problem = write_tiny(tmp_path / "tiny")
    whole = start(problem, tmp_path / "whole.db", 150, "--set", "search.order=ordered")
    whole.wait(timeout=120)
    pieces = tmp_path / "pieces.db"
    for more in (1, 17, 30):
        process = start(problem, pieces, 150, "--set", "search.order=ordered")
        kill_after_some_tells(process, pieces, more)
    start(problem, pieces, 150, "--set", "search.order=ordered").wait(timeout=120)
    left = {number: (program, position) for number, (program, _, position) in scored(pieces).items()}
    right = {number: (program, position) for number, (program, _, position) in scored(tmp_path / "whole.db").items()}
    assert left == right
