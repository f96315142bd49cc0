"""A small scaffold: one question per proposal, about the best program or about one of the others."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from evolve.domain import Completion, Message, Status
from evolve.errors import EditError
from evolve.scaffold.base import Draft, OutcomeView, Prompt, ScoredView, SearchView, Section, TaskView

GREEDY = 0.7
"""Share of questions that are about the best program."""
LINES = ("task", "program", "score")
"""What a question is made of."""
WORDS = {
    "task": "Improve the program: make every entry of x as good as you can.",
    "program": "Program:\n{program}",
    "score": "It scores {score:.4f}; more is better.",
    "feedback": "Feedback: {feedback}",
}


class Toy:
    """Fulfils `Scaffold`."""

    def __init__(self, task: TaskView) -> None:
        self._entry = task.entry

    def propose(self, view: SearchView) -> Draft | Prompt:
        """What to ask about one of the programs."""
        rng = random.Random(view.seed)
        base = view.elites[0] if rng.random() < GREEDY else rng.choice(view.elites)
        given = {"program": base.files[self._entry], "score": base.score, "feedback": base.feedback}
        text = "\n".join(WORDS[line].format(**given) for line in LINES)
        section = Section("question", text)
        return Prompt("edit", view.models[0].name, (section,), base.number, (base.number,))

    def parse(self, prompt: Prompt, base: Mapping[str, str], answer: Completion) -> Draft | Prompt:
        """The program of an answer. Raises EditError when there is none."""
        lines = [line for line in answer.text.splitlines() if line.startswith("x = ")]
        if not lines:
            raise EditError(Status.NO_EDIT, "the answer has no line that begins with x = ")
        return Draft(prompt.operator, {self._entry: lines[-1] + "\n"}, prompt.parents)

    def amend(
        self, prompt: Prompt, base: Mapping[str, str], answer: Completion, status: Status, reason: str
    ) -> Prompt | None:
        """Nothing is asked twice."""
        return None

    def reflect(self, scored: ScoredView, history: Sequence[Message]) -> str | Prompt:
        """Nothing is learnt."""
        return ""

    def observe(self, outcome: OutcomeView) -> None:
        """Nothing is remembered."""

    def pins(self) -> frozenset[int]:
        """None."""
        return frozenset()

    def snapshot(self) -> Mapping[str, object]:
        """Nothing."""
        return {}


def create(task: TaskView, settings: Mapping[str, object]) -> Toy:
    """The scaffold for a task."""
    return Toy(task)
