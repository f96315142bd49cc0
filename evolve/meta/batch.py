"""Runs side by side, handed out in the order they were asked, with their shares of the money that is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from evolve.errors import BudgetSpent
from evolve.genome.genome import Genome
from evolve.meta import purse
from evolve.meta.areas import trial_of
from evolve.meta.bench import Bench, Grant
from evolve.meta.records import Measured, Trial, TrialKey
from evolve.meta.state import CampaignState


class Batch:
    """Some runs of a campaign.

    Args:
        state: The campaign's when they are begun.
        bench: Measures.
        genomes: The scaffolds, by number.
        stopping: Says why nothing more is to be begun; "" while it is.
    """

    def __init__(
        self, state: CampaignState, bench: Bench, genomes: Mapping[int, Genome], stopping: Callable[[], str]
    ) -> None:
        self._state = state
        self._bench = bench
        self._genomes = genomes
        self._stopping = stopping
        self._left = purse.money_left(state)
        self._running = 0
        self._room = asyncio.Semaphore(state.settings.parallel)

    async def trials(self, keys: Sequence[TrialKey]) -> AsyncIterator[Trial]:
        """The trials in the order of `keys`; fewer when it is stopped.

        A run whose share of the money does not suffice is asked again with all that is left once it is alone. Raises
        BudgetSpent when that does not suffice either, and what `Bench.measure` raises.
        """
        tasks = [asyncio.create_task(self._when_free(key)) for key in keys]
        try:
            for place, key in enumerate(keys):
                measured = await self._result(key, tasks[place], tasks[place + 1 :])
                if measured is None:
                    return
                yield trial_of(self._state.problem(key.problem), key, measured)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _result(
        self, key: TrialKey, task: asyncio.Task[Measured | None], others: Sequence[asyncio.Task[Measured | None]]
    ) -> Measured | None:
        try:
            return await task
        except BudgetSpent:
            await asyncio.gather(*others, return_exceptions=True)
            return await self._measure(key, self._left)

    async def _when_free(self, key: TrialKey) -> Measured | None:
        async with self._room:
            if self._stopping():
                return None
            share = None if self._left is None else self._left / (self._state.settings.parallel - self._running)
            return await self._measure(key, share)

    async def _measure(self, key: TrialKey, money: float | None) -> Measured:
        self._running += 1
        self._spend(money)
        try:
            problem = self._state.problem(key.problem)
            measured = await self._bench.measure(self._genomes[key.scaffold], problem, key, Grant(money, key.calls))
        except BudgetSpent:
            self._spend(None if money is None else -money)  # what it used is part of what it gets when asked again
            raise
        finally:
            self._running -= 1
        self._spend(None if money is None else (measured.cost or 0.0) - money)
        return measured

    def _spend(self, money: float | None) -> None:
        if self._left is not None and money is not None:
            self._left -= money
