"""Who won, on a noisy problem: chosen by fresh looks, and reported by others that chose nothing.

Of many candidates the one that looks best was lucky. The looks that chose it cannot say by how much, so others report
it (docs/statistics.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from evolve.budget import Budget
from evolve.config import NoiseSettings
from evolve.domain import Candidate, Estimate, Evaluation, Relook, Series, Status
from evolve.events import FinalsStarted, Observer
from evolve.look import PatientEvaluator
from evolve.noise import FIRST_ROUND
from evolve.relook import joined, relook_of
from evolve.search import Search
from evolve.store import Store
from evolve.teller import Teller

CONFIRM_SHARE = 3
"""One in so many of the looks that are left is kept for reporting the winner."""
CONFIRM_ROUND = 4
"""Looks at the winner between two looks at the clock; what it is reported by never depends on what they showed."""
FEWEST = 2
"""With fewer looks there is no interval."""


@dataclass(frozen=True, slots=True)
class Winner:
    """The best candidate of a run, and what looks that chose nothing say of it: None where there is no noise."""

    number: int | None
    confirmed: Estimate | None = None


class Finals:
    """Chooses and confirms the winner of a search that is over, and measures on held-out cases.

    Args:
        store: Holds what earlier finals of the run have seen.
        run_id: The run.
        search: Over.
        evaluator: Looks.
        budget: Every look counts as an evaluation; some were kept for this.
        teller: Tells the search, and the log, what was seen.
        noise: How many looks are worth it.
        observers: Hear that it begins.
    """

    def __init__(
        self,
        store: Store,
        run_id: int,
        search: Search,
        evaluator: PatientEvaluator,
        budget: Budget,
        teller: Teller,
        noise: NoiseSettings,
        observers: Sequence[Observer] = (),
    ) -> None:
        self._store = store
        self._run_id = run_id
        self._search = search
        self._evaluator = evaluator
        self._budget = budget
        self._teller = teller
        self._noise = noise
        self._observers = observers

    async def winner(self) -> Winner:
        """Choose among the finalists, and look at the chosen one again; a candidate that fails a look is out.

        Without noise the winner is the best of the search, and so it is when none of them stands the looks.
        """
        if not self._search.noisy or not self._noise.final_looks:
            return Winner(self._search.best)
        self._budget.begin_finals()
        failed: set[int] = set()
        while finalists := tuple(n for n in self._search.finalists(self._noise.finalists) if n not in failed):
            for observer in self._observers:
                observer(FinalsStarted(finalists))
            chosen = await self._chosen(finalists, failed)
            if chosen is None:
                continue
            relook = self._confirmed(chosen) or await self._confirm(chosen)
            if relook is None or relook.status is Status.VALID:
                await self._teller.crown(chosen)
                return Winner(chosen, Estimate.of(relook.values.values()) if relook and relook.values else None)
            failed.add(chosen)
        return Winner(self._search.best)

    async def holdout(self, number: int) -> Evaluation | None:
        """A candidate on the held-out cases; None when the problem has none. What was measured before is not again."""
        row = self._store.candidate(self._run_id, number)
        if row.holdout is not None:
            return row.holdout
        evaluation = await self._evaluator.holdout(Candidate(number, row.program, row.origin))
        if evaluation is not None:
            await self._teller.measured(number, evaluation)
        return evaluation

    async def disqualify(self, number: int, held: Evaluation) -> None:
        """Take a candidate that was found out on held-out cases out of the run, with its descendants."""
        await self._teller.take_in([Relook(number, held.status, feedback=held.feedback, series=Series.HOLDOUT)])

    async def _chosen(self, finalists: Sequence[int], failed: set[int]) -> int | None:
        """The best of the finalists by fresh looks; None when some `failed`, for then others come in."""
        first, halfway = self._store.last_look(self._run_id, Series.FINAL) + 1, self._budget.halfway()
        seen: dict[int, Relook] = {}
        left, before = list(finalists), 0
        while len(left) > 1 and before < self._noise.final_looks and not halfway():
            most = min(max(FIRST_ROUND, 2 * before), self._noise.final_looks)
            left = left[: self._for_choosing() // (most - before)]
            if len(left) < 2:
                break
            fresh = await self._looks(left, range(first + before, first + most), Series.FINAL)
            seen = {number: joined(seen.get(number), relook) for number, relook in fresh.items()} | {
                number: relook for number, relook in seen.items() if number not in fresh
            }
            if out := {number for number, relook in seen.items() if relook.status is not Status.VALID}:
                failed |= out
                await self._teller.take_in(tuple(seen.values()))
                return None
            left = sorted(left, key=lambda number: self._mean(seen.get(number)))[: (len(left) + 1) // 2]
            before = most
        if seen:
            await self._teller.take_in(tuple(seen.values()))
        return left[0] if left else finalists[0]

    def _for_choosing(self) -> int:
        """Looks that may be spent now, some being kept for reporting."""
        spare = self._budget.spare(self._noise.finalists * self._noise.final_looks)
        return spare - min(self._noise.final_looks, spare // CONFIRM_SHARE)

    def _mean(self, relook: Relook | None) -> float:
        """Sorts best first; who could not be looked at comes last."""
        if relook is None or not relook.values:
            return float("inf")
        return -self._search.sign * Estimate.of(relook.values.values()).mean

    def _confirmed(self, number: int) -> Relook | None:
        """What earlier finals saw of the same winner: it chose nothing then, and chooses nothing now."""
        stored = self._store.relooks(self._run_id, number)
        return next((look for look in stored if look.series is Series.CONFIRM and len(look.values) >= FEWEST), None)

    async def _confirm(self, number: int) -> Relook | None:
        looks = self._budget.spare(self._noise.final_looks)
        if looks < FEWEST:
            return None
        relook: Relook | None = None
        for first in range(0, looks, CONFIRM_ROUND):
            if relook is not None and (self._budget.overdue or relook.status is not Status.VALID):
                break
            fresh = await self._looks([number], range(first, min(first + CONFIRM_ROUND, looks)), Series.CONFIRM)
            if number not in fresh:
                break
            relook = joined(relook, fresh[number])
        if relook is not None:
            await self._teller.take_in([relook])
        return relook

    async def _looks(self, numbers: Sequence[int], looks: range, series: Series) -> dict[int, Relook]:
        """Fresh looks at some candidates, in turn and every other time in reverse: a slower machine favours nobody."""
        rows = {number: self._store.candidate(self._run_id, number) for number in numbers}
        turns = [(number, look) for look in looks for number in (numbers if look % 2 else reversed(numbers))]
        for _ in turns:
            self._budget.reserve()
        again = (self._evaluator.again(number, rows[number].program, look, series) for number, look in turns)
        found: dict[int, Relook] = {}
        for (number, look), evaluation in zip(turns, await asyncio.gather(*again), strict=True):
            before = found.get(number)
            failed = before is not None and before.status is not Status.VALID
            if evaluation is None or (failed and evaluation.status is not Status.VALID):
                self._budget.release()
                continue
            found[number] = joined(before, replace(relook_of(number, look, evaluation), series=series))
        return found
