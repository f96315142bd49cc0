"""The asynchronous loop: models and evaluations in two pools with a short queue between them.

In *arrival* order a result is told the moment it comes. In *ordered* mode results wait for their turn and
number n is asked exactly when n - window candidates have been told, so one seed gives one archive whatever
the timing, crashes included.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass

from evolve.asker import Asker
from evolve.budget import Budget
from evolve.config import Settings
from evolve.domain import SEED_NUMBER, Evaluation, Status
from evolve.errors import BudgetSpent, ModelRefused, ModelUnavailable, NotAsked, ReplayMiss
from evolve.events import Observer, PolishStarted
from evolve.journal import Journal
from evolve.look import PatientEvaluator
from evolve.noise import looks_kept
from evolve.question import FREE, NOTHING_EARLIER, Earlier, Known, Proposal, Question, Receipt
from evolve.relook import Relooker
from evolve.scaffold.base import ModelView
from evolve.search import Search
from evolve.talks import Talks
from evolve.teller import Teller, scored

BARREN_LIMIT = 500
"""Proposals in a row that may fail before evaluation (all duplicates, say) until the search counts as exhausted."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A look at a running search; `coverage` is (occupied, all) cells by island, `elapsed` seconds.

    `evaluations` are done, `under_way` those running or still being asked for. `talking` counts conversations with
    models that are under way; `money` is what they cost in US dollars (None: nobody knows), `tokens` what they took;
    `calls` are those taken out of the budget.
    """

    told: int
    evaluations: int
    elapsed: float
    best: int | None
    coverage: tuple[tuple[int, int], ...]
    polishing: bool
    talking: int = 0
    money: float | None = 0.0
    tokens: int = 0
    under_way: int = 0
    calls: int = 0


@dataclass(frozen=True, slots=True)
class _Result:
    evaluation: Evaluation
    receipt: Receipt = FREE


class Engine:
    """Drives one search until its budget is used up, nothing new can be proposed or it is asked to stop.

    Args:
        search: Replayed to where earlier sessions left it (in ordered mode: a window before that).
        evaluator: On a started sandbox.
        journal: The run's only writer.
        budget: What is left.
        settings: Pool widths and order.
        asker: Puts questions to models; None when there are none.
        earlier: What earlier sessions left unfinished.
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
        asker: Asker | None = None,
        earlier: Earlier = NOTHING_EARLIER,
        observers: Sequence[Observer] = (),
    ) -> None:
        self._search = search
        self._evaluator = evaluator
        self._journal = journal
        self._budget = budget
        self._settings = settings
        self._asker = asker
        self._talks = None if asker is None else Talks(search, asker, self._is_stopping, self._is_closing)
        self._untold = list(earlier.untold)
        self._questions = list(earlier.questions)
        self._known = dict(earlier.known)
        self._begun = earlier.begun
        self._relooker = Relooker(search, evaluator, budget, timing=evaluator.timing)
        self._teller = Teller(search, journal, budget, observers, self._relooker)
        self._ordered = settings.search.order == "ordered"
        self._queue: asyncio.Queue[Proposal | None] = asyncio.Queue()
        self._changed = asyncio.Event()
        self._group: asyncio.TaskGroup | None = None
        self._talking: set[asyncio.Task[None]] = set()
        self._results: dict[int, _Result] = {}
        self._barren = 0
        self._stopping: str | None = None
        self._spent: str | None = None
        self._fatal: Exception | None = None
        self._polishing = False
        self._done = budget.evaluations

    def stop(self, reason: str) -> None:
        """Start nothing more; what is running is finished and stored."""
        self._stopping = self._stopping or reason
        if self._asker is not None:
            self._asker.hush()
        self._changed.set()

    def _is_stopping(self) -> bool:
        return self._stopping is not None

    def _is_closing(self) -> bool:
        """Whether conversations end where they are: on a stop, and in arrival order when the time is up."""
        return self._is_stopping() or (self._budget.overdue and not self._ordered)

    def progress(self) -> Progress:
        """Where the search stands now."""
        islands, asker = range(self._settings.search.islands), self._asker
        done = self._done + self._relooker.done
        return Progress(
            self._search.told,
            done,
            self._budget.elapsed,
            self._search.best,
            tuple(self._search.islands.coverage(index) for index in islands),
            self._polishing,
            0 if asker is None else asker.talking,
            0.0 if asker is None else asker.spent.cost,
            0 if asker is None else asker.spent.tokens,
            self._budget.evaluations - done,
            self._budget.calls,
        )

    async def run(self) -> str:
        """Search, then polish the winner. Returns why it ended.

        Raises:
            ProblemError: the seed program is not valid.
            SandboxUnavailable: the sandbox keeps failing.
            EvaluatorError: the author's evaluator fails on the seed or keeps failing.
            ModelRefused, ModelUnavailable: no model can be asked, for good or for now.
            ReplayMiss: a replayed run asks something that was never recorded.
            DatabaseError: the log cannot be written any more.
        """
        if self._search.told == 0:
            await self._score_seed()
        if self._search.noisy:
            self._budget.keep(looks_kept(self._settings.noise))
        reason = await self._phase(final=False)
        if self._fatal is not None:
            raise self._fatal
        best = self._search.best
        if self._stopping is None and self._polishes and best is not None:
            self._polishing = True
            self._barren = 0
            self._budget.begin_polish()
            self._teller.emit(PolishStarted(best))
            await self._phase(final=True)
        return self._stopping or reason

    @property
    def _polishes(self) -> bool:
        """Baselines get no help from the simplifier."""
        return self._settings.scaffold.polish > 0 and self._settings.search.strategy == "evolve"

    async def _score_seed(self) -> None:
        proposal = self._search.ask()
        if not isinstance(proposal, Proposal):
            raise RuntimeError("the first ask is the seed, always")
        known = self._known.pop(SEED_NUMBER, None)
        if known is not None:
            self._teller.tell_again(proposal, known.evaluation, relooks=known.relooks)
            return
        self._budget.reserve()
        evaluation = await self._evaluator.seed(proposal.candidate)
        self._done += 1
        await self._teller.tell(proposal, evaluation, scored(proposal, evaluation))

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
            async with asyncio.TaskGroup() as self._group:
                workers = [self._start(self._work()) for _ in range(self._settings.workers.evaluations)]
                propose = self._propose_in_order if self._ordered else self._propose_on_arrival
                reason = await propose(final=final)
                while self._talking:
                    await asyncio.wait(self._talking)
                for _ in workers:
                    await self._queue.put(None)
        except ExceptionGroup as errors:
            raise _first(errors) from None
        while self._ordered and self._search.told in self._results and not self._leaves_off():
            await self._tell_in_turn()
        return reason

    def _start(self, coroutine: Coroutine[None, None, None]) -> asyncio.Task[None]:
        assert self._group is not None, "everything runs inside a phase"
        return self._group.create_task(coroutine)

    # ---------------------------------------------------------------- evaluations

    async def _work(self) -> None:
        """One evaluation slot."""
        while (proposal := await self._queue.get()) is not None:
            if self._unwanted(proposal):
                self._give_up(proposal.number)
                continue
            evaluation = await self._evaluator.search(proposal.candidate)
            self._done += 1
            if proposal.origin.model:
                # The slot is free again: a lesson may take a model some time.
                self._start(self._conclude(proposal, evaluation))
            elif self._ordered:
                self._results[proposal.number] = _Result(evaluation)
                await self._journal.append(scored(proposal, evaluation))
            else:
                await self._teller.tell(proposal, evaluation, scored(proposal, evaluation))
            self._changed.set()

    def _unwanted(self, proposal: Proposal) -> bool:
        """Whether a waiting proposal is not evaluated any more; one that was paid for still is after the time is up."""
        overdue = self._budget.overdue and not self._ordered and not proposal.origin.model
        return self._stopping is not None or overdue

    def _give_up(self, number: int) -> None:
        """Take a number back; what is stored of it is taken up when the run goes on."""
        self._budget.release()
        self._search.drop(number)
        if self._asker is not None:
            self._asker.forget(number)
        self._changed.set()

    async def _conclude(self, proposal: Proposal, evaluation: Evaluation, *, stored: bool = False) -> None:
        """Store a scored candidate of a model, learn its lesson, tell it."""
        if not stored:
            await self._journal.append(scored(proposal, evaluation))
        assert self._talks is not None, "only talks make candidates of a model"
        receipt = await self._talks.receipt(proposal, evaluation)
        if receipt is None:
            return
        if self._ordered:
            self._results[proposal.number] = _Result(evaluation, receipt)
        else:
            await self._teller.tell(proposal, evaluation, [], receipt)
        self._changed.set()

    # ---------------------------------------------------------------- models

    def _ask_model(self, question: Question) -> None:
        """Begin the conversation that a question opens; it counts as an evaluation until it fails."""
        assert self._asker is not None, "only an asker's models are asked"
        self._budget.reserve()
        self._asker.begin(question.prompt.model)  # at once: the next ask must see it
        task = self._start(self._converse(question, self._asker))
        self._talking.add(task)
        task.add_done_callback(self._talked)

    def _talked(self, task: asyncio.Task[None]) -> None:
        self._talking.discard(task)
        self._changed.set()

    async def _converse(self, question: Question, asker: Asker) -> None:
        """From a question to a proposal that waits for evaluation, or to a failure."""
        assert self._talks is not None, "with an asker there are talks"
        try:
            proposal = await self._talks.proposal(question)
            if proposal is None:
                self._give_up(question.number)
            elif proposal.failure is None:
                self._barren = 0
                await self._queue.put(proposal)
            else:
                await self._fail(asker, proposal, proposal.failure)
        except BudgetSpent as error:
            self._spent = str(error)
            if self._ordered and self._settings.search.window > 1:  # those behind it wait for its turn
                failed = self._search.fail(question, Status.NO_ANSWER, str(error))
                await self._fail(asker, failed, Evaluation(Status.NO_ANSWER, feedback=str(error)))
            else:
                self._give_up(question.number)
        except NotAsked as error:
            self._spent = self._spent or str(error)
            self._give_up(question.number)
        except (ModelRefused, ModelUnavailable, ReplayMiss) as error:
            self._fatal = self._fatal or error
            self.stop(str(error))
            self._give_up(question.number)
        finally:
            asker.end(question.prompt.model)

    async def _fail(self, asker: Asker, proposal: Proposal, failure: Evaluation) -> None:
        """Tell a proposal that failed before evaluation, in its turn; its evaluation is given back then, too."""
        self._barren += 1
        receipt = asker.settle(proposal.number)
        if self._ordered:
            self._results[proposal.number] = _Result(failure, receipt)
            await self._journal.append(scored(proposal, failure))
        else:
            self._budget.release()
            await self._teller.tell(proposal, failure, scored(proposal, failure), receipt)

    def _models(self) -> tuple[ModelView, ...]:
        return () if self._asker is None or self._polishing else self._asker.models()

    # ---------------------------------------------------------------- in order of arrival

    async def _propose_on_arrival(self, *, final: bool) -> str:
        """Keep the short queue full and the models busy; what was told is in the state of the very next ask."""
        await self._take_up()
        while True:
            reason = self._closed(final=final)
            if reason is not None and (self._stopping is not None or not self._talking):
                return reason
            if reason is not None:  # a conversation that fails gives its evaluation back
                if self._asker is not None and self._budget.overdue:
                    self._asker.hush()
                await self._change()
                continue
            proposal = self._next(final=final)
            if proposal is None:
                if not self._search.pending:
                    return "nothing simpler to propose" if final else "nothing new to propose"
                await self._change()
            elif isinstance(proposal, Question):
                self._ask_model(proposal)
            elif proposal.failure is not None:
                self._barren += 1
                await self._teller.tell(proposal, proposal.failure, scored(proposal, proposal.failure))
                await asyncio.sleep(0)
            else:
                self._barren = 0
                self._budget.reserve()
                await self._queue.put(proposal)

    async def _take_up(self) -> None:
        """Go on with what earlier sessions left: their scored candidates, then their open questions."""
        while self._untold:
            row = self._untold.pop(0)
            proposal = self._search.restore(row.candidate)
            if row.evaluation is None:
                self._budget.reserve()
                await self._queue.put(proposal)
            elif self._teaches(proposal, row.evaluation):
                self._start(self._conclude(proposal, row.evaluation, stored=True))
            else:
                await self._teller.tell(proposal, row.evaluation, [], self._settled(proposal))
        while self._questions and not self._is_closing():
            self._ask_model(self._search.restore_question(self._questions.pop(0)))

    # ---------------------------------------------------------------- in ask order

    async def _propose_in_order(self, *, final: bool) -> str:
        """Ask up to a window ahead, tell the oldest, ask again: timing decides nothing."""
        reason = await self._fill_window(final=final)
        while self._search.pending:
            while self._search.told not in self._results:
                if self._stopping is not None:
                    return self._stopping
                if self._spent is not None and self._search.told not in self._search.pending:
                    return self._spent
                await self._change()
            if self._leaves_off():
                return self._stopping or reason
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
                self._restore(known)
                continue
            if (reason := self._closed(final=final)) is not None:
                return reason
            proposal = self._next(final=final)
            if proposal is None:
                return "nothing simpler to propose"
            if isinstance(proposal, Question):
                self._ask_model(proposal)
            elif proposal.failure is not None:
                self._barren += 1
                self._results[proposal.number] = _Result(proposal.failure)
                await self._journal.append(scored(proposal, proposal.failure))
            else:
                self._barren = 0
                self._budget.reserve()
                await self._queue.put(proposal)
        return ""

    def _next(self, *, final: bool) -> Proposal | Question | None:
        """The next proposal; one without a model takes a call of the budget, unless it simplifies the winner."""
        begun = self._search.next_number in self._begun
        proposal = self._search.ask(final=final, models=self._models())
        if isinstance(proposal, Proposal) and not final and not begun:
            self._budget.take_call()
        return proposal

    def _leaves_off(self) -> bool:
        """Whether nothing more is told: how often rivals are looked at depends on what was asked by then, and a stop
        keeps that from being asked. What was scored is told when the run goes on.
        """
        return self._stopping is not None and self._search.noisy

    def _restore(self, known: Known) -> None:
        """A result of an earlier sitting, as it was when its turn came: under way until it is told."""
        proposal = self._search.restore(known.candidate)
        if proposal.origin.model and not known.evaluation.status.costs_evaluation:
            self._budget.reserve()
        if not known.told and self._teaches(proposal, known.evaluation):
            self._start(self._conclude(proposal, known.evaluation, stored=True))
        else:
            receipt = known.receipt if known.told else self._settled(proposal)
            self._results[proposal.number] = _Result(known.evaluation, receipt)

    def _settled(self, proposal: Proposal) -> Receipt:
        """What a candidate cost that no lesson is learnt from."""
        if self._asker is None or not proposal.origin.model:
            return FREE
        return self._asker.settle(proposal.number)

    def _teaches(self, proposal: Proposal, evaluation: Evaluation) -> bool:
        """Whether a lesson is learnt from a candidate: a model wrote it, and it was run."""
        return bool(proposal.origin.model) and evaluation.status.costs_evaluation and self._asker is not None

    async def _tell_in_turn(self) -> None:
        number = self._search.told
        proposal, result = self._search.pending[number], self._results.pop(number)
        assert isinstance(proposal, Proposal), "what has a result has a program"
        known = self._known.pop(number, None)
        if proposal.origin.model and not result.evaluation.status.costs_evaluation:
            self._budget.release()
        if known is not None and known.told:
            self._teller.tell_again(proposal, result.evaluation, result.receipt, known.relooks)
        else:
            await self._teller.tell(proposal, result.evaluation, [], result.receipt)

    def _closed(self, *, final: bool) -> str | None:
        if self._barren >= BARREN_LIMIT:
            return f"nothing new to propose: {BARREN_LIMIT} proposals in a row failed before they could be run"
        begun = self._search.next_number in self._begun
        return self._stopping or self._budget.used_up(final=final, begun=begun) or (None if final else self._spent)

    async def _change(self) -> None:
        """Wait until something happens, or until the time is up."""
        self._changed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._budget.left if not self._ordered else None):
                await self._changed.wait()


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one failure behind a task group's bundle."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
