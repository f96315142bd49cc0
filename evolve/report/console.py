"""Where everything is printed: consoles that fit the output, and JSON."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

from evolve.domain import Estimate
from evolve.report.finite import dumps
from evolve.report.text import clean

PIPE_WIDTH = 160
"""Columns where the output is no terminal and COLUMNS is not set: wide enough that no table is cut."""
BROKEN_PIPE = 141
"""Exit code when the reader of our output has gone, as a shell gives it (128 + SIGPIPE)."""


class _Console(Console):
    """Prints text as it is."""

    def on_broken_pipe(self) -> None:
        # Rich would leave with exit code 1 from wherever this is, the middle of an event loop included.
        raise BrokenPipeError


def drop_output() -> None:
    """Send standard output nowhere: the interpreter flushes it once more at its end, and would complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def console(*, stderr: bool = False) -> Console:
    """A console on standard output or error; markup, emoji codes and automatic highlighting are off."""
    made = _Console(stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = PIPE_WIDTH
    return made


def has_colours() -> bool:
    """Whether standard output is a terminal that shows colours, and NO_COLOR is not set."""
    out = console()
    return out.color_system is not None and not out.no_color


def program_name() -> str:
    """What a person types to run this program again: `evolve`, or the path it was run by when it is not on PATH."""
    called = Path(sys.argv[0])
    if called.name != "evolve" or not called.exists():
        return "evolve"
    found = shutil.which("evolve")
    if found is not None and Path(found).samefile(called):
        return "evolve"
    return short_path(called)


def short_path(path: Path) -> str:
    """A path as a person would write it from here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def show(*items: RenderableType) -> None:
    """Print to standard output; strings and texts of `no_wrap` are neither wrapped nor cut."""
    out = console()
    for item in items:
        if isinstance(item, str) or (isinstance(item, Text) and item.no_wrap):
            out.print(item, soft_wrap=True)
        elif out.is_terminal:
            out.print(item)
        else:
            out.print(_unpadded(out, item), soft_wrap=True)


def _unpadded(out: Console, item: RenderableType) -> str:
    """What would be printed, without the blanks that fill a table's lines to its width."""
    with out.capture() as captured:
        out.print(item)
    return "\n".join(line.rstrip() for line in captured.get().removesuffix("\n").split("\n"))


def show_json(data: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print one JSON value. ASCII only: what a candidate wrote cannot reach the terminal as control characters."""
    console().print(dumps(data, indent=2), soft_wrap=True)


def remark(sentence: str) -> None:
    """Print one sentence on standard error."""
    console(stderr=True).print(clean(sentence), soft_wrap=True)


def estimate_json(value: Estimate | None) -> dict[str, Any] | None:
    """A measured number as plain data."""
    return None if value is None else asdict(value)
