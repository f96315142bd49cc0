"""What a candidate's whole process tree holds, read from outside it. Linux only; elsewhere there is nothing to see."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

_PAGE = os.sysconf("SC_PAGE_SIZE")
SOCKET_BYTES = 425_984
"""What a socket's buffer may hold (twice net.core.wmem_max as kernels set it): memory in no resident set."""
OWN_SOCKETS = 32
"""A slot's own sockets in a candidate's network namespace, and what an honest program may have of them for nothing."""
DYING = 0.1
"""Seconds a process may take to end once it has closed its files."""
_ENOUGH = 1024
"""Processes looked at per look, so that a look stays short."""


@dataclass(frozen=True, slots=True)
class Held:
    """Resident bytes and number of processes."""

    bytes: int
    processes: int


class Group:
    """The memory cgroup this process lives in: its container's. Counts 0 where there is none to see."""

    _USAGE = ("/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory/memory.usage_in_bytes")
    _EVENTS = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")

    def __init__(self) -> None:
        self._usage = _first_readable(self._USAGE)
        self._events = _first_readable(self._EVENTS)

    @property
    def is_seen(self) -> bool:
        """Whether there is one to see."""
        return self._usage >= 0

    def bytes(self) -> int:
        """Bytes the cgroup holds now."""
        return int(os.pread(self._usage, 32, 0)) if self._usage >= 0 else 0

    def kills(self) -> int:
        """Processes the kernel killed in it because memory ran out."""
        lines = os.pread(self._events, 512, 0).splitlines() if self._events >= 0 else []
        return sum(int(line.split()[1]) for line in lines if line.startswith(b"oom_kill "))


def lives_on(pid: int) -> bool:
    """Whether a process that hung up is still there after `DYING`: one that ends closes its files a moment before."""
    until = time.monotonic() + DYING
    while _state(pid) not in ("", "Z", "X"):
        if time.monotonic() > until:
            return True
        time.sleep(0.001)
    return False


def _state(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""


def _first_readable(paths: tuple[str, ...]) -> int:
    for path in paths:
        try:
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            continue
    return -1


def tree(root: int, limit: int, grown: Callable[[], int] | None = None, *, below: bool = False) -> Held:
    """Sum over `root` and its descendants (with `below` the latter alone); what vanishes meanwhile counts nothing.

    Pages that processes share count in each of them; only when that sum passes `limit` is the dear
    proportional count taken, so that many small workers are not mistaken for a hog. `grown` stands in for it
    where the processes are another user's and will not be counted: bytes by which their cgroup has grown.
    """
    pending = _children(root) if below else [root]
    found: list[int] = []
    while pending and len(found) < _ENOUGH:
        pid = pending.pop()
        found.append(pid)
        pending.extend(_children(pid))
    buffers = SOCKET_BYTES * max(0, _sockets(root) - OWN_SOCKETS)
    held = sum(map(_resident, found)) + buffers
    if held > limit and len(found) > 1:
        held = (sum(map(_proportional, found)) if grown is None else min(held, grown())) + buffers
    return Held(held, len(found))


def _proportional(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            return int(file.read().partition(b"Pss:")[2].split(None, 1)[0]) * 1024
    except (OSError, IndexError, ValueError):
        return _resident(pid)


def _resident(pid: int) -> int:
    """Resident bytes; those of another thread when the first one has ended and shows nothing any more."""
    found = _pages(f"/proc/{pid}/statm")
    if not found:
        found = max((_pages(f"/proc/{pid}/task/{thread}/statm") for thread in _threads(pid)), default=0)
    return found * _PAGE


def _pages(path: str) -> int:
    try:
        with open(path, "rb") as file:
            return int(file.read().split()[1])
    except (OSError, IndexError):
        return 0


def _threads(pid: int) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []


def _sockets(pid: int) -> int:
    """Sockets in a process's network namespace."""
    try:
        with open(f"/proc/{pid}/net/sockstat", "rb") as file:
            return int(file.readline().split()[2])
    except (OSError, IndexError, ValueError):
        return 0


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for thread in _threads(pid):
        try:
            with open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
                found.extend(int(word) for word in file.read().split())
        except OSError:
            continue
    return found
