"""`evolve upgrade`: a database of an older evolve can be looked at again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from evolve.store.migrations.versions.r0005_inspection import COVERED
from tests.cli.conftest import Evolve


def aged(folder: Path) -> None:
    """Make the database there one of schema 0004."""
    from alembic import command
    from alembic.config import Config

    import evolve.store.schema as schema

    engine = create_engine(f"sqlite:///{folder / 'evolve.db'}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.downgrade(config, "0004")
    engine.dispose()


def test_an_older_database_is_brought_up_to_date(evolve: Evolve, copied: Callable[[], Path]) -> None:
    folder = copied()
    before = evolve(folder, "runs", "--json").json()
    aged(folder)
    refused = evolve(folder, "runs")
    assert refused.code == 2
    assert "evolve upgrade" in refused.err
    assert evolve(folder, "upgrade").code == 0
    assert evolve(folder, "runs", "--json").json() == before
    assert evolve(folder, "top", "last").code == 0
    with closing(sqlite3.connect(folder / "evolve.db")) as database:
        names = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
    assert names >= {f"ix_{table}_covering" for table in COVERED}


def test_without_a_database_there_is_nothing_to_bring_up(evolve: Evolve, tmp_path: Path) -> None:
    ran = evolve(tmp_path, "upgrade")
    assert ran.code == 2
    assert "there is no database" in ran.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["upgrade", "ui"])
def test_a_database_by_itself_goes_before_the_environment(evolve: Evolve, tmp_path: Path, command: str) -> None:
    ran = evolve(tmp_path, command, "mine.db", env={"EVOLVE_DB": "other.db"})
    assert "there is no database 'mine.db'" in ran.err
    ran = evolve(tmp_path, command, "mine.db", "--db", "third.db", env={"EVOLVE_DB": "other.db"})
    assert "two databases are named: mine.db and --db third.db" in ran.err
    ran = evolve(tmp_path, command, env={"EVOLVE_DB": "other.db"})
    assert "there is no database 'other.db'" in ran.err
