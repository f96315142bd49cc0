"""The command `upgrade`: a database of an older evolve, made readable for this one."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from evolve.cli.options import COMMON, Common, naming


def upgrade(
    database: Annotated[
        str | None, Parameter(help="The database; evolve.db in this folder, or --db, by default.")
    ] = None,
    /,
    *,
    common: Common = COMMON,
) -> None:
    """Bring a database up to date: tables get what they lack, and nothing in them is changed.

    Older versions of evolve cannot read it any more; keep a copy for them if you need to. Starting or resuming a run
    does the same by itself.
    """
    from evolve.report import console
    from evolve.store import open_store

    with open_store(naming(database, common).db, create=False) as store:
        if common.json:
            console.show_json({"database": store.url})
        else:
            console.show(f"{store.url} is up to date")
