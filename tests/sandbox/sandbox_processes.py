"""What processes of ours are alive: read from /proc, limited to descendants of this test process."""

from __future__ import annotations

import os
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
