"""The database: an append-only log of every run, by SQLAlchemy on SQLite or PostgreSQL.

Importing this package imports SQLAlchemy; what `evolve --help` needs must not.
"""

from evolve.store.ancestry import LineageRow
from evolve.store.chain import ChainEntry, ChainSummary, NewEntry, Verification, campaign_chain
from evolve.store.curves import Standing
from evolve.store.dialogue import (
    MODEL,
    PERSON,
    Answered,
    Asked,
    AskedRow,
    Bill,
    CompletionRow,
    MoneyRow,
    QuestionRow,
    UsageRow,
    Withdrawn,
    bill_of,
)
from evolve.store.lease import Holder
from evolve.store.opening import open_store
from evolve.store.records import (
    CandidateRow,
    CurvePoint,
    Evaluated,
    Event,
    EventRow,
    Leads,
    Looked,
    NewRun,
    Proposed,
    Record,
    Remarks,
    RunKind,
    RunRow,
    RunStatus,
    RunSummary,
    Spent,
    SpentRow,
    TellRow,
    Told,
    UntoldRow,
)
from evolve.store.store import Store

__all__ = [
    "MODEL",
    "PERSON",
    "Answered",
    "Asked",
    "AskedRow",
    "Bill",
    "CandidateRow",
    "ChainEntry",
    "ChainSummary",
    "CompletionRow",
    "CurvePoint",
    "Evaluated",
    "Event",
    "EventRow",
    "Holder",
    "Leads",
    "LineageRow",
    "Looked",
    "MoneyRow",
    "NewEntry",
    "NewRun",
    "Proposed",
    "QuestionRow",
    "Record",
    "Remarks",
    "RunKind",
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
    "UsageRow",
    "Verification",
    "Withdrawn",
    "bill_of",
    "campaign_chain",
    "open_store",
]
