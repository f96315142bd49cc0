"""The half of scaffold zero that asks models: chooses model, operator, parent and what is shown, and asks by recipe."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from evolve.domain import Status
from evolve.errors import EditError
from evolve.scaffold.arms import Arm, Arms
from evolve.scaffold.base import EliteView, FailureView, ModelView, OutcomeView, Prompt, SearchView, TaskView
from evolve.scaffold.earning import Earnings
from evolve.scaffold.forms import Forms, editable_text
from evolve.scaffold.inspire import inspirations
from evolve.scaffold.memory import Memory
from evolve.scaffold.occasion import Lesson, Occasion, Recipe
from evolve.scaffold.recipes import RECIPES
from evolve.scaffold.selection import choose
from evolve.scaffold.settings import ZeroSettings
from evolve.scaffold.tags import Note, fitting, read, short_name

REPAIRABLE = frozenset({Status.SYNTAX, Status.CRASH, Status.TIMEOUT, Status.MEMORY, Status.OUTPUT, Status.WRONG})
"""Failures that say what to change."""

_UNIFORM = 1 / 3
"""The share of parents drawn uniformly, as in the built-in half."""

_GROWN = 1.25
"""Times the seed's length from which programs are worth shortening: before, a quarter of the answers went into that."""

_REPAIRS_REMEMBERED = 256


