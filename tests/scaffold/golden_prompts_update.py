"""The golden prompts: what every recipe asks about two tasks, as a model reads it.

After a change that is meant to change them: `python -m tests.scaffold.golden_prompts_update` writes the files anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from prompt_samples import BAD_EDIT, ONE_FILE, PLAN, answered, many_files, one_file, scored

from evolve.domain import Message, Role, Status
from evolve.scaffold.base import Prompt
from evolve.scaffold.conversation import amend, parse, reflect
from evolve.scaffold.recipes import BY_NAME, RECIPES

FOLDER = Path(__file__).parent / "golden_prompts"


def golden() -> Iterator[tuple[str, str]]:
    """File name and text of every golden prompt; of further questions only what comes after the first."""
    for recipe in RECIPES:
        for occasion in (one_file(), many_files()):
            yield f"{recipe.name}.{occasion.task.name}.md", as_text(recipe.prompt(occasion))
    for name, prompt in turns():
        last = max(i for i, section in enumerate(prompt.sections) if section.name in ("task", "turn 3"))
        yield f"turn.{name}.md", as_text(prompt, after=last + 1)


def turns() -> Iterator[tuple[str, Prompt]]:
    """Every kind of further question."""
    one = one_file()
    edit, whole = (BY_NAME["mutate"].prompt(replace(one, form=form)) for form in ("diff", "whole"))

    def amended(prompt: Prompt, status: Status, reason: str) -> Prompt:
        further = amend(ONE_FILE, prompt, one.parent.files, answered(BAD_EDIT), status, reason)
        assert further is not None
        return further

    fault = "block 1 of curve.py: these lines are not in the file: return 2 * x; the nearest is line 7"
    repair = amended(edit, Status.EDIT_NOT_APPLIED, fault)
    yield "repair", repair
    yield "rewrite", amended(repair, Status.EDIT_NOT_APPLIED, fault)
    yield "nudge", amended(edit, Status.DUPLICATE, "the same program was proposed before")
    yield "shorter", amended(edit, Status.TRUNCATED, "")
    yield "shorter_whole", amended(whole, Status.TRUNCATED, "")
    yield "again", amended(edit, Status.EMPTY, "")
    second = parse(ONE_FILE, BY_NAME["plan"].prompt(one), one.parent.files, answered(PLAN))
    assert isinstance(second, Prompt)
    yield "plan", second
    told = reflect(ONE_FILE, scored(operator="plan"), (*second.messages(), Message(Role.ASSISTANT, BAD_EDIT)))
    assert isinstance(told, Prompt)
    yield "lesson", told


def as_text(prompt: Prompt, after: int = 0) -> str:
    """A prompt with its fields first and each message under a rule with its role, from section `after` on."""
    fields = {
        "model": prompt.model, "base": prompt.base, "parents": prompt.parents, "inspirations": prompt.inspirations,
        "step": prompt.step, "form": prompt.form, "turn": prompt.turn, "idea": prompt.idea, "output": prompt.output,
    }  # fmt: skip
    lines = [f"{name}: {value}" for name, value in fields.items()]
    for message in replace(prompt, sections=prompt.sections[after:]).messages():
        lines += ["", f"{'-' * 40} {message.role}{' (stable)' if message.stable else ''} {'-' * 40}", message.text]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in golden():
        (FOLDER / name).write_text(text, encoding="utf-8")
