"""The turns of a conversation: asking on after an answer, and making a draft of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from evolve.domain import Role
from evolve.scaffold.base import Draft, Prompt, Section, TaskView
from evolve.scaffold.edits import edit_from
from evolve.scaffold.edits.clean import spoken
from evolve.scaffold.tokens import clipped

TAG_LIMIT = 200
IDEA_LIMIT = 500
"""Characters of a draft's tag and idea."""

ANSWER_TOKENS = 6_000
"""The most that is kept of an answer in the questions after it; what is longer loses its middle."""


def said(answer: str) -> str:
    """An answer without what the model thought aloud in tags: models are not to be shown that again."""
    return spoken(answer).answer.strip()


def asked_on(
    prompt: Prompt,
    answer: str,
    name: str,
    question: str,
    *,
    step: str | None = None,
    form: str | None = None,
    idea: str | None = None,
) -> Prompt:
    """The next prompt of a conversation: all sections there were, unchanged, the answer if it has text, the question.

    Step, form and idea stay as they are when left out.
    """
    text = clipped(said(answer), ANSWER_TOKENS)
    answered = (Section(f"answer {prompt.turn}", text, Role.ASSISTANT),) if text else ()
    return replace(
        prompt,
        sections=(*prompt.sections, *answered, Section(name, question)),
        turn=prompt.turn + 1,
        step=prompt.step if step is None else step,
        form=prompt.form if form is None else form,
        idea=prompt.idea if idea is None else idea,
    )


def draft_of(task: TaskView, prompt: Prompt, base: Mapping[str, str], answer: str) -> Draft:
    """The program an answer makes of its base. Raises EditError as `edit_from` does."""
    edited = edit_from(answer, base, task, prompt.form)
    return Draft(
        operator=prompt.operator,
        files=edited.files,
        parents=prompt.parents,
        inspirations=prompt.inspirations,
        tag=tagged(prompt.tag, level=edited.level, step=prompt.step),
        idea=(edited.idea or prompt.idea)[:IDEA_LIMIT],
    )


def tagged(tag: str, **words: str) -> str:
    """A tag with `key=value` words appended; earlier words give way from the end when it becomes too long."""
    added = [f"{key}={value}" for key, value in words.items()]
    earlier = [word for word in tag.split(";") if word]
    while earlier and len(";".join((*earlier, *added))) > TAG_LIMIT:
        earlier.pop()
    return ";".join((*earlier, *added))
