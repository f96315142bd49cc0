"""Opening, creating and upgrading databases, and what is said when that cannot be done."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from store_samples import NEW_RUN, answered, asked, filled, program, scored, steps

from evolve.errors import DatabaseError
from evolve.store import open_store, schema
from evolve.store.batch import Batch
from evolve.store.connect import connect, parse_url
from evolve.store.models import Base

MODULES_OF = """
import sys
from evolve.store import open_store
with open_store(sys.argv[1], create=False, read_only=True) as store:
    store.runs(), store.run(1), store.candidate(1, 3), store.lineage(1, 3), list(store.tells(1))
print(*sys.modules)
"""


def migrated(database: str, revision: str) -> None:
    """Make a database of an older evolve."""
    engine = connect(parse_url(database), create=True, read_only=False)
    with engine.begin() as connection:
        schema.upgrade(connection, revision)
    engine.dispose()


def inspected(database: str) -> dict[str, object]:
    """Everything SQLAlchemy can see of a schema."""
    engine = connect(parse_url(database), create=False, read_only=True)
    with engine.connect() as connection:
        seen = sa.inspect(connection)
        found: dict[str, object] = {
            table: (
                [{**column, "type": str(column["type"])} for column in seen.get_columns(table)],
                seen.get_pk_constraint(table),
                sorted(seen.get_foreign_keys(table), key=str),
                sorted(seen.get_indexes(table), key=str),
                sorted(seen.get_unique_constraints(table), key=str),
                seen.get_check_constraints(table),
            )
            for table in seen.get_table_names()
            if table != schema.VERSION_TABLE
        }
        for view in seen.get_view_names():
            found[f"view {view}"] = [column["name"] for column in seen.get_columns(view)]
        found["revision"] = schema.revision_of(connection)
        if connection.dialect.name == "sqlite":
            flags = connection.exec_driver_sql("SELECT name, wr, strict FROM pragma_table_list")
            found["tables"] = sorted(tuple(row) for row in flags if not row[0].startswith("sqlite_"))
    engine.dispose()
    return found


def test_a_new_database_is_what_the_migrations_would_have_made(database: str, request: pytest.FixtureRequest) -> None:
    migrated(database, "head")
    by_migrations = inspected(database)
    engine = connect(parse_url(database), create=False, read_only=True)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": schema.VERSION_TABLE})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()
    if database.startswith("sqlite"):
        fresh = database.replace("evolve.db", "fresh.db")
    else:
        fresh = request.getfixturevalue("postgres").fresh_url()
    open_store(fresh, create=True).close()
    assert inspected(fresh) == by_migrations


def test_the_code_knows_exactly_the_revisions_in_the_package() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    assert tuple(script.revision for script in scripts)[::-1] == schema.REVISIONS


def test_an_older_database_is_upgraded_when_it_is_opened_for_writing(database: str) -> None:
    migrated(database, "0001")
    engine = connect(parse_url(database), create=False, read_only=False)
    with engine.begin() as connection:
        connection.execute(
            sa.insert(Base.metadata.tables["programs"]).values(digest="d" * 64, files=b"kept through the upgrade")
        )
    engine.dispose()
    with pytest.raises(DatabaseError, match=r"written by an older evolve \(schema 0001, .*evolve upgrade"):
        open_store(database, create=False, read_only=True)
    with open_store(database, create=False) as store:
        filled(store, 3)
    engine = connect(parse_url(database), create=False, read_only=True)
    with engine.connect() as connection:
        assert schema.revision_of(connection) == schema.REVISIONS[-1]
        assert connection.scalar(sa.text("SELECT files FROM programs WHERE digest LIKE 'ddd%'")) is not None
        assert connection.scalar(sa.text("SELECT count(*) FROM measurements")) == 6
    engine.dispose()


def test_a_run_of_an_older_evolve_is_whole_after_the_upgrade_and_goes_on(database: str) -> None:
    migrated(database, "0002")
    engine = connect(parse_url(database), create=False, read_only=False)
    batch = Batch.of(1, [*steps(0, best=True), *steps(1, parent=0), *steps(2, parent=1)[:2]])
    run = {"id": 1, "status": "interrupted", "created_at": datetime(2026, 1, 1), "stop_reason": "", "elapsed": 0.1}
    counts = {"candidates": 3, "evaluated": 3, "valid": 3, "told": 2}
    old = sa.MetaData()
    old.reflect(engine, only=["runs", "programs", "candidates", "parentage", "evaluations", "tells"])
    with engine.begin() as connection:
        settled = {**asdict(NEW_RUN), **run, **counts, "seed": str(NEW_RUN.seed)}
        connection.execute(old.tables["runs"].insert(), settled)
        connection.execute(old.tables["programs"].insert(), list(batch.programs.values()))
        for table in (old.tables[name] for name in ("candidates", "parentage", "evaluations", "tells")):
            rows = [{column.name: row[column.name] for column in table.c} for row in getattr(batch, table.name)]
            connection.execute(table.insert(), rows)
    engine.dispose()
    with open_store(database, create=False) as store:
        rows = list(store.tells(1))
        found = [(row.number, row.origin.idea, row.origin.model, row.lesson, row.cost) for row in rows]
        assert found == [(0, "", "", "", 0.0), (1, "", "", "", 0.0)]
        assert store.candidate(1, 1).program == program(1)
        assert [row.evaluation for row in store.untold(1)] == [scored(2.0)]
        assert store.money(1).spent == 0.0
        assert store.usage(1) == store.open_questions(1) == []
        store.append(1, [steps(2)[2], asked(3), answered(3), *steps(3, parent=2)])
        assert [row.cost for row in store.tells(1)] == [0.0, 0.0, 0.0, 0.25]


def test_a_newer_database_is_left_alone(database: str) -> None:
    open_store(database, create=True).close()
    engine = connect(parse_url(database), create=False, read_only=False)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {schema.VERSION_TABLE} SET version_num = '9999'")
    engine.dispose()
    for read_only in (True, False):
        with pytest.raises(DatabaseError, match=r"written by a newer evolve \(schema 9999.*upgrade evolve"):
            open_store(database, create=True, read_only=read_only)


def test_what_is_written_stays_after_closing_and_cannot_be_changed_read_only(database: str) -> None:
    with open_store(database, create=True) as store:
        run_id = filled(store, 3)
    with open_store(database, create=False, read_only=True) as store:
        assert store.run(run_id).summary.told == 3
        with pytest.raises(DatabaseError, match="opened for reading only"):
            store.create_run(NEW_RUN)


def test_an_empty_database_has_to_be_created_on_purpose(database: str) -> None:
    if database.startswith("sqlite"):
        Path(database.removeprefix("sqlite:///")).touch()
    with pytest.raises(DatabaseError, match="holds no tables of evolve; start a run"):
        open_store(database, create=False)


def test_inspecting_a_database_imports_nothing_heavy(tmp_path: Path) -> None:
    path = tmp_path / "evolve.db"
    with open_store(path, create=True) as store:
        filled(store, 4)
    command = [sys.executable, "-c", MODULES_OF, str(path)]
    loaded = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert "sqlalchemy" in loaded
    assert not {"alembic", "numpy", "ribs", "scipy", "litellm", "pydantic"} & set(loaded)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("absent.db", "there is no database .*absent.db'; start a run to create it"),
        ("nowhere/evolve.db", "the folder .*nowhere' of database 'evolve.db' does not exist; create it first"),
        ("folder", "folder' is a folder; name a file in it"),
        ("notes.txt", "notes.txt' is not a SQLite database; name another file"),
        ("other.db", r"other.db' (holds no tables of evolve|belongs to another program \(tables: bookmarks\))"),
        ("sqlite://", "would live in memory only .*; give a file such as evolve.db"),
        (
            "mysql://me:secret@host/name",
            r"'mysql://me:\*\*\*@host/name' is of kind 'mysql'; give a file such as evolve.db, or postgresql://",
        ),
        ("://host/name", "is not a database URL; give a file"),
    ],
)
def test_a_database_that_cannot_be_opened_says_why_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("notes.txt").write_text("not a database at all\n" * 100, encoding="utf-8")
    with sqlite3.connect("other.db") as other:
        other.execute("CREATE TABLE bookmarks (url)")
    other.close()
    for create in (False, True) if given != "absent.db" else (False,):
        with pytest.raises(DatabaseError, match=sentence):
            open_store(given, create=create)
    assert not Path("absent.db").exists()


def test_no_name_means_evolve_db_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with open_store(None, create=True) as store:
        assert store.url == "evolve.db"
    assert (tmp_path / "evolve.db").exists()


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(
        DatabaseError, match=r"postgresql://me:\*\*\*@127.0.0.1:1/runs.* check that it is there"
    ) as error:
        open_store("postgresql://me:secret@127.0.0.1:1/runs", create=True)
    assert "secret" not in str(error.value)


def test_a_damaged_file_is_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "evolve.db"
    with open_store(path, create=True) as store:
        filled(store, 50)
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
    with pytest.raises(DatabaseError, match=r"evolve.db' is damaged .*restore a copy"):
        open_store(path, create=False)


READ_AND_WRITE = """
import os, sys
from evolve.errors import DatabaseError
from evolve.store import open_store
path = sys.argv[1]
open_store(path, create=False, read_only=True).close()  # import everything while we may
if os.getuid() == 0:  # for root nothing is read-only
    os.setgid(65534)
    os.setuid(65534)
with open_store(path, create=False, read_only=True) as store:
    print(store.run(1).summary.told)
try:
    open_store(path, create=True)
except DatabaseError as error:
    print(error)
"""


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_a_read_only_folder_can_be_read_and_not_written() -> None:
    with tempfile.TemporaryDirectory(prefix="evolve-") as name:  # not tmp_path, which is closed to other users
        folder, path = Path(name), Path(name) / "evolve.db"
        with open_store(path, create=True) as store:
            filled(store, 3)
        path.chmod(0o444)
        folder.chmod(0o555)
        command = [sys.executable, "-c", READ_AND_WRITE, str(path)]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
        folder.chmod(0o755)
    assert said[0] == "3"
    assert "its folder is read-only, and this command writes; copy it" in said[1]
