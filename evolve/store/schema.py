"""Which revision a database has, and bringing it to the one this code needs; imports alembic only to upgrade."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Connection, Inspector, MetaData, String, Table, insert, inspect, select
from sqlalchemy.exc import OperationalError, ProgrammingError

from evolve.errors import DatabaseError
from evolve.store.migrations.chain_views import CHAIN_VIEW_NAMES, CHAIN_VIEWS
from evolve.store.migrations.views import CALLS_VIEW, MEASUREMENTS_VIEW
from evolve.store.models import Base

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006")
"""Every revision in order; the last is the one this code reads and writes."""

VERSION_TABLE = "evolve_schema"
"""Where alembic notes the revision; our own name, for a PostgreSQL database may have other tenants."""

VIEWS = ("measurements", "calls", *CHAIN_VIEW_NAMES)
"""Every view."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x65766F6C7665  # "evolve", for PostgreSQL's advisory lock

_version = Table(VERSION_TABLE, MetaData(), Column("version_num", String(32), primary_key=True))


def revision_of(connection: Connection) -> str | None:
    """The revision of the open database, by one SELECT; None when it has no tables of ours.

    On PostgreSQL a failed SELECT ends the transaction, so give it one of its own.
    """
    try:
        return connection.scalar(select(_version.c.version_num))
    except (OperationalError, ProgrammingError) as error:
        reason = str(error.orig)
        if "no such table" in reason or VERSION_TABLE in reason:
            return None
        raise


def check_revision(revision: str | None, name: str) -> None:
    """Raise DatabaseError unless `revision` is the one this code reads; `name` is the database's, for the message."""
    if revision is None:
        raise DatabaseError(f"database {name!r} holds no tables of evolve; start a run to create them, or name another")
    if revision not in REVISIONS:
        raise DatabaseError(
            f"database {name!r} was written by a newer evolve (schema {revision}, this one knows {REVISIONS[-1]}); "
            "upgrade evolve, or use another database"
        )
    if revision != REVISIONS[-1]:
        raise DatabaseError(
            f"database {name!r} was written by an older evolve (schema {revision}, this one needs {REVISIONS[-1]}); "
            "evolve upgrade brings it up to date (keep a copy for the older one)"
        )


def bring_up(connection: Connection, name: str, *, create: bool) -> None:
    """Create the tables or upgrade them, inside the caller's writing transaction; idempotent.

    Raises DatabaseError when the database is newer than this code, or belongs to another program.
    """
    _wait_for_others(connection)
    present = inspect(connection)
    revision = revision_of(connection) if present.has_table(VERSION_TABLE) else None
    if revision is None and create:
        _refuse_foreign(present, connection.dialect.name, name)
        Base.metadata.create_all(connection, checkfirst=False)
        connection.exec_driver_sql(MEASUREMENTS_VIEW[connection.dialect.name])
        connection.exec_driver_sql(CALLS_VIEW)
        for statement in CHAIN_VIEWS[connection.dialect.name]:
            connection.exec_driver_sql(statement)
        _version.create(connection, checkfirst=False)
        connection.execute(insert(_version).values(version_num=REVISIONS[-1]))
    elif revision in REVISIONS[:-1]:
        upgrade(connection)
    else:
        check_revision(revision, name)


def upgrade(connection: Connection, revision: str = REVISIONS[-1]) -> None:
    """Run the migrations up to `revision` inside the caller's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _wait_for_others(connection: Connection) -> None:
    # SQLite's BEGIN IMMEDIATE already keeps a second creator out; PostgreSQL needs to be told.
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def _refuse_foreign(present: Inspector, dialect: str, name: str) -> None:
    there = {*present.get_table_names(), *present.get_view_names()}
    clash = there if dialect == "sqlite" else there & {*Base.metadata.tables, *VIEWS}
    if clash:
        listed = ", ".join(sorted(clash)[:5])
        raise DatabaseError(f"database {name!r} belongs to another program (tables: {listed}); name another")
