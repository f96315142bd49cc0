"""The few lines of a program that say most about it at a glance: where it first differs from the seed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import Self

from evolve.domain import Program, SourceFile

LINES, WIDTH = 8, 160
"""What is shown of it; longer lines are cut."""


@dataclass(frozen=True, slots=True)
class CodeHead:
    """Some lines of the file `path` from `line` (counted from 1) on; `lines` is how many the file has."""

    path: str
    line: int
    lines: int
    text: str

    @classmethod
    def of(cls, program: Program, seed: Program) -> Self | None:
        """From the line before the first that differs; the beginning where none does. None for no files at all."""
        before = seed.as_dict()
        changed = [file for file in program.files if before.get(file.path) != file.text]
        files = changed or list(program.files)
        return cls._of_file(files[0], before.get(files[0].path, "")) if files else None

    @classmethod
    def _of_file(cls, file: SourceFile, before: str) -> Self:
        lines = file.text.splitlines()
        pairs = enumerate(zip_longest(lines, before.splitlines()))
        first = next((index for index, (now, then) in pairs if now != then), 1)
        start = max(0, min(first - 1, len(lines) - 1))
        shown = [line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…" for line in lines[start : start + LINES]]
        return cls(file.path, start + 1, len(lines), "\n".join(shown))
