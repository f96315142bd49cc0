"""One live writer per run: who may take a run over, who may not, and what the loser notices."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from store_samples import NEW_RUN, steps

from evolve.errors import NotFound, RunBusy
from evolve.store import Event, Holder, RunStatus, Store

HOLD = """
import sys
from evolve.store import Holder, open_store
with open_store(sys.argv[1], create=False) as store:
    store.acquire(int(sys.argv[2]), Holder.here())
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holding_process(database: str, run_id: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLD, database, str(run_id)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.stdin.close()
        process.stdout.close()
        process.kill()
        process.wait()


def age_heartbeat(database: str, seconds: int) -> None:
    """Let a heartbeat be older than it is."""
    engine = sa.create_engine(database.replace("postgresql:", "postgresql+psycopg:"))
    ago = {
        "sqlite": f"strftime('%Y-%m-%d %H\\:%M\\:%S.000000', 'now', '-{seconds} seconds')",
        "postgresql": f"now() - interval '{seconds} seconds'",
    }
    with engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE runs SET heartbeat_at = {ago[engine.dialect.name]}"))
    engine.dispose()


def test_a_run_of_a_living_process_is_busy_and_free_the_moment_it_is_killed(store: Store, database: str) -> None:
    run_id = store.create_run(NEW_RUN)
    mine = Holder.here()
    with holding_process(database, run_id) as other:
        assert store.run(run_id).status is RunStatus.RUNNING
        with pytest.raises(RunBusy, match=rf"run {run_id} is being written by process {other.pid} on .*; wait for it"):
            store.acquire(run_id, mine)
        other.kill()
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)  # dead and not yet buried: a zombie holds nothing
        assert store.run(run_id).status is RunStatus.INTERRUPTED
        store.acquire(run_id, mine)
    assert store.run(run_id).status is RunStatus.RUNNING


def test_two_holders_of_one_process_exclude_each_other_until_the_release(store: Store) -> None:
    run_id = store.create_run(NEW_RUN)
    first, second = Holder.here(), Holder.here()
    store.acquire(run_id, first)
    store.acquire(run_id, first)
    with pytest.raises(RunBusy):
        store.acquire(run_id, second)
    with pytest.raises(RunBusy, match="no longer held"):
        store.release(run_id, second, RunStatus.FINISHED, "not its to release")
    store.release(run_id, first, RunStatus.INTERRUPTED, "Ctrl-C")
    row = store.run(run_id)
    assert (row.status, row.stop_reason) == (RunStatus.INTERRUPTED, "Ctrl-C")
    assert row.ended is not None
    store.acquire(run_id, second)
    assert store.run(run_id).ended is None


def test_a_holder_elsewhere_counts_as_alive_while_it_is_heard_of(store: Store, database: str) -> None:
    run_id = store.create_run(NEW_RUN)
    elsewhere = Holder("another-host", 1, "12345")
    store.acquire(run_id, elsewhere)
    with pytest.raises(RunBusy, match="another-host"):
        store.acquire(run_id, Holder.here())
    age_heartbeat(database, 20)
    store.heartbeat(run_id, elsewhere, elapsed=12.5)
    assert store.elapsed(run_id) == 12.5
    age_heartbeat(database, 20)
    with pytest.raises(RunBusy, match=r"2\d s ago"):
        store.acquire(run_id, Holder.here())
    age_heartbeat(database, 31)
    assert store.run(run_id).status is RunStatus.INTERRUPTED
    store.acquire(run_id, Holder.here())


def test_a_process_that_lost_its_run_writes_nothing_more(store: Store, database: str) -> None:
    run_id = store.create_run(NEW_RUN)
    slept = Holder("another-host", 1, "12345")
    store.acquire(run_id, slept)
    store.append(run_id, steps(0))
    age_heartbeat(database, 3600)
    with holding_process(database, run_id):
        for write in (
            lambda: store.append(run_id, steps(1)),
            lambda: store.append(run_id, [Event("note", {}, 1.0)]),
            lambda: store.heartbeat(run_id, slept),
            lambda: store.release(run_id, slept, RunStatus.FINISHED, ""),
        ):
            with pytest.raises(RunBusy, match="no longer held"):
                write()
        assert store.next_number(run_id) == 1
        assert store.run(run_id).status is RunStatus.RUNNING


def test_of_many_who_want_a_run_at_once_one_gets_it_and_the_others_hear_it_is_busy(store: Store) -> None:
    def want(run_id: int) -> type[Exception] | None:
        try:
            store.acquire(run_id, Holder.here())
        except Exception as error:
            return type(error)
        return None

    with ThreadPoolExecutor(6) as pool:
        for _ in range(15):
            run_id = store.create_run(NEW_RUN)
            heard = list(pool.map(want, [run_id] * 6))
            assert sorted(heard, key=str) == [RunBusy] * 5 + [None]


def test_a_run_that_is_not_there_cannot_be_held(store: Store) -> None:
    with pytest.raises(NotFound, match="no run 5"):
        store.acquire(5, Holder.here())
