"""One sitting at a run: find or create it, replay its log, drive the engine, measure the winner, say how it went."""

from __future__ import annotations

import asyncio
import gc
import platform
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from evolve import assembly
from evolve.asker import Asker
from evolve.assembly import SandboxFor, ScaffoldFor, derived_seed, sealed_problem
from evolve.budget import Budget
from evolve.config import Settings
from evolve.domain import SEED_NUMBER, Estimate, Evaluation, Program, Series, Status
from evolve.engine import Engine, Progress
from evolve.errors import NotFound
from evolve.evaluate import Evaluator
from evolve.events import Event, Observer, RunStarted, RunStopped, SandboxPrepared, TimingDoubtful
from evolve.finals import Finals, Winner
from evolve.genome.running import chosen_scaffold
from evolve.journal import Journal
from evolve.look import PatientEvaluator
from evolve.models import ModelFor, Models, models_of
from evolve.problem import Problem
from evolve.question import Earlier, Known
from evolve.recording import Recorded
from evolve.replaying import begun, check_isolation, open_questions, replayed
from evolve.sandbox.base import Sandbox
from evolve.search import Search
from evolve.store import Holder, NewRun, RunKind, RunRow, RunStatus, Store
from evolve.teller import Teller
from evolve.timing import DOUBTFUL, seed_against_itself

VERSIONED = ("evolve", "numpy", "ribs", "sqlalchemy")
"""Packages whose versions are stored with a run: what its numbers can depend on."""
RARE_COLLECTION = (20_000, 20, 20)
"""Thresholds of the cyclic collector during a run: syntax trees come and go by the thousand, and hardly any is a cycle.
Python's own thresholds cost a tenth of the candidates per second."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a run stands when a sitting ends. Evaluations on held-out cases are None where there are no such cases."""

    run_id: int
    finished: bool
    reason: str
    seed: Estimate | None
    best_number: int | None
    best: Estimate | None
    holdout_seed: Evaluation | None
    holdout_best: Evaluation | None
    evaluations: int
    elapsed: float
    confirmed: Estimate | None = None
    """The winner by looks that chose nothing; None without noise, and where the run was stopped before them."""
    noise: float | None = None
    """Standard deviation of one look at the seed; None where it was not measured, 0 without noise."""


def choose_run(store: Store, problem: Problem, settings: Settings, *, name: str = "", new: bool = False) -> RunRow:
    """The latest unfinished run of this problem and these settings, or a new one.

    Args:
        store: Open for writing.
        problem: What to search.
        settings: Budget and pool widths do not count when looking for a run to continue.
        name: Of the run to continue or begin; any, and the problem's name for a new one, when empty.
        new: Start a new run in any case.
    """
    if not new and (found := store.find_resumable(problem.digest, settings.identity(), name)) is not None:
        return found
    return store.run(store.create_run(new_run(problem, settings, name or problem.name)))


def new_run(problem: Problem, settings: Settings, name: str) -> NewRun:
    """A run of a problem with these settings, with a seed drawn unless they have one."""
    return NewRun(
        name=name,
        problem=problem.name,
        problem_path=str(problem.root),
        problem_digest=problem.digest,
        objective=problem.spec.objective.metric,
        direction=problem.spec.objective.direction,
        seed=secrets.randbelow(2**63) if settings.seed is None else settings.seed,
        settings=settings.as_json(),
        settings_digest=settings.identity(),
        spec=problem.spec.model_dump(mode="json"),
        versions={"python": platform.python_version(), **{name: version(name) for name in VERSIONED}},
    )


def _shows_opaque_seeds(store: Store, run: RunRow, settings: Settings) -> bool:
    """Whether the scaffold must not find out the run's seed: one that is not our own, and in trials zero as well, for
    all are told the same there. The replay of a trial asks what the trial asked.
    """
    llm = settings.llm
    if llm.source == "replay" and llm.recording is not None:
        run = store.run(llm.recording)
    return run.summary.kind is RunKind.TRIAL or bool(settings.scaffold.id)


