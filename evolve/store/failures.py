"""What failed candidates were told: the latest feedback of a status, equal texts counted once."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, String, case, func, literal, select, type_coerce

from evolve.domain import SEED_NUMBER, Split, Status
from evolve.store import codec
from evolve.store.models import EvaluationEntry, table_of

_evaluations = table_of(EvaluationEntry)

HEAD, TAIL = 2_000, 1_000
"""Characters read from the beginning of a feedback and, where it is longer, from its end: tracebacks say it there."""


@dataclass(frozen=True, slots=True)
class FeedbackRow:
    """What `candidates` were told word for word; the latest of them is `number`.

    `head` and `tail` are the beginning and the end of the text; `tail` is "" where `head` is all of it.
    """

    head: str
    tail: str
    candidates: int
    number: int


def feedbacks(connection: Connection, run_id: int, status: Status, latest: int) -> list[FeedbackRow]:
    """What the `latest` candidates by number that failed in this way were told; latest first."""
    # As it is stored: where a text is cut says nothing about the database's own way of writing characters.
    feedback = type_coerce(_evaluations.c.feedback, String)
    length = func.length(feedback)
    # No failure has an objective; said here, it lets the covering index give the latest numbers at once.
    sample = (
        select(
            _evaluations.c.number,
            func.substr(feedback, 1, HEAD).label("head"),
            case((length > HEAD, func.substr(feedback, length - TAIL + 1)), else_=literal("")).label("tail"),
        )
        .where(
            _evaluations.c.run_id == run_id,
            _evaluations.c.purpose == Split.SEARCH.value,
            _evaluations.c.status == status.value,
            _evaluations.c.objective.is_(None),
            _evaluations.c.number > SEED_NUMBER,
        )
        .order_by(_evaluations.c.number.desc())
        .limit(latest)
        .subquery()
    )
    newest = func.max(sample.c.number)
    query = select(sample.c.head, sample.c.tail, func.count(), newest).group_by(sample.c.head, sample.c.tail)
    return [
        FeedbackRow(codec.unescape(head), codec.unescape(tail), count, number)
        for head, tail, count, number in connection.execute(query.order_by(newest.desc()))
    ]
