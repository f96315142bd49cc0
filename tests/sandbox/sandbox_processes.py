"""What processes of ours are alive: read from /proc, limited to descendants of this test process."""

from __future__ import annotations

import os
import time
from pathlib import Path


def descendants(root: int | None = None) -> list[int]:
    """Every living process below `root` (this process by default)."""
    pending, found = [os.getpid() if root is None else root], []
    while pending:
        pid = pending.pop()
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                pending.extend(int(word) for word in children.read_text().split())
            except OSError:
                continue
        found.append(pid)
    return found[1:]


def lasting_candidates(patience: float = 2.0) -> list[int]:
    """Processes in a PID namespace below a zygote's own, as candidates are, that outlive `patience` seconds.

    The host has its answer a moment before the supervisor has ended the candidate.
    """
    deadline = time.monotonic() + patience
    while found := [pid for pid in descendants() if _depth(pid) > _depth(os.getpid()) + 1]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.02)
    return found


def _depth(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return len(status.partition("NSpid:")[2].partition("\n")[0].split())
