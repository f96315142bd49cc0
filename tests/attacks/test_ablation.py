"""Each wall of the sandbox taken away: a named attack that holds with it gets through without it.

A wall that is covered by another is taken away together with that one, and the other one's own test shows that it is
no decoration. What is taken away besides `layer` is in `covered_by`: the attack must hold with `covered_by` gone and
`layer` standing, and get through with both gone, so that every line below proves `layer` and nothing else.

The walls of the protocol (nonces, one reply per call, copies, finite numbers, output that is cut off) are in the
evaluator's own code and have no switch: `test_in_process_is_fooled.py` runs its attacks where that code is missing.
"""

from __future__ import annotations

import asyncio
import io
import re
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import judge
import pytest
from heads import FOLDER, LIMITS, Attack, read
from leftovers import children, trees

from evolve.domain import Status
from evolve.errors import EvaluatorError, SandboxUnavailable
from evolve.sandbox.base import Level
from evolve.sandbox.daemon import connect
from evolve.sandbox.docker import DockerSandbox
from evolve.sandbox.image import ensure_image
from evolve.sandbox.local import LocalSandbox
from evolve.sandbox.resident import ResidentSandbox

ROOT = Path(__file__).parent.parent.parent
LABEL = "evolve.test"
PATIENT = replace(LIMITS, wall=10.0, cpu=10.0)
PATIENCE = 3.0
"""Seconds the honest program may take, a new slot included."""
FULL_OF_HOLES = "evolve-test-ablation:world-writable"
"""The usual image with a directory that anybody may write to, as many images have."""

KILL_EVERYBODY = """
import os, signal
def solve(numbers):
    for pid in range(2, 4000):
        if pid != os.getpid():
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
    return sum(numbers)
"""
LEAVES_A_FILE = """
import os
FOUND = any(name.startswith("evolve-attack-mark") for name in os.listdir("/tmp"))
def solve(numbers):
    open(f"/tmp/evolve-attack-mark-{os.getuid()}", "w").close()
    return {"value": sum(numbers), "escaped": ["a predecessor's file"] * FOUND}
"""
LEAVES_A_SEGMENT = """
import ctypes
def solve(numbers):
    libc = ctypes.CDLL(None)
    return {"value": sum(numbers), "escaped": ["a predecessor's segment"] * FOUND}
libc = ctypes.CDLL(None)
FOUND = libc.shmget(0x0E57, 0, 0) >= 0
libc.shmget(0x0E57, 4096, 0o1600)
"""
LEAVES_A_PROCESS = """
import os, time
def solve(numbers):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(6)
        os._exit(0)
    return sum(numbers)
"""
MEMORY_WITHOUT_OWNER = """
import ctypes, os
def solve(numbers):
    libc, piece = ctypes.CDLL(None), bytes(1_000_000)
    for _ in range(160):
        fd = libc.syscall(319, b"evolve-attack", 0)
        if fd < 0:
            return sum(numbers)
        for _ in range(15):
            os.write(fd, piece)
    return {"value": sum(numbers), "escaped": ["2.4 GB in files without a name"]}
"""
HOG = """
def solve(numbers):
    held = []
    while len(held) < 600:
        held.append(bytearray(b"x") * 4_000_000)
    return {"value": sum(numbers), "escaped": ["2.4 GB"]}
"""
MANY_HOLDERS = """
import os, time
def solve(numbers):
    for _ in range(6):
        if os.fork() == 0:
            held = bytearray(b"x") * 90_000_000
            time.sleep(5)
            os._exit(len(held) > 0)
    time.sleep(2)
    return {"value": sum(numbers), "escaped": ["540 MB in six processes"]}
"""
MANY_NAMES = """
def solve(numbers):
    made = 0
    try:
        for number in range(6_000):
            open(f"/tmp/evolve-attack-{number}", "w").close()
            made += 1
    except OSError:
        pass
    return {"value": sum(numbers), "escaped": ["6,000 files"] * (made == 6_000)}
"""
FORKS = """
import os, time
def solve(numbers):
    made = 0
    for _ in range(400):
        try:
            if os.fork() == 0:
                time.sleep(3)
                os._exit(0)
            made += 1
        except OSError:
            break
    return {"value": sum(numbers), "escaped": ["more processes than allowed"] * (made > 128)}
"""
WRITES_TO_THE_IMAGE = """
import os
FOUND = os.path.exists("/var/tmp/evolve-attack-mark")
def solve(numbers):
    got = ["a predecessor's file"] * FOUND
    try:
        open("/var/tmp/evolve-attack-mark", "w").close()
        got.append("a file in the image")
    except OSError:
        pass
    return {"value": sum(numbers), "escaped": got}
"""
SEED_SCAN = (
    (FOLDER / "escape" / "heap_scan.py")
    .read_text(encoding="utf-8")
    .replace('"the secret": re', '"the hidden seed": re.compile(rb"case_[s]eed.{1,4}[0-9]{5}"),\n    "the secret": re')
)
"""The heap scan, looking for the seed of the cases too: all that a local slot's secret has."""


