"""Plan, execute, summarise: a plan without code first, then the edit, and once it is scored the lesson."""

from __future__ import annotations

import re
from collections.abc import Mapping

from evolve.domain import Completion, Status
from evolve.errors import EditError
from evolve.scaffold import context, evidence
from evolve.scaffold.base import Draft, Prompt, TaskView
from evolve.scaffold.occasion import Occasion
from evolve.scaffold.recipes._edit import EditRecipe, aim
from evolve.scaffold.templates import render
from evolve.scaffold.turns import asked_on, draft_of, said
from evolve.scaffold.wording import line

_IDEA = re.compile(r"^[\W\d]*Idea\W*:\W*(.+)$", re.IGNORECASE | re.MULTILINE)


class Plan(EditRecipe):
    """Asks for a plan in the first turn and for the edit in the second, in one conversation."""

    name = "plan"
    template = "tasks/plan"
    reflects = True
    step = "plan"

    def words(self, occasion: Occasion, form: str) -> dict[str, str]:
        """The first turn asks for no edit."""
        return aim(occasion.task)

    def follow(self, task: TaskView, prompt: Prompt, base: Mapping[str, str], answer: Completion) -> Draft | Prompt:
        """After the plan the question for the edit; after that the program. Raises EditError."""
        if prompt.step != self.step:
            return draft_of(task, prompt, base, answer.text)
        plan = said(answer.text)
        if not plan:
            raise EditError(Status.EMPTY, "the answer has thoughts but no plan")
        question = render("tasks/plan_edit", number=prompt.base, answer=context.answer_reminder(prompt.form))
        chosen = _IDEA.findall(plan)
        idea = line(chosen[-1].strip("*`_ "), evidence.IDEA_CHARACTERS) if chosen else prompt.idea
        return asked_on(prompt, plan, "edit", question, step="edit", idea=idea)


RECIPE = Plan()
