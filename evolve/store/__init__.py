"""The database: an append-only log of every run, by SQLAlchemy on SQLite or PostgreSQL.

Importing this package imports SQLAlchemy; what `evolve --help` needs must not.
"""

from evolve.store.curves import Standing
from evolve.store.lease import Holder
from evolve.store.records import (
    CandidateRow,
    CurvePoint,
    Evaluated,
    Event,
    EventRow,
    LineageRow,
    NewRun,
    Proposed,
    Record,
    RunRow,
    RunStatus,
    RunSummary,
    Spent,
    SpentRow,
    TellRow,
    Told,
    UntoldRow,
)
from evolve.store.store import Store, open_store

__all__ = [
    "CandidateRow",
    "CurvePoint",
    "Evaluated",
    "Event",
    "EventRow",
    "Holder",
    "LineageRow",
    "NewRun",
    "Proposed",
    "Record",
    "RunRow",
    "RunStatus",
    "RunSummary",
    "Spent",
    "SpentRow",
    "Standing",
    "Store",
    "TellRow",
    "Told",
    "UntoldRow",
    "open_store",
]
