"""What people decide about scaffolds: who may become the default, what is taken out for good, and what is refused."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from evolve.domain import Direction, Program
from evolve.errors import DatabaseError, EvolveError, NotFound, RunBusy, ScaffoldError
from evolve.genome import folder
from evolve.meta.entries import Entry, Finished, Held, Started, from_plain, kind_of, to_plain
from evolve.meta.promotion import (
    approve,
    check_approvable,
    descendants,
    other_verdicts,
    quarantine,
    read_campaign,
    release,
    rollback,
)
from evolve.meta.records import Certificate, Contest, Member, Suite, SuiteProblem, Use
from evolve.meta.settings import CampaignSettings
from evolve.meta.standing import check_usable, default_scaffold, read_standing
from evolve.meta.verifying import verify_campaign
from evolve.store import Holder, NewRun, RunKind, RunStatus, Store, campaign_chain, open_store

SUITE = Suite("pair", 8, (SuiteProblem("one", "/one", Use.SEARCH, 1.0), SuiteProblem("two", "/two", Use.SEALED, 1.0)))
CONTEST = Contest({"two": 0.1}, 0.1, 0.03, 0.03, 0.05, 0.15, 0.95)
ZERO = folder.zero()


def scaffold(number: int, note: str = "") -> Program:
    """Scaffold zero, or a small one: nobody runs it here."""
    return Program.of({"scaffold.toml": f"# {number} {note}\n"}) if number else ZERO.program


def member(number: int, parent: int | None, note: str = "", base: Program | None = None) -> Member:
    made = base if base is not None and parent is None else scaffold(number, note)
    return Member(number, made.digest, parent, f"idea {number}", "m", None)


def certificate(number: int, granted: bool = True) -> Certificate:
    reasons = () if granted else ("p is 0.21, which is not below 0.05",)
    return Certificate(number, 0, CONTEST, None, 0.05, 4, 64, granted, reasons, 0.2)


def campaign(
    store: Store,
    parents: Sequence[int | None] = (None, 0, 1, 0),
    *entries: Entry,
    note: str = "",
    base: int = 0,
    control_of: int | None = None,
) -> int:
    """A campaign whose scaffold n is a child of `parents[n]`, and then these entries; nobody holds it any more."""
    first = scaffold(base)
    members = [member(number, parent, note, first) for number, parent in enumerate(parents)]
    new = NewRun("pair", "pair", "", "suite", "area", Direction.MAXIMIZE, 1, {}, "settings", kind=RunKind.CAMPAIGN)
    run_id, holder = store.create_run(replace(new, campaign=control_of)), Holder.here()
    for program in (first, *(scaffold(each.number, note) for each in members[1:])):
        store.keep_program(program)
    store.acquire(run_id, holder)
    write(store, run_id, Started(SUITE, CampaignSettings(), first.digest, 1, {}), *members, *entries)
    store.release(run_id, holder, RunStatus.FINISHED, "done")
    return run_id


def write(store: Store, run_id: int, *entries: Entry) -> None:
    chain = campaign_chain(run_id)
    for entry in entries:
        store.append_entry(chain, kind_of(entry), to_plain(entry), after=store.head(chain))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "evolve.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with open_store(path, create=True) as opened:
        yield opened


def test_a_certified_scaffold_becomes_the_default_and_the_one_before_comes_back(store: Store) -> None:
    first = campaign(store, (None, 0, 1, 0), certificate(2), Finished("done"))
    second = campaign(store, (None, 0), certificate(1), note="other")
    assert default_scaffold(store) is None
    two, other = scaffold(2).digest, scaffold(1, "other").digest
    assert approve(store, two[:12], first, 2, "ann") == two
    assert default_scaffold(store) == two
    with pytest.raises(ScaffoldError, match="is the default already"):
        approve(store, two, first, 2, "ann")
    approve(store, other, second, 1, "bob")
    assert default_scaffold(store) == other
    assert rollback(store, "cleo", "it asks for too much") == two == default_scaffold(store)
    assert rollback(store, "cleo") is None is default_scaffold(store)
    with pytest.raises(ScaffoldError, match="nothing to go back to: the default is scaffold zero"):
        rollback(store, "cleo")
    history = [(each.kind, each.by, each.digest, each.default, each.reason) for each in read_standing(store).history]
    assert history == [
        ("approve", "ann", two, two, ""),
        ("approve", "bob", other, other, ""),
        ("rollback", "cleo", other, two, "it asks for too much"),
        ("rollback", "cleo", two, None, ""),
    ]
    noted = store.entries("scaffolds")[0].data
    assert noted["log"] == store.head(campaign_chain(first))
    assert from_plain("certificate", noted["certificate"]) == certificate(2)


@pytest.mark.parametrize(
    ("entries", "number", "typed", "sentence"),
    [
        ((), 2, None, "cannot be approved: the campaign has no certificate yet"),
        ((Finished("no leader is better"),), 2, None, "got no certificate and will get none: no leader is better"),
        ((certificate(1),), 2, None, "the certificate is of scaffold 1"),
        ((certificate(2, granted=False),), 2, None, "not shown to be better: p is 0.21"),
        ((certificate(2), Held(2, "a jump")), 2, None, "held for review or in quarantine"),
        ((certificate(2),), 2, scaffold(1).digest, "is not the scaffold that was named: number 2 is"),
        ((certificate(2),), 2, scaffold(2).digest[:5], "is not the scaffold that was named"),
        ((certificate(2),), 7, None, r"has no scaffold 7; those it has: 0, 1, 2, 3"),
    ],
)
def test_nothing_but_the_scaffold_of_a_granted_certificate_is_approved(
    store: Store, entries: tuple[Entry, ...], number: int, typed: str | None, sentence: str
) -> None:
    run_id = campaign(store, (None, 0, 1, 0), *entries)
    with pytest.raises(EvolveError, match=sentence):
        approve(store, typed or scaffold(2).digest, run_id, number, "ann")
    if typed is None:  # it is refused before anything has to be typed
        with pytest.raises(EvolveError, match=sentence):
            check_approvable(store, run_id, number)
    assert store.entries("scaffolds") == []


def test_nothing_of_a_control_is_approved_however_lucky_it_was(store: Store) -> None:
    first = campaign(store, (None, 0), certificate(1, granted=False))
    control = campaign(store, (None, 0), certificate(1), note="random", control_of=first)
    with pytest.raises(ScaffoldError, match=rf"campaign {control} is a control of campaign {first}"):
        approve(store, scaffold(1, "random").digest, control, 1, "ann")


def test_how_often_the_same_suite_was_tried_stands_beside_an_approval(store: Store) -> None:
    failed = [campaign(store, (None, 0), certificate(1, granted=False), note=f"try {number}") for number in range(2)]
    campaign(store, (None, 0))  # without a verdict yet
    lucky = campaign(store, (None, 0), certificate(1), note="lucky")
    campaign(store, (None, 0), certificate(1), note="random", control_of=lucky)
    assert other_verdicts(store, lucky) == dict.fromkeys(failed, False)
    assert other_verdicts(store, failed[0]) == {failed[1]: False, lucky: True}
    approve(store, scaffold(1, "lucky").digest, lucky, 1, "ann")
    assert store.entries("scaffolds")[0].data["others"] == {str(run): False for run in failed}


def test_nothing_rests_on_a_log_or_a_scaffold_that_was_changed(store: Store, path: Path) -> None:
    run_id = campaign(store, (None, 0, 1), certificate(2, granted=False))
    with closing(sqlite3.connect(path)) as database, database:
        # What a scaffold that got hold of the database would do.
        database.execute("UPDATE chain_entries SET data = replace(data, 'false', 'true') WHERE kind = 'certificate'")
    with pytest.raises(DatabaseError, match=rf"log of campaign {run_id} is not as it was written: entry 5"):
        approve(store, scaffold(2).digest, run_id, 2, "ann")
    other = campaign(store, (None, 0), certificate(1), note="other")
    program = scaffold(1, "other")
    with closing(sqlite3.connect(path)) as database, database:
        (files,) = database.execute("SELECT files FROM programs WHERE digest = ?", [scaffold(2).digest]).fetchone()
        database.execute("UPDATE programs SET files = ? WHERE digest = ?", [files, program.digest])
    with pytest.raises(DatabaseError, match="was changed after it was stored"):
        approve(store, program.digest, other, 1, "ann")
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DELETE FROM programs WHERE digest = ?", [program.digest])
    with pytest.raises(NotFound, match="no program of this database"):
        approve(store, program.digest, other, 1, "ann")


def test_a_log_of_decisions_that_was_changed_gives_no_default(store: Store, path: Path) -> None:
    run_id = campaign(store, (None, 0), certificate(1))
    approve(store, scaffold(1).digest, run_id, 1, "ann")
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE chain_entries SET kind = 'rollback' WHERE chain = 'scaffolds'")
    with pytest.raises(DatabaseError, match=r"log 'scaffolds' .* not as it was written: .*--scaffold zero"):
        default_scaffold(store)


def test_quarantine_takes_out_all_descendants_and_the_default_with_them_for_good(store: Store) -> None:
    first = campaign(store, (None, 0, 1, 0, 2), certificate(3), Finished("done"))
    # A campaign that began with scaffold 2 of the first one: what it made comes from it, too.
    second = campaign(store, (None, 0, 1), certificate(2), note="later", base=2)
    three, later = scaffold(3).digest, scaffold(2, "later").digest
    approve(store, three, first, 3, "ann")
    approve(store, later, second, 2, "ann")
    taken = quarantine(store, first, 1, "bob", "it reads the clock")
    assert set(taken) == {scaffold(n).digest for n in (1, 2, 4)} | {scaffold(n, "later").digest for n in (1, 2)}
    assert default_scaffold(store) == three
    assert read_campaign(store, first)[0].quarantined == dict.fromkeys((1, 2, 4), "it reads the clock")
    assert read_campaign(store, second)[0].quarantined == dict.fromkeys((0, 1, 2), "it reads the clock")
    assert [store.verify_chain(row.chain).ok for row in store.chains()] == [True, True, True]
    with pytest.raises(ScaffoldError, match=r"quarantine \(it reads the clock\) and is not used any more"):
        approve(store, later, second, 2, "ann")
    standing = read_standing(store)
    with pytest.raises(ScaffoldError, match="in quarantine"):
        check_usable(standing, scaffold(4).digest)
    check_usable(standing, three)
    assert standing.history[-1].by == "bob"
    assert rollback(store, "ann") is None


def test_a_scaffold_of_equal_content_is_in_quarantine_wherever_it_was_made(store: Store) -> None:
    first = campaign(store, (None, 0))
    again = campaign(store, (None, 0, 1), certificate(1))
    quarantine(store, first, 1, "bob", "no")
    assert sorted(read_campaign(store, again)[0].quarantined) == [1, 2]
    with pytest.raises(ScaffoldError, match="in quarantine"):
        approve(store, scaffold(1).digest, again, 1, "ann")


def test_quarantine_is_written_to_all_logs_or_to_none(store: Store) -> None:
    first, second = campaign(store, (None, 0)), campaign(store, (None, 0))
    store.acquire(second, Holder.here())  # it is at work
    busy = rf"run {second} is being written by process \d+ .*; stop it, repeat"
    with open_store(store.url, create=False) as other, pytest.raises(RunBusy, match=busy):
        quarantine(other, first, 1, "bob", "no")
    assert store.entries("scaffolds") == []
    assert read_campaign(store, first)[0].quarantined == {}


def test_scaffold_zero_is_never_taken_out_and_a_reason_is_asked_for(store: Store) -> None:
    run_id = campaign(store)
    with pytest.raises(ScaffoldError, match="is scaffold zero, which ships with evolve"):
        quarantine(store, run_id, 0, "bob", "no")
    with pytest.raises(ScaffoldError, match="say why"):
        quarantine(store, run_id, 1, "bob", " ")
    with pytest.raises(ScaffoldError, match="say who"):
        quarantine(store, run_id, 1, "", "no")


def test_a_held_scaffold_goes_on_once_somebody_has_looked_at_it(store: Store) -> None:
    run_id = campaign(store, (None, 0, 0), Held(2, "8 robust sd over its siblings"))
    with pytest.raises(ScaffoldError, match=r"scaffold 1 of campaign 1 is not held .*: 2"):
        release(store, run_id, 1, "ann")
    assert read_campaign(store, run_id)[0].barred(2)
    release(store, run_id, 2, "ann")
    state, _ = read_campaign(store, run_id)
    assert (state.held, state.released, state.barred(2)) == ({}, {2: "ann"}, False)
    over = campaign(store, (None, 0), Held(1, "a jump"), Finished("done"), note="over")
    with pytest.raises(ScaffoldError, match="the search of campaign 2 is over"):
        release(store, over, 1, "ann")


def test_of_two_who_decide_at_once_one_is_refused(store: Store) -> None:
    runs = [campaign(store, (None, 0), certificate(1), note=str(number)) for number in range(4)]

    def decide(number: int) -> bool:
        try:
            approve(store, scaffold(1, str(number)).digest, runs[number], 1, f"person {number}")
        except DatabaseError as error:
            return "moved on" not in str(error)
        return True

    with ThreadPoolExecutor(4) as pool:
        went = list(pool.map(decide, range(4)))
    assert len(read_standing(store).approved) == sum(went) >= 1


def test_a_run_that_is_no_campaign_has_no_scaffolds(store: Store) -> None:
    new = NewRun("plain", "plain", "", "p", "x", Direction.MAXIMIZE, 1, {}, "s")
    run_id = store.create_run(new)
    with pytest.raises(NotFound, match=f"run {run_id} is no campaign"):
        approve(store, "0" * 12, run_id, 1, "ann")
    empty = store.create_run(replace(new, kind=RunKind.CAMPAIGN))
    with pytest.raises(NotFound, match=f"campaign {empty} has no scaffold yet"):
        read_campaign(store, empty)


def test_a_campaign_is_sound_with_its_log_its_scaffolds_and_the_decisions_on_it(store: Store, path: Path) -> None:
    run_id = campaign(store, (None, 0, 1), certificate(2), Finished("done"))
    chain = campaign_chain(run_id)
    found = verify_campaign(store, run_id)
    assert found == store.verify_chain(chain)
    assert found.ok
    approve(store, scaffold(2).digest, run_id, 2, "ann")
    for statement, broken, reason in [
        # The log is cut off before its certificate: by itself it is sound.
        (
            f"DELETE FROM chain_entries WHERE chain = '{chain}' AND seq > 4",
            5,
            "scaffold 2 was approved when the log had",
        ),
        ("UPDATE chain_entries SET at = '2026' WHERE chain = 'scaffolds'", 7, "log of approvals is not as it was"),
        (f"DELETE FROM programs WHERE digest = '{scaffold(1).digest}'", 3, "which is not in the database any more"),
        (f"UPDATE programs SET files = x'78' WHERE digest = '{scaffold(1).digest}'", 3, "was changed after it was"),
        (f"UPDATE chain_entries SET data = '1' WHERE chain = '{chain}' AND seq = 2", 2, "entry 2 .* was changed after"),
    ]:
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA foreign_keys = OFF")
            copy = "\n".join(database.iterdump())
            with database:
                database.execute(statement)
        damaged = verify_campaign(store, run_id)
        assert (damaged.ok, damaged.broken_at) == (False, broken)
        assert re.search(reason, damaged.reason)
        with closing(sqlite3.connect(path)) as database, database:
            kept = sqlite3.connect(":memory:")
            kept.executescript(copy)
            for table in ("chain_entries", "programs"):
                rows = kept.execute(f"SELECT * FROM {table}").fetchall()
                database.execute(f"DELETE FROM {table}")
                database.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)
            kept.close()
        assert verify_campaign(store, run_id, found.head) == found


def test_descendants_are_found_over_every_generation() -> None:
    members = [member(number, parent) for number, parent in enumerate((None, 0, 0, 1, 3, 2, 4))]
    assert descendants(members, 1) == (1, 3, 4, 6)
    assert descendants(members[::-1], 0) == tuple(range(7))
    assert descendants(members, 5) == (5,)
