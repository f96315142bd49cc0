"""What became of candidates and what they took, in numbers that can be added up."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from evolve.domain import Status
from evolve.inspection.bill import Bill, bill_json
from evolve.inspection.rates import Rate, rate_json
from evolve.store.accounts import UNAPPLIED, UNPARSED
from evolve.store.funnel import FateRow

STEPS = ("parsed", "applied", "valid", "improved", "new_cell", "new_best")
"""How far a candidate may get: the counts of a tally whose share of the settled candidates is of interest."""
SUCCESSES = ("improved", "new_best")
"""The steps that are worth money."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of some candidates, and what they took.

    `settled` candidates are evaluated, or failed before; `parsed` ones had an edit in their answer, `applied` ones a
    program; `evaluated` ones were run, for `evaluation_seconds`. Of the `valid` ones some `improved` on their first
    parent, opened a `new_cell`, or became a `new_best`. `bill` is what was asked of models for them.
    """

    proposed: int = 0
    settled: int = 0
    parsed: int = 0
    applied: int = 0
    evaluated: int = 0
    valid: int = 0
    improved: int = 0
    new_cell: int = 0
    new_best: int = 0
    evaluation_seconds: float = 0.0
    bill: Bill = field(default_factory=Bill)

    @classmethod
    def of(cls, row: FateRow) -> Tally:
        """Of candidates of one status."""
        status, count = row.status, row.candidates
        if status is None:
            return cls(proposed=count)
        return cls(
            proposed=count,
            settled=count,
            parsed=count if status not in UNPARSED else 0,
            applied=count if status not in UNAPPLIED else 0,
            evaluated=count if status.costs_evaluation else 0,
            valid=count if status is Status.VALID else 0,
            improved=row.improved,
            new_cell=row.new_cell,
            new_best=row.new_best,
            evaluation_seconds=row.seconds,
        )

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    @property
    def seconds(self) -> float:
        """Of calls and evaluations together; some of them may have passed at the same time."""
        return self.bill.seconds + self.evaluation_seconds

    def rate(self, step: str) -> Rate:
        """The share of settled candidates that got as far as one of `STEPS`."""
        return Rate(getattr(self, step), self.settled)

    def dollars_per(self, step: str) -> Price:
        """US dollars of a success, one of `SUCCESSES`; `high` with the most that attempts without an answer cost."""
        return Price.of(self.bill.known_cost, self.rate(step), self.bill.lost)

    def seconds_per(self, step: str) -> Price:
        """Seconds of a success."""
        return Price.of(self.seconds, self.rate(step))


@dataclass(frozen=True, slots=True)
class Price:
    """What one success took on average (None without one), and at what least and most it can be put.

    `low` and `high` are what a candidate took over the ends of the interval of the success rate: they say how little a
    few successes tell. What may have been spent on top is in `high` alone, which is None when the rate may as well be
    zero. All are None where nothing is known.
    """

    each: float | None = None
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, total: float | None, rate: Rate, extra: float = 0.0) -> Price:
        """When `total` was spent on the trials of `rate`, and `extra` at most on top."""
        if total is None or rate.interval is None:
            return cls()
        low, high = rate.interval
        least, most = total / rate.of, (total + extra) / rate.of
        return cls(total / rate.count if rate.count else None, least / high, most / low if low > 0 else None)


def tally_json(tally: Tally) -> dict[str, Any]:
    """As plain data, with shares and prices."""
    counts = {each.name: getattr(tally, each.name) for each in fields(tally) if each.name != "bill"}
    return {
        **counts,
        "seconds": tally.seconds,
        "bill": bill_json(tally.bill),
        "rates": {step: rate_json(tally.rate(step)) for step in STEPS},
        "dollars_per": {step: asdict(tally.dollars_per(step)) for step in SUCCESSES},
        "seconds_per": {step: asdict(tally.seconds_per(step)) for step in SUCCESSES},
    }
