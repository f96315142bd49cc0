"""The shared libraries a program needs, as the dynamic loader itself names them."""

from __future__ import annotations

import posixpath
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evolve.errors import SandboxUnavailable

_FOUND = re.compile(r"^\s*(?P<name>\S+) => (?P<path>/.+) \(0x[0-9a-f]+\)$")
_LOADER = re.compile(r"^\s*(?P<path>/.+) \(0x[0-9a-f]+\)$")
_LIBC = ("libc.so", "libc.musl", "ld-musl")
_ASKED_FOR_LATE = ("libgcc_s.so.1", "libnss_files.so.2")
"""glibc opens these by name when a thread ends or a user is looked up, so no program names them."""
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Library:
    """A library: where it lies on this machine, and where it goes in the image (relative to its root)."""

    host: Path
    inside: str


def libraries(programs: Sequence[Path], own: Path) -> tuple[Library, ...]:
    """What the loader needs to start these programs and load these extension modules, but for what lies below `own`.

    The loader keeps its path, which programs name in full; everything else goes beside the C library, where every
    loader looks. Raises SandboxUnavailable when `ldd` is missing or fails.
    """
    found: dict[str, Path] = {}
    loaders: set[Path] = set()
    for line in _ldd(programs):
        if match := _FOUND.match(line):
            if not Path(posixpath.normpath(match["path"])).is_relative_to(own):
                found.setdefault(posixpath.basename(match["name"]), Path(posixpath.normpath(match["path"])))
        elif match := _LOADER.match(line):
            loaders.add(Path(match["path"]))
    where = next((path.parent for name, path in found.items() if name.startswith(_LIBC)), None)
    if where is not None:
        late = {name: where / name for name in _ASKED_FOR_LATE if (where / name).is_file()}
        found = {**late, **found}
    home = where or Path("/lib")
    placed = [Library(path, str(home / name).lstrip("/")) for name, path in sorted(found.items())]
    return (*placed, *(Library(path, str(path).lstrip("/")) for path in sorted(loaders)))


def _ldd(programs: Sequence[Path]) -> list[str]:
    command = shutil.which("ldd")
    if command is None:
        raise SandboxUnavailable(
            "ldd is not installed, so the libraries of this Python are not known; install libc-bin"
        )
    try:
        # It exits 1 when one of the files is linked statically, and says of the others what there is to say.
        done = subprocess.run([command, *map(str, programs)], capture_output=True, text=True, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SandboxUnavailable(f"ldd failed, so the libraries of this Python are not known: {error}") from error
    return done.stdout.splitlines()
