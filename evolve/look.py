"""Evaluating with patience: a failing sandbox is retried, a choking evaluator is contained, neither becomes a score."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from evolve.domain import SEED_NUMBER, Candidate, Evaluation, Program, Series, Status
from evolve.errors import EvaluatorError, ProblemError, SandboxUnavailable
from evolve.evaluate import Evaluator
from evolve.events import EvaluationRetried, Observer

INFRASTRUCTURE_LIMIT = 5
"""Candidates in a row that the sandbox may fail to run, retries included, before the run stops."""
UNSCORABLE_LIMIT = 50
"""Candidates in a row that the author's evaluator may choke on before the run stops."""
RETRY_SECONDS = 0.1
"""First pause after a sandbox failure; it doubles with every further attempt."""

_T = TypeVar("_T")


class PatientEvaluator:
    """An `Evaluator` whose failures that are not the candidate's are retried and bounded.

    Args:
        evaluator: What really looks.
        retries: Further attempts after the sandbox failed.
        observers: Hear of every retry.
    """

    def __init__(self, evaluator: Evaluator, retries: int, observers: Sequence[Observer] = ()) -> None:
        self._evaluator = evaluator
        self._retries = retries
        self._observers = observers
        self._unavailable = 0
        self._unscorable = 0

    @property
    def timing(self) -> bool:
        """Whether scores depend on how fast programs run."""
        return self._evaluator.timing

    async def search(self, candidate: Candidate) -> Evaluation:
        """Evaluate on the search cases.

        Raises:
            SandboxUnavailable: for `INFRASTRUCTURE_LIMIT` candidates in a row, or for the seed.
            EvaluatorError: for `UNSCORABLE_LIMIT` candidates in a row, or for the seed.
        """
        try:
            evaluation = await self._retried(candidate.number, lambda: self._evaluator.search(candidate.program))
        except SandboxUnavailable as error:
            self._unavailable += 1
            if candidate.number == SEED_NUMBER or self._unavailable >= INFRASTRUCTURE_LIMIT:
                raise
            return Evaluation(Status.INFRASTRUCTURE, feedback=str(error))
        except EvaluatorError as error:
            self._unscorable += 1
            if candidate.number == SEED_NUMBER or self._unscorable >= UNSCORABLE_LIMIT:
                raise
            return _unscorable(error)
        self._unavailable = self._unscorable = 0
        return evaluation

    async def again(
        self, number: int, program: Program, look: int, series: Series = Series.SEARCH
    ) -> Evaluation | None:
        """One more look at a candidate that was valid; None when the sandbox could not be had for it."""
        try:
            return await self._retried(number, lambda: self._evaluator.again(program, look, series))
        except SandboxUnavailable:
            return None  # the next evaluation meets the same obstacle, and says so
        except EvaluatorError as error:
            return _unscorable(error)

    async def seed(self, candidate: Candidate) -> Evaluation:
        """Evaluate the seed program on the search cases.

        Raises ProblemError when it is not valid, and what `search` raises.
        """
        evaluation = await self.search(candidate)
        require_valid_seed(evaluation)
        return evaluation

    async def holdout(self, candidate: Candidate) -> Evaluation | None:
        """Evaluate on the held-out cases; None when there are none.

        Raises as `search` does for the seed; any other candidate the evaluator chokes on is `wrong`, and one under
        which the sandbox breaks each time is `infrastructure`.
        """
        try:
            return await self._retried(candidate.number, lambda: self._evaluator.holdout(candidate.program))
        except SandboxUnavailable as error:
            if candidate.number == SEED_NUMBER:
                raise
            return Evaluation(Status.INFRASTRUCTURE, feedback=str(error))
        except EvaluatorError as error:
            if candidate.number == SEED_NUMBER:
                raise
            return _unscorable(error)

    async def _retried(self, number: int, look: Callable[[], Awaitable[_T]]) -> _T:
        for attempt in range(self._retries):
            try:
                return await look()
            except SandboxUnavailable as error:
                for observer in self._observers:
                    observer(EvaluationRetried(number, attempt + 1, str(error)))
                await asyncio.sleep(RETRY_SECONDS * 2**attempt)
        return await look()


def require_valid_seed(evaluation: Evaluation) -> None:
    """Raise ProblemError when a look at the seed program failed: a search needs something that works to begin with."""
    if evaluation.status is not Status.VALID:
        raise ProblemError(
            f"the seed program is not valid ({evaluation.status}): {evaluation.feedback.strip()} –"
            " make it pass before searching; evolve check shows how it fails"
        )


def _unscorable(error: EvaluatorError) -> Evaluation:
    return Evaluation(Status.WRONG, feedback=f"the evaluator could not score this program: {error}")
