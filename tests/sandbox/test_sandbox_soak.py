"""Two thousand programs, honest, failing and hostile, through two slots: nothing grows, nothing is left."""

from __future__ import annotations

import asyncio
import gc
import os
import statistics
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from docker_daemon import daemon
from docker_slots import client, containers, docker, soon
from sandbox_processes import children, descendants

from evolve.domain import Limits, Program, Split, Status
from evolve.sandbox.base import Job
from evolve.sandbox.local import LocalSandbox
from evolve.sandbox.resident import ResidentSandbox
from evolve.testing import sealed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

EVALUATIONS, EVERY = 2000, 125
"""Programs in all, and after how many all is at rest and measured: sixteen times, four in each quarter."""
ATTACKS = Path(__file__).parent.parent / "attacks"
EVALUATE = """
import numpy
def evaluate(program, case):
    value = program.solve([19, 23])
    if isinstance(value, dict):
        value = value.get("value")
    if value != 42:
        program.reject("it is 42")
    return {"x": value}
"""
HONEST = "def solve(numbers):\n    return sum(numbers)\n"
LARGE = "import numpy\ndef solve(numbers):\n    return int(numpy.ones((512, 512)).sum() * 0) + sum(numbers)\n"
FAILING = (
    "def solve(numbers):\n    return 1 / 0\n",
    "def solve(numbers:\n",
    "def solve(numbers):\n    return 43\n",
    "def solve(numbers):\n    return [float('nan')] * 1000\n",
    "import os\ndef solve(numbers):\n    os._exit(3)\n",
    "def solve(numbers):\n    while True: pass\n",
)
HOSTILE = tuple(
    (ATTACKS / name).read_text(encoding="utf-8")
    for name in (
        "resources/survivors.py",
        "resources/fork_bomb.py",
        "resources/tmpfs_fill.py",
        "resources/inode_bomb.py",
        "resources/sysv_shm.py",
        "resources/memfd_bomb.py",
        "resources/descriptor_bomb.py",
        "resources/print_flood.py",
        "escape/signals.py",
        "escape/hidden_children.py",
        "tampering/two_replies.py",
        "tampering/reply_ahead_of_the_question.py",
    )
)
LIMITS = Limits(wall=0.25, cpu=0.25, memory=128 * 1024**2)
MIX = (*(HONEST, LARGE) * 45, *FAILING, *HOSTILE)
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Held:
    """What there is at rest: bytes and descriptors of the engine and of a slot's largest process, bytes in memory
    cgroups, processes of all slots."""

    engine: int
    engine_descriptors: int
    slot: int
    slot_descriptors: int
    cgroups: int
    processes: int


Look = Callable[[], list[int]]
"""The first process of each slot."""


def held(slots: list[int]) -> Held:
    gc.collect()
    pids = [pid for slot in slots for pid in (slot, *descendants(slot))]
    return Held(
        engine=resident(os.getpid()),
        engine_descriptors=descriptors(os.getpid()),
        slot=max(map(resident, pids)),
        slot_descriptors=max(map(descriptors, pids)),
        cgroups=sum(charged(path) for path in {memory_cgroup(slot) for slot in slots} - {None, memory_cgroup(1)}),
        processes=len(pids),
    )


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def memory_cgroup(pid: int) -> Path | None:
    """The memory cgroup of a process (version 1 or 2)."""
    lines = [line.split(":", 2)[1:] for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines()]
    paths = [Path("/sys/fs/cgroup/memory" + path) for kinds, path in lines if "memory" in kinds.split(",")]
    paths += [Path("/sys/fs/cgroup" + path) for kinds, path in lines if not kinds]
    return next((path for path in paths if (path / "memory.stat").is_file()), None)


def charged(group: Path | None) -> int:
    """Bytes of a cgroup that are not the cache of an image's files."""
    assert group is not None
    words = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
    names = ("total_rss", "total_shmem") if "total_rss" in words else ("anon", "shmem", "slab")
    return sum(int(words.get(name, 0)) for name in names)