def own(source: str, expect: Status = Status.VALID, **changes: Any) -> Attack:
    """A program of this file, as if it had a head."""
    plain = read(FOLDER / "escape" / "environment.py")
    fields = {"source": source, "expect": frozenset({expect}), "limits": PATIENT, "rounds": 1, "broken": "", **changes}
    return replace(plain, **fields)


def of(name: str) -> Attack:
    """One of the suite, with time enough on a busy machine."""
    return replace(read(FOLDER / f"{name}.py"), limits=PATIENT)


@dataclass(frozen=True)
class Ablation:
    """A wall, the attack it stands against, what else must be gone for that to be seen, and what then is found."""

    backend: str
    layer: str
    attack: Attack
    finding: str
    covered_by: tuple[str, ...] = ()
    image: str = ""

    def findings(self, slots: Slots, *, standing: bool) -> list[str]:
        """What there is to find with the layer standing or gone."""
        gone = frozenset(self.covered_by if standing else (*self.covered_by, self.layer))
        return slots.findings(self.backend, gone, self.image, self.attack)


NAMESPACES, PROBE = "namespaces", "probe"
DOCKER = [
    ("landlock", of("escape/proc_of_others"), "1 cmdline"),
    ("seccomp", of("resources/sysv_shm"), "segment"),
    ("per_program", own(LEAVES_A_SEGMENT, rounds=2), "a predecessor's segment", ("seccomp",)),
    ("users", own(KILL_EVERYBODY), "the job broke", ("landlock",)),
    ("oom_score", own(MEMORY_WITHOUT_OWNER, Status.MEMORY), "the job broke", ("seccomp",)),
    ("rlimits", of("resources/sparse_file"), "a huge file"),
    ("watch", own(MANY_HOLDERS, Status.MEMORY), "ended as valid, not as memory"),
    ("purge", own(LEAVES_A_FILE, rounds=2), "a predecessor's file"),
    ("kill_all", own(LEAVES_A_PROCESS), "had to wait"),
    ("fork_before_read", of("escape/heap_scan"), "the judge's source"),
    ("network", of("escape/network_ipv4"), "SOCK_DGRAM", ("seccomp", "landlock", PROBE)),
    (PROBE, of("escape/network_ipv4"), "SOCK_DGRAM", ("seccomp", "landlock", "network")),
    ("read_only", own(WRITES_TO_THE_IMAGE), "a file in the image", ("landlock", PROBE), FULL_OF_HOLES),
    ("inodes", own(MANY_NAMES), "6,000 files", ("purge",)),
    ("pids", own(FORKS), "more processes than allowed", ("rlimits", "watch")),
    ("memory", own(HOG, Status.MEMORY), "ended as valid, not as memory", ("rlimits", "watch")),
]
LOCAL = [
    (NAMESPACES, of("resources/tmpfs_fill"), "MB in"),
    ("landlock", of("escape/runtime_files"), "/etc/passwd", (NAMESPACES, PROBE)),
    ("seccomp", of("resources/sysv_shm"), "segment"),
    (PROBE, of("resources/sysv_shm"), "segment", (NAMESPACES, "seccomp")),
    ("rlimits", of("resources/sparse_file"), "a huge file"),
    ("watch", own(MANY_HOLDERS, Status.MEMORY), "ended as valid, not as memory"),
    ("fork_before_read", own(SEED_SCAN), "the hidden seed"),
]
ABLATIONS = [Ablation("docker", *row) for row in DOCKER] + [Ablation("local", *row) for row in LOCAL]


