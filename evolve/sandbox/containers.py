"""How a slot's container is made: its users, its walls, its limits; and which of them the daemon really put up."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from evolve.domain import Limits
from evolve.sandbox.line import ENVIRONMENT

_FIRST, _LAST = 10_000, 65_000
"""Throw-away users: above an image's own, and below 65536 because rootless daemons map no more."""
_MOST_PER_SLOT = 4_000

OWN_MEMORY = 1792 * 1024**2
"""Bytes beyond a program's limit: two interpreters with what they preload, the evaluator at work, and the tmpfs mounts,
which the kernel counts as memory. A program's own limit is kept from inside; this is what holds if that fails."""
OWN_PROCESSES = 64
CPUS = 2.0
"""A quota below 1.5 processors throttles three processes that hand over to each other: p90 21 ms an evaluation instead
of 10."""
_LEAST_CPUS = 1.0
_NANO = 1_000_000_000

_CANDIDATES_TMPFS = "rw,exec,nosuid,nodev,size=64m,mode=1777"
_NAMES = "nr_inodes=4096"
_EVALUATORS_TMPFS = "rw,nosuid,nodev,size=256m,nr_inodes=65536,mode=700"


@dataclass(frozen=True, slots=True)
class Users:
    """Who lives in a container: the evaluator, the janitor, and `count` throw-away users from `first` on."""

    evaluator: int
    janitor: int
    first: int
    count: int

    def as_json(self) -> dict[str, int]:
        """As the guest wants it."""
        return asdict(self)


def users_of(serial: int, at_once: int) -> Users:
    """The users of the `serial`th container of `at_once` that live at a time, give or take those just leaving.

    Each has a range of its own: the kernel counts processes per user across containers.
    """
    ranges = 2 * at_once + 2
    size = min(_MOST_PER_SLOT, (_LAST - _FIRST) // ranges)
    # Two engines on one machine seldom begin at the same place.
    start = _FIRST + (os.getpid() * 7919 + serial * size) % (_LAST - _FIRST - size)
    return Users(start, start + 1, start + 2, size - 2)


def options(
    api: Any, users: Users, limits: Limits, runtime: str | None, without: frozenset[str], nano_cpus: int | None
) -> dict[str, Any]:
    """Arguments of `create_container` that wall a slot in; `nano_cpus` as `cpus` says."""
    names = "" if "inodes" in without else f",{_NAMES}"
    memory = limits.memory + OWN_MEMORY
    host = api.create_host_config(
        auto_remove=True,
        network_mode="bridge" if "network" in without else "none",
        ipc_mode="private",
        read_only="read_only" not in without,
        cap_drop=["ALL"],
        cap_add=["SETUID", "SETGID"],
        security_opt=["no-new-privileges:true"],
        pids_limit=None if "pids" in without else limits.processes + OWN_PROCESSES,
        mem_limit=None if "memory" in without else memory,
        memswap_limit=None if "memory" in without else memory,
        nano_cpus=nano_cpus,
        tmpfs={
            "/tmp": f"{_CANDIDATES_TMPFS}{names}",
            "/dev/shm": f"{_CANDIDATES_TMPFS}{names}",
            "/evaluator": f"{_EVALUATORS_TMPFS},uid={users.evaluator},gid={users.evaluator}",
        },
        ulimits=[{"Name": "core", "Soft": 1, "Hard": 1}, {"Name": "nofile", "Soft": 1024, "Hard": 1024}],
        log_config={"Type": "none"},  # or the daemon would write every frame to a file
        runtime=runtime,
    )
    return {
        "detach": False,
        "stdin_open": True,  # and once: when the engine hangs up, for whatever reason, stdin ends and so does the slot
        "tty": False,
        "stop_signal": "SIGKILL",  # process 1 hears no other, and a daemon that stops need not wait for it
        "user": "0:0",
        "hostname": "sandbox",
        "working_dir": "/",
        "environment": ENVIRONMENT,
        "entrypoint": [],
        "network_disabled": "network" not in without,
        "host_config": host,
    }


def host_layers(api: Any, container: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which of a container's own walls and limits stand and which are missing, as the daemon has them."""
    found = api.inspect_container(container)
    host = found["HostConfig"]
    layers = {
        "container without network": host["NetworkMode"] == "none",
        "read-only root": host["ReadonlyRootfs"] is True,
        "capabilities SETUID and SETGID only": host["CapDrop"] == ["ALL"] and len(host["CapAdd"]) == 2,
        "no new privileges": any("no-new-privileges" in option for option in host["SecurityOpt"] or ()),
        "memory cgroup": host["Memory"] > 0,
        "pids cgroup": bool(host["PidsLimit"]),
        "limit on processors": bool(host["NanoCpus"]),
    }
    held = [name for name, stands in layers.items() if stands]
    runtime = host.get("Runtime") or ""
    if runtime not in ("", "runc"):
        held.append(f"runtime {runtime}")
    return tuple(held), tuple(name for name in layers if name not in held)


def cpus(info: Mapping[str, Any]) -> int | None:
    """A slot's share of the processors, in billionths; None for a daemon that refuses one, as rootless ones may."""
    if not info.get("CpuCfsQuota", True):
        return None
    return int(max(_LEAST_CPUS, min(CPUS, float(info.get("NCPU", CPUS)))) * _NANO)
