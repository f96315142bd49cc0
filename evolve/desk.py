"""Ask and tell for people and coding agents: hands out questions of a run, scores what they bring back.

The same search, scaffold, sandbox and log as the engine's; only that the answers come from outside, some time later
and perhaps to another process. Work that is not brought back in time is handed out again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from evolve import assembly
from evolve.budget import Budget
from evolve.config import ScaffoldSettings, Settings
from evolve.domain import Completion, Evaluation, Finish, Program, Status, Verdict
from evolve.errors import NotFound, ProblemError, SettingsError
from evolve.evaluate import Evaluator
from evolve.journal import Journal
from evolve.look import PatientEvaluator
from evolve.problem import Problem
from evolve.question import Proposal, Question, Receipt, prompt_as_json, prompt_from
from evolve.replaying import check_isolation, replayed
from evolve.sandbox.base import Sandbox
from evolve.scaffold.base import ModelView, Prompt
from evolve.search import Search
from evolve.store import Answered, Asked, AskedRow, Holder, RunRow, RunStatus, Store
from evolve.teller import Teller, scored

PERSON = "person"
"""Stands for the name of a model where somebody outside answers."""
HANDED_OUT = timedelta(hours=1)
"""How long work is somebody's before it is handed out again."""
_PERSON_VIEW = ModelView(PERSON, 0.0, 0.0, context=200_000, output=64_000)


