"""The golden prompts: what every recipe asks about two tasks, as a model reads it.

After a change that is meant to change them: `python -m tests.scaffold.golden_prompts_update` writes the files anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from prompt_samples import many_files, one_file  # noqa: E402  (beside this file, which is also run as a module)

from evolve.scaffold.base import Prompt  # noqa: E402
from evolve.scaffold.recipes import RECIPES  # noqa: E402

FOLDER = Path(__file__).parent / "golden_prompts"


def golden() -> Iterator[tuple[str, str]]:
    """File name and text of every golden prompt."""
    for recipe in RECIPES:
        for occasion in (one_file(), many_files()):
            yield f"{recipe.name}.{occasion.task.name}.md", as_text(recipe.prompt(occasion))


def as_text(prompt: Prompt) -> str:
    """A prompt with its fields first and each message under a rule with its role."""
    fields = {
        "model": prompt.model, "base": prompt.base, "parents": prompt.parents, "inspirations": prompt.inspirations,
        "step": prompt.step, "form": prompt.form, "output": prompt.output,
    }  # fmt: skip
    lines = [f"{name}: {value}" for name, value in fields.items()]
    for message in prompt.messages():
        lines += ["", f"{'-' * 40} {message.role}{' (stable)' if message.stable else ''} {'-' * 40}", message.text]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in golden():
        (FOLDER / name).write_text(text, encoding="utf-8")
