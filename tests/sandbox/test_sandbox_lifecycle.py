"""Slots that die, close, run side by side, and leave nothing behind."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from sandbox_processes import descendants

from evolve.domain import Limits, Program, Split, Status
from evolve.errors import SandboxUnavailable
from evolve.sandbox.base import Job, Level
from evolve.sandbox.local import LocalSandbox
from evolve.testing import ECHO, sealed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

ROOT = Path(__file__).parent.parent.parent
EVALUATE = "def evaluate(program, case): return {'x': program.echo(3)}\n"


def job(program: str = ECHO, **fields: object) -> Job:
    return Job(Program.of({"program.py": program}), **{"split": Split.SEARCH, "cases": (0,), "seed": 1, **fields})  # type: ignore[arg-type]


def local(slots: int = 1, **options: object) -> LocalSandbox:
    return LocalSandbox(sealed(EVALUATE), slots, **options)  # type: ignore[arg-type]


def supervisors() -> list[int]:
    return [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/stat") if _parent(path) == os.getpid()]


def _parent(path: Path) -> int:
    try:
        return int(path.read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def test_nothing_is_left_after_close(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    async def run() -> None:
        sandbox = local(2)
        await sandbox.start()
        hang = job("import os\nfor _ in range(3): os.fork()\nwhile True: pass\n", limits=Limits(wall=20))
        task = asyncio.create_task(sandbox.run(hang))
        await sandbox.run(job())
        await asyncio.sleep(0.1)
        assert len(descendants()) >= 8
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        (result,) = await sandbox.run(job())
        assert result.status is Status.VALID
        await sandbox.close()
        assert descendants() == []

    fds = len(os.listdir("/proc/self/fd"))
    asyncio.run(run())
    assert len(os.listdir("/proc/self/fd")) == fds
    assert list(tmp_path.iterdir()) == []


def test_a_killed_supervisor_is_replaced_and_takes_its_own_with_it() -> None:
    async def run() -> None:
        sandbox = local()
        await sandbox.start()
        old = descendants()
        (supervisor,) = supervisors()
        os.kill(supervisor, signal.SIGKILL)
        (result,) = await sandbox.run(job())
        assert result.metrics == {"x": 3}
        assert not set(old) & set(descendants())

        task = asyncio.create_task(sandbox.run(job("import time\ntime.sleep(0.7)\n" + ECHO)))
        await asyncio.sleep(0.3)
        (supervisor,) = supervisors()
        os.kill(supervisor, signal.SIGKILL)
        (result,) = await task
        assert result.metrics == {"x": 3}
        await sandbox.close()
        assert descendants() == []

    asyncio.run(run())


def test_two_failing_slots_are_the_sandboxs_fault() -> None:
    async def run() -> None:
        sandbox = local()
        await sandbox.start()
        task = asyncio.create_task(sandbox.run(job("import time\ntime.sleep(5)\n" + ECHO)))
        killed: set[int] = set()
        while not task.done():
            for pid in set(supervisors()) - killed:
                await asyncio.sleep(0.6)
                killed.add(pid)
                os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(0.02)
        with pytest.raises(SandboxUnavailable, match="two slots failed"):
            await task
        (result,) = await sandbox.run(job())
        assert result.status is Status.VALID
        await sandbox.close()

    asyncio.run(run())


def test_two_slots_run_side_by_side() -> None:
    async def run() -> None:
        sandbox = local(2)
        await sandbox.start()
        sleeper = job("import time\ndef echo(x):\n    time.sleep(0.4)\n    return x\n")
        start = time.perf_counter()
        results = await asyncio.gather(*(sandbox.run(sleeper) for _ in range(4)))
        elapsed = time.perf_counter() - start
        assert all(result.status is Status.VALID for (result,) in results)
        assert 0.8 < elapsed < 1.6
        await sandbox.close()

    asyncio.run(run())


@pytest.mark.slow
def test_descriptors_stay_flat_over_many_jobs() -> None:
    async def run() -> None:
        sandbox = local()
        await sandbox.start()
        die = job("import os\ndef echo(x): os._exit(1)\n", cases=(0,))
        resident = len(descendants())

        def counts() -> list[int]:
            deadline = time.monotonic() + 5
            while len(descendants()) > resident and time.monotonic() < deadline:
                time.sleep(0.02)  # the answer comes a moment before the job's processes are gone
            pids = [os.getpid(), *descendants()]
            return [len(os.listdir(f"/proc/{pid}/fd")) for pid in pids]

        for _ in range(5):
            await sandbox.run(job())
        before = counts()
        for number in range(300):
            await sandbox.run(die if number % 10 == 0 else job())
        assert counts() == before
        await sandbox.close()

    asyncio.run(run())


def test_isolation_is_told_and_never_goes_down_silently() -> None:
    async def isolation(**options: object) -> tuple[Level, str]:
        sandbox = local(**options)
        try:
            await sandbox.start()
            return sandbox.isolation.level, sandbox.isolation.sentence()
        finally:
            await sandbox.close()

    level, text = asyncio.run(isolation())
    assert level in (Level.NAMESPACES, Level.LANDLOCK)
    assert "no network" in text
    level, text = asyncio.run(isolation(strongest=Level.LANDLOCK))
    assert (level, "not isolated: own process tree" in text) == (Level.LANDLOCK, True)
    level, text = asyncio.run(isolation(strongest=Level.PROCESS, allow_unsandboxed=True))
    assert (level, "no network" in text.partition("not isolated")[2]) == (Level.PROCESS, True)
    with pytest.raises(SandboxUnavailable, match="--allow-unsandboxed"):
        asyncio.run(isolation(strongest=Level.PROCESS))
    assert descendants() == []


def test_an_unknown_case_and_a_bad_preload_name_themselves() -> None:
    async def run() -> None:
        sandbox = local()
        await sandbox.start()
        with pytest.raises(Exception, match="there is no case 7"):
            await sandbox.run(job(cases=(7,)))
        await sandbox.close()
        with pytest.raises(Exception, match="'not_a_module' cannot be imported"):
            await LocalSandbox(sealed(EVALUATE, preload=("not_a_module",)), 1).start()
        with pytest.raises(SandboxUnavailable, match="call start"):
            await local().run(job())

    asyncio.run(run())
    with pytest.raises(ValueError, match="slots is 0"):
        local(0)


LOOK_ONCE = """
import asyncio
from evolve.domain import Program, Split
from evolve.sandbox.base import Job, SealedProblem
from evolve.sandbox.local import LocalSandbox

