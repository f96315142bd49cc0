"""Who writes a run: one live process at a time, known by host, process and a token of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from evolve.errors import NotFound, RunBusy
from evolve.store.models import Run, table_of
from evolve.store.records import RunStatus

HEARTBEAT_SECONDS = 30.0
"""A holder on another host that was silent for this long counts as gone; beat at least three times as often."""

_runs = table_of(Run)
_LEASE = (
    _runs.c.lease_host,
    _runs.c.lease_pid,
    _runs.c.lease_process,
    _runs.c.lease_token,
    _runs.c.heartbeat_at,
)


@dataclass(frozen=True, slots=True)
class Holder:
    """One process that writes a run. `process` marks its start, for process ids are used again.

    `process` is None where the system does not tell; then only heartbeats count.
    """

    host: str
    pid: int
    process: str | None
    token: str = field(default_factory=lambda: uuid.uuid4().hex)

    @classmethod
    def here(cls) -> Holder:
        """This process, with a fresh token: two holders of one process exclude each other, too."""
        return cls(host_name(), os.getpid(), process_start(os.getpid()))


@cache
def host_name() -> str:
    """A name for what shares process ids with us: host, boot and (in containers) process namespace."""
    parts = [socket.gethostname()]
    try:
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()[:8])
        parts.append(os.readlink("/proc/self/ns/pid").strip("pid:[]"))
    except OSError:
        pass  # not Linux, or hidden from us: the host's name is all there is
    return "/".join(parts)


def process_start(pid: int) -> str | None:
    """A mark of when the live process `pid` started; None when there is none, or the system does not tell."""
    if sys.platform == "linux":
        return _start_from_proc(pid)
    if sys.platform == "win32":
        return None
    found = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.strip() or None


def _start_from_proc(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # proc(5): after the name in parentheses, which may hold anything, come field 3 (state) and on; 22 is the start.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]


def holder_alive(row: Row[*tuple[Any, ...]], now: datetime) -> bool:
    """Whether the holder noted in a row of `runs`, if any, still is; `now` by the database's clock."""
    if row.lease_token is None:
        return False
    if row.lease_host == host_name() and row.lease_process is not None:
        return process_start(int(row.lease_pid)) == str(row.lease_process)
    return bool(now - row.heartbeat_at < timedelta(seconds=HEARTBEAT_SECONDS))


def database_now(connection: Connection) -> datetime:
    """The time by the database's clock, which all its clients share."""
    now: datetime | None = connection.scalar(select(func.current_timestamp()))
    assert now is not None
    return now.replace(tzinfo=UTC) if now.tzinfo is None else now.astimezone(UTC)


def take(connection: Connection, run_id: int, holder: Holder) -> None:
    """Note `holder` as the run's writer, and the run as running.

    Raises NotFound, or RunBusy when a live process holds it.
    """
    row = connection.execute(select(*_LEASE).where(_runs.c.id == run_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound(f"there is no run {run_id}")
    now = database_now(connection)
    if row.lease_token != holder.token and holder_alive(row, now):
        raise RunBusy(
            f"run {run_id} is being written by process {row.lease_pid} on {row.lease_host} "
            f"(last heard of {max(0, round((now - row.heartbeat_at).total_seconds()))} s ago); "
            "wait for it, stop it, or start another run"
        )
    connection.execute(
        update(_runs)
        .where(_runs.c.id == run_id)
        .values(
            lease_host=holder.host,
            lease_pid=holder.pid,
            lease_process=holder.process,
            lease_token=holder.token,
            heartbeat_at=now,
            status=RunStatus.RUNNING.value,
            stop_reason="",
            ended_at=None,
        )
    )


def beat(connection: Connection, run_id: int, holder: Holder) -> None:
    """Note that `holder` is alive. Raises RunBusy when the run is no longer its own."""
    _change(connection, run_id, holder, {"heartbeat_at": database_now(connection)})


def give_back(connection: Connection, run_id: int, holder: Holder, status: RunStatus, reason: str) -> None:
    """End the holding and note what became of the run. Raises RunBusy when the run is no longer `holder`'s own."""
    ended = {"status": status.value, "stop_reason": reason, "ended_at": database_now(connection)}
    free = dict.fromkeys(("lease_host", "lease_pid", "lease_process", "lease_token", "heartbeat_at"))
    _change(connection, run_id, holder, {**free, **ended})


def _change(connection: Connection, run_id: int, holder: Holder, values: dict[str, Any]) -> None:
    mine = (_runs.c.id == run_id) & (_runs.c.lease_token == holder.token)
    if connection.execute(update(_runs).where(mine).values(values)).rowcount == 0:
        raise lost(run_id)


def require(connection: Connection, run_id: int, token: str | None, *, unheld: bool = False) -> None:
    """Lock the run's row and see that it is held under `token`; or, with `unheld`, that no live process holds it.

    Raises NotFound, or RunBusy when it is otherwise.
    """
    row = connection.execute(select(*_LEASE).where(_runs.c.id == run_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound(f"there is no run {run_id}")
    if token is not None:
        if row.lease_token != token:
            raise lost(run_id)
    elif not unheld:
        raise RunBusy(f"the log of run {run_id} is written by the process that holds the run, which this one does not")
    elif holder_alive(row, database_now(connection)):
        raise RunBusy(
            f"run {run_id} is being written by process {row.lease_pid} on {row.lease_host}; stop it, repeat this "
            "command, and let it go on by the same command as before"
        )


def lost(run_id: int) -> RunBusy:
    """The error of a holder whose run was taken over."""
    return RunBusy(f"run {run_id} is no longer held by this process: it was silent too long and another one took over")
