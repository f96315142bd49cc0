"""Writes a new problem folder that runs and improves right away."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from evolve.errors import ProblemError
from evolve.problem.spec import NAME_PATTERN

_SUFFIX = ".in"
"""Template files end in it, so that no tool takes them for source of this package."""


def templates() -> tuple[str, ...]:
    """The names `write_problem` knows."""
    return tuple(sorted(folder.name for folder in _root().iterdir() if folder.is_dir()))


def write_problem(name: str, directory: Path | str, template: str = "function") -> Path:
    """Write `directory/name` from a template and return it.

    Raises ProblemError for a name that cannot be one, an unknown template, or a path that is already there.
    """
    if re.fullmatch(NAME_PATTERN, name) is None:
        raise ProblemError(
            f"{name!r} cannot be a problem's name; use up to 64 lower-case letters, digits, _ and -, first a letter"
        )
    if template not in templates():
        raise ProblemError(f"there is no template {template!r}; there are: {', '.join(templates())}")
    target = Path(directory) / name
    try:
        target.mkdir(parents=True)
    except FileExistsError:
        raise ProblemError(f"{target} is already there; choose another name or move it away") from None
    except OSError as error:
        raise ProblemError(f"{target} cannot be made: {error.strerror}; choose another folder") from None
    try:
        _fill(target, name, template)
    except OSError as error:
        shutil.rmtree(target)  # made by this call, and half a problem is worse than none
        raise ProblemError(f"{target} cannot be written: {error.strerror}; choose another folder") from None
    return target


def _fill(target: Path, name: str, template: str) -> None:
    for path, source in _walk(_root() / template):
        file = target / path.removesuffix(_SUFFIX)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source.read_text(encoding="utf-8").replace("{{name}}", name), encoding="utf-8", newline="\n")


def _root() -> Traversable:
    return files("evolve.problem") / "templates"


def _walk(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    for item in folder.iterdir():
        if item.is_dir():
            yield from _walk(item, f"{prefix}{item.name}/")
        elif item.name.endswith(_SUFFIX):
            yield prefix + item.name, item