async def soak(sandbox: ResidentSandbox, slots: Look, at_rest: Callable[[], Awaitable[None]]) -> list[Held]:
    """Run them all, two at a time; what was held at each rest. Every program ends each time as it did the first."""
    found: list[Held] = []
    ends: dict[str, Counter[Status]] = {}
    for start in range(0, EVALUATIONS, EVERY):
        work = iter([MIX[number * 7 % len(MIX)] for number in range(start, start + EVERY)])
        await asyncio.gather(*(_worker(sandbox, work, ends) for _ in range(2)))
        await at_rest()
        found.append(held(slots()))
    for source in (HONEST, LARGE):
        assert set(ends[source]) == {Status.VALID}, ends[source]
    mixed = {source.splitlines()[0]: seen for source, seen in ends.items() if len(seen) > 1}
    print(f"ended in more than one way: {mixed}; slots replaced: {sandbox.replaced}")
    return found


async def _worker(sandbox: ResidentSandbox, work: Iterator[str], ends: dict[str, Counter[Status]]) -> None:
    for source in work:
        limits = LIMITS if source in (*FAILING, *HOSTILE) else Limits(wall=20.0, memory=LIMITS.memory)
        job = Job(Program.of({"program.py": source}), Split.SEARCH, (0,), 1, limits)
        (result,) = await sandbox.run(job)
        ends.setdefault(source, Counter())[result.status] += 1


def check(found: list[Held]) -> None:
    """The last quarter against the second: what leaks a few KB a program shows after five hundred more."""
    quarter = len(found) // 4
    earlier, later = found[quarter : 2 * quarter], found[-quarter:]

    def typical(looks: list[Held], name: str) -> float:
        return statistics.median(getattr(look, name) for look in looks)

    for name, room in (("engine", 6 << 20), ("slot", 4 << 20), ("cgroups", 12 << 20)):
        before, after = typical(earlier, name), typical(later, name)
        print(f"{name}: {before / 1e6:.1f} MB in the second quarter, {after / 1e6:.1f} MB in the last")
        assert after <= before + room, name
    for name, room in (("engine_descriptors", 2), ("slot_descriptors", 0), ("processes", 0)):
        before, after = typical(earlier, name), typical(later, name)
        print(f"{name}: {before:g}, then {after:g}")
        assert after <= before + room, name


@contextmanager
def timed(what: str) -> Iterator[None]:
    start = time.monotonic()
    yield
    seconds = time.monotonic() - start
    print(f"{what}: {EVALUATIONS} evaluations in {seconds:.0f} s, {EVALUATIONS / seconds:.0f}/s")


@daemon
def test_two_thousand_evaluations_in_containers() -> None:
    async def run() -> None:
        problem = sealed(EVALUATE, preload=("numpy",), limits=LIMITS)
        sandbox = docker(2, spares=1, problem=problem)
        sandbox.jobs_per_slot = None  # a new container would hide what leaks
        with client() as outside:

            def first() -> list[int]:
                return [outside.api.inspect_container(each)["State"]["Pid"] for each in sandbox.containers]

            async def at_rest() -> None:
                await sandbox.run(Job(Program.of({"program.py": HONEST}), Split.SEARCH, (0,), 1))
                await soon(lambda: len(containers(outside)) == 3, "two containers and a spare")
                await soon(lambda: all(len(descendants(pid)) == 2 for pid in first()), "slots at rest")

            try:
                await sandbox.start()
                with timed("docker"):
                    check(await soak(sandbox, first, at_rest))
                assert len(containers(outside)) == 3
            finally:
                await sandbox.close()
            assert containers(outside) == []

    asyncio.run(run())


def test_two_thousand_evaluations_behind_namespaces() -> None:
    async def run() -> None:
        others = set(children(os.getpid()))
        sandbox = LocalSandbox(sealed(EVALUATE, preload=("numpy",), limits=LIMITS), 2)

        def first() -> list[int]:
            return sorted(set(children(os.getpid())) - others)

        async def at_rest() -> None:
            await soon(lambda: len(first()) == 2, "two slots")
            await soon(lambda: all(len(descendants(pid)) == resting for pid in first()), "slots at rest")

        try:
            await sandbox.start()
            resting = len(descendants(first()[0]))
            with timed("local"):
                check(await soak(sandbox, first, at_rest))
        finally:
            await sandbox.close()
        assert set(children(os.getpid())) <= others

    asyncio.run(run())
