"""The walls of a slot: a namespace root (or a container) round each zygote, and the locks every candidate closes behind
itself."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import stat
import sys
from dataclasses import dataclass

from evolve_guest import kernel, landlock, seccomp

CONTAINER, NAMESPACES, LANDLOCK, PROCESS = "container", "namespaces", "landlock", "process"
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")
SINK = ("/dev/null",)
"""What may be written to: a shared mapping of /dev/zero would be memory that nobody counts."""
TMPFS = "size=64m,nr_inodes=4096,mode=700"
"""A private directory: 64 MiB and 4,096 names, whatever a program writes."""
NAME = "sandbox"
"""What a candidate's machine is called, in a container too."""
PRIVATE = "/private"
"""Where it lies inside a namespace root; /tmp and /dev/shm are links to it."""
SHARED = ("/tmp", "/dev/shm")
"""What a candidate may write to in a container: one program at a time has them, the janitor empties them after each."""

_LINUX = sys.platform == "linux"
_OWN = kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS
_NOSUID_NODEV = kernel.MS_NOSUID | kernel.MS_NODEV


@dataclass(frozen=True, slots=True)
class Walls:
    """What a zygote and its forks may see. Nothing in it is secret: candidates inherit the memory it lies in.

    `readable` are host paths kept in place, `binds` (host path, path inside), `outer` the throw-away
    user outside (or the caller's own), `candidate` whether hostile code will run here, and `spawns`
    whether it may start processes where no PID namespace holds them. `without` names layers that are left off,
    for the tests that prove what each is good for.
    """

    level: str
    readable: tuple[str, ...]
    outer: int
    binds: tuple[tuple[str, str], ...] = ()
    candidate: bool = True
    spawns: bool = False
    without: frozenset[str] = frozenset()


def leave_namespaces(walls: Walls) -> None:
    """First half of a confined zygote, before its user map is written."""
    if os.geteuid() == 0:
        os.setgroups([])
    # The evaluator's zygote keeps the PID namespace: an evaluator reads its candidate's clock from outside.
    kernel.unshare(_OWN | (kernel.CLONE_NEWPID if walls.candidate else 0))


def build_root(walls: Walls) -> None:
    """Second half, with the map written: a read-only root of the allow-list, three devices and an empty /tmp.

    Where the interpreter itself lies below /tmp, that stays a folder with nothing else in it.
    """
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    socket.sethostname(NAME)
    read_only = kernel.ATTR_RDONLY | kernel.ATTR_NOSUID
    # Cloned with the caller's rights over the paths; given up in the next line.
    trees = [(inside, _clone(path, read_only | kernel.ATTR_NODEV)) for path, inside in _plan(walls)]
    trees += [(path, _clone(path, read_only | kernel.ATTR_NOEXEC)) for path in DEVICES]
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    os.umask(0o022)
    kernel.mount("root", "/tmp", "tmpfs", _NOSUID_NODEV, "size=1m,nr_inodes=1024,mode=755")
    for path, tree in trees:
        _place("/tmp" + path, tree)
    os.mkdir("/tmp" + PRIVATE)
    for link in ("/tmp", "/dev/shm"):
        if not os.path.lexists("/tmp" + link):
            os.symlink(PRIVATE, "/tmp" + link)
    kernel.swap_root("/tmp")
    kernel.mount("none", "/", None, kernel.MS_REMOUNT | kernel.MS_RDONLY | _NOSUID_NODEV)
    _mount_private()


def _mount_private() -> None:
    kernel.mount("private", PRIVATE, "tmpfs", _NOSUID_NODEV | kernel.MS_NOATIME, TMPFS)


def _plan(walls: Walls) -> list[tuple[str, str]]:
    paths = sorted((path, path) for path in set(walls.readable) if os.path.lexists(path))
    kept: list[tuple[str, str]] = []
    for path, inside in paths:
        if not any(path == above or path.startswith(above + "/") for above, _ in kept if not os.path.islink(above)):
            kept.append((path, inside))
    return kept + list(walls.binds)


def _clone(path: str, attributes: int) -> int | str:
    """A detached tree, or the text of a symbolic link (such as /lib on a merged /usr)."""
    return os.readlink(path) if os.path.islink(path) else kernel.clone_tree(path, attributes)


def _place(target: str, tree: int | str) -> None:
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if isinstance(tree, str):
        os.symlink(tree, target)
        return
    if stat.S_ISDIR(os.fstat(tree).st_mode):
        os.makedirs(target, exist_ok=True)
    else:
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
    kernel.attach_tree(tree, target)
    os.close(tree)


