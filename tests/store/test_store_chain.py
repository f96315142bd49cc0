"""Hash-chained logs: what goes in comes out, writers exclude each other, and no change stays hidden."""

from __future__ import annotations

import math
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from store_samples import NEW_RUN

from evolve.errors import DatabaseError, NotFound, RunBusy
from evolve.store import Holder, NewEntry, RunKind, RunStatus, Store, campaign_chain, open_store

ODD = {
    "text": "NUL \x00, SUB \x1a, lone \ud800 and ü",
    "numbers": [1, 0.1, 1e300, -0.0, 2**70],
    "none": None,
    "\x00": {},
}
CAMPAIGN = replace(NEW_RUN, kind=RunKind.CAMPAIGN)


def written(store: Store, count: int = 5, chain: str = "scaffolds") -> list[str]:
    """The heads of a log of `count` entries, "" first."""
    heads = [""]
    for number in range(count):
        heads.append(store.append_entry(chain, "approve", {"number": number, "by": "me"}, after=heads[-1]).hash)
    return heads


@contextmanager
def sql(database: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(database.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def test_entries_come_out_as_they_went_in_and_each_names_the_one_before(store: Store) -> None:
    first = store.append_entry("scaffolds", "approve", ODD, after="")
    second = store.append_entry("scaffolds", "rollback", {}, after=first.hash)
    found = store.entries("scaffolds")
    assert found == [first, second]
    assert (found[0].seq, found[0].data, found[0].previous) == (1, ODD, "")
    assert math.copysign(1.0, found[0].data["numbers"][3]) == -1.0
    assert (second.seq, second.previous) == (2, first.hash)
    assert store.entries("scaffolds", after=1) == [second]
    assert store.entries("other") == []
    assert (store.head("scaffolds"), store.head("other")) == (second.hash, "")
    assert [(row.chain, row.entries, row.head) for row in store.chains()] == [("scaffolds", 2, second.hash)]
    verified = store.verify_chain("scaffolds")
    assert (verified.ok, verified.entries, verified.head, verified.broken_at) == (True, 2, second.hash, None)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"score": math.nan}, "only finite numbers are stored"),
        ({"deep": [{"score": -math.inf}]}, "only finite numbers are stored"),
        ({"what": {1, 2}}, "holds a set, and only plain data"),
        ({"what": {1: 2}}, "has the key 1, and only text"),
    ],
)
def test_only_plain_finite_data_is_taken(tmp_path: Path, data: dict[str, Any], sentence: str) -> None:
    with open_store(tmp_path / "evolve.db", create=True) as store:
        with pytest.raises(ValueError, match=rf"entry 1 \('approve'\) of log 'scaffolds' .*{sentence}|{sentence}"):
            store.append_entry("scaffolds", "approve", data, after="")
        assert store.entries("scaffolds") == []


def test_who_has_not_seen_the_last_entry_cannot_write(store: Store) -> None:
    heads = written(store, 2)
    with pytest.raises(DatabaseError, match=r"'scaffolds' has moved on: its last entry is 2 .*read it again"):
        store.append_entry("scaffolds", "approve", {}, after=heads[1])
    with pytest.raises(DatabaseError, match="moved on"):
        store.append_entries(
            [NewEntry("scaffolds", "approve", {}, heads[2]), NewEntry("scaffolds", "rollback", {}, heads[2])]
        )
    assert len(store.entries("scaffolds")) == 2


def test_of_many_who_write_at_once_each_entry_has_one_and_the_log_is_whole(store: Store) -> None:
    def write(number: int) -> int:
        refused = 0
        while True:
            try:
                store.append_entry("scaffolds", "note", {"number": number}, after=store.head("scaffolds"))
            except DatabaseError:
                refused += 1
            else:
                return refused

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(18)))
    assert store.verify_chain("scaffolds").entries == 18
    assert sorted(entry.data["number"] for entry in store.entries("scaffolds")) == list(range(18))


def test_the_log_of_a_campaign_is_written_by_who_holds_its_run(store: Store) -> None:
    run_id, holder = store.create_run(CAMPAIGN), Holder.here()
    chain = campaign_chain(run_id)
    with pytest.raises(RunBusy, match=rf"log of run {run_id} is written by the process that holds"):
        store.append_entry(chain, "scaffold", {}, after="")
    store.acquire(run_id, holder)
    head = store.append_entry(chain, "scaffold", {}, after="").hash
    store.release(run_id, holder, RunStatus.INTERRUPTED, "")
    with pytest.raises(RunBusy):
        store.append_entry(chain, "trial", {}, after=head)
    with pytest.raises(NotFound, match="no run 99"):
        store.append_entry("campaign:99", "scaffold", {}, after="")
    with pytest.raises(DatabaseError, match="belongs to no campaign"):
        store.append_entry("campaign:x", "scaffold", {}, after="")
    assert len(store.entries(chain)) == 1


