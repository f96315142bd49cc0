"""What inspection reads of a run: one method a query. All of them read, none of them needs the engine."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import Connection

Reading = Callable[[], AbstractContextManager[Connection]]
"""Begins a transaction that sees one state of the database."""


class Browse:
    """Queries for views of runs, as `Store.browse`. Every method is one transaction and may raise DatabaseError."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
