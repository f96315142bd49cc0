"""A process that only forks: everything is imported in it beforehand, and it never reads a request.

Fork before read: no ancestor of a candidate ever held a source, a case or a secret.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import struct
import sys
from collections.abc import Callable

from evolve_guest import words
from evolve_guest.jail import CONTAINER, Locks, Walls
from evolve_guest.wire import Channel, Closed

_CREDENTIALS = struct.Struct("3i")
_OOM_FILE = "/proc/self/oom_score_adj"
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024

Child = Callable[[list[int], str], None]


def serve(channel: Channel, locks: Locks, child: Child, oom: int, tidy: Callable[[], None] | None = None) -> None:
    """Fork and end children on command until the channel closes.

    `oom` is a descriptor from `open_oom_score`; `tidy` is called after each end.
    """
    gc.collect()
    gc.freeze()
    while True:
        try:
            kind, payload, fds = channel.receive()
        except Closed:
            os._exit(0)
        if kind == words.FORK:
            pid = _fork(channel, locks, child, fds, payload, oom)
            for fd in fds:
                os.close(fd)
            _answer_pid(channel, pid, locks.confined)
        else:
            channel.send(words.ENDED, _end(words.PID.unpack(payload)[0], locks.walls))
            locks.renew_private()
            if tidy is not None:
                tidy()


def open_oom_score() -> int:
    """A descriptor of this process's own OOM score, or -1: opened before /proc goes out of sight."""
    try:
        return os.open(_OOM_FILE, os.O_WRONLY | os.O_CLOEXEC)
    except OSError:
        return -1


def _fork(channel: Channel, locks: Locks, child: Child, fds: list[int], payload: bytes, oom: int) -> int:
    # A child inherits the score: when memory runs out the kernel takes the candidate, not the engine.
    _score(oom, b"1000")
    pid = locks.fork()
    if pid:
        _score(oom, b"0")
        return pid
    try:
        channel.close()
        user, private = words.FORK_HEAD.unpack_from(payload)[0], payload[words.FORK_HEAD.size :].decode()
        locks.close_behind(private, user)
        child(fds, private)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.write(2, f"sandbox child: {error!r}\n".encode())
    finally:
        os._exit(70)


def _score(oom: int, value: bytes) -> None:
    if oom >= 0:
        with contextlib.suppress(OSError):
            os.write(oom, value)


def _answer_pid(channel: Channel, pid: int, translate: bool) -> None:
    """Tell the supervisor who was forked; credentials carry the number across PID namespaces."""
    payload = words.PID.pack(pid)
    if not translate:
        channel.send(words.FORKED, payload)
        return
    credentials = _CREDENTIALS.pack(pid, os.getuid(), os.getgid())
    channel.send(words.FORKED, payload, ancillary=[(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, credentials)])


def _end(pid: int, walls: Walls) -> bytes:
    """KILL a child with all it started, wait, and say what it used.

    In a container the children are other users, whom only the janitor can kill: it does so at the same time.
    """
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)
    try:
        _, status, usage = os.wait4(pid, 0)
    except ChildProcessError:
        return words.USAGE.pack(0, 0.0, 0.0, 0)
    if walls.level == CONTAINER and walls.candidate:
        _await_orphans()
    else:
        _sweep()
    return words.USAGE.pack(status, usage.ru_utime, usage.ru_stime, usage.ru_maxrss * _RSS_UNIT)


def _await_orphans() -> None:
    """Until nothing that a child started is left: each comes to this process when its own parent ends."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def _sweep() -> None:
    """KILL orphans this zygote inherited (none where a PID namespace did it already)."""
    for _ in range(1000):
        try:
            if os.waitpid(-1, os.WNOHANG)[0]:
                continue
        except ChildProcessError:
            return
        try:
            with open(f"/proc/self/task/{os.getpid()}/children") as file:
                children = [int(word) for word in file.read().split()]
        except OSError:
            return
        for orphan in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGKILL)
            os.waitpid(orphan, 0)
