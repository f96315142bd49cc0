"""The two zygotes' own set-up: what each sees, imports and forks into."""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any

from evolve_guest import candidate, container, evaluator, jail, kernel, probe, words, zygote
from evolve_guest.author import Author, AuthorError, Sealed
from evolve_guest.wire import Channel

_PAGE = os.sysconf("SC_PAGE_SIZE")
_MORE_ROOM = 64 * 1024**2
"""Address space beyond the memory limit for what is reserved and never touched (thread stacks, malloc arenas)."""


def candidate_walls(config: dict[str, Any], level: str) -> jail.Walls:
    """A candidate sees the interpreter and the system's libraries, nothing else."""
    without = frozenset(config["without"])
    if level == jail.CONTAINER:
        return jail.Walls(level, tuple(container.readable()), 0, without=without)
    moved = _moved(config, level)
    readable = _staying(config, moved)
    spawns = bool(config["command"])
    binds = tuple(moved.items())
    return jail.Walls(level, readable, config["outer"][0], binds, spawns=spawns, without=without)


def evaluator_walls(config: dict[str, Any], secret: dict[str, Any], level: str) -> jail.Walls:
    """An evaluator sees its own files, /etc and /proc besides."""
    if level == jail.CONTAINER:
        return jail.Walls(level, tuple(container.readable()), config["users"]["evaluator"], candidate=False)
    moved = _moved(config, level)
    binds = ((secret["folder"], container.PLACE), *moved.items())
    readable = (*_staying(config, moved), "/etc", "/proc", "/opt")
    return jail.Walls(level, readable, config["outer"][1], binds=binds, candidate=False)


def _moved(config: dict[str, Any], level: str) -> dict[str, str]:
    """Package folders below /tmp, and where they lie instead behind namespaces: /tmp itself is the candidate's own."""
    if level != jail.NAMESPACES:
        return {}
    below = [path for path in config["sys_path"] if os.path.realpath(path).startswith("/tmp/")]
    return {path: f"/packages/{place}" for place, path in enumerate(below)}


def _staying(config: dict[str, Any], moved: dict[str, str]) -> tuple[str, ...]:
    gone = {*moved, *map(os.path.realpath, moved)}
    return tuple(path for path in config["readable"] if path not in gone)


def _import_path(config: dict[str, Any], walls: jail.Walls) -> list[str]:
    if walls.level == jail.CONTAINER:
        return [*config["packages"], *container.packages()]
    moved = _moved(config, walls.level)
    return [moved.get(path, path) for path in config["sys_path"]]


def candidate_zygote(channel: Channel, walls: jail.Walls, config: dict[str, Any]) -> None:
    """Wall in, import, try the locks, then fork candidates for good."""
    oom, statm = zygote.open_oom_score(), _open_statm()
    packages = _import_path(config, walls)  # while links can still be followed
    _enter(walls)
    sys.path[:] = [*sys.path, *packages]
    if not _preload(channel, config["preload"]):
        return
    locks = jail.Locks(walls)
    user = config["users"]["first"] if config["users"] else 0
    private = jail.private_directory(walls.level) or config["scratch"]
    held, missing = probe.attempt(locks, private, config["hidden"], user)
    baseline = _address_space(statm) + _MORE_ROOM
    channel.send(words.UP, json.dumps({"layers": held, "missing": missing}).encode())
    oom = -1 if "oom_score" in walls.without else oom
    limited = "rlimits" not in walls.without
    zygote.serve(channel, locks, lambda fds, place: candidate.main(fds, place, baseline, limited=limited), oom)


def evaluator_zygote(channel: Channel, walls: jail.Walls, config: dict[str, Any], secret: dict[str, Any]) -> None:
    """Wall in, import the author's code, make its search cases, then fork evaluators for good."""
    packages = _import_path(config, walls)
    _enter(walls)
    if walls.level == jail.CONTAINER:
        folder = container.settle_evaluator(walls.outer, secret["files"], walls)
    else:
        folder = container.PLACE if walls.level == jail.NAMESPACES else secret["folder"]
    os.chdir(folder)
    sys.path[:] = [folder, *sys.path, *packages]
    if not _preload(channel, config["preload"]):
        return
    sealed = Sealed(
        config["entry"], config["python"], secret["case_seed"], tuple(config["build"]), tuple(config["command"])
    )
    try:
        author = Author(sealed)
    except AuthorError as error:
        channel.send(words.FAILED, str(error).encode())
        return
    channel.send(words.UP, json.dumps({"cases": len(author.cases("search"))}).encode())

    def child(fds: list[int], place: str) -> None:
        os.chdir(folder)
        jail.limit_evaluator()
        evaluator.main(author, fds)

    tidy = container.clear_evaluators if walls.level == jail.CONTAINER else None
    zygote.serve(channel, jail.Locks(walls), child, -1, tidy)


def _enter(walls: jail.Walls) -> None:
    if walls.level == jail.NAMESPACES:
        jail.build_root(walls)
        kernel.die_with_parent()


def _preload(channel: Channel, names: list[str]) -> bool:
    """Import what both sides will want; numpy's lazy parts too, for a fork to find them loaded."""
    for name in names:
        try:
            importlib.import_module(name)
            if name == "numpy":
                importlib.import_module("numpy.random")
        except Exception as error:
            reason = f"preload: {name!r} cannot be imported in the sandbox: {type(error).__name__}: {error}"
            channel.send(words.FAILED, reason.encode())
            return False
    return True


def _open_statm() -> int:
    try:
        return os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return -1


def _address_space(statm: int) -> int:
    if statm < 0:
        return 256 * 1024**2
    size = int(os.pread(statm, 256, 0).split()[0]) * _PAGE
    os.close(statm)
    return size
