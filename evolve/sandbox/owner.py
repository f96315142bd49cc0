"""Whose a container or a temporary folder is, so that the next start can remove what a killed engine left behind."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

_START_TIME = 19
"""Field 22 of proc_pid_stat(5), counted from the state that follows the name."""
_UNKNOWN = "alive"
"""When a process began that is there and will not be looked into, as other users' may be."""
_ENDED = ("Z", "X")
"""States of a process that has ended and only waits for its parent to hear of it."""


def here() -> str:
    """This process as `machine@space:boot:pid:start`: no other process that ever ran has the same."""
    return f"{_machine()}@{_space()}:{_boot()}:{os.getpid()}:{_started(os.getpid())}"


def is_gone(owner: str) -> bool:
    """Whether the process that `here` named has ended for certain: it ran on this machine and does not any more.

    Of a process in another PID namespace (an engine in a container of its own) nothing is known while the machine runs.
    """
    place, boot, pid, started = [*owner.split(":"), "", "", ""][:4]
    machine, _, space = place.partition("@")
    if machine != _machine() or not pid.isdigit():
        return False
    return boot != _boot() or (space == _space() and _started(int(pid)) not in (started, _UNKNOWN))


def _machine() -> str:
    # Copies of a virtual machine share the first, and one daemon may serve them all.
    return f"{_text('/etc/machine-id')}/{socket.gethostname()}".replace(":", "-")


def _boot() -> str:
    return _text("/proc/sys/kernel/random/boot_id") or "0"


def _space() -> str:
    """The namespace that process numbers belong to."""
    try:
        return str(os.stat("/proc/self/ns/pid").st_ino)
    except OSError:
        return "0"


def _started(pid: int) -> str:
    """When a process began, in the kernel's own ticks; empty when there is none."""
    if sys.platform == "linux":
        fields = _text(f"/proc/{pid}/stat").rpartition(")")[2].split()
        if fields:
            return fields[_START_TIME] if fields[0] not in _ENDED else ""
    return _UNKNOWN if _alive(pid) else ""


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _text(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