@dataclass(frozen=True, slots=True)
class Work:
    """A question that is handed out: answer `prompt`, or bring an edited copy of `files`, under this `number`.

    `reason` says why the same number is asked again: what was wrong with the answer before.
    """

    number: int
    operator: str
    parents: tuple[int, ...]
    inspirations: tuple[int, ...]
    prompt: str
    files: Mapping[str, str]
    editable: tuple[str, ...]
    expires: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of work that was brought back; `again` when the answer could not be used and is asked once more."""

    number: int
    status: Status
    evaluation: Evaluation | None
    verdict: Verdict | None
    again: Work | None = None


class Desk:
    """One open desk on one run; use it as an asynchronous context manager. It holds the run's lease meanwhile.

    Args:
        store: Open for writing.
        run: Any run of the store.
        problem: The run's problem, unchanged since it began.
        settings: The run's.
        sandbox_for: Makes the sandbox; the one the settings name when left out.
    """

    def __init__(
        self,
        store: Store,
        run: RunRow,
        problem: Problem,
        settings: Settings,
        sandbox_for: assembly.SandboxFor | None = None,
    ) -> None:
        if settings.search.order == "ordered":
            raise SettingsError(
                f"run {run.id} is ordered: answers to it cannot come at any time; start one with search.order=arrival"
            )
        scaffold = assembly.scaffold_zero(assembly.task_view(problem), _for_people(settings), models=(PERSON,))
        self._store = store
        self._run = run
        self._problem = problem
        self._settings = settings
        self._sandbox_for = sandbox_for or assembly.local_sandbox
        self._search = Search(problem, settings.search, scaffold, run.seed, may_wait=True)
        self._holder = Holder.here()
        self._sandbox: Sandbox | None = None
        self._open: dict[int, tuple[Question, datetime]] = {}

    async def __aenter__(self) -> Self:
        """Take the lease, replay the run, score the seed if nobody has yet.

        Raises RunBusy, SandboxUnavailable, EvaluatorError, ProblemError, DatabaseError.
        """
        self._store.acquire(self._run.id, self._holder)
        try:
            replayed(self._store, self._run, self._search)
            self._budget = Budget(
                self._settings.budget, self._problem.direction, polish=0, seconds=self._run.summary.elapsed
            )
            self._journal = Journal(self._store, self._run.id, self._holder, lambda: self._budget.elapsed)
            self._teller = Teller(self._search, self._journal, self._budget, ())
            self._take_up()
            if self._search.told == 0:
                await self._score_seed()
        except BaseException:
            self._give_back("the desk could not be opened")
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._journal.close()
            if self._sandbox is not None:
                await self._sandbox.close()
        finally:
            self._give_back("the desk was closed")

    @property
    def search(self) -> Search:
        """The search, to look at."""
        return self._search

    async def ask(self, now: datetime | None = None) -> Work:
        """Hand out work: what somebody did not bring back in time, or else a new question.

        Raises SettingsError when the scaffold has nothing to ask.
        """
        moment = now or datetime.now(UTC)
        for question, expires in self._open.values():
            if expires <= moment:
                return await self._hand_out(question, moment)
        asked = self._search.ask(models=(_PERSON_VIEW,))
        if not isinstance(asked, Question):
            raise SettingsError(f"run {self._run.id} has nothing to ask; look at it with evolve show {self._run.id}")
        return await self._hand_out(asked, moment)

    async def tell(self, number: int, answer: str | Mapping[str, str]) -> Report:
        """Score an answer (text), or a finished program (`{path: text}`), to the question `number`.

        Raises NotFound when no such question is open, and what an evaluation raises.
        """
        if number not in self._open:
            raise NotFound(self._unknown(number))
        question, _ = self._open[number]
        written = answer if isinstance(answer, str) else "\n".join(f"{path}\n{text}" for path, text in answer.items())
        completion = Completion(written, Finish.STOP, PERSON, cost=0.0)
        await self._journal.commit([Answered(number, question.prompt.turn, "", completion, self._budget.elapsed)])
        if isinstance(answer, str):
            result = self._search.answer(question, completion)
        else:
            result = self._search.submit(question, answer, PERSON)
        if isinstance(result, Question):
            again = await self._hand_out(result, datetime.now(UTC))
            return Report(number, Status.EDIT_NOT_APPLIED, None, None, again)
        del self._open[number]
        return await self._score(result)

    async def _score(self, proposal: Proposal) -> Report:
        evaluation = proposal.failure
        if evaluation is None:
            evaluation = await (await self._evaluator()).search(proposal.candidate)
        lesson = self._search.reflect(self._search.scored(proposal, evaluation), ())
        receipt = Receipt(lesson=lesson if isinstance(lesson, str) else "")
        verdict = await self._teller.tell(proposal, evaluation, scored(proposal, evaluation), receipt)
        await self._journal.flush()
        return Report(proposal.number, evaluation.status, evaluation, verdict)

    async def _score_seed(self) -> None:
        proposal = self._search.ask()
        assert isinstance(proposal, Proposal), "the first ask is the seed, always"
        report = await self._score(proposal)
        if report.status is not Status.VALID and report.evaluation is not None:
            raise ProblemError(f"the seed program is not valid ({report.status}): {report.evaluation.feedback.strip()}")

    async def _hand_out(self, question: Question, moment: datetime) -> Work:
        expires = moment + HANDED_OUT
        prompt = question.prompt
        await self._journal.commit(
            [
                Asked(
                    number=question.number,
                    turn=prompt.turn,
                    island=question.island,
                    operator=prompt.operator,
                    step=prompt.step,
                    model=PERSON,
                    prompt=prompt_as_json(prompt),
                    request_digest="",
                    money=0.0,
                    asker=PERSON,
                    expires=expires,
                )
            ]
        )
        self._open[question.number] = (question, expires)
        return Work(
            question.number,
            prompt.operator,
            prompt.parents,
            prompt.inspirations,
            _as_text(prompt),
            question.base.as_dict(),
            self._problem.editable,
            expires,
        )

    def _take_up(self) -> None:
        """Questions that are out already; those an interrupted engine put to models stay its own."""
        for row in self._store.open_questions(self._run.id):
            if row.last.asker == PERSON and not row.proposed:
                question = self._restored(row.last)
                self._search.restore_question(question)
                self._open[row.number] = (question, row.last.expires or datetime.now(UTC))
            else:
                self._search.reserve(row.number)
        for untold in self._store.untold(self._run.id):
            self._search.reserve(untold.candidate.number)

    def _restored(self, row: AskedRow) -> Question:
        prompt = prompt_from(row.prompt)
        return Question(row.number, row.island, prompt, self._program(prompt.base))

    def _program(self, number: int) -> Program:
        return self._store.programs(self._run.id, [number])[number]

    async def _evaluator(self) -> PatientEvaluator:
        if self._sandbox is None:
            sealed = assembly.sealed_problem(self._problem, self._run.seed)
            self._sandbox = self._sandbox_for(sealed, self._settings)
            await self._sandbox.start()
            check_isolation(self._store, self._run, self._sandbox.isolation)
        evaluator = Evaluator(self._problem, self._sandbox, assembly.derived_seed(self._run.seed, "noise"))
        return PatientEvaluator(evaluator, self._settings.sandbox.retries, ())

    def _unknown(self, number: int) -> str:
        out = ", ".join(map(str, sorted(self._open))) or "none"
        run = self._run.id
        return f"run {run} waits for no answer to {number}; waiting: {out}. evolve ask {run} hands out work"

    def _give_back(self, reason: str) -> None:
        status = self._run.status if self._run.status is RunStatus.FINISHED else RunStatus.INTERRUPTED
        self._store.release(self._run.id, self._holder, status, reason)


def _for_people(settings: Settings) -> Settings:
    """The settings with everything that is not asked about switched off."""
    asked: Mapping[str, object] = {"builtin": 0.0, "tuned": 0, "form": settings.scaffold.form}
    scaffold = ScaffoldSettings.model_validate({**settings.scaffold.model_dump(), **asked})
    return settings.model_copy(update={"scaffold": scaffold})


def _as_text(prompt: Prompt) -> str:
    messages: Sequence[str] = [message.text for message in prompt.messages()]
    return "\n\n".join(messages)
