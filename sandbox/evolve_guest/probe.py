"""Attempts what a candidate must not be able to do, from behind the very locks a candidate gets."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from functools import partial

from evolve_guest import kernel
from evolve_guest.jail import CONTAINER, LANDLOCK, NAMESPACES, Locks

_SHMGET = {"x86_64": 29, "aarch64": 194}


OWN_TREE, NO_NETWORK, NO_VIEW = "own process tree", "no network", "no view of home, project or /etc"
NO_WRITES, FILTER, RULES = "no writes outside a private directory", "seccomp filter", "Landlock"
OWN_USER = "a throw-away user per program"
_PROMISED = {
    CONTAINER: (OWN_USER, NO_NETWORK, NO_WRITES),
    NAMESPACES: (OWN_TREE, NO_NETWORK, NO_VIEW, NO_WRITES),
    LANDLOCK: (NO_NETWORK, NO_VIEW, NO_WRITES, FILTER, RULES),
}
"""What a level is nothing without."""


def attempt(locks: Locks, private: str, hidden: list[str], user: int = 0) -> tuple[list[str], list[str]]:
    """Fork, lock, try; the layers that held and those that are missing. `hidden` must not be seen.

    Raises OSError when a layer the level promises does not hold.
    """
    read, write = os.pipe()
    pid = locks.fork()
    if pid == 0:
        try:
            locks.close_behind(private, user)
            os.write(write, json.dumps(_report(locks, private, hidden, user)).encode())
        except BaseException as error:
            os.write(write, json.dumps({"error": repr(error)}).encode())
        finally:
            os._exit(0)
    os.close(write)
    raw = b""
    while chunk := os.read(read, 65536):
        raw += chunk
    os.close(read)
    os.waitpid(pid, 0)
    locks.renew_private()
    report = json.loads(raw or '{"error": "the probe died"}')
    if "error" in report:
        raise OSError(f"the probe behind the locks failed: {report['error']}")
    return _judge(locks, report)


def _report(locks: Locks, private: str, hidden: list[str], user: int) -> dict[str, bool]:
    with open(os.path.join(private, "probe"), "w") as file:
        file.write("a private directory can be written")
    os.unlink(os.path.join(private, "probe"))
    own = (
        {OWN_USER: user != 0 and os.getresuid() == os.getresgid() == (user, user, user)}
        if locks.walls.level == CONTAINER
        else {OWN_TREE: os.getpid() == 1}
    )
    return {
        **own,
        NO_NETWORK: _fails(lambda: _connect(socket.AF_INET)) and _fails(lambda: _connect(socket.AF_INET6)),
        NO_VIEW: all(_fails(partial(os.listdir, path)) for path in hidden),
        NO_WRITES: all(_fails(partial(_create, path)) for path in _WRITABLE),
        FILTER: locks.filter is not None and _fails(_shared_memory),
        RULES: locks.rules is not None,
        "private tmpfs of 64 MB": locks.walls.level in (CONTAINER, NAMESPACES),
    }


_WRITABLE = ("/", "/var/tmp", "/dev/shm/..", os.path.dirname(os.path.abspath(os.__file__)))


def _judge(locks: Locks, report: dict[str, bool]) -> tuple[list[str], list[str]]:
    held = [name for name, holds in report.items() if holds]
    missing = [name for name, holds in report.items() if not holds]
    broken = [name for name in _PROMISED.get(locks.walls.level, ()) if name not in held]
    if broken and "probe" not in locks.walls.without:
        raise OSError(f"the probe found that these do not hold: {', '.join(broken)}")
    return held, missing


def _fails(action: Callable[[], object]) -> bool:
    try:
        action()
    except OSError:
        return True
    return False


def _connect(family: int) -> None:
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.connect(("192.0.2.1" if family == socket.AF_INET else "2001:db8::1", 9))  # documentation addresses


def _create(directory: str) -> None:
    path = os.path.join(directory, f".evolve-probe-{os.getpid()}")
    with open(path, "x"):
        os.unlink(path)


def _shared_memory() -> None:
    kernel.syscall("shmget", _SHMGET[os.uname().machine], 0, 4096, 0o600)
