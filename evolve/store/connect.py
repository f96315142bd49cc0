"""From a path or URL to an SQLAlchemy engine with the right settings, and from its errors to a sentence."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError, StatementError

from evolve.errors import DatabaseError
from evolve.store.codec import dump_json, load_json

DEFAULT_DATABASE = "evolve.db"
"""The database of a folder when none is named."""

_BUSY_MS = 30_000
_CONNECT_SECONDS = 10
_CACHE_KIB = 16_384
_OUT_OF_RANGE = "22003"
"""PostgreSQL's code for a number too large for its column or its type."""
_SCHEMES = "give a file such as evolve.db, or postgresql://user@host/name"


def parse_url(given: str | Path | None) -> URL:
    """The database a person named: a path, a `sqlite:///` URL or a `postgresql://` URL.

    Raises DatabaseError for anything else.
    """
    text = str(given) if given is not None else DEFAULT_DATABASE
    if isinstance(given, Path) or "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        url = make_url(text)
    except ArgumentError:
        raise DatabaseError(f"{text!r} is not a database URL; {_SCHEMES}") from None
    if url.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername != "sqlite":
        name = url.render_as_string(hide_password=True)
        raise DatabaseError(f"database {name!r} is of kind {url.drivername!r}; {_SCHEMES}")
    if url.database in (None, "", ":memory:"):
        raise DatabaseError(f"database {text!r} would live in memory only and be lost at exit; {_SCHEMES}")
    return url


def shown(url: URL) -> str:
    """A database as it may be printed: a path for SQLite, a URL without its password for a server."""
    if url.drivername == "sqlite":
        return str(url.database)
    return url.set(drivername="postgresql").render_as_string(hide_password=True)


def connect(url: URL, *, create: bool, read_only: bool) -> Engine:
    """An engine whose connections work; nothing is created but an empty SQLite file when `create` is set.

    Raises DatabaseError when there is no such database, or it cannot be reached, read or written.
    """
    if url.drivername == "sqlite":
        path = Path(str(url.database))
        _check_path(path, create=create, read_only=read_only)
        engine = _sqlite_engine(url, path, read_only=read_only)
    else:
        engine = _postgres_engine(url, read_only=read_only)
    try:
        with explained(url), engine.connect():
            pass
    except DatabaseError:
        engine.dispose()
        raise
    return engine


def _check_path(path: Path, *, create: bool, read_only: bool) -> None:
    if path.is_dir():
        raise DatabaseError(
            f"database {str(path)!r} is a folder; name a file in it, such as {str(path / 'evolve.db')!r}"
        )
    if not path.parent.is_dir():
        raise DatabaseError(
            f"the folder {str(path.parent)!r} of database {path.name!r} does not exist; create it first"
        )
    if not path.exists():
        if not create:
            raise DatabaseError(f"there is no database {str(path)!r}; start a run to create it, or name another file")
        if not os.access(path.parent, os.W_OK):
            raise DatabaseError(f"no database can be created in {str(path.parent)!r}: the folder is not writable")
    elif not os.access(path, os.R_OK):
        raise DatabaseError(f"database {str(path)!r} cannot be read; check its permissions")
    elif not read_only and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        raise DatabaseError(
            f"database {str(path)!r} or its folder is read-only, and this command writes; copy it to a folder of yours"
        )


def _sqlite_engine(url: URL, path: Path, *, read_only: bool) -> Engine:
    mode = f"mode={'ro' if read_only else 'rwc'}"
    if read_only and not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists():
        # Reading a WAL database makes a -shm file beside it; where that is impossible nobody of ours writes either.
        mode += "&immutable=1"
    uri = f"file:{quote(str(path.absolute()))}?{mode}"

    def open_file() -> sqlite3.Connection:
        return sqlite3.connect(
            uri, uri=True, timeout=_BUSY_MS / 1000, isolation_level=None, check_same_thread=False, cached_statements=256
        )

    engine = create_engine(
        url,
        creator=open_file,
        json_serializer=dump_json,
        json_deserializer=load_json,
        pool_size=4,
        max_overflow=32,
    )
    event.listen(engine, "connect", _prepare_readonly if read_only else _prepare_sqlite)
    return engine


def _prepare_readonly(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    connection.execute("PRAGMA query_only=ON")


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in (
        f"busy_timeout={_BUSY_MS}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"cache_size=-{_CACHE_KIB}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def begin(connection: Connection, *, write: bool) -> None:
    """Begin the transaction of a fresh connection: one snapshot for a reader, the write lock at once for a writer."""
    # Python's sqlite3 would begin late and upgrade a read lock midway, which fails under a second writer. Not an
    # SQLAlchemy "begin" event, for engines with any event pay for it in every statement.
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def begin_snapshot(connection: Connection) -> None:
    """Begin a transaction of a fresh connection in which every statement sees the state that the first one saw."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")  # in WAL mode a reader keeps its state and blocks no writer
    else:  # PostgreSQL's default shows each statement what was committed before it
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _postgres_engine(url: URL, *, read_only: bool) -> Engine:
    arguments: dict[str, Any] = {"connect_timeout": _CONNECT_SECONDS, "application_name": "evolve"}
    if read_only:
        given = url.query.get("options", "")  # connect_args would replace what the URL says
        options = given if isinstance(given, str) else " ".join(given)
        arguments["options"] = f"{options} -c default_transaction_read_only=on".strip()
    try:
        return create_engine(
            url, connect_args=arguments, json_serializer=dump_json, pool_size=4, max_overflow=16, pool_pre_ping=True
        )
    except ImportError:
        raise DatabaseError(
            f"database {shown(url)} needs psycopg; install it with pip install 'evolve[postgres]'"
        ) from None


@contextmanager
def explained(url: URL) -> Iterator[None]:
    """Turn what SQLAlchemy raises inside into a DatabaseError that names the database and the way out.

    A ValueError, TypeError or OverflowError about a value comes out as it is.
    """
    try:
        yield
    except StatementError as error:
        if error.orig is not None and not isinstance(error, DBAPIError):
            raise error.orig from None  # a value that no column can hold: the caller's fault, not the database's
        if getattr(error.orig, "sqlstate", "") == _OUT_OF_RANGE:
            raise OverflowError(str(error.orig)) from None  # what SQLite's driver raises for the same value
        raise DatabaseError(_sentence(shown(url), error)) from error
    except SQLAlchemyError as error:
        raise DatabaseError(_sentence(shown(url), error)) from error


def _sentence(name: str, error: SQLAlchemyError) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    reason = " ".join(str(cause).split())
    code = getattr(cause, "sqlite_errorname", "") or ""
    if code.startswith("SQLITE_NOTADB"):
        return f"{name!r} is not a SQLite database; name another file"
    if code.startswith("SQLITE_CORRUPT"):
        return f"database {name!r} is damaged ({reason}); restore a copy, or try sqlite3's .recover command"
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return (
            f"database {name!r} stayed locked for {_BUSY_MS // 1000} s; end the program that holds it, then try again"
        )
    if code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")):
        return f"database {name!r} cannot be opened or written ({reason}); check the permissions of it and its folder"
    if code.startswith("SQLITE_FULL"):
        return f"no space is left on the disk of database {name!r}; free some and run the same command again"
    if code.startswith("SQLITE_CONSTRAINT") or type(error).__name__ == "IntegrityError":
        return (
            f"database {name!r} refused a record ({reason}): it contradicts what this or another process wrote before"
        )
    return f"database {name!r} failed: {reason}; check that it is there, reachable and writable"
