"""Further looks at candidates of noisy problems, and what they make of a tell.

Revision ID: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evolve.store.migrations.views import MEASUREMENTS_VIEW, MEASUREMENTS_VIEW_OF_EVALUATIONS

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    """Create the table, add the columns, and let the view of measurements show these looks, too."""
    op.add_column("tells", sa.Column("objective", sa.Double(), nullable=True))
    op.add_column("tells", sa.Column("looks", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "relooks",
        sa.Column("run_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("objective", sa.Double(), nullable=True),
        sa.Column("stderr", sa.Double(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("looks", sa.JSON(), nullable=False),
        sa.Column("wall", sa.Double(), nullable=False),
        sa.Column("feedback", sa.Text(), nullable=False),
        sa.Column("measurements", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id", "number"],
            ["candidates.run_id", "candidates.number"],
            name=op.f("fk_relooks_run_id_number"),
        ),
        sa.PrimaryKeyConstraint("run_id", "seq", name=op.f("pk_relooks")),
    )
    op.create_index(op.f("ix_relooks_run_id_position"), "relooks", ["run_id", "position"], unique=False)
    op.execute("DROP VIEW measurements")
    op.execute(MEASUREMENTS_VIEW[op.get_context().dialect.name])


def downgrade() -> None:
    """Drop them again, and all further looks with them."""
    op.execute("DROP VIEW measurements")
    op.execute(MEASUREMENTS_VIEW_OF_EVALUATIONS[op.get_context().dialect.name])
    op.drop_table("relooks")
    op.drop_column("tells", "looks")
    op.drop_column("tells", "objective")
