"""How programs are shown to a model: their path on one line, their text in a code block below it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from evolve.scaffold.base import TaskView
from evolve.scaffold.regions import START_MARKER, editable_spans
from evolve.scaffold.templates import fenced

_INFO = {
    "py": "python", "c": "c", "h": "c", "cc": "cpp", "cpp": "cpp", "cu": "cuda", "rs": "rust", "go": "go",
    "java": "java", "js": "javascript", "ts": "typescript", "jl": "julia", "sh": "bash", "sql": "sql",
    "json": "json", "toml": "toml", "yaml": "yaml", "yml": "yaml", "md": "markdown", "lean": "lean",
}  # fmt: skip
"""Info string of a code block by file ending; others have none."""


def info(path: str) -> str:
    """The info string of a file's code block: its language, where its ending says so."""
    return _INFO.get(path.rpartition(".")[2].lower(), "")


def block(path: str, text: str) -> str:
    """One file: its path, and its text in a code block."""
    return f"{path}\n{fenced(text, info(path))}"


def editable_paths(task: TaskView, files: Mapping[str, str]) -> tuple[str, ...]:
    """Which files of a program may change, those that were added to the seed's included, the entry first."""
    added = [path for path in files if path not in task.seed_files]
    paths = [path for path in (*task.editable, *sorted(added)) if path in files]
    return tuple(sorted(dict.fromkeys(paths), key=lambda path: path != task.entry))


def added_globs(task: TaskView) -> tuple[str, ...]:
    """The patterns by which files may be added: those that are more than the path of a file there is."""
    return tuple(glob for glob in task.editable_globs if glob not in task.seed_files)


def code(task: TaskView, files: Mapping[str, str]) -> str:
    """All editable files of a program in full."""
    return "\n\n".join(block(path, files[path]) for path in editable_paths(task, files))


def code_of_regions(task: TaskView, files: Mapping[str, str]) -> str:
    """The editable files of a program, of those with EVOLVE-BLOCK lines only what is between them.

    The rest of such a file is the same in all programs.
    """
    return "\n\n".join(block(path, region_text(files[path])) for path in editable_paths(task, files))


def region_text(text: str) -> str:
    """What may change of a file; several stretches are set apart by a line of their own."""
    if START_MARKER not in text:
        return text
    return "[...]\n".join(span.of(text) for span in editable_spans(text))


def fixed_paths(task: TaskView) -> tuple[str, ...]:
    """The files of the seed that may never change, sorted."""
    return tuple(sorted(task.seed_files.keys() - set(task.editable)))


def marked(task: TaskView) -> tuple[str, ...]:
    """The editable files of the seed that have EVOLVE-BLOCK lines."""
    return tuple(path for path in task.editable if START_MARKER in task.seed_files.get(path, ""))


def changes(before: Mapping[str, str], after: Mapping[str, str], paths: Iterable[str]) -> str:
    """A unified diff of these files, for reading."""
    lines: list[str] = []
    for path in paths:
        old, new = before.get(path, "").splitlines(), after.get(path, "").splitlines()
        lines += difflib.unified_diff(old, new, path, path, lineterm="", n=2)
    return "\n".join(lines)
