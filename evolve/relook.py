"""Looks again at those who compete, before a candidate is told: `Search.further` says at whom, the budget how often."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

from evolve.budget import Budget
from evolve.domain import SEED_NUMBER, Candidate, Evaluation, Program, Relook, Status
from evolve.look import PatientEvaluator, require_valid_seed
from evolve.noise import Wanted
from evolve.search import Search

Found = dict[int, Relook]
"""Further looks by candidate number."""


class Relooker:
    """Makes the looks that a search wants before a tell.

    Args:
        search: Says who is to be looked at again; a function of what it was told.
        evaluator: Looks.
        budget: Every look counts as one evaluation.
        timing: Looks are taken one by one, in the order asked for: only neighbours in time can be compared.
    """

    def __init__(self, search: Search, evaluator: PatientEvaluator, budget: Budget, *, timing: bool = False) -> None:
        self._search = search
        self._evaluator = evaluator
        self._budget = budget
        self._alone = asyncio.Lock() if timing else None
        self.done = 0

    async def settle(self, candidate: Candidate, evaluation: Evaluation) -> tuple[Relook, ...]:
        """Look until the search wants no more, or the budget is spent; what was seen, by candidate.

        It ends early when the sandbox fails for good, which is no candidate's fault. Raises ProblemError when a further
        look at the seed fails.
        """
        async with AsyncExitStack() as stack:
            if self._alone is not None:
                await stack.enter_async_context(self._alone)
            found: Found = {}
            allowed = self._budget.spare(sys.maxsize)  # a stop frees evaluations: they must not decide anything here
            while wanted := self._search.further(candidate, evaluation, tuple(found.values())):
                if candidate.number == SEED_NUMBER and not found:
                    wanted = wanted[:1]  # where the second look is the first one again there is no noise to measure
                wanted = wanted[: min(allowed, self._budget.spare(len(wanted)))]
                allowed -= len(wanted)
                if not wanted or not await self._look(candidate, wanted, found):
                    break
                if candidate.number == SEED_NUMBER and _same(evaluation, found[SEED_NUMBER]):
                    self._budget.release()
                    self.done -= 1
                    return ()
            return tuple(found.values())

    async def _look(self, candidate: Candidate, wanted: Sequence[Wanted], found: Found) -> bool:
        """Make these looks and note what they gave; False when one could not be made."""
        programs = self._programs(candidate, wanted)
        if programs is None:
            return False
        for _ in wanted:
            self._budget.reserve()
        if self._alone is None:
            seen = await asyncio.gather(*(self._once(want, programs) for want in wanted))
        else:
            seen = [await self._once(want, programs) for want in wanted]
        complete = True
        for want, evaluation in zip(wanted, seen, strict=True):
            if evaluation is not None and want.number == SEED_NUMBER == candidate.number:
                require_valid_seed(evaluation)
            if evaluation is None or (want.number == SEED_NUMBER and evaluation.status is not Status.VALID):
                complete = False  # the seed is what everything goes back to: it stays
            elif _note(found, want, evaluation):
                self.done += 1
                continue
            self._budget.release()
        return complete

    def _programs(self, candidate: Candidate, wanted: Sequence[Wanted]) -> Mapping[int, Program] | None:
        programs = {candidate.number: candidate.program}
        for want in wanted:
            text = self._search.text(want.number)
            if want.number not in programs and text is None:
                return None
            if text is not None:
                programs.setdefault(want.number, text.program)
        return programs

    async def _once(self, want: Wanted, programs: Mapping[int, Program]) -> Evaluation | None:
        return await self._evaluator.again(want.number, programs[want.number], want.look)


def relook_of(number: int, look: int, evaluation: Evaluation) -> Relook:
    """One further look as a record."""
    values = {} if evaluation.objective is None else {look: evaluation.objective.mean}
    feedback = "" if evaluation.objective is not None else evaluation.feedback
    return Relook(number, evaluation.status, values, feedback, evaluation.measurements, evaluation.wall)


def joined(before: Relook | None, after: Relook) -> Relook:
    """Looks at one candidate together; the first failure stands."""
    if before is None:
        return after
    failure = before if before.status is not Status.VALID else after
    return replace(
        before,
        status=failure.status,
        feedback=failure.feedback,
        values={**before.values, **after.values},
        measurements=(*before.measurements, *after.measurements),
        wall=before.wall + after.wall,
    )


def _note(found: Found, want: Wanted, evaluation: Evaluation) -> bool:
    """Add a look to those found; a second failure of one candidate says nothing new, and is left out."""
    before = found.get(want.number)
    if before is not None and before.status is not Status.VALID and evaluation.status is not Status.VALID:
        return False
    found[want.number] = joined(before, relook_of(want.number, want.look, evaluation))
    return True


def _same(evaluation: Evaluation, relook: Relook) -> bool:
    """Whether a second look agrees with the first in every metric of every case, to the last bit."""
    first, second = evaluation.measurements, relook.measurements
    return [(look.case, look.metrics) for look in first] == [(look.case, look.metrics) for look in second]
