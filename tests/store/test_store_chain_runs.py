"""Campaigns and their trials stay out of lists of runs; programs are found by their address; old databases go on."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from store_samples import NEW_RUN, filled, program

from evolve.domain import Program
from evolve.errors import DatabaseError, NotFound
from evolve.report.naming import find_run
from evolve.store import Holder, RunKind, RunStatus, Store, campaign_chain, open_store, schema
from evolve.store.connect import connect, parse_url

TRIAL = {
    "key": {"scaffold": 1, "problem": "tsp", "seed": 2**62, "stage": "rank", "calls": 8},
    "measured": {
        "bests": [0.5, 0.75],
        "seed_score": 0.25,
        "calls": 8,
        "evaluations": 9,
        "statuses": {"valid": 8},
        "tokens": 1200,
        "cost": None,
        "wall": 1.5,
        "run": 7,
        "failed": "",
    },
    "area": 0.625,
    "curve": [0.25, 0.75],
}
MEMBER = {"number": 1, "digest": "d" * 64, "parent": 0, "idea": "NUL \x00 and ü", "model": "m", "prediction": None}


def test_lists_of_runs_show_searches_and_the_others_are_found_by_name(store: Store) -> None:
    first = store.create_run(NEW_RUN)
    campaign = store.create_run(replace(NEW_RUN, kind=RunKind.CAMPAIGN))
    trial = replace(NEW_RUN, name="c2.s1.rank", kind=RunKind.TRIAL, campaign=campaign)
    trials = [store.create_run(trial) for _ in range(3)]
    assert [row.id for row in store.runs()] == [first]
    assert [row.id for row in store.runs(kinds=(RunKind.CAMPAIGN,))] == [campaign]
    assert [row.id for row in store.runs(2, 1, kinds=RunKind)] == trials[1::-1]
    assert [(row.id, row.kind, row.campaign) for row in store.trials(campaign)] == [
        (each, RunKind.TRIAL, campaign) for each in trials[::-1]
    ]
    assert store.trials(99) == []
    found = store.trial(campaign, "c2.s1.rank")
    assert found is not None
    assert found.id == trials[-1]
    assert store.trial(campaign, "first") is store.trial(first, "c2.s1.rank") is None
    assert find_run(store, "last").id == first
    assert find_run(store, str(trials[0])).summary.kind is RunKind.TRIAL
    with pytest.raises(NotFound, match="no run called 'c2"):
        find_run(store, "c2.s1.rank")
    with pytest.raises(NotFound, match=r"no run 99; the runs there are: 1$"):
        store.run(99)


def test_a_search_never_goes_on_with_a_trial_or_a_campaign(store: Store) -> None:
    campaign = store.create_run(replace(NEW_RUN, kind=RunKind.CAMPAIGN))
    store.create_run(replace(NEW_RUN, kind=RunKind.TRIAL, campaign=campaign))
    wanted = (NEW_RUN.problem_digest, NEW_RUN.settings_digest)
    assert store.find_resumable(*wanted) is None
    found = store.find_resumable(*wanted, kind=RunKind.CAMPAIGN)
    assert found is not None
    assert found.id == campaign


def test_a_program_is_found_by_the_beginning_of_its_digest(store: Store) -> None:
    kept = Program.of({"scaffold.toml": "name = 'x'\n", "odd.txt": "\ud800 \x00"})
    assert store.keep_program(kept) == store.keep_program(kept) == kept.digest
    filled(store, 3)
    assert store.program_by_digest(kept.digest) == store.program_by_digest(kept.digest[:6]) == kept
    assert store.program_by_digest(program(2).digest[:12]) == program(2)
    with pytest.raises(NotFound, match="no program of this database has a digest that begins with 00000000"):
        store.program_by_digest("00000000")
    for name in (kept.digest[:5], "scaffold", f"{kept.digest}0", "%%%%%%"):
        with pytest.raises(NotFound, match="names no program; give at least 6 digits"):
            store.program_by_digest(name)


def test_a_beginning_that_several_programs_share_names_some_of_them(store: Store, database: str) -> None:
    engine = sa.create_engine(database.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        for end in "ab":
            values = {"digest": "12345678" + end * 56, "files": b""}
            connection.execute(sa.text("INSERT INTO programs (digest, files) VALUES (:digest, :files)"), values)
    engine.dispose()
    with pytest.raises(NotFound, match=r"begins with 123456: 12345678aaaa, 12345678bbbb, \.\.\.; give more"):
        store.program_by_digest("123456")
    with pytest.raises(DatabaseError, match="was changed after it was stored; restore a copy"):
        store.program_by_digest("12345678a")


def test_runs_of_an_older_evolve_are_searches_and_its_database_takes_campaigns(database: str) -> None:
    engine = connect(parse_url(database), create=True, read_only=False)
    with engine.begin() as connection:
        schema.upgrade(connection, "0005")
    old = sa.MetaData()
    old.reflect(engine, only=["runs"])
    with engine.begin() as connection:
        counts = dict.fromkeys(("candidates", "evaluated", "valid", "told", "elapsed"), 0)
        texts = {
            name: str(getattr(NEW_RUN, name))
            for name in ("name", "problem", "problem_path", "problem_digest", "objective", "settings_digest")
        }
        run = {**texts, **counts, "direction": "maximize", "seed": "1", "status": "interrupted", "stop_reason": ""}
        now = sa.func.current_timestamp() if engine.dialect.name == "postgresql" else sa.text("'2026-01-01 00:00:00'")
        plain = {name: {} for name in ("settings", "versions", "isolation", "spec")}
        connection.execute(sa.insert(old.tables["runs"]).values(**run, **plain, created_at=now))
    engine.dispose()
    with open_store(database, create=False) as store:
        assert [(row.id, row.kind, row.campaign) for row in store.runs()] == [(1, RunKind.SEARCH, None)]
        assert store.find_resumable(NEW_RUN.problem_digest, NEW_RUN.settings_digest) is not None
        assert store.chains() == []
        campaign = store.create_run(replace(NEW_RUN, kind=RunKind.CAMPAIGN))
        store.acquire(campaign, Holder.here())
        store.append_entry(campaign_chain(campaign), "scaffold", MEMBER, after="")
        assert store.verify_chain(campaign_chain(campaign)).entries == 1


def test_people_read_scaffolds_and_trials_as_tables(store: Store, database: str) -> None:
    campaign, holder = store.create_run(replace(NEW_RUN, kind=RunKind.CAMPAIGN)), Holder.here()
    chain, head = campaign_chain(campaign), ""
    store.acquire(campaign, holder)
    for kind, data in [
        ("started", {"base": "d"}),
        ("scaffold", {**MEMBER, "number": 0, "parent": None}),
        ("scaffold", {**MEMBER, "calls": 2, "prediction": {"metric": "area", "direction": "up", "problems": []}}),
        ("trial", TRIAL),
        ("trial", {**TRIAL, "area": 0.0, "curve": [], "measured": {**TRIAL["measured"], "failed": "no daemon"}}),
        ("held", {"number": 0, "reason": "looked at"}),
        ("held", {"number": 1, "reason": "a jump"}),
        ("released", {"number": 0, "by": "ann"}),
    ]:
        head = store.append_entry(chain, kind, data, after=head).hash
    store.release(campaign, holder, RunStatus.FINISHED, "")
    store.append_entry("scaffolds", "approve", {"number": 1}, after="")
    engine = sa.create_engine(database.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        columns = "campaign, seq, number, parent, digest, model, calls, held"
        scaffolds = connection.exec_driver_sql(f"SELECT {columns} FROM campaign_scaffolds ORDER BY seq").all()
        metric = {"sqlite": "json_extract(prediction, '$.metric')", "postgresql": "prediction ->> 'metric'"}
        predicted = sa.text(f"SELECT {metric[engine.dialect.name]} FROM campaign_scaffolds ORDER BY seq")
        predictions = connection.scalars(predicted).all()
        ideas = connection.exec_driver_sql("SELECT idea FROM campaign_scaffolds").scalars().all()
        trials = connection.exec_driver_sql("SELECT * FROM campaign_trials ORDER BY seq").mappings().all()
    engine.dispose()
    assert [tuple(row) for row in scaffolds] == [
        (campaign, 2, 0, None, "d" * 64, "m", None, ""),
        (campaign, 3, 1, 0, "d" * 64, "m", 2, "a jump"),
    ]
    assert predictions == [None, "area"]
    assert ideas == ["NUL \x1a0000 and ü"] * 2
    first, failed = trials
    wanted = {"campaign": campaign, "scaffold": 1, "problem": "tsp", "seed": 2**62, "stage": "rank", "calls": 8}
    wanted |= {"area": 0.625, "final": 0.75, "seed_score": 0.25, "evaluations": 9, "tokens": 1200, "cost": None}
    wanted |= {"wall": 1.5, "failed": "", "run": 7}
    assert {name: first[name] for name in wanted} == wanted
    assert (failed["final"], failed["failed"]) == (None, "no daemon")
