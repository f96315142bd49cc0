"""Starting a zygote: behind namespaces when they are to be had, as a plain fork otherwise."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass

from evolve_guest import jail, kernel, words
from evolve_guest.wire import Channel, Closed

PATIENCE = 10.0
"""Seconds a zygote may take to fork or to end a child before the whole slot is given up (measured: 2 ms)."""
START_PATIENCE = 120.0
"""Seconds preloading may take."""

Body = Callable[[Channel, jail.Walls], None]


class Refused(Exception):
    """This level of isolation is not to be had here; the text says why."""


class Failed(Exception):
    """Foreign code (a preloaded module, the author's evaluator) fails in the zygote."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: wait status, CPU seconds, peak resident bytes."""

    status: int
    cpu: float
    rss: int


class Zygote:
    """The supervisor's handle on a process that forks."""

    def __init__(self, walls: jail.Walls, body: Body) -> None:
        """Start it and wait until it is up. Raises Refused, Failed."""
        ours, theirs = socket.socketpair()
        if hasattr(socket, "SO_PASSCRED"):
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.walls = walls
        self._channel = Channel(ours)
        self._process = os.fork()
        if self._process == 0:
            _run(theirs, walls, body)
        theirs.close()
        ours.settimeout(START_PATIENCE)
        try:
            self.greeting = self._come_up()
        except BaseException:
            self.kill()
            raise
        ours.settimeout(PATIENCE)

    def _come_up(self) -> bytes:
        try:
            kind, payload, _ = self._channel.receive()
            if kind == words.MAP_ME:
                self._write_maps()
                self._channel.send(words.MAP_ME)
                kind, payload, _ = self._channel.receive()
        except Closed:
            raise Refused("the zygote died while it was starting") from None
        except TimeoutError:
            raise Failed(f"preloading took longer than {START_PATIENCE:g} s") from None
        if kind == words.UP:
            return payload
        raise (Refused if kind == words.REFUSED else Failed)(payload.decode())

    def _write_maps(self) -> None:
        outer = self.walls.outer
        group = outer if os.geteuid() == 0 else os.getegid()
        try:
            for name, text in (("setgroups", "deny"), ("uid_map", f"0 {outer} 1"), ("gid_map", f"0 {group} 1")):
                with open(f"/proc/{self._process}/{name}", "w") as file:
                    file.write(text)
        except OSError as error:
            raise Refused(f"the user map cannot be written: {error}") from None

    @property
    def pid(self) -> int:
        """The process that forks: what its children leave behind comes to it, unless namespaces hold them."""
        return self._process

    def fork(self, fds: list[int], private: str, user: int = 0) -> None:
        """Ask for a child, as a throw-away `user` unless that is 0; `forked` has the answer."""
        self._channel.send(words.FORK, words.FORK_HEAD.pack(user) + private.encode(), fds)

    def forked(self) -> tuple[int, int]:
        """The child's number as the zygote sees it, and as we do."""
        _, payload, _ = self._channel.receive()
        inside: int = words.PID.unpack(payload)[0]
        confined = self.walls.level == jail.NAMESPACES and self.walls.candidate
        return inside, self._channel.sender if confined else inside

    def end(self, inside: int) -> None:
        """Ask to KILL a child and all it started; `ended` has the answer."""
        self._channel.send(words.END, words.PID.pack(inside))

    def ended(self) -> Ended:
        """Wait for the end of a child."""
        status, user, system, rss = words.USAGE.unpack(self._channel.receive()[1])
        return Ended(status, user + system, rss)

    def kill(self) -> None:
        """End the zygote and, where namespaces hold them, all its children."""
        self._channel.close()
        try:
            os.kill(self._process, signal.SIGKILL)
        except ProcessLookupError:
            pass
        except PermissionError:
            return  # another user's, in a container: it ends with process 1, which is about to
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._process, 0)


def _run(theirs: socket.socket, walls: jail.Walls, body: Body) -> None:
    """The zygote's own life. Never returns."""
    channel = _keep_only(theirs)
    try:
        if walls.level == jail.NAMESPACES:
            jail.leave_namespaces(walls)
            channel.send(words.MAP_ME)
            channel.receive()
            if walls.candidate:
                _become_first(channel)
        elif sys.platform == "linux":
            kernel.die_with_parent()
        if sys.platform == "linux":
            kernel.adopt_orphans()
        body(channel, walls)
    except Closed:
        pass
    except BaseException as error:
        with contextlib.suppress(Closed):
            channel.send(words.REFUSED, f"{type(error).__name__}: {error}".encode())
    finally:
        os._exit(0)


def _keep_only(theirs: socket.socket) -> Channel:
    """Drop every inherited descriptor but the channel and the log on 2."""
    os.dup2(theirs.fileno(), 3)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    theirs.detach()
    os.closerange(4, 1024)
    return Channel(socket.socket(fileno=3))


def _become_first(channel: Channel) -> None:
    """Go on as process 1 of the new PID namespace; this one only waits, and dies with its parent."""
    kernel.die_with_parent()
    pid = os.fork()
    if pid:
        channel.close()
        os.waitpid(pid, 0)
        os._exit(0)
