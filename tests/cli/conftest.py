"""The `evolve` command, in this process and in one of its own, and a database that a real search has filled."""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from evolve.cli import main

COMMAND = (sys.executable, "-c", "from evolve.cli import main; main()")
WITHOUT = ("EVOLVE_DB", "COLUMNS", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE")


@dataclass(frozen=True)
class Ran:
    """What a command did; `cpu` in seconds, 0 when it ran in this process."""

    code: int
    out: str
    err: str
    cpu: float = 0.0

    def json(self) -> Any:
        return json.loads(self.out)


class Evolve(Protocol):
    """Runs `evolve` with these arguments in this folder."""

    def __call__(self, folder: Path, *arguments: object, env: Mapping[str, str] | None = None) -> Ran: ...


def environment(**changes: str) -> dict[str, str]:
    return {**{key: value for key, value in os.environ.items() if key not in WITHOUT}, **changes}


def run_evolve(folder: Path, *arguments: object, env: Mapping[str, str] | None = None) -> Ran:
    """Run `evolve` in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=folder,
        env=environment(**(env or {})),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Ran(done.returncode, done.stdout, done.stderr, cpu)


@pytest.fixture
def evolve(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Evolve:
    """`evolve` in this process: what a user sees and the exit code, without the start of an interpreter."""

    def run(folder: Path, *arguments: object, env: Mapping[str, str] | None = None) -> Ran:
        with monkeypatch.context() as patch:
            patch.chdir(folder)
            for name in WITHOUT:
                patch.delenv(name, raising=False)
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            capsys.readouterr()
            with pytest.raises(SystemExit) as ended:
                main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Ran(ended.value.code, said.out, said.err)

    return run


@dataclass(frozen=True)
class Searched:
    """A folder with `evolve.db` in it, and what the run that filled it said."""

    folder: Path
    summary: Mapping[str, Any]


@pytest.fixture(scope="session")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Searched:
    """A finished run of 60 evaluations on the problem `evolve new` writes."""
    folder = tmp_path_factory.mktemp("searched")
    made = run_evolve(folder, "new", "sine")
    assert made.code == 0, made.err
    ran = run_evolve(folder, "run", "sine", "--evaluations", 60, "--seed", 7, "--name", "first", "--json")
    assert ran.code == 0, ran.err
    return Searched(folder, ran.json())


@pytest.fixture
def copied(searched: Searched, tmp_path: Path) -> Callable[[], Path]:
    """Makes a folder with a copy of that database, to be written to."""

    def copy() -> Path:
        with (
            closing(sqlite3.connect(searched.folder / "evolve.db")) as source,
            closing(sqlite3.connect(tmp_path / "evolve.db")) as target,
        ):
            source.backup(target)
        return tmp_path

    return copy
