"""What processes of ours are alive: read from /proc, limited to descendants of this test process."""

from __future__ import annotations

import os
from pathlib import Path


def descendants(root: int | None = None) -> list[int]:
    """Every living process below `root` (this process by default)."""
    pending, found = [os.getpid() if root is None else root], []
    while pending:
        pid = pending.pop()
        pending.extend(children(pid))
        found.append(pid)
    return found[1:]


def children(pid: int) -> list[int]:
    """The living processes it started."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found.extend(int(word) for word in path.read_text().split())
        except OSError:
            continue
    return found
