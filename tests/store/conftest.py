"""Databases to test on: a fresh SQLite file, and a fresh schema of a real PostgreSQL server."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from evolve.store import Store, open_store

_PROGRAMS = ("initdb", "postgres", "psql")
_START_SECONDS = 30.0
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=40")
_names = itertools.count()


class PostgresServer:
    """A server of our own in a temporary folder, reached by its Unix socket alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._as_user = self._plain_user()
        self._run("initdb", "-D", str(folder / "data"), "-U", "evolve", "--auth=trust", "--no-sync", "-E", "UTF8")
        options = [f"-c{setting}" for setting in (*_FAST, "listen_addresses=", f"unix_socket_directories={folder}")]
        with (folder / "log").open("wb") as log:
            command = [*self._as_user, "postgres", "-D", str(folder / "data"), *options]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)

    def _plain_user(self) -> list[str]:
        """PostgreSQL refuses to run as root."""
        if os.getuid() != 0:
            return []
        nobody = pwd.getpwnam("nobody")
        os.chown(self._folder, nobody.pw_uid, nobody.pw_gid)
        return ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]

    def _run(self, *command: str) -> None:
        subprocess.run([*self._as_user, *command], check=True, capture_output=True, cwd=self._folder, timeout=60)

    def psql(self, statement: str) -> None:
        self._run(
            "psql", "-qX", "-v", "ON_ERROR_STOP=1", "-h", str(self._folder), "-U", "evolve", "-c", statement, "postgres"
        )

    def wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                return self.psql("SELECT 1")
            except subprocess.CalledProcessError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    log = (self._folder / "log").read_text(errors="replace")
                    raise RuntimeError(f"PostgreSQL did not start: {log[-2000:]}") from None
                time.sleep(0.1)

    def fresh_url(self) -> str:
        # A schema each and not a database each: those are 300 files, five seconds to remove in the end.
        name = f"evolve_{next(_names)}"
        self.psql(f"CREATE SCHEMA {name}")
        return f"postgresql://evolve@/postgres?host={self._folder}&options=-csearch_path%3D{name}"

    def stop(self) -> None:
        self._process.send_signal(signal.SIGQUIT)  # "immediate shutdown": nothing is worth keeping
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    missing = [name for name in (*_PROGRAMS, *(["setpriv"] if os.getuid() == 0 else [])) if shutil.which(name) is None]
    if missing:
        pytest.skip(f"no PostgreSQL to test on: {', '.join(missing)} not on PATH")
    pytest.importorskip("psycopg", reason="no PostgreSQL to test on: psycopg is not installed")
    # Not pytest's tmp_path: that is closed to other users, and its name may be too long for a socket.
    with tempfile.TemporaryDirectory(prefix="evolve-pg-") as folder:
        server = PostgresServer(Path(folder))
        try:
            server.wait()
            yield server
        finally:
            server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, one of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'evolve.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.fresh_url()


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """A new store of each kind."""
    with open_store(database, create=True) as opened:
        yield opened
