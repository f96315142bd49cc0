"""Ask and tell for people and coding agents: hands out questions of a run, scores what they bring back.

The same search, scaffold, sandbox and log as the engine's; only that the answers come from outside, some time later
and perhaps to another process. Work that is not brought back in time is handed out again.

Between calls nothing is held, and a run's lease only while something is read or written: several agents, each in a
process of its own, can work on one run at once. Programs are scored without the lease; an answer counts, and its number
is closed, when question, answer, score and tell are stored in one transaction. Whatever is killed before that leaves
the number open.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from evolve import assembly
from evolve.config import Settings
from evolve.domain import Candidate, Completion, Estimate, Evaluation, Finish, Program, Status, Verdict
from evolve.errors import RunBusy, SandboxUnavailable, SettingsError
from evolve.evaluate import Evaluator
from evolve.handout import Work, as_answer, work_of
from evolve.look import PatientEvaluator
from evolve.problem import Problem
from evolve.question import Proposal, Question, Receipt, asked
from evolve.relook import Relooker
from evolve.replaying import check_isolation
from evolve.scaffold.base import ModelView, Scaffold, TaskView
from evolve.search import Search
from evolve.store import PERSON, Answered, Asked, RunRow, Store
from evolve.teller import Teller, scored
from evolve.visit import LEASE_PATIENCE, HandedOut, Visit, visit

HANDED_OUT = timedelta(hours=1)
"""How long work is somebody's before it is handed out again, when nobody says."""
IDEA_CHARACTERS = 500
"""Longest idea that is kept, as of a draft."""
_PERSON_VIEW = ModelView(PERSON, 0.0, 0.0, context=200_000, output=64_000)
"""Stands for a model where somebody outside answers: free, and with as much room as agents have today."""

Answer = str | Program | Mapping[str, str]
"""An answer as a model would give it; a whole program; or `{path: text}` of the files that changed."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of an answer. With `again` it could not be used, nothing was scored, and the number stays open.

    `best` and `best_objective` are the run's best candidate now.
    """

    run: int
    number: int
    evaluation: Evaluation | None
    verdict: Verdict | None
    best: int | None
    best_objective: Estimate | None
    again: Work | None = None
    sealed: bool = True
    """Whether a wall stood between the program and its scorer."""


