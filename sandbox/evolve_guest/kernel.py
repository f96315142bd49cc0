"""Thin ctypes wrappers of the Linux calls Python lacks; every one raises OSError. Loads anywhere, works on Linux."""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
CLONE_THREAD = 0x00010000
CLONE_NEWCGROUP = 0x02000000

MS_REC, MS_PRIVATE, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_RDONLY, MS_NOATIME = (
    0x4000, 0x40000, 2, 4, 32, 1, 1024
)  # fmt: skip
MNT_DETACH = 2
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV, ATTR_NOEXEC = 1, 2, 4, 8

_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442  # the same on every architecture
_OPEN_TREE_CLONE, _AT_RECURSIVE, _AT_EMPTY_PATH, _AT_FDCWD = 1, 0x8000, 0x1000, -100
_MOVE_MOUNT_F_EMPTY_PATH = 4
_PR_SET_PDEATHSIG, _PR_SET_SECUREBITS, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 28, 36, 38
_SECBITS_NO_ROOT_LOCKED = 0b1111
_CAPABILITY_HEADER = struct.pack("Ii", 0x20080522, 0)  # version 3, this thread
_NO_CAPABILITIES = bytes(24)

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(name: str, result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return result


def syscall(name: str, number: int, *arguments: int | bytes) -> int:
    """A raw system call whose arguments are integers or buffers."""
    values = [ctypes.c_long(item) if isinstance(item, int) else item for item in arguments]
    return _checked(name, _libc.syscall(ctypes.c_long(number), *values))


def prctl(option: int, value: int, second: int = 0) -> None:
    """`prctl` with one or two arguments."""
    zero = ctypes.c_ulong(0)
    _checked("prctl", _libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(second), zero, zero))


def unshare(flags: int) -> None:
    """Leave the named namespaces for new ones."""
    _checked("unshare", _libc.unshare(flags))


def setns(fd: int, flags: int) -> None:
    """Join the namespaces of a pidfd."""
    _checked("setns", _libc.setns(fd, flags))


def mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    """`mount(2)`."""
    raw_kind = None if kind is None else kind.encode()
    raw_options = None if options is None else options.encode()
    result = _libc.mount(source.encode(), os.fsencode(target), raw_kind, ctypes.c_ulong(flags), raw_options)
    _checked(f"mount {target}", result)


def unmount(path: str) -> None:
    """Take the mount at `path` away at once; its memory goes with the last process that uses it."""
    _checked(f"umount2 {path}", _libc.umount2(os.fsencode(path), MNT_DETACH))


def swap_root(directory: str) -> None:
    """Make `directory` (a mount point) the root of this mount namespace and let go of the old one."""
    os.chdir(directory)
    _checked("pivot_root", _libc.pivot_root(b".", b"."))
    unmount(".")
    os.chdir("/")


def clone_tree(path: str, attributes: int) -> int:
    """A detached copy of the mount tree at `path` with the given attributes; the descriptor of its root."""
    flags = _OPEN_TREE_CLONE | _AT_RECURSIVE | os.O_CLOEXEC
    fd = syscall(f"open_tree {path}", _OPEN_TREE, _AT_FDCWD, os.fsencode(path) + b"\0", flags)
    change = struct.pack("QQQQ", attributes, 0, 0, 0)
    syscall("mount_setattr", _MOUNT_SETATTR, fd, b"\0", _AT_EMPTY_PATH | _AT_RECURSIVE, change, len(change))
    return fd


def attach_tree(fd: int, path: str) -> None:
    """Put a detached mount tree on `path`."""
    syscall("move_mount", _MOVE_MOUNT, fd, b"\0", _AT_FDCWD, os.fsencode(path) + b"\0", _MOVE_MOUNT_F_EMPTY_PATH)


def no_new_privileges() -> None:
    """No later exec of this process gains anything."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


def drop_capabilities() -> None:
    """Give up every capability for good: user 0 means nothing afterwards."""
    with contextlib.suppress(PermissionError):  # an ordinary user has none to lose
        prctl(_PR_SET_SECUREBITS, _SECBITS_NO_ROOT_LOCKED)
    _checked("capset", _libc.capset(_CAPABILITY_HEADER, _NO_CAPABILITIES))


def die_with_parent() -> None:
    """KILL this process when its parent ends."""
    prctl(_PR_SET_PDEATHSIG, 9)


def adopt_orphans() -> None:
    """Orphaned descendants become children of this process."""
    prctl(_PR_SET_CHILD_SUBREAPER, 1)