PROGRAM = '''
import numpy
def f():
    with open("/tmp/own", "wb") as file:
        return file.write(b"abc") + numpy.ones(2).sum()
'''

async def main():
    problem = SealedProblem("p", {"evaluate.py": "def evaluate(program, case): return {'x': program.f()}"}, "p.py")
    box = LocalSandbox(problem, 1)
    await box.start()
    (result,) = await box.run(Job(Program.of({"p.py": PROGRAM}), Split.SEARCH, (0,), 1))
    await box.close()
    print(box.isolation.level, result.status, result.metrics["x"])

asyncio.run(main())
"""


@pytest.mark.slow
def test_an_interpreter_below_tmp_is_walled_in_as_well_as_any_other() -> None:
    """People clone into /tmp; there the candidate's own empty /tmp must not hide the interpreter."""
    home = Path(tempfile.mkdtemp(dir="/tmp", prefix="evolve-test-"))
    try:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--symlinks", home / "venv"], check=True)
        numpy = Path(find_spec("numpy").submodule_search_locations[0])
        packages = next((home / "venv" / "lib").glob("python*/site-packages"))
        for folder in (numpy, numpy.with_name("numpy.libs")):
            shutil.copytree(folder, packages / folder.name, ignore=shutil.ignore_patterns("tests", "f2py"))
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [home / "venv" / "bin" / "python", "-c", LOOK_ONCE]
        said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    finally:
        shutil.rmtree(home)
    assert said.split() == [Level.NAMESPACES, Status.VALID, "5.0"]
