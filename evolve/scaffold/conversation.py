"""What is done with a model's answer: make a program of it, ask on when that fails, and learn from the outcome.

Each function depends on its arguments alone. How far a conversation has come is read off its prompt: the questions
asked so far are its sections, and a question of one kind is asked once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from evolve.domain import Completion, Finish, Message, Role, Status
from evolve.errors import EditError
from evolve.scaffold import context, evidence, listing, wording
from evolve.scaffold.base import Draft, Prompt, ScoredView, Section, TaskView
from evolve.scaffold.occasion import Recipe
from evolve.scaffold.recipes import BY_NAME
from evolve.scaffold.templates import render
from evolve.scaffold.tokens import estimate
from evolve.scaffold.turns import ANSWER_TOKENS, asked_on, said

MOST_AMENDMENTS = 3
"""Questions after an answer that could not be used, of all kinds together."""

LESSON_LIMIT = 400
"""Characters of a lesson."""

LESSON_ROOM = 4_000
"""Tokens of an answer that states a lesson: it is two sentences long, the rest is for models that think first."""

LESSON_FEEDBACK = 600
"""Tokens of feedback shown when a lesson is asked for."""

_REPAIR, _REWRITE, _NUDGE, _SHORTER, _AGAIN = "repair", "rewrite", "nudge", "shorter", "again"
_AMENDMENTS = frozenset({_REPAIR, _REWRITE, _NUDGE, _SHORTER, _AGAIN})


def parse(task: TaskView, prompt: Prompt, base: Mapping[str, str], answer: Completion) -> Draft | Prompt:
    """Make a program of an answer, or ask on: with a shorter prompt after an overflow, or the recipe's next question.

    Raises EditError with the status that names what is wrong with the answer.
    """
    if answer.finish is Finish.OVERFLOW:
        return _shortened(prompt, answer)
    if answer.finish is Finish.FAILED:
        raise EditError(Status.NO_ANSWER, answer.reason or f"{prompt.model} gave no answer")
    if answer.finish is Finish.BLOCKED:
        raise EditError(Status.BLOCKED, answer.reason or f"{answer.model}'s content policy withheld the answer")
    if answer.finish is Finish.LENGTH and not (prompt.step == "plan" and said(answer.text)):
        raise EditError(Status.TRUNCATED, f"the answer was cut off at the limit of {prompt.output:,} tokens")
    if not answer.text.strip():
        raise EditError(Status.EMPTY, f"{answer.model} gave an answer without text")
    return _recipe(prompt.operator).follow(task, prompt, base, answer)


def amend(
    task: TaskView, prompt: Prompt, base: Mapping[str, str], answer: Completion, status: Status, reason: str
) -> Prompt | None:
    """What to ask after an answer that could not be used; None gives up.

    An edit that did not apply gets one repair turn, then one that asks for whole files; a duplicate or an answer
    without an edit one nudge; a cut answer is asked for once more and shorter, an empty one once more.
    """
    asked = {section.name for section in prompt.sections} & _AMENDMENTS
    question = _question_after(status, asked, prompt)
    if question is None or len(asked) >= MOST_AMENDMENTS:
        return None
    return question(task, prompt, base, answer, reason)


def reflect(task: TaskView, scored: ScoredView, history: Sequence[Message]) -> str | Prompt:
    """The lesson of a scored candidate, "" for none; for recipes that reflect the question for it.

    The answer to the question becomes a lesson through `lesson`. Its turn counts the answers in the history; a host
    that counted the turns knows better.
    """
    # A fault of ours teaches nothing, and a score that cannot be true must not: no prompt is to tell how it was got.
    if scored.status in (Status.INFRASTRUCTURE, Status.SUSPECT):
        return ""
    recipe = BY_NAME.get(scored.operator)
    if recipe is None or not recipe.reflects or not history:
        return digest(task, scored)
    question = render(
        "turns/lesson",
        outcome=f"{_outcome(task, scored)}.",
        feedback=evidence.quoted(scored.feedback, LESSON_FEEDBACK),
    )
    told = [Section(f"turn {i}", message.text, message.role, message.stable) for i, message in enumerate(history[:-1])]
    talk = Prompt(
        operator=scored.operator,
        model=scored.model,
        sections=tuple(told),
        base=scored.number,
        parents=(),
        tag=scored.tag,
        turn=sum(message.role is Role.ASSISTANT for message in history[:-1]),
        output=LESSON_ROOM,
    )
    return asked_on(talk, history[-1].text, "lesson", question, step="lesson")


def digest(task: TaskView, scored: ScoredView) -> str:
    """A lesson made of a candidate's idea and its outcome without a model: what was tried, and what came of it."""
    idea = wording.line(scored.idea, LESSON_LIMIT // 2).rstrip(".…")
    return lesson(f"Tried: {idea}; {_outcome(task, scored)}") if idea else ""


def lesson(text: str) -> str:
    """A lesson as it is kept: one line of at most 400 characters, without code fences or a model's thoughts."""
    return wording.line(said(text), LESSON_LIMIT)


def _outcome(task: TaskView, scored: ScoredView) -> str:
    return wording.outcome(task, scored.status, scored.score, scored.stderr, scored.base_score, scored.feedback)


def _shortened(prompt: Prompt, answer: Completion) -> Prompt:
    """The prompt without all that can be left out; it is asked once, for then nothing is left to leave out."""
    shorter = prompt.shortened()
    if shorter is None:
        reason = answer.reason or f"the prompt is longer than the context window of {prompt.model}"
        raise EditError(Status.NO_ANSWER, f"{reason}; nothing more can be left out of it")
    return replace(shorter, turn=prompt.turn + 1, inspirations=())


def _recipe(operator: str) -> Recipe:
    if operator not in BY_NAME:
        known = ", ".join(BY_NAME)
        raise EditError(
            Status.NO_ANSWER, f"no recipe is called {operator!r} that could read its answer; there are {known}"
        )
    return BY_NAME[operator]


_Question = Callable[[TaskView, Prompt, Mapping[str, str], Completion, str], Prompt]


def _question_after(status: Status, asked: set[str], prompt: Prompt) -> _Question | None:
    """The next question of the kind a status calls for that has not been asked yet."""
    match status:
        case Status.EDIT_NOT_APPLIED | Status.OUTSIDE_REGION | Status.SYNTAX:
            if _REPAIR not in asked:
                return _ask_repair
            return _ask_rewrite if prompt.form != "whole" and _REWRITE not in asked else None
        case Status.NO_EDIT | Status.DUPLICATE:
            return _ask_nudge if _NUDGE not in asked else None
        case Status.TRUNCATED:
            return _ask_shorter if _SHORTER not in asked else None
        case Status.EMPTY:
            return _ask_again if _AGAIN not in asked else None
        case _:
            return None


def _ask_repair(task: TaskView, prompt: Prompt, base: Mapping[str, str], answer: Completion, reason: str) -> Prompt:
    """The error, and the current text of the files it speaks of."""
    reminder = context.answer_reminder(prompt.form)
    question = render("turns/repair", reason=reason, current=_current(task, base, reason), answer=reminder)
    return asked_on(prompt, answer.text, _REPAIR, question, step="repair")


def _ask_rewrite(task: TaskView, prompt: Prompt, base: Mapping[str, str], answer: Completion, reason: str) -> Prompt:
    """Whole files: what is not searched for cannot fail to be found."""
    question = render("turns/rewrite", reason=reason, form=context.answer_form(task, "whole"))
    return asked_on(prompt, answer.text, _REWRITE, question, step="rewrite", form="whole")


def _ask_nudge(task: TaskView, prompt: Prompt, base: Mapping[str, str], answer: Completion, reason: str) -> Prompt:
    question = render("turns/nudge", reason=reason, answer=context.answer_reminder(prompt.form))
    return asked_on(prompt, answer.text, _NUDGE, question, step="nudge")


def _ask_shorter(task: TaskView, prompt: Prompt, base: Mapping[str, str], answer: Completion, reason: str) -> Prompt:
    """Once more without the cut answer, which would only be copied: as a diff if whole files were too long."""
    if prompt.step == "plan":
        question = render("turns/shorter", output=f"{prompt.output:,}", how="the plan in at most 100 words.", form="")
        return asked_on(prompt, "", _SHORTER, question)
    how = "only the lines that must change, with the smallest change that carries out your idea."
    form = context.answer_form(task, "diff") if prompt.form == "whole" else ""
    question = render("turns/shorter", output=f"{prompt.output:,}", how=how, form=form)
    return asked_on(prompt, "", _SHORTER, question, form="diff")


def _ask_again(task: TaskView, prompt: Prompt, base: Mapping[str, str], answer: Completion, reason: str) -> Prompt:
    reminder = "Answer with the plan." if prompt.step == "plan" else context.answer_reminder(prompt.form)
    return asked_on(prompt, "", _AGAIN, render("turns/again", answer=reminder))


def _current(task: TaskView, base: Mapping[str, str], reason: str) -> str:
    """The files a reason names, or all; "" when they are long: they stand further up in the conversation as well."""
    paths = listing.editable_paths(task, base)
    named = [path for path in paths if path in reason] or paths
    text = "\n\n".join(listing.block(path, base[path]) for path in named)
    return text if estimate(text) <= ANSWER_TOKENS else ""
