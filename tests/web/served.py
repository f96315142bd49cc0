"""`evolve ui` in a process of its own."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tests.cli.conftest import COMMAND, environment

START_SECONDS = 30
END_SECONDS = 10


@dataclass(frozen=True)
class Served:
    """A server and the database it shows. `address` holds its token and ends with a slash."""

    address: str
    database: Path
    process: subprocess.Popen[str]

    @property
    def origin(self) -> str:
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def port(self) -> int:
        return urlsplit(self.address).port or 0

    @property
    def token(self) -> str:
        return urlsplit(self.address).path.strip("/")

    def at(self, run_id: int, page: str = "overview", /, *, theme: str = "", **params: object) -> str:
        """The address of a page of a run."""
        query = f"?{urlencode(params)}" if params else ""
        return f"{self.address}{f'?theme={theme}' if theme else ''}#/run/{run_id}/{page}{query}"

    def api(self, path: str, params: Mapping[str, object] | None = None) -> str:
        """The address of an answer: `runs`, `run/1/overview`."""
        return f"{self.address}api/{path}{f'?{urlencode(params)}' if params else ''}"


@contextlib.contextmanager
def served(database: Path, *arguments: object) -> Iterator[Served]:
    """Serve a database until the block ends; pages name it by its file name alone."""
    command = [*COMMAND, "ui", "--db", database.name, *map(str, arguments)]
    process = subprocess.Popen(
        command,
        cwd=database.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    # A server that says nothing is ended, so that reading its first line comes to an end.
    watch = threading.Timer(START_SECONDS, process.kill)
    watch.start()
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        watch.cancel()
        if not line:
            raise AssertionError(f"evolve ui did not start: {process.communicate()[1]}")
        yield Served(line.strip(), database, process)
    finally:
        watch.cancel()
        end(process)


def end(process: subprocess.Popen[str]) -> str:
    """Stop a server; what it said on its standard error."""
    process.terminate()
    try:
        return process.communicate(timeout=END_SECONDS)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        return process.communicate()[1]
