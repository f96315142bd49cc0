"""A run that is compared with others: where it stood as it went on, and what its best is worth in the end."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from evolve.domain import Split
from evolve.errors import UserError
from evolve.store import RunRow, Standing, Store

_ROUNDING = 1e-9


class Axis(StrEnum):
    """What runs are given equal amounts of."""

    EVALUATIONS = "evaluations"
    MONEY = "money"
    TOKENS = "tokens"


@dataclass(frozen=True, slots=True)
class Entrant:
    """One run: where it stood as it went on, and its final best on the held-out cases, if that was measured.

    The bests of `standings` are as they were told, but for the last one: that is what the run itself says of its best
    in the end, by looks that chose nothing where there were some. `settled` is the first standing after which no
    better one was told, and `noisy` says that further looks had a part in the final best.
    """

    run: RunRow
    standings: Sequence[Standing]
    held_out: float | None
    settled: int
    noisy: bool

    @classmethod
    def of(cls, store: Store, run: RunRow) -> Entrant:
        """Read it. Raises UserError when the seed program has no score yet."""
        told = store.standings(run.id)
        if not told:
            raise UserError(f"run {run.id} has not scored its seed program yet; go on with it, or leave it out")
        last, summary = told[-1], run.summary
        final = summary.best_objective if summary.confirmed is None else summary.confirmed.mean
        value = last.best if final is None else final
        return cls(
            run,
            [*told[:-1], replace(last, best=value)],
            _held_out(store, run),
            settled=next(index for index, standing in enumerate(told) if standing.best == last.best),
            noisy=summary.confirmed is not None or value != last.best,
        )

    @property
    def end(self) -> Standing:
        """Where the run stands now."""
        return self.standings[-1]

    def used(self, axis: Axis) -> float | None:
        """What it has used up in all; None when nobody knows."""
        return _used(self.end, axis)

    def best_at(self, axis: Axis, amount: float) -> float:
        """Its best objective when it had used up no more than `amount`, as it was told then."""
        return self.bests_at(axis, [amount])[0]

    def bests_at(self, axis: Axis, amounts: Iterable[float]) -> list[float]:
        """Its best objective at each of several amounts."""
        return [self.standings[place].best for place in self._places(axis, amounts)]

    def settled_at(self, axis: Axis, amount: float) -> bool:
        """Whether no better one was told after it had used up `amount`."""
        return self._places(axis, [amount])[0] >= self.settled

    def verdict_at(self, axis: Axis, amount: float) -> float:
        """What counts at the largest amount of a comparison: the final best, if it was settled by then."""
        return self.end.best if self.settled_at(axis, amount) else self.best_at(axis, amount)

    def _places(self, axis: Axis, amounts: Iterable[float]) -> list[int]:
        used = [_used(standing, axis) for standing in self.standings]
        known = [value for value in used if value is not None]
        return [max(1, bisect_right(known, each * (1 + _ROUNDING))) - 1 for each in amounts]


def _used(standing: Standing, axis: Axis) -> float | None:
    if axis is Axis.EVALUATIONS:
        return standing.evaluations
    return standing.cost if axis is Axis.MONEY else standing.tokens


def _held_out(store: Store, run: RunRow) -> float | None:
    best = run.summary.best_number
    held = None if best is None else store.evaluation(run.id, best, Split.HOLDOUT)
    objective = None if held is None else held.objective
    return None if objective is None else objective.mean
