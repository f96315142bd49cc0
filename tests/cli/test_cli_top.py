from __future__ import annotations

import os
import pty
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from rich.cells import cell_len

from evolve.store import Holder, RunStatus, Store, open_store
from tests.cli.conftest import COMMAND, Evolve, Searched, environment
from tests.report.compared_runs import add_run

PATIENCE = 20.0


def test_a_run_at_a_glance(evolve: Evolve, searched: Searched) -> None:
    shown = evolve(searched.folder, "top", "first")
    assert shown.code == 0
    assert "sine · run 1" in shown.out
    assert "verdict" in shown.out
    assert "0 of 60 left" in shown.out
    assert "finished" in shown.out


@pytest.mark.parametrize("columns", ["60", "100"])
def test_it_fits_its_terminal(evolve: Evolve, searched: Searched, columns: str) -> None:
    lines = evolve(searched.folder, "top", "--once", env={"COLUMNS": columns}).out.splitlines()
    assert {cell_len(line) for line in lines} == {int(columns)}
    assert not any("…" in line for line in lines if " evaluations" in line)


def test_the_same_as_json(evolve: Evolve, searched: Searched) -> None:
    data = evolve(searched.folder, "top", "1", "--json").json()
    assert data["best_objective"] == searched.summary["best"]["mean"]
    assert data["budget"]["evaluations"] == searched.summary["evaluations"]
    assert data["held_out"]["best"]["mean"] == searched.summary["holdout"]["best"]["mean"]
    archive = evolve(searched.folder, "archive", "1", "--json").json()
    assert [each["held"] for each in data["coverage"]] == [island["filled"] for island in archive["islands"]]
    assert data["coverage"][0]["held"] > 0


def test_a_run_that_is_not_there_is_one_sentence(evolve: Evolve, searched: Searched) -> None:
    shown = evolve(searched.folder, "top", "99")
    assert shown.code == 2
    assert "there is no run 99" in shown.err


@dataclass
class Terminal:
    """`evolve top` on a terminal of its own, and what it has drawn so far."""

    process: subprocess.Popen[bytes]
    screen: int
    drawn: bytearray = field(default_factory=bytearray)

    def until(self, text: str) -> None:
        """Read until `text` was drawn."""
        self._read(lambda: text.encode() in self.drawn)

    def ended(self) -> int:
        """Read to the end; the exit code."""
        self._read(lambda: False)
        return self.process.wait(PATIENCE)

    def _read(self, enough: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not enough():
            assert time.monotonic() < deadline, f"not drawn in time; so far: {self.drawn.decode(errors='replace')}"
            try:
                piece = os.read(self.screen, 65536)
            except OSError:  # how Linux says that the other side is closed
                return
            if not piece:
                return
            self.drawn += piece


@contextmanager
def watching(folder: Path) -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "top"],
        cwd=folder,
        env=environment(TERM="xterm", COLUMNS="80", LINES="40"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


@pytest.fixture
def going(tmp_path: Path) -> Iterator[tuple[Store, Holder, int]]:
    """A run that this process holds."""
    holder = Holder.here()
    with open_store(tmp_path / "evolve.db", create=True) as store:
        run = add_run(store, "going", 1, [1.0, 2.0, 4.0], status=RunStatus.INTERRUPTED)
        store.acquire(run, holder)
        yield store, holder, run


def test_it_follows_a_run_and_ends_with_it(going: tuple[Store, Holder, int], tmp_path: Path) -> None:
    store, holder, run = going
    with watching(tmp_path) as terminal:
        terminal.until("running")
        assert b"held-out cases are measured when the run ends" in terminal.drawn
        store.release(run, holder, RunStatus.FINISHED, "3 evaluations used")
        terminal.until("3 evaluations used")
        assert terminal.ended() == 0
    last = bytes(terminal.drawn).rpartition("packing · run 1".encode())[2]
    assert b"finished" in last  # the last frame stays


@pytest.mark.slow
def test_ctrl_c_leaves_without_a_word(going: tuple[Store, Holder, int], tmp_path: Path) -> None:
    with watching(tmp_path) as terminal:
        terminal.until("running")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.ended() == 0
    assert b"Traceback" not in terminal.drawn
    assert going[0].run(going[2]).status is RunStatus.RUNNING
