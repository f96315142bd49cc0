"""Attempts what a candidate must not be able to do, from behind the very locks a candidate gets."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from functools import partial

from evolve_guest import kernel
from evolve_guest.jail import NAMESPACES, Locks

_SHMGET = {"x86_64": 29, "aarch64": 194}


def attempt(locks: Locks, private: str, hidden: list[str]) -> tuple[list[str], list[str]]:
    """Fork, lock, try; the layers that held and those that are missing. `hidden` must not be seen.

    Raises OSError when a layer the level promises does not hold.
    """
    read, write = os.pipe()
    pid = locks.fork()
    if pid == 0:
        try:
            locks.close_behind(private)
            os.write(write, json.dumps(_report(locks, private, hidden)).encode())
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


def _report(locks: Locks, private: str, hidden: list[str]) -> dict[str, bool]:
    with open(os.path.join(private, "probe"), "w") as file:
        file.write("a private directory can be written")
    os.unlink(os.path.join(private, "probe"))
    return {
        "own process tree": os.getpid() == 1,
        "no network": _fails(lambda: _connect(socket.AF_INET)) and _fails(lambda: _connect(socket.AF_INET6)),
        "no view of home, project or /etc": all(_fails(partial(os.listdir, path)) for path in hidden),
        "no writes outside a private directory": all(_fails(partial(_create, path)) for path in _WRITABLE),
        "seccomp filter": locks.filter is not None and _fails(_shared_memory),
        "Landlock": locks.rules is not None,
        "private tmpfs of 64 MB": locks.walls.level == NAMESPACES,
    }


_WRITABLE = ("/", "/var/tmp", "/dev/shm/..", os.path.dirname(os.path.abspath(os.__file__)))


def _judge(locks: Locks, report: dict[str, bool]) -> tuple[list[str], list[str]]:
    held = [name for name, holds in report.items() if holds]
    missing = [name for name, holds in report.items() if not holds]
    required = {
        "namespaces": list(report)[:4],
        "landlock": list(report)[1:6],
    }.get(locks.walls.level, [])
    broken = [name for name in required if name not in held]
    if broken:
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
