"""What looking into a run needs: the problem's spec with the run, when events happened, and a covering index.

Revision ID: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"

COVERED = ["run_id", "purpose", "status", "objective", "number", "wall"]


def upgrade() -> None:
    """Add the columns and the index."""
    op.add_column("runs", sa.Column("spec", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("events", sa.Column("position", sa.Integer(), nullable=True))
    op.create_index(op.f(f"ix_evaluations_{'_'.join(COVERED)}"), "evaluations", COVERED, unique=False)


def downgrade() -> None:
    """Drop them again."""
    op.drop_index(op.f(f"ix_evaluations_{'_'.join(COVERED)}"), "evaluations")
    op.drop_column("events", "position")
    op.drop_column("runs", "spec")