class Asking:
    """Makes prompts; knows only what it was told by `observe`.

    Args:
        task: What stays the same for the whole run.
        settings: How to ask.
        recipes: The operators there are.
    """

    def __init__(self, task: TaskView, settings: ZeroSettings, recipes: Sequence[Recipe] = RECIPES) -> None:
        self._task = task
        self._settings = settings
        self._recipes = {recipe.name: recipe for recipe in recipes}
        self._arms = Arms()
        self._earnings = Earnings()
        self._forms = Forms()
        self._memory = Memory()
        self._repaired: dict[int, None] = {}

    def propose(self, view: SearchView) -> Prompt:
        """What to ask which model. Raises EditError(NO_EDIT) without an elite or a model in view."""
        if not view.elites or not view.models:
            raise EditError(Status.NO_EDIT, "without a scored program and a free model there is nothing to ask")
        rng = random.Random(f"{view.seed}:asking")
        under_way = [note for pending in view.pending if (note := read(pending.tag))]
        failure = self._failure(view, under_way)
        model, recipe = self._arm(view, failure, rng)
        parent = self._parent(view, failure if recipe.repairs else None, rng)
        shown = inspirations(view, parent, max(self._settings.inspirations, recipe.mates), rng)
        lessons = () if view.blank else self._lessons(parent, failure if recipe.repairs else None)
        text = editable_text(self._task, failure.files if failure and recipe.repairs else parent.files)
        occasion = Occasion(
            task=self._task,
            view=view,
            parent=parent,
            inspirations=shown,
            lessons=lessons,
            failures=tuple(one for one in view.failures if one.operator in self._recipes),
            failure=failure if recipe.repairs else None,
            model=model,
            form=self._forms.choose(self._settings.form, recipe.forms, model, text),
            tokens=min(self._settings.prompt_tokens, model.context),
            rng=random.Random(f"{view.seed}:recipe"),
        )
        return self._tagged(recipe.prompt(occasion), occasion)

    def observe(self, outcome: OutcomeView) -> None:
        """Learn from a candidate a model was asked for."""
        note = read(outcome.tag)
        if note is None:
            return
        earned = self._earnings.of(outcome)
        if outcome.model:
            self._arms.observe(outcome.model, outcome.operator, earned, outcome.cost, outcome.tokens)
            self._forms.observe(outcome.model, note, outcome.status)
        # That something was gained says more than how much.
        self._memory.credit(note.lessons, 0.5 + 0.5 * earned if earned > 0.0 else 0.0)
        self._memory.note(outcome)
        if note.fixes is not None:
            self._repaired[note.fixes] = None
            if len(self._repaired) > _REPAIRS_REMEMBERED:
                del self._repaired[next(iter(self._repaired))]

    def snapshot(self) -> Mapping[str, object]:
        """What models earned with which operator, how many of their diffs are malformed, and the lessons."""
        return {"arms": self._arms.snapshot(), "malformed": self._forms.snapshot(), "lessons": self._memory.snapshot()}

    def _arm(self, view: SearchView, failure: FailureView | None, rng: random.Random) -> tuple[ModelView, Recipe]:
        """A model and a recipe that has what it needs: a failure to repair, a mate to cross with."""
        mates = len({elite.number for elite in (*view.elites, *view.others)}) - 1
        grown = any(self._has_grown(elite) for elite in view.elites)
        names = [
            recipe.name
            for recipe in self._recipes.values()
            if recipe.mates <= mates and (failure is not None or not recipe.repairs) and (grown or not recipe.shrinks)
        ]
        if view.blank:
            return rng.choice(view.models), self._recipes[rng.choice(names)]
        model, name = self._arms.choose(view.models, names, rng, _asked(view))
        return model, self._recipes[name]

    def _has_grown(self, elite: EliteView) -> bool:
        seed = sum(len(self._task.seed_files.get(path, "")) for path in self._task.editable)
        return sum(len(elite.files.get(path, "")) for path in self._task.editable) > _GROWN * seed

    def _parent(self, view: SearchView, failure: FailureView | None, rng: random.Random) -> EliteView:
        """The elite a failure was made from, or one by policy; children that are under way count as children."""
        if failure is not None:
            return _known(view)[failure.parents[0]]
        if view.blank or rng.random() < _UNIFORM:
            return choose("uniform", view.elites, rng)
        expected = Counter(number for pending in view.pending for number in pending.parents)
        elites = [
            replace(elite, children=elite.children + expected[elite.number]) if elite.number in expected else elite
            for elite in view.elites
        ]
        return choose(self._settings.selection, elites, rng)

    def _failure(self, view: SearchView, under_way: Sequence[Note]) -> FailureView | None:
        """The latest failure worth a repair: of a model, not itself a repair, not repaired yet, its parent in view."""
        taken = self._repaired.keys() | {note.fixes for note in under_way}
        known = _known(view)
        for failure in view.failures:
            recipe = self._recipes.get(failure.operator)
            if recipe is None or recipe.repairs or failure.number in taken or failure.status not in REPAIRABLE:
                continue
            if failure.parents and failure.parents[0] in known:
                return failure
        return None

    def _lessons(self, parent: EliteView, failure: FailureView | None) -> tuple[Lesson, ...]:
        """Lessons for this parent, or for this failure; as many as the tag can name, for credit."""
        about = [parent.idea, parent.feedback]
        if failure is not None:
            about = [failure.idea, failure.feedback, *about]
        lessons = self._memory.recall("\n".join(about), self._settings.lessons)
        return lessons[: fitting([lesson.number for lesson in lessons])]

    @staticmethod
    def _tagged(prompt: Prompt, occasion: Occasion) -> Prompt:
        """The prompt with a note of how it was asked; lessons that were left out for want of room get no credit."""
        told = any(section.name == "lessons" for section in prompt.sections)
        note = Note(
            by=short_name(occasion.model.name),
            form=prompt.form,
            lessons=tuple(lesson.number for lesson in occasion.lessons) if told else (),
            fixes=occasion.failure.number if occasion.failure else None,
        )
        return replace(prompt, tag=note.tag())


def _known(view: SearchView) -> dict[int, EliteView]:
    best = (view.best,) if view.best else ()
    return {elite.number: elite for elite in (*view.pinned.values(), *view.others, *best, *view.elites)}


def _asked(view: SearchView) -> dict[Arm, int]:
    """How often each arm is under way."""
    names = {short_name(model.name): model.name for model in view.models}
    counts: Counter[Arm] = Counter()
    for pending in view.pending:
        note = read(pending.tag)
        if note is not None and note.by in names:
            counts[names[note.by], pending.operator] += 1
    return dict(counts)
