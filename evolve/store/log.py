"""Writing a batch to a run's log, as one bulk insert per table inside the caller's transaction."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Double, Insert, ScalarSelect, Table, bindparam, case, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from evolve.domain import SEED_NUMBER, Split
from evolve.errors import DatabaseError, NotFound
from evolve.store import codec, lease
from evolve.store.batch import Batch, Columns
from evolve.store.models import (
    Ask,
    CandidateEntry,
    CompletionEntry,
    EvaluationEntry,
    EventEntry,
    Handout,
    Parentage,
    ProgramText,
    RelookEntry,
    Run,
    Spending,
    Tell,
    Withdrawal,
    table_of,
)

_runs, _programs, _candidates, _parentage = map(table_of, (Run, ProgramText, CandidateEntry, Parentage))
_evaluations, _tells, _events, _spending = map(table_of, (EvaluationEntry, Tell, EventEntry, Spending))
_relooks = table_of(RelookEntry)
_asks, _handouts, _withdrawals, _completions = map(table_of, (Ask, Handout, Withdrawal, CompletionEntry))

# Every statement is made once, so that SQLAlchemy finds its compiled form at once.
_INSERT = {
    table: insert(table)
    for table in (_candidates, _parentage, _evaluations, _tells, _relooks, _events, _spending, _completions)
}
_ADD: dict[str, dict[Table, Insert]] = {
    "sqlite": {table: sqlite.insert(table).on_conflict_do_nothing() for table in (_programs, _asks)},
    "postgresql": {table: postgresql.insert(table).on_conflict_do_nothing() for table in (_programs, _asks)},
}
"""For rows that may be there already."""
_THIS_RUN = _runs.c.id == bindparam("run")
_COUNT = (
    update(_runs)
    .where(_THIS_RUN)
    .values(
        candidates=_runs.c.candidates + bindparam("more_candidates"),
        evaluated=_runs.c.evaluated + bindparam("more_evaluated"),
        valid=_runs.c.valid + bindparam("more_valid"),
        told=_runs.c.told + bindparam("more_told"),
        elapsed=case((_runs.c.elapsed < bindparam("until"), bindparam("until")), else_=_runs.c.elapsed),
    )
)
_COUNT_HELD = _COUNT.where(_runs.c.lease_token == bindparam("token"))


def _search_objective(candidate: str) -> ScalarSelect[Any]:
    return (
        select(_evaluations.c.objective)
        .where(
            _evaluations.c.run_id == bindparam("run"),
            _evaluations.c.number == bindparam(candidate),
            _evaluations.c.purpose == Split.SEARCH.value,
        )
        .scalar_subquery()
    )


_NOTE_BEST = (
    update(_runs)
    .where(_THIS_RUN)
    .values(
        best_number=bindparam("best"),
        best_objective=func.coalesce(bindparam("its_objective", type_=Double), _search_objective("best")),
    )
)
_NOTE_SEED = (
    update(_runs)
    .where(_THIS_RUN)
    .values(seed_objective=func.coalesce(bindparam("its_objective", type_=Double), _search_objective("seed_number")))
)
_LAST_SEQ = {
    table: select(func.coalesce(func.max(table.c.seq), 0)).where(table.c.run_id == bindparam("run"))
    for table in (_relooks, _events, _spending)
}


def write(connection: Connection, batch: Batch, token: str | None) -> None:
    """Insert a batch and bring the run's counters in step.

    With the `token` of a lease the run must still be held under it. Raises NotFound for an unknown run, RunBusy
    for a lost one, DatabaseError for a tell without an evaluation; the caller's transaction must then roll back.
    """
    _count(connection, batch, token)
    if batch.programs:
        connection.execute(_ADD[connection.dialect.name][_programs], list(batch.programs.values()))
    _insert(connection, _candidates, batch.candidates)
    _insert(connection, _parentage, batch.parentage)
    _insert(connection, _evaluations, batch.evaluations)
    _insert(connection, _tells, batch.tells)
    _insert_numbered(connection, _relooks, batch.run_id, batch.relooks)
    _insert_numbered(connection, _events, batch.run_id, batch.events)
    _insert_numbered(connection, _spending, batch.run_id, batch.spending)
    _ask(connection, batch)
    _insert(connection, _completions, batch.completions)
    _require_evaluations(connection, batch)
    if batch.best is not None:
        connection.execute(_NOTE_BEST, {"run": batch.run_id, "best": batch.best, "its_objective": batch.best_objective})
    if batch.seed_scored:
        values = {"run": batch.run_id, "seed_number": SEED_NUMBER, "its_objective": batch.seed_objective}
        connection.execute(_NOTE_SEED, values)


def _count(connection: Connection, batch: Batch, token: str | None) -> None:
    # First of all, for on PostgreSQL it locks the run's row and so orders two writers.
    values = {
        "run": batch.run_id,
        "more_candidates": len(batch.candidates),
        "more_evaluated": len(batch.evaluated),
        "more_valid": batch.valid,
        "more_told": len(batch.tells),
        "until": batch.elapsed,
    }
    if token is None:
        if connection.execute(_COUNT, values).rowcount == 0:
            raise NotFound(f"there is no run {batch.run_id}")
    elif connection.execute(_COUNT_HELD, {**values, "token": token}).rowcount == 0:
        raise lease.lost(batch.run_id)


def _insert(connection: Connection, table: Table, rows: list[Columns]) -> None:
    if rows:
        connection.execute(_INSERT[table], rows)


def _insert_numbered(connection: Connection, table: Table, run_id: int, rows: list[Columns]) -> None:
    if rows:
        last = connection.execute(_LAST_SEQ[table], {"run": run_id}).scalar_one()
        _insert(connection, table, [{**row, "seq": seq} for seq, row in enumerate(rows, start=last + 1)])


def _require_evaluations(connection: Connection, batch: Batch) -> None:
    """A tell without an evaluation could not be replayed."""
    open_numbers = {row["number"] for row in batch.tells} - batch.evaluated
    if not open_numbers:
        return
    there = connection.scalars(
        select(_evaluations.c.number).where(
            _evaluations.c.run_id == batch.run_id,
            _evaluations.c.number.in_(open_numbers),
            _evaluations.c.purpose == Split.SEARCH.value,
        )
    )
    if missing := open_numbers - set(there):
        raise DatabaseError(f"run {batch.run_id}: candidate {min(missing)} was told before it was evaluated")


def _hand_out(table: Table, attempt: Any) -> Insert:
    key: Columns = {
        column: bindparam(f"of_{name}") for column, name in (("run_id", "run"), ("number", "number"), ("turn", "turn"))
    }
    mine = [_handouts.c[column] == value for column, value in key.items()]
    return insert(table).values(**key, attempt=select(attempt).where(*mine).scalar_subquery())


# The n-th hand-out of a question is attempt n - 1, and what is taken back is the latest.
_HAND = {False: _hand_out(_handouts, func.count()), True: _hand_out(_withdrawals, func.max(_handouts.c.attempt))}


def _ask(connection: Connection, batch: Batch) -> None:
    """Store questions, and that they were handed out; a question that is there already is only handed out again."""
    if batch.asks:
        added = connection.execute(_ADD[connection.dialect.name][_asks], batch.asks).rowcount
        if added != len(batch.asks):
            _require_same(connection, batch)
    for back, handed in groupby(batch.handed, key=lambda row: row.back):
        connection.execute(_HAND[back], [row.columns for row in handed])


def _require_same(connection: Connection, batch: Batch) -> None:
    """A question handed out again is the one that was stored, and has no answer yet."""
    for row in batch.asks:
        key = {name: row[name] for name in ("run_id", "number", "turn")}
        name = f"run {batch.run_id}: question {row['turn']} of candidate {row['number']}"
        stored: bytes = connection.execute(select(_asks.c.prompt).filter_by(**key)).scalar_one()
        if codec.unpack_data(stored) != codec.unpack_data(row["prompt"]):
            raise DatabaseError(f"{name} was asked before, with another prompt; ask it with a turn of its own")
        if connection.scalar(select(_completions.c.number).filter_by(**key)) is not None:
            raise DatabaseError(f"{name} has its answer already; use that instead of asking again")
