"""Tells the search what became of a candidate, logs it, and lets observers know once it is on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from evolve.budget import Budget
from evolve.domain import Candidate, Estimate, Evaluation, Relook, Split, Status, Verdict
from evolve.events import ArchiveChanged, CandidateTold, Event, HoldoutMeasured, Observer
from evolve.journal import Journal
from evolve.question import FREE, Proposal, Receipt
from evolve.relook import Relooker
from evolve.search import Search
from evolve.store import Evaluated, Leads, Looked, Proposed, Record, Told
from evolve.store import Event as LoggedEvent


class Teller:
    """The one place where a search is told anything.

    Args:
        search: Told.
        journal: The run's only writer.
        budget: Learns of new bests; its clock dates every tell.
        observers: Get every event once it is on disk.
        relooker: Looks again at those who compete, where scores are noisy; without one a candidate counts as it came.
    """

    def __init__(
        self,
        search: Search,
        journal: Journal,
        budget: Budget,
        observers: Sequence[Observer],
        relooker: Relooker | None = None,
    ) -> None:
        self._relooker = relooker
        self._search = search
        self._journal = journal
        self._budget = budget
        self._observers = observers

    async def tell(
        self, proposal: Proposal, evaluation: Evaluation, records: Sequence[Record], receipt: Receipt = FREE
    ) -> Verdict:
        """Tell, and log it together with `records`, once it is clear enough. Returns what the archive did."""
        candidate, origin = proposal.candidate, proposal.origin
        relooks = () if self._relooker is None else await self._relooker.settle(candidate, evaluation)
        position, elapsed = self._search.told, self._budget.elapsed
        verdict = self._search.tell(candidate, evaluation, receipt, relooks)
        objective = self._search.objective(candidate.number)
        told = CandidateTold(
            candidate.number,
            origin.operator,
            verdict.island,
            _status(candidate, evaluation, objective, relooks),
            objective,
            verdict.outcome,
            verdict.new_best,
            verdict.gain,
            elapsed,
            origin.model,
            receipt.cost,
        )
        own = any(relook.number == candidate.number for relook in relooks)
        looks = sum(map(made, relooks))
        mean = objective.mean if own and objective is not None else None
        log = [
            *records,
            *(Looked(position, relook) for relook in relooks),
            Told(candidate.number, position, verdict, elapsed, receipt.lesson, mean, looks),
            *(self._leads() if relooks or verdict.new_best else ()),
        ]
        await self._append(log, [told], elapsed)
        return verdict

    async def take_in(self, relooks: Sequence[Relook]) -> None:
        """Tell of looks that were made after the last candidate, and wait until they are on disk."""
        self._search.apply(relooks)
        log = [*(Looked(self._search.told, relook) for relook in relooks), *self._leads()]
        await self._append(log, [], self._budget.elapsed)
        await self._journal.flush()

    async def measured(self, number: int, evaluation: Evaluation) -> None:
        """Log what a candidate got on held-out cases, and wait until it is on disk."""
        event = HoldoutMeasured(number, evaluation.objective, evaluation.status)
        await self._journal.append([Evaluated(number, evaluation, Split.HOLDOUT)], lambda: self.emit(event))
        await self._journal.flush()

    async def crown(self, number: int) -> None:
        """Log who won, all told: not always the one that led when the search ended."""
        objective = self._search.objective(number)
        if objective is not None:
            await self._append([Leads(number, objective.mean)], [], self._budget.elapsed)

    def tell_again(
        self, proposal: Proposal, evaluation: Evaluation, receipt: Receipt = FREE, relooks: Sequence[Relook] = ()
    ) -> None:
        """Tell what the log has already; what the archive does with it is in the log, too."""
        self._search.tell(proposal.candidate, evaluation, receipt, relooks)
        self._search.drain_events()

    async def _append(self, log: Sequence[Record], events: Sequence[Event], elapsed: float) -> None:
        """Log records with what the archive did meanwhile; observers hear of it after `events`."""
        happened = self._search.drain_events()
        changes = [ArchiveChanged(type(event).__name__, str(event)) for event in happened]
        logged = [LoggedEvent(type(event).__name__, asdict(event), elapsed, self._search.told) for event in happened]
        await self._journal.append([*log, *logged], lambda: self.emit(*events, *changes))

    def _leads(self) -> Sequence[Record]:
        """Who is the best now."""
        best = self._search.best
        objective = None if best is None else self._search.objective(best)
        if best is None or objective is None:
            return ()
        self._budget.reached(objective.mean)
        return (Leads(best, objective.mean),)

    def emit(self, *events: Event) -> None:
        """Let every observer know."""
        for event in events:
            for observer in self._observers:
                observer(event)


def scored(proposal: Proposal, evaluation: Evaluation) -> list[Record]:
    """The records of a scored candidate, to be written before or with its tell."""
    return [Proposed(proposal.candidate, proposal.fingerprint), Evaluated(proposal.number, evaluation)]


def made(relook: Relook) -> int:
    """How many looks a record stands for: a failed one has no value, and is the last that counts."""
    return len(relook.values) + (relook.status is not Status.VALID)


def _status(
    candidate: Candidate, evaluation: Evaluation, objective: Estimate | None, relooks: Sequence[Relook]
) -> Status:
    """What became of a candidate all in all; without a score in spite of a valid evaluation, a relative was suspect."""
    if objective is not None or evaluation.status is not Status.VALID:
        return evaluation.status
    failed = (relook.status for relook in relooks if relook.number == candidate.number)
    return next((status for status in failed if status is not Status.VALID), Status.SUSPECT)
