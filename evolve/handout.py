"""Work as it is handed to a person or a coding agent, and the programs they bring back in folders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from evolve.domain import Limits, Program, Role
from evolve.errors import UserError
from evolve.problem import Problem, has_markers, matches, regions
from evolve.question import Question
from evolve.scaffold.base import Prompt

PROMPT_FILE = "PROMPT.md"
"""Lies beside the files of handed-out work and is no part of the program."""
_EARLIER = "--- the answer so far ---"
_FURTHER = "--- what is asked now ---"


@dataclass(frozen=True, slots=True)
class Editable:
    """A file that may change: only in these lines (first and last, from 1), or in all of it when there are none.

    A block without a line between its markers is (n, n - 1): new lines go before line n.
    """

    path: str
    lines: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """A question that is handed out: answer `prompt`, or bring an edited copy of `files`, under this `number`.

    `prompt` is what a model would get. `files` are those of candidate `base`; `editable` ones may change, new ones may
    be added where a glob of `addable` matches. `step` is what a text answer should hold: an `edit`, or a `plan` that is
    asked on about. `reason` says why the same number is asked again, and what to do.
    """

    run: int
    number: int
    operator: str
    step: str
    parents: tuple[int, ...]
    inspirations: tuple[int, ...]
    base: int
    prompt: str
    files: Mapping[str, str]
    editable: tuple[Editable, ...]
    addable: tuple[str, ...]
    limits: Limits
    expires: datetime
    reason: str = ""
    sealed: bool = True
    """Whether a wall stands between programs and their scorer."""


def work_of(run: int, problem: Problem, question: Question, expires: datetime, reason: str = "") -> Work:
    """A question of a run as work."""
    prompt, files = question.prompt, question.base.as_dict()
    globs = problem.editable_globs
    return Work(
        run=run,
        number=question.number,
        operator=prompt.operator,
        step="plan" if prompt.step == "plan" else "edit",
        parents=prompt.parents,
        inspirations=prompt.inspirations,
        base=prompt.base,
        prompt=prompt_text(prompt),
        files=files,
        editable=tuple(Editable(path, _blocks(text)) for path, text in files.items() if matches(globs, path)),
        addable=tuple(glob for glob in globs if "*" in glob or "?" in glob),
        limits=problem.limits,
        expires=expires,
        reason=reason,
        sealed=problem.spec.evaluation.sealed,
    )


def prompt_text(prompt: Prompt) -> str:
    """The messages a model would get as one text; earlier answers and what followed them are set apart."""
    parts: list[str] = []
    answered = False
    for message in prompt.messages():
        if message.role is Role.ASSISTANT:
            parts.append(_EARLIER)
            answered = True
        elif answered:
            parts.append(_FURTHER)
        parts.append(message.text)
    return "\n\n".join(parts)


def as_answer(files: Mapping[str, str]) -> str:
    """Files as the answer of a model would state them, for the log."""
    return "\n\n".join(f"{path}\n```\n{text}\n```" for path, text in files.items())


def read_program(folder: Path, problem: Problem) -> Program:
    """The program in a folder: every file of the seed, and further ones that may be added; other files are ignored.

    Raises UserError when it is no folder, a file of the seed is missing, or one is not UTF-8 text.
    """
    if not folder.is_dir():
        raise UserError(f"--folder {folder} is not a folder; give the one with the edited files")
    files = {path: _text(folder, path) for path in problem.seed.as_dict()}
    files |= {path: _text(folder, path) for path in _further(folder, problem) if path not in files}
    return Program.of(files)


def _further(folder: Path, problem: Problem) -> Iterator[str]:
    """Files that an editable glob allows; hidden ones, caches and the prompt are none of the program's."""
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder)
        hidden = any(part.startswith(".") or part == "__pycache__" for part in path.parts)
        wanted = path.as_posix() != PROMPT_FILE and matches(problem.editable_globs, path.as_posix())
        if wanted and not hidden and file.is_file():
            yield path.as_posix()


def _text(folder: Path, path: str) -> str:
    try:
        return (folder / path).read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise UserError(
            f"{folder / path} is missing; a folder holds every file of the program, changed or not"
        ) from None
    except UnicodeDecodeError as error:
        raise UserError(f"{folder / path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise UserError(f"{folder / path} cannot be read: {error.strerror}") from None


def _blocks(text: str) -> tuple[tuple[int, int], ...]:
    """First and last line of every marked block; none when all of a file may change."""
    if not has_markers(text):
        return ()
    return tuple((text.count("\n", 0, block.start) + 1, text.count("\n", 0, block.end)) for block in regions(text))
