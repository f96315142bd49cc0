"""What a slot is shown of this machine: interpreter, packages, system libraries. Never a home or a project."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

# Debian's commands (cc, awk, java) are links through /etc/alternatives, a directory of nothing but links.
_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin", "/etc/alternatives")
_OWN_INSIDE = ("/tmp", "/dev/shm")  # inside, these lead to the slot's private directory
_HIDDEN_ALWAYS = ("/etc/ssl", "/etc/security", "/proc/self")


def guest() -> Path:
    """The script a slot runs: in a checkout beside the package, in an installed wheel inside it."""
    package = Path(__file__).resolve().parent.parent
    for candidate in (package / "_guest" / "guest.py", package.parent / "sandbox" / "guest.py"):
        if candidate.is_file():
            return candidate
    raise FileNotFoundError(f"the sandbox guest is not beside {package}; reinstall evolve")


def interpreter() -> str:
    """The real interpreter behind `sys.executable`: its prefix is readable inside, a virtual environment is not."""
    return os.path.realpath(sys.executable)


def packages() -> list[str]:
    """The directories of installed packages, in import order."""
    return [path for path in sys.path if path.endswith(("site-packages", "dist-packages")) and os.path.isdir(path)]


def readable() -> list[str]:
    """Absolute paths a candidate may read: system libraries, the interpreter's `lib` and `bin`, installed packages."""
    base = os.path.realpath(sys.base_prefix)
    library = sysconfig.get_path("stdlib")
    wanted = [*_SYSTEM, os.path.join(base, "lib"), os.path.join(base, "bin"), library, os.path.dirname(interpreter())]
    wanted += [os.path.realpath(path) for path in packages()] + packages()
    return [path for path in dict.fromkeys(wanted) if os.path.lexists(path)]


def hidden(shown: list[str]) -> list[str]:
    """Directories the start-up probe must find out of sight (none that leads to something readable)."""
    wanted = [*_HIDDEN_ALWAYS, os.path.expanduser("~"), os.getcwd()]
    kept = (path for path in dict.fromkeys(wanted) if path not in _OWN_INSIDE)
    return [path for path in kept if not any(_related(path, other) for other in shown)]


def _related(path: str, other: str) -> bool:
    return path == "/" or path == other or other.startswith(path + "/") or path.startswith(other + "/")
