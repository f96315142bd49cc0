"""`kill -9` between rounds and within them: the same command brings the same champions."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.rps import write_rps
from tests.test_kill import alive, descendants, told

EVOLVE = Path(sys.executable).with_name("evolve")
ROUNDS, EVALUATIONS = 3, 20


def start(folder: Path, database: Path) -> subprocess.Popen[bytes]:
    command = [EVOLVE, "rounds", folder, "--rounds", str(ROUNDS), "--evaluations", str(EVALUATIONS), "--seed", "3"]
    flags = ["--db", database, "--json", "--quiet", "--set", "search.order=ordered"]
    with database.with_suffix(".json").open("wb") as out:
        return subprocess.Popen([*command, *flags], stdout=out)


def finish(process: subprocess.Popen[bytes]) -> None:
    try:
        assert process.wait(timeout=200) == 0
    finally:
        process.kill()
        process.wait()


def kill_after(process: subprocess.Popen[bytes], database: Path, tells: int) -> None:
    deadline = time.monotonic() + 120
    while told(database) < tells and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    family = descendants(process.pid)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 60
    while alive(family) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(family), "the sandbox outlived its engine"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_kills_leave_no_trace_in_a_series(tmp_path: Path) -> None:
    folder = write_rps(tmp_path / "rps")
    whole, pieces = tmp_path / "whole.db", tmp_path / "pieces.db"
    finish(start(folder, whole))
    for more in (3, 14, EVALUATIONS):  # within a round, near the end of one, and after the next has begun
        kill_after(start(folder, pieces), pieces, told(pieces) + more)
    finish(start(folder, pieces))
    one, other = (json.loads(database.with_suffix(".json").read_text()) for database in (whole, pieces))
    assert len(one["rounds"]) == ROUNDS
    for key in ("rounds", "matrix", "cycles"):
        assert one[key] == other[key]
