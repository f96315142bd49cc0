"""Questions to models and people, their completions and what they cost; ideas, models and lessons of candidates.

Revision ID: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from evolve.store.migrations.views import CALLS_VIEW

revision = "0003"
down_revision: str | None = "0002"

_QUESTION = ("run_id", "number", "turn")


def upgrade() -> None:
    """Create the tables and the view, and add the columns; what is there has no idea, model or lesson."""
    for table, column in (("candidates", "idea"), ("candidates", "model"), ("tells", "lesson")):
        op.add_column(table, sa.Column(column, sa.Text(), server_default="", nullable=False))
    _create_asks()
    _create_handouts()
    _create_withdrawals()
    _create_completions()
    op.execute(CALLS_VIEW)


def downgrade() -> None:
    """Drop them again, and all questions and completions with them."""
    op.execute("DROP VIEW calls")
    for table in ("completions", "withdrawals", "handouts", "asks"):
        op.drop_table(table)
    for table, column in (("tells", "lesson"), ("candidates", "model"), ("candidates", "idea")):
        op.drop_column(table, column)


def _key(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), autoincrement=False, nullable=False) for name in names]


def _of_question(table: str) -> sa.ForeignKeyConstraint:
    referred = [f"asks.{name}" for name in _QUESTION]
    return sa.ForeignKeyConstraint(_QUESTION, referred, name=op.f(f"fk_{table}_run_id_number_turn"))


def _create_asks() -> None:
    op.create_table(
        "asks",
        *_key(*_QUESTION),
        sa.Column("island", sa.Integer(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("prompt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_asks_run_id")),
        sa.PrimaryKeyConstraint(*_QUESTION, name=op.f("pk_asks")),
    )


def _create_handouts() -> None:
    op.create_table(
        "handouts",
        *_key(*_QUESTION, "attempt"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asker", sa.Text(), nullable=False),
        sa.Column("request_digest", sa.Text(), nullable=False),
        sa.Column("money", sa.Double(), nullable=True),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        _of_question("handouts"),
        sa.PrimaryKeyConstraint(*_QUESTION, "attempt", name=op.f("pk_handouts")),
        sqlite_with_rowid=False,
    )


def _create_withdrawals() -> None:
    key = (*_QUESTION, "attempt")
    op.create_table(
        "withdrawals",
        *_key(*key),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("money", sa.Double(), nullable=True),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            key, [f"handouts.{name}" for name in key], name=op.f("fk_withdrawals_run_id_number_turn_attempt")
        ),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_withdrawals")),
        sqlite_with_rowid=False,
    )


def _create_completions() -> None:
    op.create_table(
        "completions",
        *_key(*_QUESTION),
        sa.Column("request_digest", sa.Text(), nullable=False),
        sa.Column("finish", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("prompt_tokens", sa.Integer(), nullable=False),
        sa.Column("cached_tokens", sa.Integer(), nullable=False),
        sa.Column("output_tokens", sa.Integer(), nullable=False),
        sa.Column("reasoning_tokens", sa.Integer(), nullable=False),
        sa.Column("cost", sa.Double(), nullable=True),
        sa.Column("lost", sa.Double(), nullable=False),
        sa.Column("lost_tokens", sa.Integer(), nullable=False),
        sa.Column("wall", sa.Double(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("elapsed", sa.Double(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        _of_question("completions"),
        sa.PrimaryKeyConstraint(*_QUESTION, name=op.f("pk_completions")),
    )
    op.create_index(
        op.f("ix_completions_request_digest_run_id_number_turn"),
        "completions",
        ["request_digest", *_QUESTION],
        unique=False,
    )
