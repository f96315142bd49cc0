"""Real processes writing, reading and being killed at any moment."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from store_samples import NEW_RUN, filled, steps

from evolve.store import Event, Holder, Store, open_store

WRITER = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import pytest
from store_samples import steps
from evolve.store import Event, Holder, Spent, open_store
with open_store(sys.argv[1], create=False) as store:
    run_id, stop = int(sys.argv[2]), int(sys.argv[3])
    store.acquire(run_id, Holder.here())
    start = store.next_number(run_id)
    print("start", start, flush=True)
    while start < stop:
        group = range(start, min(stop, start + 3))
        records = [record for number in group for record in steps(number, best=True, parent=number - 1)]
        store.append(run_id, [*records, Event("step", {{}}, 0.0), Spent("evaluation", len(group), "calls")])
        start = group.stop
"""


def writer(database: str, run_id: int, stop: int = 10**9) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, database, str(run_id), str(stop)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def await_start(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    word, start = process.stdout.readline().split()
    assert word == "start"
    return int(start)


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def assert_whole(store: Store, run_id: int) -> int:
    """Nothing of an append is missing; returns how many candidates there are."""
    rows = list(store.tells(run_id))
    count = len(rows)
    assert [row.number for row in rows] == list(range(count))
    assert store.untold(run_id) == []
    assert len(store.programs(run_id, range(count))) == count
    summary = store.run(run_id).summary
    valid = sum(row.objective is not None for row in rows)
    assert (summary.candidates, summary.evaluated, summary.told, summary.valid) == (count, count, count, valid)
    assert (count - 1) % 3 == 0  # the seed, then groups of three
    assert len(store.events(run_id)) == (count - 1) // 3
    assert sum(row.amount for row in store.spent(run_id)) == count - 1
    return count


@pytest.mark.slow
def test_kill_at_any_moment_leaves_whole_appends_and_the_next_process_goes_on(database: str) -> None:
    draw = random.Random(0)
    with open_store(database, create=True) as store:
        run_id = store.create_run(NEW_RUN)
        store.append(run_id, steps(0))
        count = 1
        for _ in range(4):
            process = writer(database, run_id)
            assert await_start(process) == count
            time.sleep(draw.uniform(0.02, 0.3))
            kill(process)
            left = assert_whole(store, run_id)
            assert left >= count
            count = left
        assert count > 10
        assert store.elapsed(run_id) == (count - 1) / 10


@pytest.mark.slow
def test_two_processes_write_two_runs_of_one_database_and_lose_nothing(database: str) -> None:
    with open_store(database, create=True) as store:
        runs = [filled(store, 1), filled(store, 1)]
        processes = [writer(database, run_id, stop=151) for run_id in runs]
        for process in processes:
            process.communicate(timeout=60)
            assert process.returncode == 0
        assert [assert_whole(store, run_id) for run_id in runs] == [151, 151]


def test_readers_do_not_wait_for_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "evolve.db"
    with open_store(path, create=True) as store:
        run_id = filled(store, 20)
        lock = sqlite3.connect(path, isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
        lock.execute("UPDATE runs SET name = 'unseen'")
        with open_store(path, create=False, read_only=True) as reader:
            began = time.monotonic()
            assert reader.run(run_id).summary.name == "first"
            assert len(list(reader.tells(run_id))) == len(list(store.tells(run_id))) == 20
            assert time.monotonic() - began < 5  # a blocked one would wait for 30 s
        lock.rollback()
        lock.close()


def test_many_threads_read_while_one_writes(database: str) -> None:
    with open_store(database, create=True) as store:
        run_id, holder = filled(store, 1), Holder.here()
        store.acquire(run_id, holder)
        done, faults = threading.Event(), []

        def read() -> None:
            seen = 0
            while not done.is_set():
                rows, summary = list(store.tells(run_id)), store.run(run_id).summary
                if not seen <= len(rows) <= summary.told:
                    faults.append((seen, len(rows), summary.told))
                seen = len(rows)

        threads = [threading.Thread(target=read) for _ in range(6)]
        for thread in threads:
            thread.start()
        for number in range(1, 60):
            store.append(run_id, [*steps(number), Event("step", {}, 1.0)])
        done.set()
        for thread in threads:
            thread.join()
        assert faults == []
        assert store.run(run_id).summary.told == 60


KILLS = 4
ASKER = f"""
import itertools, sys, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
from store_samples import answered, asked, steps
from evolve.store import Holder, open_store
with open_store(sys.argv[1], create=False) as store:
    run_id = int(sys.argv[2])
    store.acquire(run_id, Holder.here())
    for row in store.open_questions(run_id):
        if row.last.completion is None:  # only what has no answer is asked again
            store.append(run_id, [asked(row.number, row.last.turn)])
            print("bought", row.number, row.last.turn, flush=True)
            store.append(run_id, [answered(row.number, row.last.turn)])
    print("start 0", flush=True)
    for number in itertools.count(store.next_number(run_id)):
        for turn in (0, 1):
            store.append(run_id, [asked(number, turn)])
            print("bought", number, turn, flush=True)
            if number % 5 == 0:
                time.sleep(30)  # a slow model: the parent kills us while we wait for it
            store.append(run_id, [answered(number, turn)])
        if number % 2:
            store.append(run_id, steps(number, sum(1 for _ in store.tells(run_id))))
"""


@pytest.mark.slow
def test_kill_between_a_question_and_its_answer_loses_neither(database: str) -> None:
    draw = random.Random(1)
    bought: list[str] = []
    with open_store(database, create=True) as store:
        run_id = filled(store, 1)
        for kill in range(KILLS):
            command = [sys.executable, "-c", ASKER, database, str(run_id)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout is not None
                while (line := process.stdout.readline()) != "start 0\n":
                    bought.append(line)
                if kill % 2:
                    time.sleep(draw.uniform(0.01, 0.1))
                else:
                    while not line.startswith("bought") or int(line.split()[1]) % 5:
                        line = process.stdout.readline()
                        bought.append(line)
                process.send_signal(signal.SIGKILL)
                bought += process.stdout.readlines()
        numbers = range(1, store.next_number(run_id))
        rows = [row for number in numbers for row in store.asked(run_id, number)]
        money, told = store.money(run_id), {row.number for row in store.tells(run_id)}
        assert [row.number for row in store.open_questions(run_id)] == sorted(set(numbers) - told)
    assert len(rows) > 2 * KILLS
    assert all(row.completion is not None for row in rows[:-1])
    # Every call that began is a hand-out in the log; a process may die before it can tell us of the last one.
    handouts = {f"bought {row.number} {row.turn}\n": row.handouts for row in rows}
    missing = Counter(handouts) - Counter(bought)
    assert missing.total() <= KILLS
    assert dict(Counter(bought) - Counter(handouts)) == {}
    calls, again = sum(row.completion is not None for row in rows), sum(row.handouts - 1 for row in rows)
    assert again > 0
    assert (money.calls, money.cost) == (calls, 0.25 * calls)
    assert (money.lost, money.in_flight) == (0.5 * again, 0.5 * (len(rows) - calls))