class Locks:
    """What a zygote prepares once and each of its forks closes behind itself."""

    def __init__(self, walls: Walls) -> None:
        """Raises OSError where the level's own parts are missing."""
        self.walls = walls
        self.rules: landlock.Rules | None = None
        self.filter: seccomp.Filter | None = None
        self._self = -1
        self._untouched = _look(PRIVATE) if walls.level == NAMESPACES else ()
        if walls.level == NAMESPACES and walls.candidate:
            self._self = os.pidfd_open(os.getpid())
        if not walls.candidate or walls.level == PROCESS:
            return
        held = walls.level in (CONTAINER, NAMESPACES)
        # Beside namespaces or users these two are a second wall and may be missing; without them they are the wall.
        with contextlib.suppress(OSError) if held else contextlib.nullcontext():
            inside = [place for _, place in walls.binds]
            if "landlock" not in walls.without:
                self.rules = landlock.Rules((*walls.readable, *inside, *DEVICES), SINK)
        with contextlib.suppress(OSError) if held else contextlib.nullcontext():
            if "seccomp" not in walls.without:
                self.filter = seccomp.Filter(processes=held or walls.spawns, others=held)

    @property
    def confined(self) -> bool:
        """Whether its forks live in PID namespaces of their own."""
        return self._self >= 0

    def fork(self) -> int:
        """`os.fork`, the child as first process of a new PID namespace where this level has them."""
        if self.rules is not None and self.walls.level in (CONTAINER, NAMESPACES):
            self.rules.prepare(SHARED if self.walls.level == CONTAINER else (PRIVATE,))
        if self._self < 0:
            return os.fork()
        kernel.unshare(kernel.CLONE_NEWPID)
        pid = os.fork()
        if pid:
            kernel.setns(self._self, kernel.CLONE_NEWPID)
        return pid

    def close_behind(self, private: str, user: int = 0) -> None:
        """In the fork: a private directory to stand in, no privilege, nothing else to reach. Not to be undone.

        `user` is who to become for good; 0 stays who it is.
        """
        if self.walls.level != NAMESPACES:
            os.setsid()
        if user:
            become(user)
        os.chdir(private)
        if not _LINUX:
            return
        if self.walls.level in (CONTAINER, NAMESPACES) or (os.geteuid() == 0 and self.walls.level == LANDLOCK):
            kernel.drop_capabilities()
        kernel.no_new_privileges()
        if self._self < 0:
            kernel.die_with_parent()
        if self.rules is not None:
            self.rules.apply(SHARED if self.walls.level == CONTAINER else (private,))
        if self.filter is not None:
            self.filter.install()

    def renew_private(self) -> None:
        """After a fork and all it started have ended: an untouched private directory for the next one.

        Nothing is ever deleted: a directory in which anything changed is unmounted and a new one put in its place.
        """
        if self.walls.level == NAMESPACES and _look(PRIVATE) != self._untouched:
            kernel.unmount(PRIVATE)
            _mount_private()
            if self.rules is not None:
                self.rules.forget()
            self._untouched = _look(PRIVATE)


def private_directory(level: str) -> str:
    """Where a candidate of this level stands; empty where each is given a directory of its own."""
    return {CONTAINER: SHARED[0], NAMESPACES: PRIVATE}.get(level, "")


def become(user: int) -> None:
    """Be `user` and its group alone, for good; the kernel takes every capability with the last trace of user 0."""
    os.umask(0o077)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def _look(path: str) -> tuple[object, ...]:
    """All that a program could leave on a directory for its successor to read."""
    found = os.stat(path)
    times = (found.st_atime_ns, found.st_mtime_ns, found.st_ctime_ns)
    names = (os.listdir(path), os.listxattr(path))
    return (found.st_mode, found.st_uid, found.st_gid, found.st_size, found.st_nlink, found.st_dev, times, names)


EVALUATOR_MEMORY = 1280 * 1024**2
"""Bytes of data an evaluator may hold: a candidate's result can become many times its size as Python objects in it."""


def limit_evaluator() -> None:
    """Beyond its memory an evaluator meets a MemoryError, which it can blame on whose result it read."""
    if _LINUX:  # where RLIMIT_DATA counts all private memory
        resource.setrlimit(resource.RLIMIT_DATA, (EVALUATOR_MEMORY, EVALUATOR_MEMORY))


def stay_alone() -> None:
    """From here on this process starts neither a process nor a thread; nothing where the kernel has no such filter."""
    if _LINUX:
        with contextlib.suppress(OSError):  # named in Isolation.missing
            seccomp.stay_alone()


def set_limits(limits: dict[str, int], baseline: int) -> None:
    """The rlimits of a candidate: bytes of memory beyond `baseline` (None skips one), file size, processes, no core."""
    wanted = {
        "RLIMIT_CORE": 1,  # 0 would still start a handler the machine may have for crashes
        "RLIMIT_NOFILE": 256,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_FSIZE": limits["file_size"],
        # Runtimes of other languages reserve far more than they use: there the writable part is what counts.
        "RLIMIT_DATA" if limits["data_only"] else "RLIMIT_AS": baseline + limits["memory"],
    }
    if limits["processes"]:
        wanted["RLIMIT_NPROC"] = limits["processes"]
    for name, value in wanted.items():
        which = getattr(resource, name, None)
        if which is None:
            continue
        _, hard = resource.getrlimit(which)
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some; those are named in Isolation.missing
            resource.setrlimit(which, (value, value))
    if limits["whole"]:  # nobody looks at its clock between two texts of a conversation
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu"], limits["cpu"] + 1))  # first a signal, then KILL
