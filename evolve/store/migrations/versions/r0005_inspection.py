"""What looking into a run needs: the problem's spec with the run, when events happened, and covering indexes.

Revision ID: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"

COVERED = {
    "evaluations": ["run_id", "purpose", "status", "objective", "number", "wall"],
    "tells": ["run_id", "gain", "number"],
    "completions": ["run_id", "number", "turn", "cost", "lost", "prompt_tokens", "output_tokens", "lost_tokens"],
}


def upgrade() -> None:
    """Add the columns and the indexes."""
    op.add_column("runs", sa.Column("spec", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("events", sa.Column("position", sa.Integer(), nullable=True))
    for table, columns in COVERED.items():
        op.create_index(_name(table), table, columns, unique=False)


def downgrade() -> None:
    """Drop them again."""
    for table in COVERED:
        op.drop_index(_name(table), table)
    op.drop_column("events", "position")
    op.drop_column("runs", "spec")


def _name(table: str) -> str:
    """The name the models give the index; PostgreSQL takes 63 characters of one."""
    return op.f(f"ix_{table}_covering")
