"""The temporary folder of a local sandbox, and the removal of those that killed engines left behind."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from evolve.sandbox import owner

_PREFIX = "evolve-sandbox-"
_OWNER = "owner"


class OwnFolder:
    """A folder only this user may enter, with a note of whose it is."""

    def __init__(self) -> None:
        """Make it, and remove those of engines that are gone."""
        reap(Path(tempfile.gettempdir()))
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        (self.path / _OWNER).write_text(owner.here())

    def remove(self) -> None:
        """Remove it with all it holds."""
        _remove(self.path)


def reap(below: Path) -> list[Path]:
    """Remove the folders in `below` that an `OwnFolder` made whose process has ended; which they were."""
    removed = []
    for path in below.glob(f"{_PREFIX}*"):
        if _is_left_behind(path):
            _remove(path)
            removed.append(path)
    return removed


def _remove(path: Path) -> None:
    """`rm` where Python gives up: a program may have made folders deeper than any recursion goes."""
    try:
        shutil.rmtree(path, ignore_errors=True)
    except RecursionError:
        subprocess.run(["rm", "-rf", "--", path], check=False, stderr=subprocess.DEVNULL)


def _is_left_behind(path: Path) -> bool:
    try:
        found = path.lstat()
        ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
        return ours and owner.is_gone((path / _OWNER).read_text())
    except (OSError, UnicodeDecodeError):
        return False
