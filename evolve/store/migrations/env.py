"""Alembic's entry: migrate on the connection, and in the transaction, that `evolve.store.schema` hands over."""

from __future__ import annotations

from alembic import context

from evolve.store.models import Base
from evolve.store.schema import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
)
context.run_migrations()