def test_who_lost_the_run_of_a_campaign_writes_nothing_more(store: Store, database: str) -> None:
    run_id = store.create_run(CAMPAIGN)
    store.acquire(run_id, Holder("another-host", 1, "12345"))
    head = store.append_entry(campaign_chain(run_id), "scaffold", {}, after="").hash
    with sql(database) as connection:
        connection.exec_driver_sql("UPDATE runs SET lease_token = 'of another'")
    with pytest.raises(RunBusy, match="no longer held"):
        store.append_entry(campaign_chain(run_id), "scaffold", {}, after=head)


def test_several_logs_are_written_together_or_not_at_all(store: Store, database: str) -> None:
    first, second = store.create_run(CAMPAIGN), store.create_run(CAMPAIGN)
    entries = [NewEntry(campaign_chain(run), "quarantined", {"numbers": [1]}, "") for run in (second, first)]
    stale = NewEntry("scaffolds", "quarantine", {}, "0" * 64)
    with pytest.raises(DatabaseError, match="moved on"):
        store.append_entries([*entries, stale], unheld=True)
    with pytest.raises(RunBusy, match="written by the process that holds the run"):
        store.append_entries([*entries, replace(stale, after="")])
    with open_store(database, create=False) as working:
        working.acquire(second, Holder.here())
        with pytest.raises(RunBusy, match=rf"run {second} is being written by process {os.getpid()} .*; stop it"):
            store.append_entries([*entries, replace(stale, after="")], unheld=True)
        assert store.chains() == []
        head = working.append_entry(campaign_chain(second), "scaffold", {}, after="").hash
    with sql(database) as connection:
        connection.exec_driver_sql("UPDATE runs SET lease_process = 'of a process that was killed'")
    added = store.append_entries([replace(entries[0], after=head), entries[1], replace(stale, after="")], unheld=True)
    assert [(entry.chain, entry.seq) for entry in added] == [("campaign:2", 2), ("campaign:1", 1), ("scaffolds", 1)]
    assert all(store.verify_chain(summary.chain).ok for summary in store.chains())
    with pytest.raises(DatabaseError, match="moved on"):  # what was killed and did not notice
        store.append_entry("scaffolds", "approve", {}, after="")


TEXTS = ("at", "kind", "data", "previous", "hash")


def changed(text: str, every: int) -> list[str]:
    """The text with one in `every` of its characters changed, with one taken away, and with one added."""
    places = {*range(0, len(text), every), len(text) - 1} if text else set()
    flipped = [text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :] for place in sorted(places)]
    return [*flipped, *([text[:-1]] if text else []), f"{text} "]


@pytest.mark.parametrize("every", [16, pytest.param(1, marks=pytest.mark.slow)])
def test_a_flipped_byte_in_any_column_of_any_row_is_found(store: Store, database: str, every: int) -> None:
    heads = written(store, 3)
    tried = 0
    engine = sa.create_engine(database.replace("postgresql:", "postgresql+psycopg:"))
    for column in TEXTS:
        update = sa.text(f"UPDATE chain_entries SET {column} = :value WHERE seq = :seq")
        for seq in (1, 2, 3):
            with engine.begin() as connection:
                text = connection.scalar(sa.text(f"SELECT {column} FROM chain_entries WHERE seq = {seq}"))
            for value in changed(text, every):
                with engine.begin() as connection:
                    connection.execute(update, {"value": value, "seq": seq})
                found = store.verify_chain("scaffolds")
                assert (found.ok, found.broken_at, found.entries, found.head) == (False, seq, seq - 1, heads[seq - 1])
                tried += 1
            with engine.begin() as connection:
                connection.execute(update, {"value": text, "seq": seq})
    engine.dispose()
    assert store.verify_chain("scaffolds").ok
    assert tried > 500 / every


@pytest.mark.parametrize("every", [29, pytest.param(2, marks=pytest.mark.slow)])
@pytest.mark.parametrize("seq", [1, 2, 3])
def test_a_flipped_byte_of_the_file_itself_is_found_wherever_it_is_in_an_entry(
    tmp_path: Path, seq: int, every: int
) -> None:
    path = tmp_path / "evolve.db"
    with open_store(path, create=True) as store:
        written(store, 3)
        row = store.entries("scaffolds")[seq - 1]
    at, number = row.at.isoformat(timespec="microseconds"), ["", "\x02", "\x03"][seq - 1]
    record = f'scaffolds{number}{at}approve{{"by":"me","number":{seq - 1}}}{row.previous}{row.hash}'.encode()
    whole = path.read_bytes()
    assert whole.count(record) == 1
    begin = whole.index(record)
    for place in {*range(begin, begin + len(record), every), begin + len(record) - 1}:
        for bit in (1, 128):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
            with open_store(path, create=False, read_only=True) as store:
                found = store.verify_chain("scaffolds")
            assert not found.ok, (place - begin, bit)
            assert found.broken_at in (1, seq)
    path.write_bytes(whole)
    with open_store(path, create=False, read_only=True) as store:
        assert store.verify_chain("scaffolds").ok


