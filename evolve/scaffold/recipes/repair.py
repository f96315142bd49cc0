"""A failed program with its error, to be made to work: its idea has not had its trial yet."""

from __future__ import annotations

from collections.abc import Mapping

from evolve.scaffold import context, evidence
from evolve.scaffold.base import FailureView, Section
from evolve.scaffold.occasion import Occasion
from evolve.scaffold.recipes._edit import EditRecipe


class Repair(EditRecipe):
    """Edits the failed program; credit goes to the elite it was made from."""

    name = "repair"
    template = "tasks/repair"
    repairs = True

    def base(self, occasion: Occasion) -> tuple[int, Mapping[str, str]]:
        """The failed program."""
        failure = _failure(occasion)
        return failure.number, failure.files

    def subject(self, occasion: Occasion) -> tuple[Section, ...]:
        """The failed program with its error, and what it changed of its parent."""
        view = occasion.view
        known = {elite.number: elite for elite in (*view.others, *view.elites, occasion.parent)}
        return evidence.failed(occasion.task, _failure(occasion), known, occasion.tokens)

    def words(self, occasion: Occasion, form: str) -> dict[str, str]:
        """The error says what to aim at."""
        return {"answer": context.answer_reminder(form)}


def _failure(occasion: Occasion) -> FailureView:
    if occasion.failure is None:
        raise ValueError("repair needs an occasion with a failure")
    return occasion.failure


RECIPE = Repair()
