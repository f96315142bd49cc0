"""Programs and the differences between them, for people."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from rich.console import RenderableType
from rich.syntax import Syntax
from rich.text import Text

from evolve.domain import Program
from evolve.report.text import bounded, clean

MOST_LINES = 10_000
"""Lines shown of one program or difference; `evolve best -o DIR` writes out everything."""

FOLD, FOLDED = 150, "↪ "
"""Where a line goes on below when nothing may be overlooked, and what says so."""


def unified(before: Program, after: Program, labels: tuple[str, str]) -> str:
    """A unified diff over all files; empty when the programs are equal."""
    old, new = before.as_dict(), after.as_dict()
    return "".join(
        _file_diff(path, old.get(path), new.get(path), labels)
        for path in sorted(old.keys() | new.keys())
        if old.get(path) != new.get(path)
    )


def _file_diff(path: str, old: str | None, new: str | None, labels: tuple[str, str]) -> str:
    lines = difflib.unified_diff(
        (old or "").splitlines(keepends=True),
        (new or "").splitlines(keepends=True),
        f"{labels[0]}/{path}" if old is not None else "/dev/null",
        f"{labels[1]}/{path}" if new is not None else "/dev/null",
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def diff_view(text: str, *, colour: bool, lines: int = MOST_LINES) -> RenderableType:
    """A unified diff, at most `lines` of it, as text that is not to be wrapped."""
    return _code(text, "diff", colour=colour, lines=lines)


def whole_diff_view(text: str, *, colour: bool) -> RenderableType:
    """A unified diff with nothing left out, for whoever decides by it: long lines go on below, each piece marked."""
    return _styled("\n".join(piece for line in clean(text).splitlines() for piece in _folded(line)), "diff", colour)


def _folded(line: str) -> Iterator[str]:
    """A line in pieces; those after the first begin with its sign (+, - or blank) and a mark."""
    yield line[:FOLD]
    for start in range(FOLD, len(line), FOLD):
        yield f"{line[0]}{FOLDED}{line[start : start + FOLD]}"


def program_view(program: Program, *, colour: bool) -> Iterator[RenderableType]:
    """The files of a program; each under its path when there are several."""
    for file in program.files:
        if len(program.files) > 1:
            title = f"── {clean(file.path)} ──"
            yield Text(title, style="bold") if colour else title
        yield _code(file.text, Syntax.guess_lexer(file.path), colour=colour, lines=MOST_LINES)


def _code(text: str, lexer: str, *, colour: bool, lines: int) -> RenderableType:
    return _styled(bounded(text, lines), lexer, colour)


def _styled(kept: str, lexer: str, colour: bool) -> RenderableType:
    if not colour:
        return kept
    # As text, not as a Syntax, which wraps at the terminal's width: what is copied from it must still be the program.
    coloured = Syntax(kept, lexer, theme="ansi_dark", background_color="default").highlight(kept)
    coloured.rstrip()
    coloured.no_wrap = True
    return coloured
