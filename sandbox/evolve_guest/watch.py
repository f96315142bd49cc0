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


def tree(root: int) -> Held:
    """Sum over `root` and its descendants; what vanishes meanwhile counts nothing."""
    pending, held, count = [root], 0, 0
    while pending and count < _ENOUGH:
        pid = pending.pop()
        count += 1
        held += _resident(pid)
        pending.extend(_children(pid))
    return Held(held, count)


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
