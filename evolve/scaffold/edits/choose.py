"""Which of the code in an answer is a file of the program, and which version of it is the last word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from evolve.scaffold.edits.bench import Bench
from evolve.scaffold.edits.definitions import definitions
from evolve.scaffold.edits.lines import content_key
from evolve.scaffold.edits.parts import Reading, Whole, not_applied
from evolve.scaffold.edits.paths import normal
from evolve.scaffold.edits.snippet import is_python, lacking
from evolve.scaffold.edits.whole import resembles, tidied

_TALK = frozenset(
    {"bash", "sh", "shell", "console", "zsh", "powershell", "cmd", "output", "log", "mermaid", "latex", "math"}
)
_PLAIN = frozenset({"text", "txt", "plaintext", "json", "yaml", "toml", "csv"})
_PART = 0.5
"""A later version shorter than this share of the longest is an excerpt of it."""


def chosen(reading: Reading, bench: Bench) -> dict[str, Whole]:
    """The whole files of an answer by their paths: of several versions of a file the last complete one.

    Beside blocks, only code that names a file which no block edits is a file. Raises EditError when code cannot be
    given to one of several files.
    """
    versions: dict[str, list[Whole]] = {}
    homeless: list[Whole] = []
    for whole in reading.wholes:
        if whole.language in _TALK and not whole.path:
            continue
        path = _home(whole, bench)
        if path and not _named(whole, bench) and not _plausible(path, whole, bench):
            continue
        if path and not _is_echo(path, whole, bench):
            versions.setdefault(path, []).append(whole)
        elif not path:
            homeless.append(whole)
    if reading.blocks:
        edited = {bench.paths.known(block.path) if block.path else bench.paths.single for block in reading.blocks}
        return {path: found[-1] for path, found in versions.items() if path not in edited and _named(found[-1], bench)}
    if homeless and not versions:
        files = ", ".join(bench.paths.editable) or "none"
        raise not_applied(f"the code names no file; put the path of one of these on the line above it: {files}")
    return {path: _last_word(path, found, bench) for path, found in versions.items()}


def _named(whole: Whole, bench: Bench) -> bool:
    return bool(whole.path or (whole.lines and bench.paths.in_comment(whole.lines[0])))


def _plausible(path: str, whole: Whole, bench: Bench) -> bool:
    """Whether code without a path may be the file: it defines something the file does, or is complete Python."""
    document = bench.document(path)
    lines = tidied(whole.lines, document)
    if resembles(lines, document) or not definitions(document.lines):
        return True
    return path in bench.python and is_python(lines) and not lacking(lines, document)


def _home(whole: Whole, bench: Bench) -> str:
    """The path of the file some code is for, "" when nothing tells."""
    paths = bench.paths
    written = whole.path or (paths.in_comment(whole.lines[0]) if whole.lines else "")
    if written:
        path = paths.known(written) or normal(written)
        if path in bench.base or paths.may_add(path):
            return path
        suffix = path.rsplit(".", 1)[-1]
        if alike := _most_alike(whole, bench):
            return alike
        return paths.single if paths.single.endswith("." + suffix) and not whole.path else path
    return paths.single or _most_alike(whole, bench)


def _most_alike(whole: Whole, bench: Bench) -> str:
    """The file that may change with which some code has the most definitions in common; "" when there is no one."""
    ours = definitions(whole.lines)
    shared = Counter({path: len(ours & definitions(bench.document(path).lines)) for path in bench.paths.editable})
    ranked = [*shared.most_common(2), ("", 0), ("", 0)]
    return ranked[0][0] if ranked[0][1] > ranked[1][1] else ""


def _is_echo(path: str, whole: Whole, bench: Bench) -> bool:
    """Whether this is a file that may not change, quoted as it is."""
    if bench.paths.may_change(path) or path not in bench.base:
        return False
    return "".join(map(content_key, whole.lines)) == "".join(bench.document(path).keys)


def _last_word(path: str, versions: Sequence[Whole], bench: Bench) -> Whole:
    if path not in bench.base or len(versions) == 1:
        return versions[-1]
    document = bench.document(path)
    versions = [replace(whole, lines=tuple(tidied(whole.lines, document))) for whole in versions]
    coded = [whole for whole in versions if whole.language not in _PLAIN] or list(versions)
    alike = [whole for whole in coded if resembles(whole.lines, document)] or coded
    if path in bench.python and definitions(document.lines):
        alike = [whole for whole in alike if not lacking(whole.lines, document)] or alike
    longest = max(len(whole.lines) for whole in alike)
    return [whole for whole in alike if len(whole.lines) >= _PART * longest][-1]
