"""What a slot finds inside its container: packages, what a candidate may read, how an evaluator is walled in."""

from __future__ import annotations

import os
import sys
import tempfile

from evolve_guest import jail, kernel, landlock
from evolve_guest.janitor import empty

PLACE = "/evaluator"
"""The evaluator's own: in a container a tmpfs for its files and what it writes, in a namespace root its files."""

_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin", "/opt", "/etc/alternatives")
_FILES, _WRITABLE = f"{PLACE}/files", f"{PLACE}/tmp"


def readable() -> list[str]:
    """Absolute paths a candidate may read: the system's libraries, the interpreter and its packages."""
    own = [os.path.join(os.path.realpath(sys.base_prefix), part) for part in ("lib", "bin")]
    return [path for path in dict.fromkeys((*_SYSTEM, *own)) if os.path.lexists(path)]


def packages() -> list[str]:
    """Directories of installed packages: the interpreter's own, then the system's."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    wanted = (
        f"{sys.base_prefix}/lib/{version}/site-packages",
        f"/usr/local/lib/{version}/dist-packages",
        "/usr/lib/python3/dist-packages",
    )
    return [path for path in wanted if os.path.isdir(path)]


def settle_evaluator(user: int, files: dict[str, str], walls: jail.Walls) -> str:
    """Become the evaluator's user and write its files where no other user may look; their folder."""
    if user:
        jail.become(user)
        os.chmod(PLACE, 0o700)
    for name, text in files.items():
        path = os.path.join(_FILES, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    os.mkdir(_WRITABLE)
    # Candidates own /tmp: an evaluator that wrote there by name could be led astray by what they leave.
    os.environ["TMPDIR"] = tempfile.tempdir = _WRITABLE
    kernel.no_new_privileges()
    try:
        readable = (*walls.readable, _FILES, "/proc", "/etc", "/sys/fs/cgroup", *jail.DEVICES)
        rules = landlock.Rules(readable, jail.SINK)
    except OSError:
        return _FILES
    rules.apply((_WRITABLE,))
    return _FILES


def clear_evaluators() -> None:
    """Remove what an evaluator wrote: the next one finds nothing, as behind namespaces."""
    empty(_WRITABLE)
