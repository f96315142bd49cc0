"""What a run cost: money by who, for what and what became of it, over time; and where its seconds went."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from evolve.domain import Split, Status
from evolve.inspection.bill import Bill
from evolve.inspection.burn import Burn, calls_of
from evolve.inspection.failures import KIND_OF, KINDS
from evolve.report.spending import asks_models, replay_of
from evolve.store import RunRow, Store
from evolve.store.costs import AskedFor, CallsRow, EvaluatedRow, LooksRow, SpentSlice, ToldSlice

SLICES = 120
"""Stretches of equal time a run is divided into for its curves."""

NEW_BEST, IMPROVED, VALID, PENDING = "new_best", "improved", "valid", "pending"
FATES: Mapping[str, str] = {
    NEW_BEST: "new bests",
    IMPROVED: "better than their parent",
    VALID: "valid, but no better",
    **{kind.value: title for kind, (title, _) in KINDS.items()},
    PENDING: "not scored yet",
}
"""What money was spent on in the end, best first, and what that is called; failures go by their kind."""


@dataclass(frozen=True, slots=True)
class Part:
    """What some of the calls came to; `name` is a model, an operator, a step or one of `FATES`."""

    name: str
    bill: Bill


@dataclass(frozen=True, slots=True)
class Times:
    """Where the seconds of a run went.

    Evaluations ran on `slots` slots; further looks are with waiting for one. `asking` are the seconds of calls to
    models, with queueing and retries. All of it may have gone on at once, several times over.
    """

    elapsed: float
    slots: int
    evaluations: Sequence[EvaluatedRow]
    looks: Sequence[LooksRow]
    asking: float

    @property
    def evaluating(self) -> float:
        """Seconds spent on evaluations, held-out ones among them."""
        return sum(row.seconds for row in self.evaluations)

    @property
    def busy(self) -> float | None:
        """The share of the slots' time in which candidates were evaluated.

        None before any time has passed, and on noisy problems, for how long looks held a slot is not known.
        """
        if self.elapsed <= 0 or self.looks:
            return None
        return min(1.0, sum(row.seconds for row in self._runs) / (self.elapsed * self.slots))

    @property
    def calls_at_once(self) -> float | None:
        """How many calls were under way on average."""
        return self.asking / self.elapsed if self.elapsed > 0 else None

    @property
    def searched(self) -> int:
        """Candidates that were run to steer the search, the seed among them."""
        return sum(row.evaluations for row in self._runs)

    @property
    def each(self) -> float | None:
        """Mean seconds of such an evaluation."""
        return sum(row.seconds for row in self._runs) / self.searched if self.searched else None

    @property
    def _runs(self) -> list[EvaluatedRow]:
        return [row for row in self.evaluations if row.purpose is Split.SEARCH and row.status.costs_evaluation]


@dataclass(frozen=True, slots=True)
class Course:
    """How money, tokens and candidates grew over `SLICES` stretches of `width` run seconds."""

    width: float
    spent: Sequence[SpentSlice]
    told: Sequence[ToldSlice]


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of a run. `burn` has its sums, its limits and when they are used up; `total` what completions came to.

    `models`, `operators`, `steps` and `fates` are that total by who answered, what for, which question it was and what
    became of the candidate; the dearest first, fates as in `FATES`. `asked_for` counts the candidates behind it.
    `replay` says what answered instead of models ("" when they were asked): money is then what it cost when that was
    recorded, and calls took no time of this run. `asks` is False for a run of the built-in proposer alone.
    """

    run: RunRow
    burn: Burn
    total: Bill
    models: Sequence[Part]
    operators: Sequence[Part]
    steps: Sequence[Part]
    fates: Sequence[Part]
    asked_for: AskedFor
    times: Times
    course: Course
    replay: str
    asks: bool

    @classmethod
    def of(cls, store: Store, run: RunRow) -> Cost:
        """Read it."""
        browse, replay = store.browse, replay_of(run)
        money, evaluations = store.money(run.id), browse.evaluated(run.id)
        calls = browse.calls(run.id) if money.calls else []
        looks = browse.looked(run.id)
        total = sum(map(Bill.of, calls), Bill())
        searched = [row for row in evaluations if row.purpose is Split.SEARCH]
        made = sum(row.evaluations for row in searched if row.status.costs_evaluation) + sum(row.looks for row in looks)
        slots = int(run.settings.get("workers", {}).get("evaluations") or 1)
        return cls(
            run=run,
            burn=Burn.of(run, made, money, calls_of(store, run)),
            total=total,
            models=_by(calls, lambda row: row.model),
            operators=_by(calls, lambda row: row.operator),
            steps=_by(calls, lambda row: row.step),
            fates=sorted(_by(calls, fate_of), key=lambda part: list(FATES).index(part.name)),
            asked_for=browse.asked_for(run.id) if calls else AskedFor(),
            times=Times(run.summary.elapsed, slots, evaluations, looks, 0.0 if replay else total.seconds),
            course=_course(store, run, asked=bool(calls)),
            replay=replay,
            asks=asks_models(run) or bool(money.calls or money.spent_tokens or money.tokens_in_flight),
        )

    def dollars_per(self, count: int) -> float | None:
        """What completions cost, per one of `count`; None when a price is unknown, or there is none to divide by."""
        cost = self.total.known_cost
        return None if cost is None or not count else cost / count

    def most_per(self, count: int) -> float | None:
        """The same with the most that attempts without an answer may have cost."""
        cost = self.total.known_cost
        return None if cost is None or not count else (cost + self.burn.money.lost) / count


def fate_of(row: CallsRow) -> str:
    """Which of `FATES` the candidate of some calls came to."""
    if row.status is None:
        return PENDING
    if row.status is not Status.VALID:
        return KIND_OF[row.status].value
    return NEW_BEST if row.new_best else IMPROVED if row.improved else VALID


def _by(calls: Iterable[CallsRow], name: Callable[[CallsRow], str]) -> list[Part]:
    bills: dict[str, Bill] = {}
    for row in calls:
        bills[name(row)] = bills.get(name(row), Bill()) + Bill.of(row)
    parts = [Part(*item) for item in bills.items()]
    return sorted(parts, key=lambda part: (-part.bill.cost, -part.bill.tokens, part.name))


def _course(store: Store, run: RunRow, *, asked: bool) -> Course:
    # A little more than the whole time, so that what comes at its end is in the last slice and not beyond it.
    width = run.summary.elapsed * 1.000001 / SLICES
    if width <= 0:
        return Course(0.0, (), ())
    return Course(
        width, store.browse.spent_slices(run.id, width) if asked else (), store.browse.told_slices(run.id, width)
    )
