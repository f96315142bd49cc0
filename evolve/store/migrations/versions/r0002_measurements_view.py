"""The view `measurements`.

Revision ID: 0002
"""

from __future__ import annotations

from alembic import op

from evolve.store.migrations.views import MEASUREMENTS_VIEW_OF_EVALUATIONS

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Create the view."""
    op.execute(MEASUREMENTS_VIEW_OF_EVALUATIONS[op.get_context().dialect.name])


def downgrade() -> None:
    """Drop the view; its data stays in `evaluations`."""
    op.execute("DROP VIEW measurements")
