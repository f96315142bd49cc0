"""Short runs of a scaffold with the stand-in model, all in this process: what a campaign's trial is, in milliseconds.

Search, evaluator and scaffold are the real ones; the model is `tests/standin`, called as a function, and programs are
run here, without walls. That is no risk with the arithmetic the stand-in writes for the suites of this folder, and
would be one with any other model.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
import types
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from evolve.assembly import derived_seed, scaffold_zero, task_view
from evolve.config import Settings, load_settings
from evolve.domain import Completion, Evaluation, Finish, Message, Role, Split, Status
from evolve.evaluate import Evaluator
from evolve.meta.areas import trial_of
from evolve.meta.records import Measured, SuiteProblem, Trial, TrialKey
from evolve.problem import Inputs, Problem, load_problem
from evolve.question import Proposal, Question, Receipt
from evolve.sandbox.base import CaseResult, Isolation, Job, Level, Say, silent
from evolve.scaffold.base import ModelView, Prompt, Scaffold, TaskView
from evolve.scaffold.conversation import lesson as taught
from evolve.search import Search

MODEL = ModelView("standin", input_price=1.0, output_price=4.0)
MOST_TURNS = 4
T = TypeVar("T")

ScaffoldMaker = Callable[[TaskView, Settings], Scaffold]
"""Makes the scaffold of a run; zero's own is `evolve.assembly.scaffold_zero`."""

Think = Callable[[Sequence[tuple[str, str]], str], str]
"""The model: a conversation of (role, text) and a seed give an answer."""


class Rejected(Exception):
    """The evaluator turns a program down."""


class Called:
    """A candidate as its evaluator sees it, without a wall between them."""

    def __init__(self, names: dict[str, Any]) -> None:
        self._names = names

    def call(self, name: str, *arguments: Any) -> Any:
        """Call a function of the candidate."""
        return self._names[name](*arguments)

    def reject(self, why: str) -> None:
        """Raises `Rejected`."""
        raise Rejected(why)


class HereSandbox:
    """Fulfils `Sandbox` for one Python file per program, in this process."""

    slots = 1
    isolation = Isolation("here", Level.PROCESS, (), ("everything",))

    def __init__(self, problem: Problem) -> None:
        self._entry = problem.entry
        self._author = types.ModuleType("author")
        exec(compile(problem.evaluator["evaluate.py"], "evaluate.py", "exec"), self._author.__dict__)
        self._cases = {split: self._author.cases(split.value, dict(problem.spec.parameters)) for split in Split}

    async def start(self, say: Say = silent) -> None:
        """Nothing is to be started."""

    async def close(self) -> None:
        """Nothing is to be closed."""

    async def cases(self, split: Split) -> int:
        """How many cases the author's code gives."""
        return len(self._cases[split])

    async def run(self, job: Job) -> tuple[CaseResult, ...]:
        """Score a program on the cases of the job."""
        return tuple(self._score(job, case) for case in job.cases)

    def _score(self, job: Job, case: int) -> CaseResult:
        text = job.program.as_dict()[self._entry]
        names: dict[str, Any] = {"__name__": "candidate"}
        try:
            exec(compile(text, self._entry, "exec"), names)
        except SyntaxError as error:
            return CaseResult(case, Status.SYNTAX, feedback=f"SyntaxError: {error.msg} (line {error.lineno})")
        except Exception as error:
            return CaseResult(case, Status.CRASH, feedback=f"{type(error).__name__}: {error}")
        try:
            metrics = dict(self._author.evaluate(Called(names), self._cases[job.split][case]))
        except Rejected as why:
            return CaseResult(case, Status.WRONG, feedback=str(why))
        except Exception as error:
            return CaseResult(case, Status.CRASH, feedback=f"{type(error).__name__}: {error}{_line(error)}")
        said, artifacts = metrics.pop("feedback", ""), metrics.pop("artifacts", {})
        return CaseResult(case, Status.VALID, metrics, said, artifacts)


def _line(error: Exception) -> str:
    trace, line = error.__traceback__, 0
    while trace is not None:
        line = trace.tb_lineno if trace.tb_frame.f_code.co_filename.endswith("load.py") else line
        trace = trace.tb_next
    return f", line {line}" if line else ""


@dataclass
class Units:
    """The calls of a run, and the best score after each."""

    most: int
    bests: list[float]

    def spend(self, best: float) -> None:
        """One more call, after which the best is still `best`."""
        if len(self.bests) < self.most:
            self.bests.append(best)

    @property
    def left(self) -> bool:
        """Whether another call can be made."""
        return len(self.bests) < self.most

    def reach(self, best: float) -> None:
        """The last call led to this best."""
        if self.bests:
            self.bests[-1] = max(self.bests[-1], best)