class Slots:
    """Sandboxes with walls taken away. The whole ones are kept open, for the many attacks that they withstand."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self._runner = runner
        self._whole: dict[str, ResidentSandbox] = {}

    def findings(self, backend: str, gone: frozenset[str], image: str, attack: Attack) -> list[str]:
        """What was not as it should be, with these walls gone."""
        sandbox = self._whole.get(backend) if not gone and not image else None
        return self._runner.run(self._findings(sandbox, backend, gone, image, attack))

    async def _findings(self, sandbox: ResidentSandbox | None, backend: str, gone: frozenset[str], image: str,
                        attack: Attack) -> list[str]:  # fmt: skip
        keep = not gone and not image
        if sandbox is None:
            sandbox = made(backend, gone, image)
            try:
                await sandbox.start()
            except SandboxUnavailable as error:
                return [f"refused to start: {error}"]
        try:
            return await findings(sandbox, attack)
        finally:
            if keep:
                self._whole[backend] = sandbox
            else:
                await sandbox.close()

    def close(self) -> None:
        for sandbox in self._whole.values():
            self._runner.run(sandbox.close())


def made(backend: str, gone: frozenset[str], image: str) -> ResidentSandbox:
    """Not started."""
    if backend == "docker":
        sandbox = DockerSandbox(judge.problem(), 1, image=image, without=gone)
        sandbox.spares = 0
        return sandbox
    strongest = Level.LANDLOCK if NAMESPACES in gone else Level.NAMESPACES
    return LocalSandbox(judge.problem(), 1, strongest=strongest, without=gone - {NAMESPACES})


async def findings(sandbox: ResidentSandbox, attack: Attack) -> list[str]:
    """Run a program and the honest one after it; whatever is wrong with the one, the other, or the slot."""
    try:
        found = judge.faults(attack, await judge.ask(sandbox.run, attack))
    except (SandboxUnavailable, EvaluatorError) as error:
        found = [f"the job broke: {error}"]
    start = time.monotonic()
    after = await judge.control(sandbox.run)
    if (after.status, after.score) != (Status.VALID, 1.0):
        found.append(f"the honest program after it ended as {after.status}: {after.told}")
    if (waited := time.monotonic() - start) > PATIENCE:
        found.append(f"the honest program after it had to wait for {waited:.1f} s")
    return found


@pytest.fixture(scope="module")
def slots() -> Iterator[Slots]:
    with asyncio.Runner() as runner:
        held = Slots(runner)
        yield held
        held.close()


@pytest.fixture(scope="module")
def daemon() -> Iterator[Any]:
    try:
        client = connect()
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    with closing(client):
        yield client


@pytest.fixture
def image(daemon: Any) -> Iterator[None]:
    """The image full of holes, made and removed again."""
    usual = ensure_image(daemon, judge.problem())
    made = daemon.api.create_container(usual.tag, ["nothing"], labels={LABEL: "ablation"})["Id"]
    try:
        daemon.api.put_archive(made, "/", hole("var/tmp"))
        name, tag = FULL_OF_HOLES.split(":")
        daemon.api.commit(made, repository=name, tag=tag, conf={"Labels": {LABEL: "ablation"}})
    finally:
        daemon.api.remove_container(made)
    yield
    daemon.api.remove_image(FULL_OF_HOLES)


def hole(path: str) -> bytes:
    """An archive of one directory that anybody may write to."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo(path)
        member.type, member.mode = tarfile.DIRTYPE, 0o1777
        archive.addfile(member)
    return packed.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("ablation", ABLATIONS, ids=lambda ablation: f"{ablation.backend}-{ablation.layer}")
def test_without_it_the_attack_gets_through(slots: Slots, request: pytest.FixtureRequest, ablation: Ablation) -> None:
    if ablation.backend == "docker":
        request.getfixturevalue("daemon")
    if ablation.image:
        request.getfixturevalue("image")
    standing, gone = ("\n".join(ablation.findings(slots, standing=each)) for each in (True, False))
    assert ablation.finding not in standing
    assert ablation.finding in gone


def test_no_wall_can_be_taken_away_that_is_not_proved() -> None:
    """Every name the code knows to leave off has its line above (or, for one, its own test below)."""
    sources = [*ROOT.glob("sandbox/evolve_guest/*.py"), *ROOT.glob("evolve/sandbox/*.py")]
    named = {name for path in sources for name in re.findall(r'"(\w+)" (?:not )?in [\w.]*without', path.read_text())}
    known = {backend: {each.layer for each in ABLATIONS if each.backend == backend} for backend in ("docker", "local")}
    assert named == known["docker"]
    assert known["local"] | {"oom_score"} == named - OF_CONTAINERS | {NAMESPACES}


OF_CONTAINERS = {"per_program", "users", "purge", "kill_all", "network", "read_only", "inodes", "pids", "memory"}
"""Walls that only containers have: the local sandbox's own are its namespaces."""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(("gone", "score"), [(frozenset(), 1000), (frozenset({"oom_score"}), 0)])
def test_the_kernel_takes_the_candidate_first_when_the_machine_runs_out_of_memory(
    gone: frozenset[str], score: int
) -> None:
    """Nobody lets a machine run out of memory to see it: the score by which the kernel chooses is looked at."""

    async def run() -> list[int]:
        others = children()
        sandbox = LocalSandbox(judge.problem(), 1, without=gone)
        try:
            await sandbox.start()
            resting = trees(children() - others)
            sleeper = own("import time\ndef solve(numbers):\n    time.sleep(0.5)\n    return sum(numbers)\n")
            task = asyncio.create_task(judge.ask(sandbox.run, sleeper))
            await asyncio.sleep(0.3)
            scores = [oom_score(pid) for pid in trees(children() - others) - resting]
            assert {oom_score(pid) for pid in resting} == {0}
            assert judge.faults(sleeper, await task) == []
            return scores
        finally:
            await sandbox.close()

    scores = asyncio.run(run())
    assert sorted(scores) == sorted([0, score]), "evaluator and candidate"


def oom_score(pid: int) -> int:
    return int(Path(f"/proc/{pid}/oom_score_adj").read_text())
