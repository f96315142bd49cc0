"""The asynchronous loop: proposals and evaluations in two pools with a short queue between them.

In *arrival* order a result is told the moment it comes. In *ordered* mode results wait for their turn and
number n is asked exactly when n - window candidates have been told, so one seed gives one archive whatever
the timing, crashes included.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from evolve.budget import Budget
from evolve.config import Settings
from evolve.domain import SEED_NUMBER, Candidate, Evaluation, Split, Status
from evolve.errors import ProblemError
from evolve.events import ArchiveChanged, CandidateTold, Event, HoldoutMeasured, Observer, PolishStarted
from evolve.journal import Journal
from evolve.look import PatientEvaluator
from evolve.search import Proposal, Search
from evolve.store import Evaluated, Proposed, Record, Told, UntoldRow
from evolve.store import Event as LoggedEvent

BARREN_LIMIT = 500
"""Proposals in a row that may fail before evaluation (all duplicates, say) until the search counts as exhausted."""


@dataclass(frozen=True, slots=True)
class Known:
    """A scored candidate of an earlier session; `told` when the log already holds its tell."""

    candidate: Candidate
    evaluation: Evaluation
    told: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """A look at a running search; `coverage` is (occupied, all) cells by island, `elapsed` seconds."""

    told: int
    evaluations: int
    elapsed: float
    best: int | None
    coverage: tuple[tuple[int, int], ...]
    polishing: bool


class Engine:
    """Drives one search until its budget is used up, nothing new can be proposed or it is asked to stop.

    Args:
        search: Replayed to where earlier sessions left it (in ordered mode: a window before that).
        evaluator: On a started sandbox.
        journal: The run's only writer.
        budget: What is left.
        settings: Pool widths and order.
        untold: Proposals of earlier sessions that are stored and not told (arrival mode).
        known: Results of earlier sessions that `search` has not been told, by number (ordered mode).
        observers: Get every event once it is on disk.
    """

    def __init__(
        self,
        search: Search,
        evaluator: PatientEvaluator,
        journal: Journal,
        budget: Budget,
        settings: Settings,
        *,
        untold: Iterable[UntoldRow] = (),
        known: Mapping[int, Known] | None = None,
        observers: Sequence[Observer] = (),
    ) -> None:
        self._search = search
        self._evaluator = evaluator
        self._journal = journal
        self._budget = budget
        self._settings = settings
        self._untold = list(untold)
        self._known = dict(known or {})
        self._observers = observers
        self._ordered = settings.search.order == "ordered"
        self._queue: asyncio.Queue[Proposal | None] = asyncio.Queue()
        self._changed = asyncio.Event()
        self._results: dict[int, Evaluation] = {}
        self._barren = 0
        self._stopping: str | None = None
        self._polishing = False

    def stop(self, reason: str) -> None:
        """Start nothing more; what is running is finished and stored."""
        self._stopping = self._stopping or reason
        self._changed.set()

    def progress(self) -> Progress:
        """Where the search stands now."""
        islands = range(self._settings.search.islands)
        return Progress(
            self._search.told,
            self._budget.evaluations,
            self._budget.elapsed,
            self._search.best,
            tuple(self._search.islands.coverage(index) for index in islands),
            self._polishing,
        )

    async def run(self) -> str:
        """Search, then polish the winner. Returns why it ended.

        Raises:
            ProblemError: the seed program is not valid.
            SandboxUnavailable: the sandbox keeps failing.
            EvaluatorError: the author's evaluator fails on the seed or keeps failing.
            DatabaseError: the log cannot be written any more.
        """
        if self._search.told == 0:
            await self._score_seed()
        reason = await self._phase(final=False)
        best = self._search.best
        if self._stopping is None and self._settings.scaffold.polish and best is not None:
            self._polishing = True
            self._barren = 0
            self._budget.begin_polish()
            self._emit(PolishStarted(best))
            await self._phase(final=True)
        return self._stopping or reason

    async def measure_holdout(self, candidate: Candidate) -> Evaluation | None:
        """Measure a candidate on the held-out cases and store it; None when the problem has none."""
        evaluation = await self._evaluator.holdout(candidate)
        if evaluation is not None:
            event = HoldoutMeasured(candidate.number, evaluation.objective, evaluation.status)
            record = Evaluated(candidate.number, evaluation, Split.HOLDOUT)
            await self._journal.append([record], lambda: self._emit(event))
        return evaluation

    async def _score_seed(self) -> None:
        proposal = self._search.ask()
        if proposal is None:
            raise RuntimeError("the first ask is the seed, always")
        known = self._known.pop(SEED_NUMBER, None)
        if known is not None:
            self._tell_again(proposal, known.evaluation)
            return
        self._budget.reserve()
        evaluation = await self._evaluator.search(proposal.candidate)
        if evaluation.status is not Status.VALID:
            raise ProblemError(
                f"the seed program is not valid ({evaluation.status}): {evaluation.feedback.strip()} –"
                " make it pass before searching; evolve check shows how it fails"
            )
        await self._tell(proposal, evaluation, _scored(proposal, evaluation))

    async def _phase(self, *, final: bool) -> str:
        """Run both pools until no further evaluation may start; returns why."""
        self._queue = asyncio.Queue(0 if self._ordered else self._settings.workers.queue)
        guard = asyncio.ensure_future(self._journal.wait_broken())
        pools = asyncio.ensure_future(self._pools(final=final))
        try:
            await asyncio.wait({guard, pools}, return_when=asyncio.FIRST_COMPLETED)
            if guard.done():
                guard.result()
            return await pools
        finally:
            for task in (guard, pools):
                task.cancel()
            await asyncio.gather(guard, pools, return_exceptions=True)

    async def _pools(self, *, final: bool) -> str:
        try:
            async with asyncio.TaskGroup() as group:
                workers = [group.create_task(self._work()) for _ in range(self._settings.workers.evaluations)]
                propose = self._propose_in_order if self._ordered else self._propose_on_arrival
                reason = await propose(final=final)
                for _ in workers:
                    await self._queue.put(None)
        except ExceptionGroup as errors:
            raise _first(errors) from None
        while self._ordered and self._search.told in self._results:
            await self._tell_in_turn()
        return reason

    async def _work(self) -> None:
        """One evaluation slot."""
        while (proposal := await self._queue.get()) is not None:
            if self._stopping is not None or (self._budget.overdue and not self._ordered):
                self._budget.release()
                self._search.drop(proposal.candidate.number)
                continue
            evaluation = await self._evaluator.search(proposal.candidate)
            if self._ordered:
                self._results[proposal.candidate.number] = evaluation
                await self._journal.append(_scored(proposal, evaluation))
            else:
                await self._tell(proposal, evaluation, _scored(proposal, evaluation))
            self._changed.set()

    async def _propose_on_arrival(self, *, final: bool) -> str:
        """Keep the short queue full; what was told is in the state of the very next ask."""
        await self._take_up_untold()
        while (reason := self._closed(final=final)) is None:
            proposal = self._search.ask(final=final)
            if proposal is None:
                if not self._search.pending:
                    return "nothing simpler to propose"
                await self._change()
            elif proposal.failure is not None:
                self._barren += 1
                await self._tell(proposal, proposal.failure, _scored(proposal, proposal.failure))
                await asyncio.sleep(0)
            else:
                self._barren = 0
                self._budget.reserve()
                await self._queue.put(proposal)
        return reason

    async def _take_up_untold(self) -> None:
        while self._untold:
            row = self._untold.pop(0)
            proposal = self._search.restore(row.candidate)
            if row.evaluation is not None:
                await self._tell(proposal, row.evaluation, [])
            else:
                self._budget.reserve()
                await self._queue.put(proposal)

    async def _propose_in_order(self, *, final: bool) -> str:
        """Ask up to a window ahead, tell the oldest, ask again: timing decides nothing."""
        reason = await self._fill_window(final=final)
        while self._search.pending:
            while self._search.told not in self._results:
                if self._stopping is not None:
                    return self._stopping
                await self._change()
            await self._tell_in_turn()
            reason = await self._fill_window(final=final)
        return reason

    async def _fill_window(self, *, final: bool) -> str:
        """Ask until the window is full; returns why nothing more is asked (empty while it is merely full).

        Polishing goes one by one: each step builds on the winner of the one before.
        """
        window = 1 if final else self._settings.search.window
        while len(self._search.pending) < window:
            known = self._known.get(self._search.next_number)
            if known is not None:
                self._search.restore(known.candidate)
                self._results[known.candidate.number] = known.evaluation
                continue
            if (reason := self._closed(final=final)) is not None:
                return reason
            proposal = self._search.ask(final=final)
            if proposal is None:
                return "nothing simpler to propose"
            if proposal.failure is not None:
                self._barren += 1
                self._results[proposal.candidate.number] = proposal.failure
                await self._journal.append(_scored(proposal, proposal.failure))
            else:
                self._barren = 0
                self._budget.reserve()
                await self._queue.put(proposal)
        return ""

    async def _tell_in_turn(self) -> None:
        number = self._search.told
        proposal = self._search.pending[number]
        known = self._known.pop(number, None)
        if known is not None and known.told:
            self._tell_again(proposal, self._results.pop(number))
        else:
            await self._tell(proposal, self._results.pop(number), [])

    def _tell_again(self, proposal: Proposal, evaluation: Evaluation) -> None:
        """Tell what the log has already; what the archive does with it is in the log, too."""
        self._search.tell(proposal.candidate, evaluation)
        self._search.drain_events()

    def _closed(self, *, final: bool) -> str | None:
        if self._barren >= BARREN_LIMIT:
            return f"nothing new to propose: {BARREN_LIMIT} proposals in a row were repeats"
        return self._stopping or self._budget.used_up(final=final)

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    async def _tell(self, proposal: Proposal, evaluation: Evaluation, records: Sequence[Record]) -> None:
        """Tell the search, log it together with `records`, and let observers know once that is on disk."""
        candidate = proposal.candidate
        position, elapsed = self._search.told, self._budget.elapsed
        verdict = self._search.tell(candidate, evaluation)
        if verdict.new_best and evaluation.objective is not None:
            self._budget.reached(evaluation.objective.mean)
        told = CandidateTold(
            candidate.number,
            candidate.origin.operator,
            verdict.island,
            evaluation.status,
            evaluation.objective,
            verdict.outcome,
            verdict.new_best,
            verdict.gain,
            elapsed,
        )
        happened = self._search.drain_events()
        changes = [ArchiveChanged(type(event).__name__, str(event)) for event in happened]
        logged = [LoggedEvent(type(event).__name__, asdict(event), elapsed) for event in happened]
        log = [*records, Told(candidate.number, position, verdict, elapsed), *logged]
        await self._journal.append(log, lambda: self._emit(told, *changes))

    def _emit(self, *events: Event) -> None:
        for event in events:
            for observer in self._observers:
                observer(event)


def _scored(proposal: Proposal, evaluation: Evaluation) -> list[Record]:
    return [
        Proposed(proposal.candidate, proposal.fingerprint),
        Evaluated(proposal.candidate.number, evaluation),
    ]


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one failure behind a task group's bundle."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
