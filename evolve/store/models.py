"""The tables as typed ORM models. Rows of logs are only ever inserted; only `runs` is updated.

docs/database.md explains them to people who open the database with another tool.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from evolve.store.columns import COLUMN_TYPES, Word


class Base(DeclarativeBase):
    """The root of the models; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = COLUMN_TYPES


def table_of(model: type[Base]) -> Table:
    """The Core table behind a model; bulk inserts go there, for ORM objects per row are too slow."""
    assert isinstance(model.__table__, Table)
    return model.__table__


class Run(Base):
    """A run, who holds it now, and counters kept in step with its log by the same transactions."""

    __tablename__ = "runs"
    __table_args__ = (
        Index(None, "problem_digest", "settings_digest"),
        Index(None, "kind", "id"),  # lists of searches, among the many times more trials of campaigns
        Index(None, "campaign", "name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    problem: Mapped[str]
    problem_path: Mapped[str]
    problem_digest: Mapped[Word]
    objective: Mapped[str]
    direction: Mapped[Word]
    seed: Mapped[Word]  # as text: a seed may be an integer of any size
    settings: Mapped[dict[str, Any]]
    settings_digest: Mapped[Word]
    versions: Mapped[dict[str, Any]]
    isolation: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    status: Mapped[Word]
    stop_reason: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None]

    lease_host: Mapped[str | None]
    lease_pid: Mapped[int | None]
    lease_process: Mapped[str | None]
    lease_token: Mapped[Word | None]
    heartbeat_at: Mapped[datetime | None]

    candidates: Mapped[int] = mapped_column(default=0)
    evaluated: Mapped[int] = mapped_column(default=0)
    valid: Mapped[int] = mapped_column(default=0)
    told: Mapped[int] = mapped_column(default=0)
    best_number: Mapped[int | None]
    best_objective: Mapped[float | None]
    seed_objective: Mapped[float | None]
    elapsed: Mapped[float] = mapped_column(default=0.0)
    spec: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    kind: Mapped[Word] = mapped_column(server_default="search")
    campaign: Mapped[int | None]


class ProgramText(Base):
    """The files of a program, stored once however many candidates and runs have them."""

    __tablename__ = "programs"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    files: Mapped[bytes] = mapped_column(LargeBinary)


class CandidateEntry(Base):
    """A program with a number and an origin in a run."""

    __tablename__ = "candidates"
    __table_args__ = ({"sqlite_with_rowid": False},)

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    program_digest: Mapped[str] = mapped_column(String(64), ForeignKey("programs.digest"))
    track: Mapped[Word]
    island: Mapped[int]
    operator: Mapped[str]
    tag: Mapped[str]
    fingerprint: Mapped[Word]
    idea: Mapped[str] = mapped_column(server_default="")
    model: Mapped[str] = mapped_column(server_default="")


class Parentage(Base):
    """Who a candidate comes from: role `parent` (receives credit) or `inspiration` (was only shown)."""

    __tablename__ = "parentage"
    __table_args__ = (
        ForeignKeyConstraint(["run_id", "child"], ["candidates.run_id", "candidates.number"]),
        ForeignKeyConstraint(["run_id", "parent"], ["candidates.run_id", "candidates.number"]),
        Index(None, "run_id", "parent"),
        {"sqlite_with_rowid": False},
    )

    run_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    child: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    role: Mapped[Word] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    parent: Mapped[int]


class EvaluationEntry(Base):
    """What a candidate got on the `search` or the `holdout` cases; a failure has no objective."""

    __tablename__ = "evaluations"
    __table_args__ = (
        ForeignKeyConstraint(["run_id", "number"], ["candidates.run_id", "candidates.number"]),
        CheckConstraint("(status = 'valid') = (objective IS NOT NULL)", name="failure_has_no_objective"),
        # Covers what lists and figures read: a row of this table is mostly JSON and does not bear being scanned.
        Index("ix_evaluations_covering", "run_id", "purpose", "status", "objective", "number", "wall"),
    )

    run_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    purpose: Mapped[Word] = mapped_column(primary_key=True)
    status: Mapped[Word]
    objective: Mapped[float | None]
    stderr: Mapped[float | None]
    n: Mapped[int | None]
    wall: Mapped[float]
    metrics: Mapped[dict[str, Any]]
    measures: Mapped[dict[str, Any]]
    feedback: Mapped[str]
    artifacts: Mapped[dict[str, Any]]
    measurements: Mapped[list[dict[str, Any]]]


class Tell(Base):
    """What the search made of a candidate; a run's state is its settings and these rows by `position`."""

    __tablename__ = "tells"
    __table_args__ = (
        ForeignKeyConstraint(["run_id", "number"], ["candidates.run_id", "candidates.number"]),
        UniqueConstraint("run_id", "number"),
        Index("ix_tells_covering", "run_id", "gain", "number"),  # lists sorted by gain
        {"sqlite_with_rowid": False},
    )

    run_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    outcome: Mapped[Word]
    island: Mapped[int]
    cell: Mapped[int | None]
    replaced: Mapped[int | None]
    new_best: Mapped[bool]
    gain: Mapped[float | None]
    elapsed: Mapped[float]
    lesson: Mapped[str] = mapped_column(server_default="")
    objective: Mapped[float | None]
    looks: Mapped[int] = mapped_column(server_default="0")


class RelookEntry(Base):
    """Further looks at a candidate of a noisy problem: with the tell at `position`, or after the last one."""

    __tablename__ = "relooks"
    __table_args__ = (
        ForeignKeyConstraint(["run_id", "number"], ["candidates.run_id", "candidates.number"]),
        Index(None, "run_id", "position"),
    )

    run_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int]
    number: Mapped[int]
    series: Mapped[Word]
    status: Mapped[Word]
    objective: Mapped[float | None]
    stderr: Mapped[float | None]
    n: Mapped[int]
    looks: Mapped[dict[str, Any]]
    wall: Mapped[float]
    feedback: Mapped[str]
    measurements: Mapped[list[dict[str, Any]]]


