"""Opening a database: creating it, upgrading it, or saying why neither can be done."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from evolve.store import schema
from evolve.store.connect import begin, connect, explained, parse_url, shown
from evolve.store.store import Store


def open_store(url: str | Path | None, *, create: bool, read_only: bool = False) -> Store:
    """Open a database: a path, a `sqlite:///` or `postgresql://` URL, or None for `evolve.db` here.

    With `create` an absent database is made; unless `read_only` an older one is upgraded. Raises
    DatabaseError when there is none, or it cannot be reached, read, written or understood.
    """
    parsed = parse_url(url)
    engine = connect(parsed, create=create, read_only=read_only)
    try:
        with explained(parsed):
            _settle(engine, shown(parsed), create=create, read_only=read_only)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, parsed, read_only=read_only)


def _settle(engine: Engine, name: str, *, create: bool, read_only: bool) -> None:
    with engine.connect() as connection:
        revision = schema.revision_of(connection)
    old = revision in schema.REVISIONS[:-1]
    if read_only or not (old or (revision is None and create)):
        schema.check_revision(revision, name)
        return
    with engine.begin() as connection:
        begin(connection, write=True)
        schema.bring_up(connection, name, create=create)
