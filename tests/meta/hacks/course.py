"""A course for scaffolds: a real search over a tiny problem, the scaffold behind real walls, and calls counted as a
trial counts them.

The model makes steady progress whenever it is shown a program: every call that is not wasted halves one literal's
distance from its aim. So an honest scaffold's curve is the best there is without knowing the aim.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evolve.assembly import task_view
from evolve.config import SearchSettings
from evolve.domain import Completion, Estimate, Evaluation, Finish, Message, Program, Role, Status
from evolve.genome.folder import manifest_of
from evolve.genome.genome import Genome
from evolve.genome.lines import Quarters
from evolve.genome.remote import RemoteScaffold
from evolve.problem import Problem, load_problem
from evolve.question import Proposal, Question
from evolve.scaffold.base import ModelView, Prompt
from evolve.search import Search
from tests.conftest import PROBLEM_TOML, write_tiny

CALLS = 10
MODELS = (ModelView("standin", output=8_192),)
_NUMBER = re.compile(r"-?\d+\.\d+")
_ISLANDS = SearchSettings(islands=1, learn_first=4)


@dataclass(frozen=True, slots=True)
class Ground:
    """A problem and the three literals that solve it."""

    problem: Problem
    aim: tuple[float, float, float]


@dataclass
class Run:
    """What a scaffold did in a run, as the host saw it: best error after each call, statuses, breaches by kind."""

    bests: list[float] = field(default_factory=list)
    statuses: Counter[Status] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    prompts: list[str] = field(default_factory=list)
    feedback: list[str] = field(default_factory=list)
    snapshot: Mapping[str, object] = field(default_factory=dict)
    floor: float = 0.0

    @property
    def area(self) -> float:
        """Normalised area: 0 is the seed program all along, 1 the aim from the first call on."""
        return sum((self.floor - best) / self.floor for best in self.bests) / len(self.bests)


def ground(folder: Path, name: str, aim: tuple[float, float, float]) -> Ground:
    """A tiny problem with an aim of its own."""
    toml = PROBLEM_TOML.replace('name = "tiny"', f'name = "{name}"')
    return Ground(load_problem(write_tiny(folder / name, problem_toml=toml)), aim)


def run(genome: Genome, quarters: Quarters, place: Ground, calls: int = CALLS) -> Run:
    """Let a scaffold spend its calls on a problem."""
    scaffold = RemoteScaffold(quarters.lines(genome), manifest_of(genome), task_view(place.problem), {})
    try:
        return _Course(scaffold, place, calls).run()
    finally:
        scaffold.close()


class _Course:
    def __init__(self, scaffold: RemoteScaffold, place: Ground, calls: int) -> None:
        self._scaffold = scaffold
        self._place = place
        self._calls = calls
        self._search = Search(place.problem, _ISLANDS, scaffold, 7)
        self._spent = 0
        self._run = Run()

    def run(self) -> Run:
        seed = self._search.ask()
        assert isinstance(seed, Proposal)
        best = self._run.floor = self._tell(seed)
        while self._spent < self._calls:
            best = min(best, self._step(best))
            self._run.bests += [best] * (self._spent - len(self._run.bests))
        self._run.snapshot = self._scaffold.snapshot()
        self._run.faults = self._scaffold.faults
        return self._run

    def _step(self, best: float) -> float:
        """One proposal, however many calls it takes; its error."""
        asked = self._search.ask(models=MODELS)
        assert asked is not None
        history: list[Message] = []
        if isinstance(asked, Proposal):
            self._spend(best)  # a draft, or a failure: each takes a call
        while isinstance(asked, Question):
            if self._spent == self._calls:
                asked = self._search.fail(asked, Status.NO_EDIT, "the calls are spent")
                break
            asked = self._search.answer(asked, self._answer(asked.prompt, history, best))
        found = self._tell(asked, history, best)
        self._run.bests[self._spent - 1 :] = [min(best, found)]
        return found

    def _spend(self, best: float) -> None:
        self._spent += 1
        self._run.bests.append(best)

    def _answer(self, prompt: Prompt, history: list[Message], best: float) -> Completion:
        self._spend(best)
        messages = prompt.messages()
        text = "\n".join(message.text for message in messages)
        self._run.prompts.append(text)
        answer = halved(text, self._place.aim)
        history += [*messages, Message(Role.ASSISTANT, answer)]
        return Completion(answer, Finish.STOP, prompt.model)

    def _tell(self, proposal: Proposal, history: list[Message] | None = None, best: float = 0.0) -> float:
        evaluation = proposal.failure or self._evaluate(proposal.candidate.program)
        if history:
            lesson = self._search.reflect(self._search.scored(proposal, evaluation), history)
            while isinstance(lesson, Prompt) and self._spent < self._calls:
                self._answer(lesson, history, best)
                lesson = self._search.reflect(self._search.scored(proposal, evaluation), history)
        self._run.statuses[evaluation.status] += 1
        self._run.feedback.append(evaluation.feedback)
        self._search.tell(proposal.candidate, evaluation)
        return float("inf") if evaluation.objective is None else evaluation.objective.mean

    def _evaluate(self, program: Program) -> Evaluation:
        text = program.files[0].text
        error = sum(abs(value - aim) for value, aim in zip(_literals(text), self._place.aim, strict=True))
        measures = {"program_length": float(len(text)), "spread": error % 1.0}
        return Evaluation(Status.VALID, Estimate(error), {"error": error}, measures)


def halved(text: str, aim: tuple[float, float, float]) -> str:
    """The model: the program it was shown, its worst literal half way to the aim; nothing without a program."""
    code = text.split("```")
    if len(code) < 3 or len(_NUMBER.findall(code[-2])) < 3:
        return "Show me a program."
    values = _literals(code[-2])
    worst = max(range(3), key=lambda place: abs(values[place] - aim[place]))
    spot = list(_NUMBER.finditer(code[-2]))[worst]
    better = f"{(values[worst] + aim[worst]) / 2:.6f}"
    return f"```\n{(code[-2][: spot.start()] + better + code[-2][spot.end() :]).lstrip()}```"


def _literals(text: str) -> list[float]:
    found = [float(number) for number in _NUMBER.findall(text)][:3]
    return [*found, *[0.0] * (3 - len(found))]
