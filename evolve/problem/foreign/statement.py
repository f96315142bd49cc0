"""The statement a model reads of a foreign problem: what its configuration says, and what scoring expects."""

from __future__ import annotations

import ast
from pathlib import Path

from evolve.problem.foreign.config import Config
from evolve.problem.foreign.layout import Layout, parse
from evolve.problem.foreign.survey import Survey


def statement(root: Path, found: Layout, looked: Survey, config: Config) -> str:
    """In Markdown. Where no configuration states the task, the docstrings of evaluator and program do."""
    task = config.message.strip() or _docstrings(root, found)
    parts = [f"# {root.name}", task or f"Improve {found.program}.", "## Scoring"]
    parts.append(
        f"`{found.program}` is scored by the author's own evaluator; the objective is `combined_score`, more is better."
        f" One evaluation may take {config.seconds:g} s. There is no network."
    )
    if looked.calls:
        parts.append(
            f"The evaluator uses these names of the program: {', '.join(f'`{name}`' for name in looked.calls)}."
        )
    if looked.sealed:
        parts.append("Functions are called from another process: they get and return plain data and numpy arrays.")
    return "\n\n".join(parts) + "\n"


def _docstrings(root: Path, found: Layout) -> str:
    names = [name for name in (found.program, found.evaluator) if name.endswith(".py")]
    texts = [ast.get_docstring(parse(root / name)) or "" for name in names]
    return "\n\n".join(text for text in texts if text)
