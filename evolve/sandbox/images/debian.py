"""A root file system of Debian's (or Ubuntu's) packages: Python with numpy and scipy, a shell, a C and C++ compiler."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from evolve.errors import SandboxUnavailable
from evolve.sandbox.base import Say
from evolve.sandbox.images.tar import WHEN, Entry, folder, text

FORMAT = 2
"""Of what is left out below; counted up when that changes."""
PACKAGES = ("python3", "python3-numpy", "python3-scipy", "gcc", "g++", "make")
_SECONDS = 1200
_LEFT_OUT = frozenset(
    {"dev", "proc", "sys", "run", "tmp", "root", "home", "boot", "media", "mnt", "srv", "debootstrap"}
    # What debootstrap copied from this machine: its mirrors, its name, its name servers.
    | {"etc/apt", "etc/hostname", "etc/resolv.conf", "etc/machine-id"}
    | {"etc/shadow", "etc/shadow-", "etc/gshadow", "etc/gshadow-"}
    | {"usr/include/boost"}  # scipy's packaging needs it, 160 MB of it, and nothing that runs
    | {"usr/share/doc", "usr/share/info", "usr/share/locale", "usr/share/man", "usr/share/lintian"}
    | {"var/cache", "var/lib/apt", "var/log", "var/tmp"}
)
_STATIC = ("blas", "lapack")
"""Libraries whose static form, 60 MB, came along as well."""
_EMPTY = ("dev", "evaluator", "proc", "run", "sys", "tmp")


def recipe() -> str:
    """All that decides what `system` gives, but for the mirror's versions."""
    return f"{FORMAT} {platform.machine()} {' '.join(PACKAGES)}"


@contextlib.contextmanager
def system(say: Say) -> Iterator[Iterator[Entry]]:
    """The entries of the root file system, to be read before the context ends.

    Takes minutes. Raises SandboxUnavailable without debootstrap, root's rights or a mirror.
    """
    mirror, suite = _mirror()
    command = shutil.which("debootstrap")
    if command is None:
        raise SandboxUnavailable("debootstrap is not installed; on Debian: apt-get install debootstrap")
    if os.geteuid() != 0:
        raise SandboxUnavailable("debootstrap needs root's rights; run this command as root")
    # Not below a /tmp that may be mounted noexec or nodev: packages run their own set-up inside.
    with tempfile.TemporaryDirectory(prefix="evolve-debian-", dir="/var/tmp") as folder_name:
        root = Path(folder_name) / "root"
        say(f"installing {', '.join(PACKAGES)} of {suite} with debootstrap, which takes minutes")
        _run([command, "--variant=minbase", f"--include={','.join(PACKAGES)}", suite, str(root), mirror])
        yield _entries(root)


def _mirror() -> tuple[str, str]:
    """Where apt gets this machine's packages from, and which release they are of."""
    release = platform.freedesktop_os_release().get("VERSION_CODENAME", "") if Path("/etc/os-release").exists() else ""
    apt = shutil.which("apt-get")
    if apt is None or not release:
        raise SandboxUnavailable("this machine has no apt whose mirror could be used; use a Debian or Ubuntu machine")
    targets = _run([apt, "indextargets", "--format", "$(SITE) $(CODENAME) $(COMPONENT)", "Created-By: Packages"])
    for line in targets.splitlines():
        site, _, rest = line.partition(" ")
        if rest == f"{release} main":
            return site, release
    raise SandboxUnavailable(f"apt's sources name no mirror of {release} main; see `apt-get indextargets`")


def _run(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SandboxUnavailable(f"{Path(command[0]).name} failed: {error}") from error
    if done.returncode:
        last = (done.stdout + done.stderr).strip().splitlines() or ["it said nothing"]
        raise SandboxUnavailable(f"{Path(command[0]).name} failed with status {done.returncode}: {last[-1]}")
    return done.stdout


def _entries(root: Path) -> Iterator[Entry]:
    yield from (folder(path) for path in _EMPTY)
    yield text("etc/hostname", "sandbox\n")
    yield from _below(root, "")


def _below(host: Path, inside: str) -> Iterator[Entry]:
    for item in sorted(host.iterdir()):
        path = f"{inside}/{item.name}".lstrip("/")
        if path in _LEFT_OUT:
            continue
        mode = item.lstat().st_mode
        if stat.S_ISLNK(mode):
            yield Entry(path, link=os.readlink(item))
        elif stat.S_ISDIR(mode):
            yield folder(path)
            yield from _below(item, path)
        elif stat.S_ISREG(mode) and not (item.suffix == ".a" and any(name in item.name for name in _STATIC)):
            # A compiled module names the time of its source, which is the package's and the same everywhere.
            when = int(item.stat().st_mtime) if item.suffix == ".py" else WHEN
            yield Entry(path, item.read_bytes, mode=mode & 0o777, when=when)
