"""What the parts of the model's half of a scaffold hand to each other: an occasion to ask, and a recipe for asking."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from evolve.domain import Completion
from evolve.scaffold.base import Draft, EliteView, FailureView, ModelView, Prompt, SearchView, TaskView


@dataclass(frozen=True, slots=True)
class Lesson:
    """Something learnt from a candidate: `gain` is its score minus its parent's, None when it has no score."""

    number: int
    text: str
    operator: str
    gain: float | None
    helped: bool
    utility: float


@dataclass(frozen=True, slots=True)
class Occasion:
    """Everything a recipe may use for one prompt, already chosen: parent, inspirations, lessons, model, form.

    `failure` is the failed candidate to repair, for recipes that repair. `tokens` bounds the whole prompt.
    `rng` is the only source of randomness.
    """

    task: TaskView
    view: SearchView
    parent: EliteView
    inspirations: tuple[EliteView, ...]
    lessons: tuple[Lesson, ...]
    failures: tuple[FailureView, ...]
    failure: FailureView | None
    model: ModelView
    form: str
    tokens: int
    rng: random.Random


class Recipe(Protocol):
    """One way of asking a model for a program: an operator. A new one is a file in `recipes/` and a template."""

    name: str
    """The operator's name, as it is stored with its candidates."""
    mates: int
    """How many inspirations count as further parents (1 for a crossover)."""
    repairs: bool
    """Whether it starts from a failed candidate instead of an elite."""
    shrinks: bool
    """Whether it only makes programs shorter: pointless while they are hardly longer than the seed."""
    forms: tuple[str, ...]
    """The forms an answer may have, `diff` and `whole`, the preferred one first."""
    reflects: bool
    """Whether the model is asked for the lesson once the candidate is scored."""

    def prompt(self, occasion: Occasion) -> Prompt:
        """The first question."""
        ...

    def follow(self, task: TaskView, prompt: Prompt, base: Mapping[str, str], answer: Completion) -> Draft | Prompt:
        """Make a program of an answer, or ask the next question. Raises EditError."""
        ...