class EventEntry(Base):
    """Anything else that happened in a run, numbered from 1."""

    __tablename__ = "events"
    __table_args__ = ({"sqlite_with_rowid": False},)

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    elapsed: Mapped[float]
    kind: Mapped[str]
    data: Mapped[dict[str, Any]]
    position: Mapped[int | None]


class Spending(Base):
    """Something used up, perhaps by one candidate."""

    __tablename__ = "spending"
    __table_args__ = ({"sqlite_with_rowid": False},)

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    amount: Mapped[float]
    unit: Mapped[str]
    number: Mapped[int | None]


class Ask(Base):
    """A question for a model or a person; its candidate need not exist yet."""

    __tablename__ = "asks"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    turn: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    island: Mapped[int]
    operator: Mapped[str]
    step: Mapped[str]
    model: Mapped[str]
    prompt: Mapped[bytes] = mapped_column(LargeBinary)


_QUESTION = (["run_id", "number", "turn"], ["asks.run_id", "asks.number", "asks.turn"])


class Handout(Base):
    """Each time a question was put to somebody, and what was reserved for the answer."""

    __tablename__ = "handouts"
    __table_args__ = (ForeignKeyConstraint(*_QUESTION), {"sqlite_with_rowid": False})

    run_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    turn: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    attempt: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    asker: Mapped[Word]
    request_digest: Mapped[Word]
    money: Mapped[float | None]
    tokens: Mapped[int]
    expires_at: Mapped[datetime | None]


class Withdrawal(Base):
    """A hand-out that ended without an answer, and what it may have cost all the same."""

    __tablename__ = "withdrawals"
    __table_args__ = (
        ForeignKeyConstraint(
            ["run_id", "number", "turn", "attempt"],
            ["handouts.run_id", "handouts.number", "handouts.turn", "handouts.attempt"],
        ),
        {"sqlite_with_rowid": False},
    )

    run_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    turn: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    attempt: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    money: Mapped[float | None]
    tokens: Mapped[int]
    reason: Mapped[str]


_BILLED = ("cost", "lost", "prompt_tokens", "output_tokens", "lost_tokens")


class CompletionEntry(Base):
    """The answer to a question, or why there is none; found again by the digest of its request."""

    __tablename__ = "completions"
    # The digest first: led by `run_id`, SQLite would take the index for sums over a run, and jump about in the table.
    __table_args__ = (
        ForeignKeyConstraint(*_QUESTION),
        Index(None, "request_digest", "run_id", "number", "turn"),
        # What candidates cost, without the answers, which are most of a row.
        Index("ix_completions_covering", "run_id", "number", "turn", *_BILLED),
    )

    run_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    turn: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    request_digest: Mapped[Word]
    finish: Mapped[Word]
    model: Mapped[str]
    prompt_tokens: Mapped[int]
    cached_tokens: Mapped[int]
    output_tokens: Mapped[int]
    reasoning_tokens: Mapped[int]
    cost: Mapped[float | None]
    lost: Mapped[float]
    lost_tokens: Mapped[int]
    wall: Mapped[float]
    attempts: Mapped[int]
    reason: Mapped[str]
    elapsed: Mapped[float]
    at: Mapped[datetime]
    text: Mapped[bytes] = mapped_column(LargeBinary)


class ChainLink(Base):
    """An entry of a hash-chained log (`evolve.store.chain`); all but `seq` is text, hashed byte for byte."""

    __tablename__ = "chain_entries"
    # Without row ids there is one copy of a row and not two of its key, of which SQLite would read either.
    __table_args__ = (Index(None, "previous"), {"sqlite_with_rowid": False})

    chain: Mapped[Word] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[Word]
    kind: Mapped[Word]
    data: Mapped[Word]
    previous: Mapped[Word]
    hash: Mapped[Word]
