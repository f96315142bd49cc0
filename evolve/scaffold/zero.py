"""Scaffold zero: the built-in proposer and the asking of models under one roof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

from evolve.domain import Completion, Message, Status
from evolve.errors import EditError
from evolve.scaffold import conversation
from evolve.scaffold.asking import Asking
from evolve.scaffold.base import Draft, OutcomeView, Prompt, ScoredView, SearchView, TaskView
from evolve.scaffold.builtin import BuiltinProposer
from evolve.scaffold.plain import decode, encode
from evolve.scaffold.polish import Polishing
from evolve.scaffold.settings import ZeroSettings
from evolve.scaffold.tags import is_asked

__all__ = ["ScaffoldZero", "ZeroSettings", "create"]

_SILVER = 0.41421356237309515
"""Multiples of the square root of 2, modulo 1: evenly spread, and independent of the golden ratio's, by which the
built-in half decides when to tune; with the same multiples its share would be all tuning, or none."""


class ScaffoldZero:
    """Fulfils `Scaffold`; knows only what it was told by `observe`.

    With models in the run a proposal is, in this order: a simplification of the winner (`final`), a tuning point of a
    new elite a model wrote, the built-in half's by its share of the numbers, or a question for a model.
    """

    def __init__(self, task: TaskView, settings: ZeroSettings | None = None) -> None:
        self._task = task
        self._settings = settings or ZeroSettings()
        self._builtin = BuiltinProposer(task, self._settings)
        self._asking = Asking(task, self._settings)
        self._polishing = Polishing(self._settings.tuned)

    def propose(self, view: SearchView) -> Draft | Prompt:
        """A finished candidate, or what to ask a model for one.

        Raises EditError(NO_EDIT) when nothing can be changed, and when it is a model's turn and none is free.
        """
        if view.final:
            return self._builtin.propose(view)
        if self._from_outside(view):
            return self._asking.propose(view)
        polished = None if view.blank else self._polishing.next_point(view, self._builtin)
        if polished is not None:
            return polished
        if not self._settings.models or view.number * _SILVER % 1.0 < self._settings.builtin:
            return self._builtin.propose(view)
        if not view.models:
            raise EditError(Status.NO_EDIT, "it is a model's turn and none is free")
        return self._asking.propose(view)

    def parse(self, prompt: Prompt, base: Mapping[str, str], answer: Completion) -> Draft | Prompt:
        """Make a program of an answer, or ask on. Raises EditError with the status that names what is wrong."""
        return conversation.parse(self._task, prompt, base, answer)

    def amend(
        self, prompt: Prompt, base: Mapping[str, str], answer: Completion, status: Status, reason: str
    ) -> Prompt | None:
        """What to ask after an answer that could not be used; None gives up."""
        return conversation.amend(self._task, prompt, base, answer, status, reason)

    def reflect(self, scored: ScoredView, history: Sequence[Message]) -> str | Prompt:
        """The lesson of a scored candidate of a model, or what to ask the model for it."""
        return conversation.reflect(self._task, scored, history)

    def observe(self, outcome: OutcomeView) -> None:
        """Learn from an outcome: each half from its own, the tuning of new elites from both."""
        if is_asked(outcome.tag):
            self._asking.observe(outcome)
        else:
            self._builtin.observe(outcome)
        self._polishing.observe(outcome)

    def pins(self) -> frozenset[int]:
        """The programs being tuned, at most 48."""
        return self._builtin.pins() | self._polishing.pins()

    def snapshot(self) -> Mapping[str, object]:
        """What both halves have learnt."""
        learnt = self._builtin.snapshot()
        return {**learnt, **self._asking.snapshot()} if self._settings.models else learnt

    def _from_outside(self, view: SearchView) -> bool:
        """Whether somebody asks who is none of the run's models, such as a person: they want a prompt, not a draft."""
        return bool(view.models) and not any(model.name in self._settings.models for model in view.models)


def create(task: TaskView, settings: Mapping[str, object]) -> ScaffoldZero:
    """The scaffold its manifest names, told `ZeroSettings` as plain data.

    What is left out has its default, and what it does not know is of a newer host: a stored scaffold outlives both.
    Raises WireError for a value of the wrong type.
    """
    usual = ZeroSettings()
    told = {each.name: settings.get(each.name, getattr(usual, each.name)) for each in fields(ZeroSettings)}
    return ScaffoldZero(task, decode(ZeroSettings, encode(told), "settings"))
