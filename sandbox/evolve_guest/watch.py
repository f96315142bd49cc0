"""What a candidate's whole process tree holds, read from outside it. Linux only; elsewhere there is nothing to see."""

from __future__ import annotations

import os
from dataclasses import dataclass

_PAGE = os.sysconf("SC_PAGE_SIZE")
_ENOUGH = 1024
"""Processes looked at per look, so that a look stays short."""


@dataclass(frozen=True, slots=True)
class Held:
    """Resident bytes and number of processes."""

    bytes: int
    processes: int


def tree(root: int, limit: int) -> Held:
    """Sum over `root` and its descendants; what vanishes meanwhile counts nothing.

    Pages that processes share count in each of them; only when that sum passes `limit` is the dear
    proportional count taken, so that many small workers are not mistaken for a hog.
    """
    pending = [root]
    found: list[int] = []
    while pending and len(found) < _ENOUGH:
        pid = pending.pop()
        found.append(pid)
        pending.extend(_children(pid))
    held = sum(map(_resident, found))
    if held > limit and len(found) > 1:
        held = sum(map(_proportional, found))
    return Held(held, len(found))


def _proportional(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            return int(file.read().partition(b"Pss:")[2].split(None, 1)[0]) * 1024
    except (OSError, IndexError, ValueError):
        return _resident(pid)


def _resident(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return found
    for thread in threads:
        try:
            with open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
                found.extend(int(word) for word in file.read().split())
        except OSError:
            continue
    return found
