"""Tells the search what became of a candidate, logs it, and lets observers know once it is on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from evolve.budget import Budget
from evolve.domain import Evaluation, Verdict
from evolve.events import ArchiveChanged, CandidateTold, Event, Observer
from evolve.journal import Journal
from evolve.question import FREE, Proposal, Receipt
from evolve.search import Search
from evolve.store import Evaluated, Proposed, Record, Told
from evolve.store import Event as LoggedEvent


class Teller:
    """The one place where a search is told anything.

    Args:
        search: Told.
        journal: The run's only writer.
        budget: Learns of new bests; its clock dates every tell.
        observers: Get every event once it is on disk.
    """

    def __init__(self, search: Search, journal: Journal, budget: Budget, observers: Sequence[Observer]) -> None:
        self._search = search
        self._journal = journal
        self._budget = budget
        self._observers = observers

    async def tell(
        self, proposal: Proposal, evaluation: Evaluation, records: Sequence[Record], receipt: Receipt = FREE
    ) -> Verdict:
        """Tell, and log it together with `records`. Returns what the archive did."""
        candidate, origin = proposal.candidate, proposal.origin
        position, elapsed = self._search.told, self._budget.elapsed
        verdict = self._search.tell(candidate, evaluation, receipt)
        if verdict.new_best and evaluation.objective is not None:
            self._budget.reached(evaluation.objective.mean)
        told = CandidateTold(
            candidate.number,
            origin.operator,
            verdict.island,
            evaluation.status,
            evaluation.objective,
            verdict.outcome,
            verdict.new_best,
            verdict.gain,
            elapsed,
            origin.model,
            receipt.cost,
        )
        happened = self._search.drain_events()
        changes = [ArchiveChanged(type(event).__name__, str(event)) for event in happened]
        logged = [LoggedEvent(type(event).__name__, asdict(event), elapsed) for event in happened]
        log = [*records, Told(candidate.number, position, verdict, elapsed, receipt.lesson), *logged]
        await self._journal.append(log, lambda: self.emit(told, *changes))
        return verdict

    def tell_again(self, proposal: Proposal, evaluation: Evaluation, receipt: Receipt = FREE) -> None:
        """Tell what the log has already; what the archive does with it is in the log, too."""
        self._search.tell(proposal.candidate, evaluation, receipt)
        self._search.drain_events()

    def emit(self, *events: Event) -> None:
        """Let every observer know."""
        for event in events:
            for observer in self._observers:
                observer(event)


def scored(proposal: Proposal, evaluation: Evaluation) -> list[Record]:
    """The records of a scored candidate, to be written before or with its tell."""
    return [Proposed(proposal.candidate, proposal.fingerprint), Evaluated(proposal.number, evaluation)]
