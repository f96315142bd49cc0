"""The history of the schema, for alembic; see `evolve.store.schema`."""
