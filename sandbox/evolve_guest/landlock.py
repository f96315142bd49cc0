"""Landlock: the kernel's own allow-list of paths, which a process puts on itself and can never take off."""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Sequence

from evolve_guest import kernel

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446  # the same on every architecture
_VERSION_FLAG, _PATH_BENEATH = 1, 1
_RULE = struct.Struct("=Qi")

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_FILE_ONLY = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV


def version() -> int:
    """The kernel's Landlock version. Raises OSError where there is none."""
    return kernel.syscall("landlock", _CREATE, 0, 0, _VERSION_FLAG)


class Rules:
    """What a candidate may read; opened once in the zygote, applied in every candidate."""

    def __init__(self, readable: Sequence[str], devices: Sequence[str]) -> None:
        """Open every path there is. Raises OSError where Landlock is missing."""
        known = version()
        self._ruleset = -1
        self._rights = (1 << 13) - 1
        for since, bit in ((2, 1 << 13), (3, _TRUNCATE), (5, _IOCTL_DEV)):
            self._rights |= bit if known >= since else 0
        network = 0b11 if known >= 4 else 0  # TCP bind and connect
        scopes = 0b11 if known >= 6 else 0  # abstract sockets and signals to outside the domain
        size = 24 if known >= 6 else 16 if known >= 4 else 8
        self._attributes = struct.pack("=QQQ", self._rights, network, scopes)[:size]
        self._rules = [_rule(path, _READ) for path in readable if os.path.exists(path)]
        self._rules += [_rule(path, _READ_FILE | _WRITE_FILE) for path in devices if os.path.exists(path)]

    def apply(self, writable: Sequence[str]) -> None:
        """Bind this process: it may read the allow-list and do as it likes beneath each of `writable`."""
        ruleset = self._ruleset if self._ruleset >= 0 else self._build(writable)
        kernel.syscall("landlock_restrict_self", _RESTRICT, ruleset, 0)

    def prepare(self, writable: Sequence[str]) -> None:
        """In the zygote: build the rules once for all forks that get the same directories."""
        if self._ruleset < 0:
            self._ruleset = self._build(writable)

    def forget(self) -> None:
        """The prepared directories are gone."""
        if self._ruleset >= 0:
            os.close(self._ruleset)
            self._ruleset = -1

    def _build(self, writable: Sequence[str]) -> int:
        size = len(self._attributes)
        ruleset = kernel.syscall("landlock_create_ruleset", _CREATE, self._attributes, size, 0)
        own = [os.open(path, os.O_PATH | os.O_CLOEXEC) for path in writable]
        for rule in [*self._rules, *(_RULE.pack(self._rights & ~_IOCTL_DEV, fd) for fd in own)]:
            kernel.syscall("landlock_add_rule", _ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
        for fd in own:
            os.close(fd)
        return ruleset


def _rule(path: str, rights: int) -> bytes:
    fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    is_directory = stat.S_ISDIR(os.fstat(fd).st_mode)
    return _RULE.pack(rights if is_directory else rights & _FILE_ONLY, fd)