class Session:
    """Runs one run to the end of its budget, or until it is stopped.

    Args:
        store: Open for writing.
        run: From `choose_run`, or any unfinished run of the store.
        problem: The run's problem, unchanged since it began.
        settings: The run's settings; a budget in them counts earlier sittings, too.
        observers: Get every event of this sitting.
        sandbox_for: Makes the sandbox; the one the settings name when left out.
        scaffold_for: Makes the scaffold; the one the settings name when left out. If it has a `prepare` and a `close`,
            `run` calls them first and last.
        model_for: Makes the model; a pool of those the settings name when left out.
        recorded: What a replay answers from; the recorded run the settings name when left out.
        weaker: Go on behind weaker walls than earlier sittings had; the person asked for it.
    """

    def __init__(
        self,
        store: Store,
        run: RunRow,
        problem: Problem,
        settings: Settings,
        observers: Sequence[Observer] = (),
        sandbox_for: SandboxFor | None = None,
        scaffold_for: ScaffoldFor | None = None,
        model_for: ModelFor | None = None,
        recorded: Recorded | None = None,
        weaker: bool = False,
    ) -> None:
        self._store = store
        self._run = run
        self._problem = problem
        self._settings = settings
        self._observers = observers
        self._sandbox_for = sandbox_for or assembly.chosen_sandbox
        self._model_for = model_for
        self._recorded = recorded
        self._weaker = weaker
        choose = scaffold_for or chosen_scaffold(store, settings)
        self._scaffold = scaffold = choose(assembly.task_view(problem), settings)
        asks = bool(settings.llm.models) and settings.search.order == "arrival"
        opaque = _shows_opaque_seeds(store, run, settings)
        self._search = Search(
            problem, settings.search, scaffold, run.seed, may_wait=asks, noise=settings.noise, opaque_seeds=opaque
        )
        self._engine: Engine | None = None
        self._stopping: str | None = None

    @property
    def search(self) -> Search:
        """The search, to look at."""
        return self._search

    def stop(self, reason: str) -> None:
        """Start nothing more; what is running is finished, stored and summed up."""
        self._stopping = reason
        if self._engine is not None:
            self._engine.stop(reason)

    def progress(self) -> Progress | None:
        """Where the search stands; None before it has begun."""
        return None if self._engine is None else self._engine.progress()

    async def run(self) -> Result:
        """Take the run's lease, search, and give it back with what became of it.

        Raises:
            RunBusy: another live process writes this run.
            SandboxUnavailable: candidates cannot be run here, or not as safely as before.
            EvaluatorError, ProblemError, DatabaseError: as `Engine.run` says.
        """
        holder = Holder.here()
        self._store.acquire(self._run.id, holder)
        status, reason = RunStatus.FAILED, "the engine failed"
        try:
            self._store.note_settings(self._run.id, self._settings.as_json())
            result = await self._drive(holder)
            status, reason = RunStatus.FINISHED if result.finished else RunStatus.INTERRUPTED, result.reason
            return result
        except (KeyboardInterrupt, asyncio.CancelledError):
            status, reason = RunStatus.INTERRUPTED, "stopped at once"
            raise
        except Exception as error:
            reason = str(error)
            raise
        finally:
            try:
                self._store.release(self._run.id, holder, status, reason)
            finally:
                self._emit(RunStopped(status is RunStatus.FINISHED, reason))
                self._close_scaffold()

    async def _prepare_scaffold(self) -> None:
        """Start the process of a scaffold that has one: not in this thread, as it may take seconds."""
        prepare = getattr(self._scaffold, "prepare", None)
        if prepare is not None:
            await asyncio.get_running_loop().run_in_executor(None, prepare)

    def _close_scaffold(self) -> None:
        """End the process of a scaffold that has one."""
        close = getattr(self._scaffold, "close", None)
        if close is not None:
            close()

    async def _drive(self, holder: Holder) -> Result:
        live = bool(self._settings.llm.models) and self._settings.llm.source == "live" and self._model_for is None
        warm = asyncio.get_running_loop().run_in_executor(None, assembly.preload, live)
        # Modules live as long as the process: no use in looking through them at every collection.
        warm.add_done_callback(lambda _: gc.freeze())
        thresholds = gc.get_threshold()
        kept = self._run.isolation.get("image", "")
        sandbox = self._sandbox_for(sealed_problem(self._problem, self._run.seed, kept), self._settings)
        try:
            gc.set_threshold(*RARE_COLLECTION)
            await sandbox.start(lambda sentence: self._emit(SandboxPrepared(sentence)))
            check_isolation(self._store, self._run, sandbox.isolation, weaker=self._weaker)
            await self._prepare_scaffold()
            return await self._search_and_measure(sandbox, holder, warm)
        finally:
            await sandbox.close()
            await warm
            gc.set_threshold(*thresholds)

    async def _search_and_measure(self, sandbox: Sandbox, holder: Holder, warm: asyncio.Future[None]) -> Result:
        earlier = self._earlier()
        await warm  # the budget's clock does not run yet
        budget = self._budget()
        models = models_of(
            self._store, self._run, self._problem, self._settings, self._emit, self._model_for, self._recorded
        )
        self._emit(
            RunStarted(
                self._run.id,
                self._problem.name,
                sandbox.isolation.sentence(),
                self._run.summary.told > 0,
                self._run.summary.told,
            )
        )
        journal = Journal(self._store, self._run.id, holder, lambda: budget.elapsed)
        try:
            evaluator = Evaluator(self._problem, sandbox, derived_seed(self._run.seed, "noise"))
            patient = PatientEvaluator(evaluator, self._settings.sandbox.retries, self._observers)
            self._engine = Engine(
                self._search,
                patient,
                journal,
                budget,
                self._settings,
                asker=None if models is None else self._asker(models, journal, budget),
                earlier=earlier,
                observers=self._observers,
            )
            if self._stopping is not None:
                self._engine.stop(self._stopping)
            if patient.timing and self._run.summary.told == 0:
                await self._check_timing(patient)
            reason = await self._engine.run()
            finished = self._stopping is None  # a stop that comes later finds the search complete
            await journal.flush()
            winner, seed, best = await self._measure(self._finals(patient, journal, budget), finished=finished)
        finally:
            try:
                await journal.close()
            finally:
                if models is not None:
                    await models.model.close()
        return self._result(reason, winner, seed, best, budget, finished=finished)

    async def _check_timing(self, evaluator: PatientEvaluator) -> None:
        """Warn when two copies of the seed look different here. Outside the budget: it is no search."""

        async def again(program: Program, look: int, series: Series) -> Evaluation | None:
            return await evaluator.again(SEED_NUMBER, program, look, series)

        outcome = await seed_against_itself(again, self._problem.seed)
        if outcome is not None and outcome.p <= DOUBTFUL:
            self._emit(TimingDoubtful(outcome.p))

    def _finals(self, evaluator: PatientEvaluator, journal: Journal, budget: Budget) -> Finals:
        teller = Teller(self._search, journal, budget, self._observers)
        noise = self._settings.noise
        return Finals(self._store, self._run.id, self._search, evaluator, budget, teller, noise, self._observers)

    def _asker(self, models: Models, journal: Journal, budget: Budget) -> Asker:
        return Asker(
            models.model,
            models.answers,
            journal,
            self._settings.llm,
            self._run.seed,
            lambda: budget.elapsed,
            steady=self._is_ordered,
            spent=models.spent,
            recording=models.recording,
            budget=budget,
        )

    def _emit(self, event: Event) -> None:
        for observer in self._observers:
            observer(event)

    @property
    def _is_ordered(self) -> bool:
        return self._settings.search.order == "ordered"

    def replay(self) -> Mapping[int, Known]:
        """Rebuild the search from the log; returns what the engine has to tell it again or at last.

        Part of `run`; of its own only for looking at the search where a run left it.
        """
        window = self._settings.search.window if self._is_ordered else 0
        return replayed(self._store, self._run, self._search, held_back=window)

    def _earlier(self) -> Earlier:
        known = self.replay()
        if self._is_ordered:
            return Earlier(known=known, begun=begun(self._store, self._run.id))
        questions, elsewhere = open_questions(self._store, self._run.id)
        for number in elsewhere:
            self._search.reserve(number)
        asked = tuple(questions) if self._settings.llm.models else ()
        return Earlier(tuple(self._store.untold(self._run.id)), asked)

    def _budget(self) -> Budget:
        summary = self._run.summary
        statuses = self._store.statuses(self._run.id)
        evaluated = sum(count for status, count in statuses.items() if status.costs_evaluation)
        budget = Budget(
            self._settings.budget,
            self._problem.spec.objective.direction,
            polish=self._settings.scaffold.polish,
            evaluations=evaluated + self._store.further_looks(self._run.id),
            seconds=summary.elapsed,
            calls=sum(self._store.calls(self._run.id).values()),
        )
        if summary.best_objective is not None:
            budget.reached(summary.best_objective)
        return budget

    async def _measure(self, finals: Finals, *, finished: bool) -> tuple[Winner, Evaluation | None, Evaluation | None]:
        """The winner (of a search that was stopped, its best), and seed and winner on the held-out cases.

        A winner that is suspect there leaves the run with its descendants, and another one is chosen.
        """
        while True:
            winner = await finals.winner() if finished else Winner(self._search.best)
            best = SEED_NUMBER if winner.number is None else winner.number
            seed, held = [await finals.holdout(number) for number in (SEED_NUMBER, best)]
            if held is None or held.status is not Status.SUSPECT or best == SEED_NUMBER:
                return winner, seed, held
            await finals.disqualify(best, held)

    def _result(
        self,
        reason: str,
        winner: Winner,
        holdout_seed: Evaluation | None,
        holdout_best: Evaluation | None,
        budget: Budget,
        *,
        finished: bool,
    ) -> Result:
        best = winner.number
        return Result(
            run_id=self._run.id,
            finished=finished,
            reason=reason,
            seed=self._objective(SEED_NUMBER),
            best_number=best,
            best=None if best is None else self._objective(best),
            holdout_seed=holdout_seed,
            holdout_best=holdout_best,
            evaluations=budget.evaluations,
            elapsed=budget.elapsed,
            confirmed=winner.confirmed,
            noise=self._search.noise,
        )

    def _objective(self, number: int) -> Estimate | None:
        try:
            return self._store.candidate(self._run.id, number).estimate()
        except NotFound:
            return None
