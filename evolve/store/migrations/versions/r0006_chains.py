"""Hash-chained logs; what a run is for, and the campaign it belongs to.

Revision ID: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evolve.store.migrations.chain_views import CHAIN_VIEW_NAMES, CHAIN_VIEWS

revision = "0006"
down_revision: str | None = "0005"


def upgrade() -> None:
    """Create the table and the views, and add the columns; every run there is is a search."""
    op.add_column("runs", sa.Column("kind", sa.Text(), server_default="search", nullable=False))
    op.add_column("runs", sa.Column("campaign", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_runs_kind_id"), "runs", ["kind", "id"], unique=False)
    op.create_index(op.f("ix_runs_campaign_name"), "runs", ["campaign", "name"], unique=False)
    op.create_table(
        "chain_entries",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("at", "kind", "data", "previous", "hash")),
        sa.PrimaryKeyConstraint("chain", "seq", name=op.f("pk_chain_entries")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_chain_entries_previous"), "chain_entries", ["previous"], unique=False)
    for statement in CHAIN_VIEWS[op.get_context().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Drop them again, and all logs with them."""
    for name in CHAIN_VIEW_NAMES:
        op.execute(f"DROP VIEW {name}")
    op.drop_table("chain_entries")
    op.drop_index(op.f("ix_runs_campaign_name"), "runs")
    op.drop_index(op.f("ix_runs_kind_id"), "runs")
    op.drop_column("runs", "campaign")
    op.drop_column("runs", "kind")
