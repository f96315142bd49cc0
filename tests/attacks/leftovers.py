"""What a slot holds between two programs, seen from outside it: a hostile program must leave it as it was."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 2.0
"""Seconds after which what is still there counts as left behind: the answer comes a moment before the clean-up ends."""
MEMORY_TOLERANCE = 16 * 1024**2
OWN_TOLERANCE = 8
"""Connections to a daemon that a pool opens when it needs them; a leak per program is more than that after eight."""
_PAGE = os.sysconf("SC_PAGE_SIZE")

Residents = Callable[[], frozenset[int]]
"""The processes of a slot, as numbers on this machine."""
Pause = Callable[[float], object]
"""Waits that many seconds."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """Processes and their open descriptors, IPC objects and abstract sockets of their namespaces, bytes of memory."""

    processes: frozenset[int]
    descriptors: Counter[int]
    own_descriptors: int
    objects: frozenset[str]
    memory: int

    def like(self, other: Footprint) -> bool:
        """Whether nothing came or went; memory and objects may differ."""
        ours = (self.processes, self.descriptors, self.own_descriptors)
        return ours == (other.processes, other.descriptors, other.own_descriptors)

    def more_than(self, before: Footprint) -> list[str]:
        """What is here that was not there `before`. A replaced slot has other numbers but as many of everything."""
        found = []
        if len(self.processes) != len(before.processes):
            found.append(f"{len(before.processes)} processes became {len(self.processes)}: {_named(self.processes)}")
        if self.descriptors != before.descriptors:
            counts = [dict(held.descriptors) for held in (before, self)]
            found.append(f"open descriptors of its processes were {counts[0]} and are {counts[1]}")
        if self.own_descriptors > before.own_descriptors + OWN_TOLERANCE:
            found.append(f"the engine had {before.own_descriptors} descriptors and has {self.own_descriptors}")
        found += [f"left behind: {name}" for name in self.objects - before.objects]
        if self.memory > before.memory + MEMORY_TOLERANCE:
            found.append(f"its memory grew from {before.memory} to {self.memory} bytes")
        return found


def footprint(residents: Residents, *, objects: bool = True) -> Footprint:
    """What there is now; without `objects`, which take a few processes to look up, if so wanted."""
    pids = residents()
    return Footprint(
        processes=pids,
        descriptors=Counter(_descriptors(pid) for pid in pids),
        own_descriptors=_descriptors(os.getpid()),
        objects=frozenset(_objects(pids)) if objects else frozenset(),
        memory=memory(pids),
    )


def settled(residents: Residents, pause: Pause) -> Footprint:
    """What there is once nothing changes any more: what ran last is gone, and spare slots are warm."""
    deadline = time.monotonic() + 5 * PATIENCE
    looks = [footprint(residents, objects=False)]
    while time.monotonic() < deadline:
        pause(0.2)
        looks.append(footprint(residents, objects=False))
        if len(looks) > 2 and looks[-1].like(looks[-2]) and looks[-2].like(looks[-3]):
            break
    return footprint(residents)


def left_behind(residents: Residents, before: Footprint, pause: Pause, patience: float = PATIENCE) -> list[str]:
    """What a program left, looked at until there is nothing or patience ends.

    A look reads one process after another, so a worker of the clean-up may hide from one look and be in the next.
    """
    deadline = time.monotonic() + patience
    while True:
        found = footprint(residents, objects=False).more_than(before) or footprint(residents).more_than(before)
        if not found or time.monotonic() > deadline:
            return found
        pause(0.02)


def children() -> frozenset[int]:
    """The direct children of this process."""
    return frozenset(_children(os.getpid()))


def trees(roots: Iterable[int]) -> frozenset[int]:
    """Processes and everything below them."""
    pending, found = list(roots), set()
    while pending:
        pid = pending.pop()
        found.add(pid)
        pending.extend(_children(pid))
    return frozenset(found)


def belongs(pid: int, container: str) -> bool:
    """Whether that process is in a cgroup named after the container."""
    return container in _text(Path(f"/proc/{pid}/cgroup"))


def memory(pids: Iterable[int]) -> int:
    """Bytes in the memory cgroup of the processes; what they hold resident where they have none of their own."""
    pids = list(pids)
    own = _memory_cgroup(os.getpid())
    groups = {group for pid in pids if (group := _memory_cgroup(pid)) not in (None, own)}
    if groups:
        return sum(map(_charged, groups))
    return sum(map(_resident, pids))


def _children(pid: int) -> list[int]:
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []
    return [int(word) for thread in threads for word in _text(Path(f"/proc/{pid}/task/{thread}/children")).split()]


def _descriptors(pid: int) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0


def _named(pids: Iterable[int]) -> str:
    return ", ".join(f"{pid} {_text(Path(f'/proc/{pid}/cmdline')).replace(chr(0), ' ')[:60]}" for pid in sorted(pids))


def _objects(pids: Iterable[int]) -> list[str]:
    """Abstract sockets, SysV objects and POSIX queues in the namespaces of the processes (but not in our own)."""
    found = []
    for pid in _one_each(pids, "net"):
        lines = _text(Path(f"/proc/{pid}/net/unix")).splitlines()
        found += [f"abstract socket {line.split()[-1]}" for line in lines if line.split()[-1].startswith("@")]
    for pid in _one_each(pids, "ipc"):
        found += _ipc_objects(pid)
    return found


def _one_each(pids: Iterable[int], kind: str) -> list[int]:
    """One process for each namespace that is not ours."""
    spaces = {_link(f"/proc/{pid}/ns/{kind}"): pid for pid in pids}
    return [pid for space, pid in spaces.items() if space and space != _link(f"/proc/self/ns/{kind}")]


_LIST = """
for kind in shm sem msg; do sed -n "2,\\$s/^/$kind /p" /proc/sysvipc/$kind; done
mount -t mqueue none /mnt && ls /mnt | sed 's/^/queue /'
"""


def _ipc_objects(pid: int) -> list[str]:
    """Only the administrator may look into another IPC namespace; in a private mount namespace, for the queues."""
    if os.geteuid() != 0 or not (shutil.which("nsenter") and shutil.which("unshare")):
        return []
    command = ["nsenter", "-t", str(pid), "-i", "unshare", "-m", "sh", "-c", _LIST]
    return subprocess.run(command, capture_output=True, text=True, timeout=10).stdout.splitlines()


def _memory_cgroup(pid: int) -> Path | None:
    """The directory of a process's memory cgroup (version 1 or 2), where there is one."""
    lines = [line.split(":", 2)[1:] for line in _text(Path(f"/proc/{pid}/cgroup")).splitlines()]
    paths = [Path("/sys/fs/cgroup/memory" + path) for kinds, path in lines if "memory" in kinds.split(",")]
    paths += [Path("/sys/fs/cgroup" + path) for kinds, path in lines if not kinds]
    return next((path for path in paths if (path / "memory.stat").is_file()), None)


def _charged(group: Path) -> int:
    """Anonymous and shared memory of a cgroup: the page cache of the image is not a candidate's."""
    words = dict(line.split() for line in _text(group / "memory.stat").splitlines())
    names = ("total_rss", "total_shmem") if "total_rss" in words else ("anon", "shmem")
    return sum(int(words.get(name, 0)) for name in names)


def _resident(pid: int) -> int:
    words = _text(Path(f"/proc/{pid}/statm")).split()
    return int(words[1]) * _PAGE if words else 0


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