def test_every_moved_missing_or_swapped_entry_is_found(store: Store, database: str) -> None:
    heads = written(store, 4)
    for statement, broken, reason in [
        (
            "UPDATE chain_entries SET seq = 9 WHERE seq = 4",
            4,
            "entry 4 is missing: the next one there is has the number 9",
        ),
        ("UPDATE chain_entries SET seq = -seq WHERE seq = 2", 1, "entry 1 is missing"),
        ("UPDATE chain_entries SET chain = 'other' WHERE seq = 1", 1, "entry 1 is missing"),
        ("UPDATE chain_entries SET chain = 'other' WHERE seq = 3", 3, "entry 3 is missing"),
        ("UPDATE chain_entries SET chain = 'other' WHERE seq = 4", 4, "entry 4 of log 'other' follows it"),
        ("DELETE FROM chain_entries WHERE seq = 1", 1, "entry 1 is missing"),
        ("DELETE FROM chain_entries WHERE seq = 2", 2, "entry 2 is missing"),
        ("UPDATE chain_entries SET seq = CASE seq WHEN 2 THEN 103 ELSE 102 END WHERE seq IN (2, 3)", 2, "is missing"),
    ]:
        with sql(database) as connection:
            rows = connection.exec_driver_sql("SELECT * FROM chain_entries").mappings().all()
        with sql(database) as connection:
            connection.exec_driver_sql(statement)
            if "CASE" in statement:
                connection.exec_driver_sql("UPDATE chain_entries SET seq = seq - 100 WHERE seq > 100")
                reason = "entry 2 does not follow the one before it"
        found = store.verify_chain("scaffolds")
        assert not found.ok, statement
        assert found.broken_at == broken
        assert reason in found.reason
        with sql(database) as connection:
            connection.exec_driver_sql("DELETE FROM chain_entries")
            for row in rows:
                connection.execute(sa.insert(sa.table("chain_entries", *map(sa.column, row))).values(**row))
        assert store.verify_chain("scaffolds", heads[-1]).ok


def test_a_tail_that_was_cut_off_shows_against_a_head_that_was_written_down(store: Store, database: str) -> None:
    heads = written(store, 4)
    assert all(store.verify_chain("scaffolds", head).ok for head in heads)
    with sql(database) as connection:
        connection.exec_driver_sql("DELETE FROM chain_entries WHERE seq > 2")
    assert store.verify_chain("scaffolds").ok
    assert store.verify_chain("scaffolds", heads[2]).ok
    found = store.verify_chain("scaffolds", heads[3])
    assert (found.ok, found.broken_at, found.entries) == (False, 3, 2)
    assert "was cut off" in found.reason
    # Writing the tail anew, with true hashes, does not help.
    store.append_entry("scaffolds", "approve", {"number": 2, "by": "you"}, after=heads[2])
    assert not store.verify_chain("scaffolds", heads[3]).ok


def test_bytes_that_are_no_text_are_found_and_not_stumbled_over(tmp_path: Path) -> None:
    with open_store(tmp_path / "evolve.db", create=True) as store:
        written(store, 3)
        for column in TEXTS:
            with sql(f"sqlite:///{tmp_path / 'evolve.db'}") as connection:
                statement = f"UPDATE chain_entries SET {column} = CAST(x'ff00' || {column} AS TEXT) WHERE seq = 2"
                connection.exec_driver_sql(statement)
            assert store.verify_chain("scaffolds").broken_at == 2


def test_what_was_changed_is_not_read_as_if_nothing_were(store: Store, database: str) -> None:
    written(store, 2)
    with sql(database) as connection:
        connection.exec_driver_sql("UPDATE chain_entries SET data = '{' WHERE seq = 2")
    with pytest.raises(DatabaseError, match=r"entry 2 of log 'scaffolds' was changed after it was written"):
        store.entries("scaffolds")


WRITER = """
import itertools, sys
from evolve.domain import Program
from evolve.store import Holder, campaign_chain, open_store
with open_store(sys.argv[1], create=False) as store:
    run_id = int(sys.argv[2])
    chain = campaign_chain(run_id)
    store.acquire(run_id, Holder.here())
    assert store.verify_chain(chain).ok
    head, first = store.head(chain), len(store.entries(chain))
    print("start", first, flush=True)
    for number in itertools.count(first):
        program = Program.of({"scaffold.toml": f"number = {number}"})
        digest = store.keep_program(program)
        head = store.append_entry(chain, "scaffold", {"number": number, "digest": digest}, after=head).hash
"""


@pytest.mark.slow
def test_kill_at_any_moment_leaves_a_whole_log_of_programs_that_are_there(store: Store, database: str) -> None:
    draw, count = random.Random(3), 0
    run_id = store.create_run(CAMPAIGN)
    for _ in range(4):
        command = [sys.executable, "-c", WRITER, database, str(run_id)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == f"start {count}\n"
            time.sleep(draw.uniform(0.02, 0.3))
            process.kill()
        entries = store.entries(campaign_chain(run_id))
        assert store.verify_chain(campaign_chain(run_id)).entries == len(entries) >= count
        count = len(entries)
        assert [entry.data["number"] for entry in entries] == list(range(count))
        for entry in entries:
            assert store.program_by_digest(entry.data["digest"]).digest == entry.data["digest"]
    assert count > 10
