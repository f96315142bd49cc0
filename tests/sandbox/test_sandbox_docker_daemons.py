"""Daemons of our own: one that goes away under a job and comes back, and one that maps users away.

Each lives in PID, mount and network namespaces made for it, so that nothing of it outlives the test or touches what
other daemons have. A rootless daemon is one
step further than the second and cannot be tried by the administrator, who alone can run these.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from docker_slots import client, containers, docker, job, started, until
from docker_smoke import SMOKE, smoke

from evolve.domain import Limits, Status
from evolve.errors import SandboxUnavailable

NEEDED = ("dockerd", "containerd", "unshare")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux" or os.geteuid() != 0 or not all(map(shutil.which, NEEDED)),
        reason=f"starting a daemon takes the administrator's rights and {', '.join(NEEDED)}",
    ),
    # The SDK leaves a socket open when nobody answers at the other end.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
# Its network apart, too: a daemon without a bridge begins by removing the one it finds, which is another daemon's.
APART = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
UP, DOWN = 60.0, 30.0
"""Seconds a daemon may take to start and to stop."""
SUBORDINATES = "daemon:300000:65536\n"


class OwnDaemon:
    """A daemon that shares nothing with any other but the kernel."""

    def __init__(self, home: Path, *options: str) -> None:
        self.address = f"unix://{home}/sock"
        self._home = home
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        for name, text in (("subids", SUBORDINATES), ("daemon.json", "{}")):
            (home / name).write_text(text)

    def start(self) -> None:
        """Until it answers. Skips the test where it will not run."""
        home = self._home
        (home / "pid").unlink(missing_ok=True)  # one that was killed leaves it
        command = [
            "dockerd", "--config-file", home / "daemon.json", "--data-root", home / "data", "--exec-root", home / "run",
            "--pidfile", home / "pid", "--host", self.address, "--bridge=none", "--iptables=false",
            "--shutdown-timeout=1", "--exec-opt", "native.cgroupdriver=cgroupfs", "--cgroup-parent", f"/{home.name}",
            *self._options,
        ]  # fmt: skip
        binds = "for file in /etc/subuid /etc/subgid; do [ ! -e $file ] || mount --bind $0/subids $file; done; exec $@"
        with (home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*APART, "sh", "-c", binds, home, *command],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + UP
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                pytest.skip(f"a daemon of our own does not start here: {(home / 'log').read_text()[-500:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """As an administrator would: it ends its containers and goes."""
        assert self._process is not None
        (dockerd,) = _children(self._process.pid)
        os.kill(dockerd, signal.SIGTERM)
        try:
            self._process.wait(DOWN)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """With all it ever started."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def remove(self) -> None:
        """What it leaves when it is killed: its folder, and control groups with nobody in them."""
        shutil.rmtree(self._home)
        root = Path("/sys/fs/cgroup")
        for group in (*root.glob(self._home.name), *root.glob(f"*/{self._home.name}")):
            for inner in sorted(group.glob("**/"), reverse=True):
                inner.rmdir()

    def _answers(self) -> bool:
        try:
            with client():
                return True
        except SandboxUnavailable:
            return False


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def own_daemon(*options: str) -> Iterator[OwnDaemon]:
    """Running, and where DOCKER_HOST points meanwhile."""
    home = Path(tempfile.mkdtemp(prefix="evolve-test-", dir="/tmp"))  # a socket's path must be short
    home.chmod(0o755)  # a remapped root is nobody here
    links = os.listdir("/sys/class/net")
    patch = pytest.MonkeyPatch()
    own = OwnDaemon(home, *options)
    try:
        patch.setenv("DOCKER_HOST", own.address)
        own.start()
        yield own
        own.stop()
        assert set(links) <= set(os.listdir("/sys/class/net")), "the bridges of other daemons are still there"
    finally:
        own.kill()
        patch.undo()
        own.remove()
        gc.collect()  # while the warning of the SDK's sockets is still expected


def test_a_daemon_that_stops_under_a_job_and_comes_back() -> None:
    """The job is given back, never scored; with the daemon back the same sandbox goes on."""
    slow = "import time\ndef echo(x):\n    time.sleep(20)\n    return x\n"

    async def run(own: OwnDaemon) -> None:
        async with started(spares=1) as sandbox:
            (result,) = await sandbox.run(job())
            assert result.metrics == {"x": 3}
            task = asyncio.create_task(sandbox.run(job(slow, limits=Limits(wall=30))))
            await asyncio.sleep(0.5)
            await asyncio.to_thread(own.stop)
            with pytest.raises(SandboxUnavailable):
                await task
            with pytest.raises(SandboxUnavailable):
                await sandbox.run(job())
            await asyncio.to_thread(own.start)
            for _ in range(3):
                (result,) = await sandbox.run(job())
                assert (result.status, result.metrics) == (Status.VALID, {"x": 3}), result.feedback
        with client() as outside:
            assert containers(outside) == []

    with own_daemon() as own:
        asyncio.run(run(own))


def test_a_daemon_that_is_killed_under_a_job_and_comes_back() -> None:
    """Its containers die with it; what it remembers of them is removed."""

    async def run(own: OwnDaemon) -> None:
        async with started() as sandbox:
            task = asyncio.create_task(sandbox.run(job("import time\ndef echo(x):\n    time.sleep(20)\n")))
            await asyncio.sleep(0.5)
            await asyncio.to_thread(own.kill)
            with pytest.raises(SandboxUnavailable):
                await task
            await asyncio.to_thread(own.start)
            (result,) = await sandbox.run(job())
            assert (result.status, result.metrics) == (Status.VALID, {"x": 3}), result.feedback
        with client() as outside:
            until(lambda: containers(outside) == [], "no container is left")

    with own_daemon() as own:
        asyncio.run(run(own))


@pytest.fixture(scope="module")
def remapped() -> Iterator[None]:
    with own_daemon("--userns-remap=daemon"):
        yield


@pytest.mark.usefixtures("remapped")
@pytest.mark.parametrize("name", SMOKE)
def test_it_works_where_users_are_mapped_away(name: str) -> None:
    smoke(lambda problem: docker(problem=problem), name)


@pytest.mark.usefixtures("remapped")
def test_no_wall_is_missing_there() -> None:
    async def run() -> None:
        async with started() as sandbox:
            with client() as outside:
                assert any("name=userns" in option for option in outside.info()["SecurityOptions"])
            assert not sandbox.isolation.missing, sandbox.isolation.sentence()

    asyncio.run(run())
