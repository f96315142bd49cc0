"""Writes a program's files into a folder of the person's own."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from evolve.domain import Program
from evolve.errors import UserError
from evolve.handout import PROMPT_FILE, Work
from evolve.report.text import one_line


def write_program(program: Program, folder: Path) -> list[Path]:
    """Write every file, unchanged, and return where; nothing that is there is overwritten.

    Raises UserError when a file is there already, a path would lead out of the folder, or it cannot be written.
    """
    targets = [folder / _inside(file.path) for file in program.files]
    for target in targets:
        if target.exists() or target.is_symlink():
            raise UserError(f"{one_line(str(target))} is already there; choose another folder or move it away")
    try:
        for target, file in zip(targets, program.files, strict=True):
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("x", encoding="utf-8", newline="", errors="surrogatepass") as stream:
                stream.write(file.text)
    except OSError as error:
        raise UserError(f"{one_line(str(folder))} cannot be written: {error.strerror}; choose another folder") from None
    return targets


def _inside(path: str) -> PurePosixPath:
    """A program's path, which a model may have chosen, unless it leads out of the folder."""
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or not pure.parts or "\0" in path or "\\" in path:
        raise UserError(
            f"the program has a file called {one_line(path)!r}, which leads out of the folder; look at it with --code"
        )
    return pure


def write_work(work: Work, folder: Path) -> list[Path]:
    """Write the files of handed-out work and its prompt, `PROMPT.md`. Raises UserError as `write_program` does."""
    if PROMPT_FILE in work.files:
        raise UserError(f"the program has a file {PROMPT_FILE} of its own; leave -o out, or use --json")
    return write_program(Program.of({**work.files, PROMPT_FILE: work.prompt}), folder)
