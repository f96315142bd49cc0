"""Why candidates failed: kinds of failures, who made them, and what they were told most often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from evolve.domain import Status
from evolve.inspection.rates import LEVEL, Rate, rate_json
from evolve.inspection.reasons import folded, reason
from evolve.store import RunRow, Store
from evolve.store.failures import FeedbackRow
from evolve.store.funnel import FateRow

SAMPLE = 2_000
"""Of each status so many feedbacks are read, those of the latest candidates by number."""
MESSAGES = 3
"""Messages shown of a status, the most frequent ones."""


class Kind(StrEnum):
    """How far a failed candidate got."""

    NO_ANSWER = "no_answer"
    NO_PROGRAM = "no_program"
    NOT_RUN = "not_run"
    FAILED = "failed"
    REJECTED = "rejected"
    INFRASTRUCTURE = "infrastructure"


KINDS = {
    Kind.NO_ANSWER: ("no answer", "the model gave none that could be used"),
    Kind.NO_PROGRAM: ("no program", "no program could be made of the answer"),
    Kind.NOT_RUN: ("not run", "the program was proposed before"),
    Kind.FAILED: ("failed when run", "the program itself failed"),
    Kind.REJECTED: ("rejected by the evaluator", "it ran, and its result does not count"),
    Kind.INFRASTRUCTURE: ("infrastructure", "the sandbox failed, not the candidate"),
}
"""What kinds are called and what they mean."""

KIND_OF = {
    Status.NO_ANSWER: Kind.NO_ANSWER,
    Status.EMPTY: Kind.NO_ANSWER,
    Status.TRUNCATED: Kind.NO_ANSWER,
    Status.BLOCKED: Kind.NO_ANSWER,
    Status.NO_EDIT: Kind.NO_PROGRAM,
    Status.EDIT_NOT_APPLIED: Kind.NO_PROGRAM,
    Status.OUTSIDE_REGION: Kind.NO_PROGRAM,
    Status.DUPLICATE: Kind.NOT_RUN,
    Status.SYNTAX: Kind.FAILED,
    Status.CRASH: Kind.FAILED,
    Status.TIMEOUT: Kind.FAILED,
    Status.MEMORY: Kind.FAILED,
    Status.OUTPUT: Kind.FAILED,
    Status.WRONG: Kind.REJECTED,
    Status.SUSPECT: Kind.REJECTED,
    Status.INFRASTRUCTURE: Kind.INFRASTRUCTURE,
}
"""The kind of every failure."""


@dataclass(frozen=True, slots=True)
class Message:
    """What `candidates` of the sample were told; `example` is the latest of them. "" is no word at all.

    `exact` says that all were told this very line; else what differs is folded away, as `reasons.folded` says.
    """

    text: str
    candidates: int
    example: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Share:
    """How many failures of a status came from an operator or a model, of all it proposed that are settled."""

    name: str
    rate: Rate


@dataclass(frozen=True, slots=True)
class Failure:
    """A status: its share of all settled candidates, who made them, and the commonest messages.

    `sampled` candidates were read for the messages, of which `different` were told apart; the built-in proposer is the
    model "".
    """

    status: Status
    rate: Rate
    operators: Sequence[Share]
    models: Sequence[Share]
    messages: Sequence[Message]
    sampled: int
    different: int


@dataclass(frozen=True, slots=True)
class Failures:
    """The failures of a run by kind, the most frequent status of each first; the seed counts nowhere.

    `settled` candidates are evaluated, or failed before; `valid` of them did not fail.
    """

    settled: int
    valid: int
    kinds: Sequence[tuple[Kind, Sequence[Failure]]]
    sealed: bool
    """Whether programs were walled off from their scorer; without a wall, one can pass for valid."""

    @classmethod
    def of(cls, store: Store, run: RunRow) -> Failures:
        """Read it."""
        fates = [fate for fate in store.browse.fates(run.id) if fate.status is not None]
        settled = sum(fate.candidates for fate in fates)
        found = [
            _failure(status, fates, store.browse.feedbacks(run.id, status, SAMPLE))
            for status, _ in Counter({s: _count(fates, s) for s in KIND_OF}).most_common()
            if _count(fates, status)
        ]
        kinds = [(kind, [failure for failure in found if KIND_OF[failure.status] is kind]) for kind in Kind]
        valid = _count(fates, Status.VALID)
        return cls(settled, valid, [(kind, group) for kind, group in kinds if group], run.sealed)

    @property
    def failed(self) -> int:
        """How many candidates failed."""
        return self.settled - self.valid

    @property
    def sampled(self) -> bool:
        """Whether there are statuses of which not all feedbacks were read."""
        return any(failure.sampled < failure.rate.count for _, group in self.kinds for failure in group)


def _count(fates: Iterable[FateRow], status: Status) -> int:
    return sum(fate.candidates for fate in fates if fate.status is status)


def _failure(status: Status, fates: Sequence[FateRow], feedbacks: Sequence[FeedbackRow]) -> Failure:
    messages = _messages(feedbacks)
    return Failure(
        status,
        Rate(_count(fates, status), sum(fate.candidates for fate in fates)),
        _shares(status, fates, lambda fate: fate.operator),
        _shares(status, fates, lambda fate: fate.model),
        messages[:MESSAGES],
        sum(row.candidates for row in feedbacks),
        len(messages),
    )


def _shares(status: Status, fates: Iterable[FateRow], name: Callable[[FateRow], str]) -> list[Share]:
    failed: Counter[str] = Counter()
    proposed: Counter[str] = Counter()
    for fate in fates:
        proposed[name(fate)] += fate.candidates
        if fate.status is status:
            failed[name(fate)] += fate.candidates
    return [Share(who, Rate(count, proposed[who])) for who, count in failed.most_common()]


def _messages(feedbacks: Iterable[FeedbackRow]) -> list[Message]:
    """All messages of a sample, the commonest first; of equally common ones the one with the latest example."""
    lines: dict[str, Counter[str]] = {}
    latest: dict[str, int] = {}
    for row in feedbacks:
        line = reason(f"{row.head}\n{row.tail}" if row.tail else row.head)
        shape = folded(line)
        lines.setdefault(shape, Counter())[line] += row.candidates
        latest[shape] = max(row.number, latest.get(shape, 0))
    found = [
        Message(next(iter(told)) if len(told) == 1 else shape, told.total(), latest[shape], len(told) == 1)
        for shape, told in lines.items()
    ]
    return sorted(found, key=lambda message: (-message.candidates, -message.example))


def failures_json(found: Failures) -> dict[str, Any]:
    """As plain data; `level` is the confidence of the intervals, `sample` how many are read of a status at most."""
    return {
        "sealed": found.sealed,
        "settled": found.settled,
        "valid": found.valid,
        "failed": found.failed,
        "level": LEVEL,
        "sample": SAMPLE,
        "sampled": found.sampled,
        "kinds": [
            {
                "kind": kind.value,
                "title": KINDS[kind][0],
                "meaning": KINDS[kind][1],
                "count": sum(failure.rate.count for failure in group),
                "failures": [_failure_json(failure) for failure in group],
            }
            for kind, group in found.kinds
        ],
    }


def _failure_json(failure: Failure) -> dict[str, Any]:
    return {
        "status": failure.status.value,
        **rate_json(failure.rate),
        "operators": [{"name": share.name, **rate_json(share.rate)} for share in failure.operators],
        "models": [{"name": share.name, **rate_json(share.rate)} for share in failure.models],
        "messages": [asdict(message) for message in failure.messages],
        "sampled": failure.sampled,
        "different": failure.different,
    }
