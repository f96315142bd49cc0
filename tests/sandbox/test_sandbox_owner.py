"""Whose is it: temporary folders of killed engines, owners that are gone, and what runs where no daemon does."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from docker_slots import until

from evolve.assembly import chosen_sandbox
from evolve.config import Settings
from evolve.domain import Program, Split, Status
from evolve.errors import SandboxUnavailable
from evolve.sandbox import owner
from evolve.sandbox.base import Isolation, Job
from evolve.sandbox.folder import OwnFolder, reap
from evolve.testing import ECHO, sealed
from tests.cli.conftest import run_evolve
from tests.conftest import write_tiny

ROOT = Path(__file__).parent.parent.parent
NO_DAEMON = "unix:///nowhere/evolve-test.sock"


def python(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def ended() -> str:
    """An owner that has ended."""
    with python("from evolve.sandbox import owner; print(owner.here())") as process:
        said, _ = process.communicate(timeout=30)
    return said.strip()


def test_an_owner_is_gone_when_its_process_is_and_not_before() -> None:
    code = "import sys\nfrom evolve.sandbox import owner\nprint(owner.here(), flush=True)\nsys.stdin.read()"
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        other = process.stdout.readline().strip()
        assert not owner.is_gone(other)
        process.kill()
        if sys.platform == "linux":  # nobody has waited for it, and yet it does nothing any more
            until(lambda: owner.is_gone(other), "a killed process is gone")
    assert owner.is_gone(other)
    assert not owner.is_gone(owner.here())


@pytest.mark.skipif(sys.platform != "linux", reason="process numbers are told apart by /proc")
def test_what_cannot_be_known_to_be_gone_is_not() -> None:
    place, boot, pid, started = owner.here().split(":")
    machine, _ = place.split("@")
    assert owner.is_gone(f"{place}:{boot}:{pid}:{int(started) - 1}"), "its number was given to another process"
    assert owner.is_gone(f"{place}:an-earlier-boot:{pid}:{started}")
    assert not owner.is_gone(f"{machine}@1:{boot}:{pid}:1"), "an engine in a container of its own"
    assert not owner.is_gone(f"elsewhere@1:an-earlier-boot:{pid}:{started}")
    for nonsense in ("", "x", ":::", place, f"{place}:{boot}", f"{place}:{boot}:-1:1"):
        assert not owner.is_gone(nonsense), nonsense


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's temporary directory, for this process."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_killed_engines_folder_is_removed_by_the_next_start(temporary: Path) -> None:
    code = (
        "import time, tempfile; from evolve.sandbox.folder import OwnFolder\n"
        f"tempfile.tempdir = {str(temporary)!r}\n"
        "folder = OwnFolder(); (folder.path / 'evaluator').mkdir(); (folder.path / 'evaluator' / 'x').write_text('1')\n"
        "print(folder.path, flush=True); time.sleep(60)\n"
    )
    with python(code) as process:
        assert process.stdout is not None
        left = Path(process.stdout.readline().strip())
        mine = OwnFolder()
        assert left.is_dir(), "its engine is alive"
        os.kill(process.pid, signal.SIGKILL)
    mine.remove()
    again = OwnFolder()
    assert not left.exists()
    again.remove()
    assert list(temporary.iterdir()) == []


def test_only_what_a_dead_engine_made_is_removed(temporary: Path) -> None:
    gone = ended()
    precious = temporary / "precious"
    (precious / "inner").mkdir(parents=True)
    (precious / "owner").write_text(gone)
    (precious / "inner" / "file").write_text("keep")

    def folder(name: str, whose: str | bytes | None) -> Path:
        path = temporary / name
        path.mkdir()
        if whose is not None:
            (path / "owner").write_bytes(whose.encode() if isinstance(whose, str) else whose)
        return path

    dead = folder("evolve-sandbox-dead", gone)
    (dead / "link").symlink_to(precious)
    (dead / "evaluator").symlink_to(precious / "inner")
    kept = [
        precious,
        folder("evolve-sandbox-alive", owner.here()),
        folder("evolve-sandbox-nobody", None),
        folder("evolve-sandbox-nonsense", b"\xff\xfe"),
        folder("evolve-sandbox-elsewhere", "elsewhere@1:1:1:1"),
        folder("other-dead", gone),
    ]
    link = temporary / "evolve-sandbox-link"
    link.symlink_to(precious)
    assert reap(temporary) == [dead]
    assert sorted(temporary.iterdir()) == sorted([*kept, link])
    assert (precious / "inner" / "file").read_text() == "keep"


@pytest.mark.skipif(os.geteuid() != 0, reason="only the administrator can give a folder to another user")
def test_another_users_folder_is_left_alone(temporary: Path) -> None:
    theirs = temporary / "evolve-sandbox-theirs"
    theirs.mkdir()
    (theirs / "owner").write_text(ended())
    os.chown(theirs, 12345, 12345)
    assert reap(temporary) == []
    assert theirs.is_dir()


# ---------------------------------------------------------------- a daemon that is not there, or is no daemon


@contextmanager
def server(answer: Callable[[str], tuple[int, bytes]]) -> Iterator[str]:
    """What calls itself a Docker daemon: answers every request with this; its address."""

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            code, body = answer(self.path)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = do_HEAD = handle_any  # noqa: N815  (http.server's names)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"tcp://127.0.0.1:{listening.server_address[1]}"
        finally:
            listening.shutdown()
            thread.join()


def hello(path: str) -> tuple[int, bytes]:
    return 200, b"hello"


def empty(path: str) -> tuple[int, bytes]:
    return 200, b"{}"


def broken(path: str) -> tuple[int, bytes]:
    """Greets as a daemon and fails at everything else."""
    if path.endswith("/version"):
        return 200, b'{"ApiVersion": "1.41"}'
    return (200, b"OK") if path.endswith("/_ping") else (500, b'{"message": "disk on fire"}')


def confused(path: str) -> tuple[int, bytes]:
    """Greets as a daemon and then talks of something else."""
    return broken(path) if path.endswith(("/version", "/_ping")) else (200, b"<html>welcome</html>")


def taken(image: str | None = None) -> tuple[Isolation, list[str]]:
    """What `auto` takes, and what it says meanwhile."""
    settings = Settings.model_validate({"sandbox": {"backend": "auto", "image": image}, "workers": {"evaluations": 1}})
    said: list[str] = []

    async def run() -> Isolation:
        sandbox = chosen_sandbox(sealed("def evaluate(program, case): return {'x': program.echo(3)}\n"), settings)
        try:
            await sandbox.start(said.append)
            job = Job(Program.of({"program.py": ECHO}), Split.SEARCH, (0,), 1)
            assert (await sandbox.run(job))[0].status is Status.VALID
            assert await sandbox.cases(Split.SEARCH) == 1
            return sandbox.isolation
        finally:
            await sandbox.close()

    return asyncio.run(run()), said


@pytest.mark.skipif(sys.platform != "linux", reason="needs a local sandbox")
@pytest.mark.parametrize(
    ("daemon", "why"),
    [
        (None, "no Docker daemon answers"),
        (hello, "no Docker daemon answers"),
        (empty, "no Docker daemon answers"),
        (broken, "disk on fire"),
        (confused, "Docker"),
    ],
)
def test_where_docker_cannot_be_used_the_local_sandbox_is_and_says_why(
    monkeypatch: pytest.MonkeyPatch, daemon: Callable[[str], tuple[int, bytes]] | None, why: str
) -> None:
    if daemon is None:
        monkeypatch.setenv("DOCKER_HOST", NO_DAEMON)
        isolation, said = taken()
    else:
        with server(daemon) as address:
            monkeypatch.setenv("DOCKER_HOST", address)
            isolation, said = taken()
    assert isolation.backend == "local"
    assert isolation.note.startswith("Docker is not used: ")
    assert why in isolation.note
    assert isolation.note in isolation.sentence()
    assert said == [isolation.note]
    assert "\n" not in isolation.note


@pytest.mark.slow
def test_a_sandbox_that_was_asked_for_and_is_not_to_be_had_is_one_sentence(tmp_path: Path) -> None:
    write_tiny(tmp_path / "tiny")
    ran = run_evolve(tmp_path, "run", "tiny", "--evaluations", 5, "--sandbox", "docker", env={"DOCKER_HOST": NO_DAEMON})
    assert ran.code == 4
    *_, last = ran.err.strip().splitlines()
    assert last.startswith(f"evolve: no Docker daemon answers at {NO_DAEMON} (")
    assert "--sandbox local" in last
    assert "Traceback" not in ran.err + ran.out


def test_connecting_to_nothing_names_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from evolve.sandbox.daemon import connect

    monkeypatch.setenv("DOCKER_HOST", NO_DAEMON)
    with pytest.raises(SandboxUnavailable, match="start one, set DOCKER_HOST, or use --sandbox local"):
        connect()
