"""Programs sent without any fence around them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from evolve.scaffold.edits.bench import Bench
from evolve.scaffold.edits.lines import is_blank, split_lines, trim_blank
from evolve.scaffold.edits.parts import Reading, Whole
from evolve.scaffold.edits.snippet import lacking
from evolve.scaffold.edits.whole import resembles
from evolve.scaffold.pyspan import compiles
from evolve.scaffold.regions import END_MARKER, START_MARKER

_CODE = re.compile(r"(?:(?:import|from|def|class|async def)\b|@\w|#|\"\"\"|''').*")
_MOST_TRIES = 12


def bare_file(text: str, bench: Bench) -> Reading:
    """The program in an answer that has no fences, diffs or blocks; a reading of nothing when it is only prose.

    Taken from its first line that looks like code to its end, or from marker to marker.
    """
    path = bench.paths.single
    if not path:
        return Reading()
    lines = split_lines(text)
    marks = [row for row, line in enumerate(lines) if START_MARKER in line or END_MARKER in line]
    if len(marks) >= 2 and bench.document(path).marked:
        return _found(path, lines, marks[0], marks[-1] + 1)
    if path not in bench.python:
        return Reading()
    document = bench.document(path)
    known = {line.strip() for line in document.lines if not is_blank(line)}
    starts = [row for row, line in enumerate(lines) if _CODE.fullmatch(line) or line.strip() in known][:_MOST_TRIES]
    gaps = [row for row in range(len(lines), 0, -1) if row == len(lines) or is_blank(lines[row])][:_MOST_TRIES]
    for start in starts[:3]:
        for end in gaps:
            part = tuple(trim_blank(lines[start:end]))
            if resembles(part, document) and compiles("\n".join(part)) and not lacking(part, document):
                return _found(path, lines, start, end)
    return Reading()


def _found(path: str, lines: Sequence[str], start: int, end: int) -> Reading:
    return Reading(wholes=(Whole(path, "", tuple(lines[start:end])),), prose=tuple(lines[:start]))