class Desk:
    """Hands out work of one run and scores what is brought back.

    Args:
        store: Open for writing.
        run: Any run of the store that is not ordered.
        problem: The run's problem, unchanged since it began.
        settings: The run's.
        sandbox_for: Makes the sandbox; the one the settings name when left out.
        scaffold_for: Makes the scaffold; scaffold zero, asking about everything, when left out.
        clock: The time of day, with its zone.
        patience: Seconds to wait for another process that writes the run.
    """

    def __init__(
        self,
        store: Store,
        run: RunRow,
        problem: Problem,
        settings: Settings,
        sandbox_for: assembly.SandboxFor | None = None,
        scaffold_for: assembly.ScaffoldFor | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        patience: float = LEASE_PATIENCE,
    ) -> None:
        if settings.search.order == "ordered":
            raise SettingsError(
                f"run {run.id} is ordered: answers to it cannot come at any time; start one with search.order=arrival"
            )
        if scaffold_for is None and settings.scaffold.id:
            raise SettingsError(
                f"run {run.id} is searched by scaffold {settings.scaffold.id[:12]}, and only scaffold zero asks people;"
                " start a run with --scaffold zero, or let models answer: evolve resume "
                f"{run.id}"
            )
        self._store = store
        self._run = run
        self._problem = problem
        self._settings = settings
        self._sandbox_for = sandbox_for or assembly.chosen_sandbox
        self._scaffold_for = scaffold_for or _asking_scaffold
        self._clock = clock
        self._patience = patience

    @property
    def problem(self) -> Problem:
        """What is searched on."""
        return self._problem

    async def ask(self, lasting: timedelta = HANDED_OUT) -> Work:
        """Hand out work: what somebody did not bring back in time, or else a new question. The seed is scored first.

        Raises SettingsError when the scaffold has nothing to ask, RunBusy, and what scoring the seed raises.
        """
        async with self._visit() as here:
            if here.search.told == 0:
                await self._score_seed(here)
            moment = self._clock()
            late = (out.question for _, out in sorted(here.out.items()) if out.expires <= moment)
            question = next(late, None) or self._new_question(here.search)
            await here.journal.commit([_asked(question, moment + lasting)])
            return work_of(self._run.id, self._problem, question, moment + lasting)

    async def tell(self, number: int, answer: Answer, idea: str = "") -> Report:
        """Score the answer to question `number`, or say why it cannot be used and ask again.

        `idea` says in a sentence what was tried, where the answer is not a text that says so itself.

        Raises NotFound when no such question is open (any more), RunBusy, SandboxUnavailable, EvaluatorError,
        DatabaseError. The number is still open then.
        """
        known: dict[str, Evaluation] = {}
        try:
            while True:
                async with self._visit() as here:
                    out = here.waiting(number)
                    made = _made(here.search, out.question, answer, idea)
                    if isinstance(made, Question):
                        return await self._ask_on(here, out.question, made, answer)
                    evaluation = made.failure or known.get(made.candidate.program.digest)
                    if evaluation is not None:
                        return await self._settle(here, out, made, answer, evaluation)
                known[made.candidate.program.digest] = await self._scored(made.candidate)
        except RunBusy as error:
            raise RunBusy(f"{error}; the answer to {number} was not taken: tell it again then") from None

    # ---------------------------------------------------------------- inside a visit

    def _visit(self) -> AbstractAsyncContextManager[Visit]:
        scaffold = self._scaffold_for(assembly.task_view(self._problem), self._settings)
        return visit(self._store, self._run.id, self._problem, self._settings, scaffold, self._patience)

    def _new_question(self, search: Search) -> Question:
        new = search.ask(models=(_PERSON_VIEW,))
        if not isinstance(new, Question):
            raise SettingsError(f"run {self._run.id} has nothing to ask; evolve show {self._run.id} says how it stands")
        return new

    async def _score_seed(self, here: Visit) -> None:
        """The one evaluation under the lease: nobody can ask for anything before it."""
        proposal = here.search.ask()
        assert isinstance(proposal, Proposal), "the first ask is the seed, always"
        async with self._evaluator() as evaluator:
            evaluation = await evaluator.seed(proposal.candidate)
            relooker = Relooker(here.search, evaluator, here.budget, timing=evaluator.timing)  # measures the noise
            teller = Teller(here.search, here.journal, here.budget, (), relooker)
            await teller.tell(proposal, evaluation, scored(proposal, evaluation))
        await here.journal.flush()

    async def _settle(
        self, here: Visit, out: HandedOut, made: Proposal, answer: Answer, evaluation: Evaluation
    ) -> Report:
        """Tell a proposal; but a program that was refused is not a result: whoever brought it can mend it."""
        number = made.number
        if made.failure is not None and not isinstance(answer, str):
            again = work_of(self._run.id, self._problem, out.question, out.expires, made.failure.feedback)
            return self._report(number, None, None, again)
        lesson = here.search.reflect(here.search.scored(made, evaluation), ())
        receipt = Receipt(lesson=lesson if isinstance(lesson, str) else "")
        answered = _answered(out.question, answer, here.budget.elapsed)
        verdict = await here.teller.tell(made, evaluation, [answered, *scored(made, evaluation)], receipt)
        await here.journal.flush()
        return self._report(number, evaluation, verdict, None)

    async def _ask_on(self, here: Visit, before: Question, question: Question, answer: Answer) -> Report:
        """The next question of the same number: a repair, or the next step of its operator."""
        expires = self._clock() + HANDED_OUT
        await here.journal.commit([_answered(before, answer, here.budget.elapsed), _asked(question, expires)])
        reason = question.prompt.messages()[-1].text
        again = work_of(self._run.id, self._problem, question, expires, reason)
        return self._report(question.number, None, None, again)

    def _report(
        self, number: int, evaluation: Evaluation | None, verdict: Verdict | None, again: Work | None
    ) -> Report:
        best = self._store.best(self._run.id)
        standing = None if best is None else self._store.evaluation(self._run.id, best)
        objective = None if standing is None else standing.objective
        sealed = self._problem.spec.evaluation.sealed
        return Report(self._run.id, number, evaluation, verdict, best, objective, again, sealed)

    # ---------------------------------------------------------------- outside

    async def _scored(self, candidate: Candidate) -> Evaluation:
        """Run a candidate. Raises SandboxUnavailable, for that says nothing of the candidate, and EvaluatorError."""
        async with self._evaluator() as evaluator:
            evaluation = await evaluator.search(candidate)
        if evaluation.status is Status.INFRASTRUCTURE:
            raise SandboxUnavailable(f"candidate {candidate.number} could not be run: {evaluation.feedback}")
        return evaluation

    @asynccontextmanager
    async def _evaluator(self) -> AsyncIterator[PatientEvaluator]:
        """A sandbox of one slot for one candidate: it starts in a third of a second, and nothing is left behind."""
        workers = self._settings.workers.model_copy(update={"evaluations": 1})
        settings = self._settings.model_copy(update={"workers": workers})
        kept = self._run.isolation.get("image", "")
        sandbox = self._sandbox_for(assembly.sealed_problem(self._problem, self._run.seed, kept), settings)
        try:
            await sandbox.start()
            check_isolation(self._store, self._store.run(self._run.id), sandbox.isolation)
            evaluator = Evaluator(self._problem, sandbox, assembly.derived_seed(self._run.seed, "noise"))
            yield PatientEvaluator(evaluator, self._settings.sandbox.retries)
        finally:
            await sandbox.close()


def _asking_scaffold(task: TaskView, settings: Settings) -> Scaffold:
    """Scaffold zero with a person as its only model."""
    asked = settings.scaffold.model_copy(update={"builtin": 0.0, "tuned": 0})
    return assembly.scaffold_zero(task, settings.model_copy(update={"scaffold": asked}), models=(PERSON,))


def _made(search: Search, question: Question, answer: Answer, idea: str) -> Proposal | Question:
    if isinstance(answer, str):
        return search.answer(question, Completion(answer, Finish.STOP, PERSON, cost=0.0))
    said = replace(question, prompt=replace(question.prompt, idea=idea[:IDEA_CHARACTERS])) if idea else question
    program = answer if isinstance(answer, Program) else question.base.with_files(answer)
    return search.submit(said, program.as_dict(), PERSON)


def _files(answer: Program | Mapping[str, str]) -> Mapping[str, str]:
    return answer.as_dict() if isinstance(answer, Program) else answer


def _asked(question: Question, expires: datetime) -> Asked:
    return asked(question.number, question.island, question.prompt, PERSON, money=0.0, asker=PERSON, expires=expires)


def _answered(question: Question, answer: Answer, elapsed: float) -> Answered:
    """The answer as a completion; a program is noted as the answer that states it."""
    text = answer if isinstance(answer, str) else as_answer(_files(answer))
    return Answered(question.number, question.prompt.turn, "", Completion(text, Finish.STOP, PERSON, cost=0.0), elapsed)
