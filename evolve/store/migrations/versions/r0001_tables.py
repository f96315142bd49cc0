"""The first tables.

Revision ID: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None


def upgrade() -> None:
    """Create every table of the first version, in the order of their foreign keys."""
    _create_programs()
    _create_runs()
    _create_candidates()
    _create_events()
    _create_spending()
    _create_evaluations()
    _create_parentage()
    _create_tells()


def downgrade() -> None:
    """Drop them again, and all runs with them."""
    for table in ("tells", "parentage", "evaluations", "spending", "events", "candidates", "runs", "programs"):
        op.drop_table(table)


def _create_programs() -> None:
    op.create_table(
        "programs",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_programs")),
    )


def _create_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("problem_path", sa.Text(), nullable=False),
        sa.Column("problem_digest", sa.Text(), nullable=False),
        sa.Column("objective", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("settings_digest", sa.Text(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("isolation", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("stop_reason", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_host", sa.Text(), nullable=True),
        sa.Column("lease_pid", sa.Integer(), nullable=True),
        sa.Column("lease_process", sa.Text(), nullable=True),
        sa.Column("lease_token", sa.Text(), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("candidates", sa.Integer(), nullable=False),
        sa.Column("evaluated", sa.Integer(), nullable=False),
        sa.Column("valid", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("best_number", sa.Integer(), nullable=True),
        sa.Column("best_objective", sa.Double(), nullable=True),
        sa.Column("seed_objective", sa.Double(), nullable=True),
        sa.Column("elapsed", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index(
        op.f("ix_runs_problem_digest_settings_digest"), "runs", ["problem_digest", "settings_digest"], unique=False
    )


def _create_candidates() -> None:
    op.create_table(
        "candidates",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("program_digest", sa.String(length=64), nullable=False),
        sa.Column("track", sa.Text(), nullable=False),
        sa.Column("island", sa.Integer(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["program_digest"], ["programs.digest"], name=op.f("fk_candidates_program_digest")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_candidates_run_id")),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_candidates")),
        sqlite_with_rowid=False,
    )


def _create_events() -> None:
    op.create_table(
        "events",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("elapsed", sa.Double(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_events_run_id")),
        sa.PrimaryKeyConstraint("run_id", "seq", name=op.f("pk_events")),
        sqlite_with_rowid=False,
    )


def _create_spending() -> None:
    op.create_table(
        "spending",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.Double(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_spending_run_id")),
        sa.PrimaryKeyConstraint("run_id", "seq", name=op.f("pk_spending")),
        sqlite_with_rowid=False,
    )


def _create_evaluations() -> None:
    op.create_table(
        "evaluations",
        sa.Column("run_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("objective", sa.Double(), nullable=True),
        sa.Column("stderr", sa.Double(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("wall", sa.Double(), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("measures", sa.JSON(), nullable=False),
        sa.Column("feedback", sa.Text(), nullable=False),
        sa.Column("artifacts", sa.JSON(), nullable=False),
        sa.Column("measurements", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "(status = 'valid') = (objective IS NOT NULL)", name=op.f("ck_evaluations_failure_has_no_objective")
        ),
        sa.ForeignKeyConstraint(
            ["run_id", "number"], ["candidates.run_id", "candidates.number"], name=op.f("fk_evaluations_run_id_number")
        ),
        sa.PrimaryKeyConstraint("run_id", "number", "purpose", name=op.f("pk_evaluations")),
    )


def _create_parentage() -> None:
    op.create_table(
        "parentage",
        sa.Column("run_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("child", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("parent", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id", "child"], ["candidates.run_id", "candidates.number"], name=op.f("fk_parentage_run_id_child")
        ),
        sa.ForeignKeyConstraint(
            ["run_id", "parent"], ["candidates.run_id", "candidates.number"], name=op.f("fk_parentage_run_id_parent")
        ),
        sa.PrimaryKeyConstraint("run_id", "child", "role", "position", name=op.f("pk_parentage")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_parentage_run_id_parent"), "parentage", ["run_id", "parent"], unique=False)


def _create_tells() -> None:
    op.create_table(
        "tells",
        sa.Column("run_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("island", sa.Integer(), nullable=False),
        sa.Column("cell", sa.Integer(), nullable=True),
        sa.Column("replaced", sa.Integer(), nullable=True),
        sa.Column("new_best", sa.Boolean(), nullable=False),
        sa.Column("gain", sa.Double(), nullable=True),
        sa.Column("elapsed", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id", "number"], ["candidates.run_id", "candidates.number"], name=op.f("fk_tells_run_id_number")
        ),
        sa.PrimaryKeyConstraint("run_id", "position", name=op.f("pk_tells")),
        sa.UniqueConstraint("run_id", "number", name=op.f("uq_tells_run_id_number")),
        sqlite_with_rowid=False,
    )
