"""Measures any program has, and the fingerprint that finds duplicates before they are evaluated.

- `program_length`: characters that are neither blank space nor in a comment (nor, for Python, a docstring).
- `structural_complexity`: nodes of the syntax tree for Python (docstrings and load/store marks apart);
  for other languages the number of words, numbers and symbols outside comments.
- `edit_distance`: how far from the seed, 0 (same) to 1 (nothing in common).
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from itertools import pairwise

from evolve.archive.fingerprint import normalised_digest
from evolve.archive.source import family, is_python, may_have_docstring, parse_python, without_comments
from evolve.domain import Program, SourceFile
from evolve.errors import SettingsError

__all__ = ["BUILTIN_MEASURES", "builtin_measures", "normalised_digest"]

_TOKEN = re.compile(r"\w+|[^\w\s]")

_Bigrams = Counter[tuple[str, str]]


def builtin_measures(
    program: Program, seed: Program, names: Iterable[str], editable: Collection[str] | None = None
) -> dict[str, float]:
    """The named measures of a program, in the order of `names`.

    Only the paths in `editable` count (None: all files); what cannot change says nothing.
    Raises SettingsError for a name that is not a built-in measure.
    """
    files = _chosen(program, editable)
    origin = _chosen(seed, editable)
    measured: dict[str, float] = {}
    for name in names:
        measure = _MEASURES.get(name)
        if measure is None:
            known = ", ".join(BUILTIN_MEASURES)
            raise SettingsError(f"measure {name!r} is not built in; built in are {known}")
        measured[name] = float(measure(files, origin))
    return measured


def _chosen(program: Program, editable: Collection[str] | None) -> tuple[SourceFile, ...]:
    if editable is None:
        return program.files
    return tuple(file for file in program.files if file.path in editable)


def _program_length(files: tuple[SourceFile, ...], _: tuple[SourceFile, ...]) -> float:
    return sum(map(_length, files))


def _length(file: SourceFile) -> int:
    length = len("".join(without_comments(file.text, family(file.path)).split()))
    if not (is_python(file.path) and may_have_docstring(file.text)):
        return length
    source = parse_python(file.text)
    return length - source.docstring_characters if source else length


def _structural_complexity(files: tuple[SourceFile, ...], _: tuple[SourceFile, ...]) -> float:
    return sum(map(_complexity, files))


def _complexity(file: SourceFile) -> int:
    source = parse_python(file.text) if is_python(file.path) else None
    return _count_nodes(source.tree) if source else len(_tokens(file))


def _count_nodes(tree: ast.AST) -> int:
    """Like counting `ast.walk`, without load/store marks, and a quarter faster."""
    count = 0
    pending = [tree]
    while pending:
        node = pending.pop()
        count += 1
        for name in node._fields:
            child = getattr(node, name, None)
            if isinstance(child, list):
                pending.extend([item for item in child if isinstance(item, ast.AST)])
            elif isinstance(child, ast.AST) and name != "ctx":
                pending.append(child)
    return count


def _tokens(file: SourceFile) -> list[str]:
    return _TOKEN.findall(without_comments(file.text, family(file.path)))


def _edit_distance(files: tuple[SourceFile, ...], seed: tuple[SourceFile, ...]) -> float:
    """1 minus the Dice coefficient of the two bags of token pairs.

    Pairs of neighbours notice what moved, which single tokens do not; the q-gram distance bounds the true edit
    distance from below (Ukkonen 1992) and takes linear time: 0.9 ms for 200 lines, where difflib takes 11 to 17.
    """
    if files == seed:
        return 0.0
    ours, theirs = _bigrams(files), _seed_bigrams(seed)
    total = ours.total() + theirs.total()
    if total == 0:
        return 0.0
    lookup = theirs.get
    shared = sum(count if count < (other := lookup(pair, 0)) else other for pair, count in ours.items())
    return 1.0 - 2.0 * shared / total


def _bigrams(files: tuple[SourceFile, ...]) -> _Bigrams:
    tokens = ["", *(token for file in files for token in _tokens(file)), ""]
    return Counter(pairwise(tokens)) if len(tokens) > 2 else Counter()


@lru_cache(maxsize=8)
def _seed_bigrams(seed: tuple[SourceFile, ...]) -> _Bigrams:
    return _bigrams(seed)


_MEASURES: dict[str, Callable[[tuple[SourceFile, ...], tuple[SourceFile, ...]], float]] = {
    "program_length": _program_length,
    "structural_complexity": _structural_complexity,
    "edit_distance": _edit_distance,
}

BUILTIN_MEASURES: tuple[str, ...] = tuple(_MEASURES)
"""The names that `builtin_measures` knows."""
