"""Options several commands share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from evolve.errors import SettingsError

if TYPE_CHECKING:
    from evolve.store import Store

DbOption = Annotated[
    str | None,
    Parameter(
        env_var="EVOLVE_DB", help="Database: a file or a postgresql:// address; evolve.db in this folder by default."
    ),
]
JsonOption = Annotated[bool, Parameter(help="Print one JSON value on standard output, and nothing else there.")]


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Common:
    """What every command that reads a database takes."""

    db: DbOption = None
    json: JsonOption = False


COMMON = Common()


def naming(database: str | None, common: Common) -> Common:
    """The options of a command that takes its database by itself, too, which goes before EVOLVE_DB.

    Raises SettingsError when --db names another one.
    """
    if database is None:
        return common
    if common.db not in (None, database, os.environ.get("EVOLVE_DB")):
        raise SettingsError(f"two databases are named: {database} and --db {common.db}; name one")
    return Common(database, common.json)


@contextmanager
def reading(common: Common) -> Iterator[Store]:
    """The database a person named, open for reading. Raises DatabaseError."""
    from evolve.store import open_store

    with open_store(common.db, create=False, read_only=True) as store:
        yield store