def standin(persona: str) -> Think:
    """The stand-in model of `tests/standin`, called as a function."""
    tests = str(Path(__file__).parent.parent / "tests")
    if tests not in sys.path:
        sys.path.insert(0, tests)
    mind = importlib.import_module("standin.mind")
    return lambda messages, seed: str(mind.think(mind.PERSONAS[persona], tuple(messages), seed).text)


def measure(
    problem: SuiteProblem,
    key: TrialKey,
    think: Think,
    make: ScaffoldMaker = scaffold_zero,
    overrides: Sequence[str] = (),
) -> Trial:
    """A trial: `key.calls` calls of the model on a problem of the suite."""
    return drive(_Run(problem, key, think, make, overrides).run())


class _Run:
    """One run, one candidate at a time, as a campaign's trials are."""

    def __init__(
        self, problem: SuiteProblem, key: TrialKey, think: Think, make: ScaffoldMaker, overrides: Sequence[str]
    ) -> None:
        loaded = load_problem(problem.folder, Inputs(parameters=problem.parameters))
        fixed = (
            "search.order=ordered",
            "search.window=1",
            "scaffold.polish=0",
            "scaffold.tuned=0",
            "scaffold.builtin=0",
        )
        settings = load_settings([], [*fixed, f'llm.models=[{{name="{MODEL.name}"}}]', *overrides])
        self._problem, self._key, self._think = problem, key, think
        self._scaffold = make(task_view(loaded), settings)
        self._search = Search(loaded, settings.search, self._scaffold, key.seed, noise=settings.noise)
        self._evaluator = Evaluator(loaded, HereSandbox(loaded), derived_seed(key.seed, "noise"))
        self._units = Units(key.calls, [])
        self._best = float("-inf")
        self._asked = 0

    async def run(self) -> Trial:
        """All of it."""
        seed = self._search.ask()
        assert isinstance(seed, Proposal)
        evaluation = await self._evaluator.search(seed.candidate.program)
        assert evaluation.objective is not None, evaluation.feedback
        self._search.tell(seed.candidate, evaluation)
        self._best = floor = self._search.sign * evaluation.objective.mean
        statuses: dict[str, int] = {}
        while self._units.left:
            proposal, history = self._proposed()
            if proposal is None:
                break
            evaluation = proposal.failure or await self._evaluator.search(proposal.candidate.program)
            statuses[evaluation.status.value] = statuses.get(evaluation.status.value, 0) + 1
            self._tell(proposal, evaluation, history)
        measured = Measured(tuple(self._units.bests), floor, len(self._units.bests), statuses=statuses)
        return trial_of(self._problem, self._key, measured)

    def _proposed(self) -> tuple[Proposal | None, list[Message]]:
        """The next proposal, and the conversation it came of; None when the calls are spent on the way."""
        asked = self._search.ask(models=(MODEL,))
        history: list[Message] = []
        while isinstance(asked, Question):
            if not self._units.left:
                return None, history
            completion = self._complete(asked.prompt, history)
            asked = self._search.answer(asked, completion)
        assert asked is not None
        if not history:
            self._units.spend(self._best)
        return asked, history

    def _tell(self, proposal: Proposal, evaluation: Evaluation, history: list[Message]) -> None:
        """A score counts once all its calls are spent, its lesson's too, as in a campaign's trials."""
        lesson = ""
        if history and evaluation.status.costs_evaluation:
            learnt = self._search.reflect(self._search.scored(proposal, evaluation), history)
            if isinstance(learnt, str):
                lesson = learnt
            elif self._units.left:
                lesson = taught(self._complete(learnt, history).text)
        if evaluation.objective is not None:
            self._best = max(self._best, self._search.sign * evaluation.objective.mean)
            self._units.reach(self._best)
        self._search.tell(proposal.candidate, evaluation, Receipt(0.0, 0, lesson))

    def _complete(self, prompt: Prompt, history: list[Message]) -> Completion:
        """One call; the answer joins the conversation."""
        history += prompt.messages()
        conversation = [(message.role.value, message.text) for message in history]
        text = self._think(conversation, f"{self._key.seed}:{self._asked}")
        self._asked += 1
        self._units.spend(self._best)
        history.append(Message(Role.ASSISTANT, text))
        return Completion(text, Finish.STOP, MODEL.name)


def drive(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that waits for nothing outside."""
    return asyncio.run(coroutine)
