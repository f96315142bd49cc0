"""What the recipes have in common: one question for an edit of one program, whose answer is the edit."""

from __future__ import annotations

from collections.abc import Mapping

from evolve.domain import Completion
from evolve.scaffold import context, evidence
from evolve.scaffold.base import Draft, EliteView, Prompt, Section, TaskView
from evolve.scaffold.occasion import Occasion
from evolve.scaffold.templates import render
from evolve.scaffold.turns import draft_of
from evolve.scaffold.wording import better


class EditRecipe:
    """Fulfils `Recipe` for a template of its task; recipes say what differs by overriding."""

    name = ""
    template = ""
    mates = 0
    repairs = False
    shrinks = False
    forms: tuple[str, ...] = ("diff", "whole")
    reflects = False
    step = "edit"

    def prompt(self, occasion: Occasion) -> Prompt:
        """The first question: all that is known, and the task."""
        form = occasion.form if occasion.form in self.forms else self.forms[0]
        number, files = self.base(occasion)
        mates = occasion.inspirations[: self.mates]
        output = context.answer_room(occasion.model, occasion.task, files, form)
        sections = context.sections(
            occasion, self.subject(occasion), self.task(occasion, form), form=form, output=output, mates=mates
        )
        rest = [elite.number for elite in occasion.inspirations[self.mates :]]
        return Prompt(
            operator=self.name,
            model=occasion.model.name,
            sections=sections,
            base=number,
            parents=tuple(dict.fromkeys((occasion.parent.number, *(mate.number for mate in mates)))),
            inspirations=context.shown(sections, rest),
            step=self.step,
            form=form,
            output=output,
        )

    def follow(self, task: TaskView, prompt: Prompt, base: Mapping[str, str], answer: Completion) -> Draft | Prompt:
        """The program the answer makes of its base. Raises EditError."""
        return draft_of(task, prompt, base, answer.text)

    def base(self, occasion: Occasion) -> tuple[int, Mapping[str, str]]:
        """Number and files of the program that is edited."""
        return occasion.parent.number, occasion.parent.files

    def subject(self, occasion: Occasion) -> tuple[Section, ...]:
        """How the program that is edited is shown."""
        return evidence.parent(occasion.task, occasion.parent, occasion.tokens)

    def task(self, occasion: Occasion, form: str) -> str:
        """What is asked for."""
        return render(self.template, number=self.base(occasion)[0], **self.words(occasion, form))

    def words(self, occasion: Occasion, form: str) -> dict[str, str]:
        """The values of the template besides the number of the program that is edited."""
        return {**aim(occasion.task), "answer": context.answer_reminder(form)}


def aim(task: TaskView) -> dict[str, str]:
    """The objective and which way it should go, as templates call them."""
    return {"objective": task.objective, "better": better(task)}


def mate_of(occasion: Occasion, recipe: str) -> EliteView:
    """The program a recipe with a mate combines its parent with: the first inspiration."""
    if not occasion.inspirations:
        raise ValueError(f"{recipe} needs a mate: an occasion for it has at least one inspiration")
    return occasion.inspirations[0]
