"""A short stay at a run as its one writer: take the lease, replay the log, see what is out, give the lease back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from evolve.archive.grid import preload
from evolve.budget import Budget
from evolve.config import Settings
from evolve.errors import NotFound, RunBusy
from evolve.journal import Journal
from evolve.problem import Problem
from evolve.question import Question, prompt_from
from evolve.replaying import replayed
from evolve.scaffold.base import Scaffold
from evolve.search import Search
from evolve.store import PERSON, AskedRow, Holder, RunRow, RunStatus, Store
from evolve.teller import Teller

LEASE_PATIENCE = 5.0
"""Seconds to wait for whoever writes the run: another visit is over in less, a search is not."""
_LOOK_AGAIN = 0.1
_ENDED = (RunStatus.FINISHED, RunStatus.FAILED)


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A question that is somebody's until `expires`; from then on it may be handed out again."""

    question: Question
    expires: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """What a visitor works with. `out` are the questions people and agents are at, by number."""

    run: RunRow
    problem: Problem
    store: Store
    search: Search
    budget: Budget
    journal: Journal
    teller: Teller
    out: dict[int, HandedOut]

    def waiting(self, number: int) -> HandedOut:
        """The open question of this number. Raises NotFound that says what became of the number instead."""
        if number in self.out:
            return self.out[number]
        raise NotFound(f"{self._became_of(number)}; evolve ask {self.run.id} hands out new work")

    def _became_of(self, number: int) -> str:
        run = self.run.id
        try:
            row = self.store.candidate(run, number)
        except NotFound:
            waiting = ", ".join(map(str, sorted(self.out))) or "none"
            return f"run {run} waits for no answer to {number}; numbers that wait for one: {waiting}"
        if row.evaluation is None:
            return f"candidate {number} of run {run} has its program already and is being scored"
        score = row.evaluation.objective
        scored = "" if score is None else f", {self.problem.spec.objective.metric} {score.mean:.6g}"
        what = f"{row.evaluation.status}{scored}, by {row.origin.model or row.origin.operator}"
        return f"candidate {number} of run {run} was answered and scored already ({what}); a number takes one answer"


@asynccontextmanager
async def visit(
    store: Store, run_id: int, problem: Problem, settings: Settings, scaffold: Scaffold, patience: float
) -> AsyncIterator[Visit]:
    """Hold the run's lease and its replayed search for as long as the context lasts.

    Raises RunBusy when another process still writes the run after `patience` seconds, and DatabaseError.
    """
    await asyncio.to_thread(preload)  # seconds that must not be spent with the lease in hand
    holder = Holder.here()
    before = await _acquire(store, run_id, holder, patience)
    ended = before.status in _ENDED
    try:
        run = store.run(run_id)
        opaque = bool(settings.scaffold.id)
        search = Search(
            problem, settings.search, scaffold, run.seed, may_wait=True, noise=settings.noise, opaque_seeds=opaque
        )
        # In a thread: a server answers others meanwhile.
        await asyncio.to_thread(replayed, store, run, search)
        budget = Budget(settings.budget, problem.direction, polish=0, seconds=run.summary.elapsed)
        journal = Journal(store, run_id, holder, lambda: budget.elapsed)
        try:
            out = _take_up(store, run_id, search)
            yield Visit(run, problem, store, search, budget, journal, Teller(search, journal, budget, ()), out)
        finally:
            await journal.close()
    finally:
        status = before.status if ended else RunStatus.INTERRUPTED
        store.release(run_id, holder, status, before.stop_reason if ended else "waiting for answers or evolve run")


async def _acquire(store: Store, run_id: int, holder: Holder, patience: float) -> RunRow:
    """Take the lease; returns the run as it was before. Raises RunBusy."""
    until = time.monotonic() + patience
    while True:
        before = store.run(run_id)
        try:
            store.acquire(run_id, holder)
        except RunBusy:
            if time.monotonic() >= until:
                raise
            await asyncio.sleep(_LOOK_AGAIN)
        else:
            return before


def _take_up(store: Store, run_id: int, search: Search) -> dict[int, HandedOut]:
    """Put what is under way back into the search; questions for models stay reserved for the engine."""
    out: dict[int, HandedOut] = {}
    for row in store.open_questions(run_id):
        if row.proposed:
            continue
        if row.last.asker == PERSON:
            question = search.restore_question(_question(store, run_id, row.last))
            out[row.number] = HandedOut(question, row.last.expires or datetime.now(UTC))
        else:
            search.reserve(row.number)
    for untold in store.untold(run_id):
        search.restore(untold.candidate)
    return out


def _question(store: Store, run_id: int, row: AskedRow) -> Question:
    prompt = prompt_from(row.prompt)
    return Question(row.number, row.island, prompt, store.programs(run_id, [prompt.base])[prompt.base])
