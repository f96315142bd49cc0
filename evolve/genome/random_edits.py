"""Edits of a scaffold drawn without a model and without looking at any result: what a campaign must beat.

A kind of move is drawn, then a file it applies to, then a place in it; what is statically wrong afterwards is drawn
again. Every edit predicts that the area goes up.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import TypeVar

from evolve.domain import Status
from evolve.errors import EditError
from evolve.genome.genome import Genome
from evolve.genome.static import faults
from evolve.scaffold.base import MetaEdit, Prediction

TRIES = 200
"""Draws before there is taken to be nothing to change; a scaffold such as zero needs 1.05 on average."""

FACTORS = (0.25, 0.5, 0.8, 1.25, 2.0, 4.0)
"""By which a number is scaled."""

LARGEST = 1e15
"""Numbers beyond it are not scaled: the products of some are no floats, and thousands of digits cannot be written."""

_FLIPPED: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==", ast.In: "not in",
    ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Change:
    """A stretch of a text (in characters), what takes its place, and the change in words."""

    start: int
    end: int
    text: str
    said: str


Node = TypeVar("Node", bound=ast.AST)

_Move = Callable[[str, random.Random], Iterator[_Change]]
"""The changes of one kind that a text allows."""


def random_edit(genome: Genome, rng: random.Random) -> MetaEdit:
    """A random change of one file that leaves the scaffold statically valid.

    Depends on the scaffold and `rng` alone. Raises EditError(NO_EDIT) when none was found in `TRIES` draws.
    """
    files = genome.files
    for _ in range(TRIES):
        suffix, move = rng.choice(_MOVES)
        paths = [path for path in files if path.endswith(suffix)]
        if not paths:
            continue
        path = rng.choice(paths)
        places = list(move(files[path], rng))
        if not places:
            continue
        one = rng.choice(places)
        text = files[path][: one.start] + one.text + files[path][one.end :]
        if not faults(Genome.of({**files, path: text}), genome):
            line = files[path].count("\n", 0, one.start) + 1
            return MetaEdit({path: text}, f"{one.said} in {path}, line {line}.", Prediction("area", "up"))
    raise EditError(Status.NO_EDIT, f"{TRIES} random draws found nothing to change that leaves the scaffold valid")


def _scaled(text: str, rng: random.Random) -> Iterator[_Change]:
    """A number times a factor; whole ones stay whole."""
    for node in _nodes(text, ast.Constant):
        value = node.value
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < abs(value) <= LARGEST:
            factor = rng.choice(FACTORS)
            new = round(value * factor) if isinstance(value, int) else float(f"{value * factor:.4g}")
            new += new == value  # 1 times 1.25
            yield _change(text, node, repr(new), f"Scale {value} to {new}")


def _swapped(text: str, rng: random.Random) -> Iterator[_Change]:
    """Two neighbouring numbers of a tuple, list, set or dictionary, or of two assignments in a row, change places."""
    for left, right in _neighbours(text):
        if not _same(left, right):
            (start, middle), (after, end) = _span(text, left), _span(text, right)
            first, second = text[start:middle], text[after:end]
            yield _Change(start, end, f"{second}{text[middle:after]}{first}", f"Swap {first} and {second}")


def _neighbours(text: str) -> Iterator[tuple[ast.expr, ast.expr]]:
    tree = _parsed(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            row: list[ast.expr] = list(node.elts)
        elif isinstance(node, ast.Dict):
            row = list(node.values)
        else:
            continue
        yield from ((left, right) for left, right in pairwise(row) if _number(left) and _number(right))
    assigned = [node.value for node in tree.body if isinstance(node, ast.Assign)]
    yield from ((a, b) for a, b in pairwise(assigned) if _number(a) and _number(b))


def _number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _same(left: ast.expr, right: ast.expr) -> bool:
    """Whether two nodes are one number; dumping them would fail at thousands of digits."""
    if not (isinstance(left, ast.Constant) and isinstance(right, ast.Constant)):
        return False
    return type(left.value) is type(right.value) and left.value == right.value


def _flipped(text: str, rng: random.Random) -> Iterator[_Change]:
    """A comparison with its equality turned."""
    for node in _nodes(text, ast.Compare):
        new = _FLIPPED.get(type(node.ops[0]))
        if len(node.ops) == 1 and new:
            (_, start), (end, _) = _span(text, node.left), _span(text, node.comparators[0])
            if re.fullmatch(r"[\s\w<>=!]+", text[start:end]):  # no bracket or line end between
                yield _Change(start, end, f" {new} ", f"Turn `{' '.join(text[start:end].split())}` into `{new}`")


def _negated(text: str, rng: random.Random) -> Iterator[_Change]:
    """True for False."""
    for node in _nodes(text, ast.Constant):
        if isinstance(node.value, bool):
            yield _change(text, node, str(not node.value), f"Turn {node.value} into {not node.value}")


def _undefaulted(text: str, rng: random.Random) -> Iterator[_Change]:
    """A parameter without its default, where that leaves a function one can define."""
    for node in _nodes(text, ast.FunctionDef):
        given = node.args
        pairs = list(zip(given.kwonlyargs, given.kw_defaults, strict=True))
        if len(given.defaults) >= 1:
            positional = [*given.posonlyargs, *given.args]
            pairs.append((positional[-len(given.defaults)], given.defaults[0]))
        for argument, default in pairs:
            if default is not None:
                start, end = _span(text, argument)[1], _span(text, default)[1]
                yield _Change(start, end, "", f"Drop the default of `{argument.arg}` of `{node.name}`")


def _cut(text: str, rng: random.Random) -> Iterator[_Change]:
    """A template without one of its paragraphs."""
    for start, end in _paragraphs(text):
        yield _Change(start, end, "", f"Remove the paragraph that begins with {text[start : start + 40]!r}")


def _doubled(text: str, rng: random.Random) -> Iterator[_Change]:
    """A template with one of its paragraphs twice."""
    for start, end in _paragraphs(text):
        again = f"{text[start:end].rstrip()}\n\n{text[start:end]}"
        yield _Change(start, end, again, f"Say twice the paragraph that begins with {text[start : start + 40]!r}")


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    return (found.span() for found in re.finditer(r"(?:[^\n]*\S[^\n]*\n)+\n*", text))


_MOVES: tuple[tuple[str, _Move], ...] = (
    (".py", _scaled), (".py", _swapped), (".py", _flipped), (".py", _negated), (".py", _undefaulted),
    (".md", _cut), (".md", _doubled),
)  # fmt: skip


def _nodes(text: str, kind: type[Node]) -> Iterator[Node]:
    return (node for node in ast.walk(_parsed(text)) if isinstance(node, kind))


@lru_cache(maxsize=256)
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def _change(text: str, node: ast.expr, new: str, said: str) -> _Change:
    return _Change(*_span(text, node), new, said)


def _span(text: str, node: ast.expr | ast.arg) -> tuple[int, int]:
    """Where a node stands, in characters; `ast` counts lines and bytes."""
    lines, starts = _lines(text)

    def place(line: int, column: int) -> int:
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    return place(node.lineno, node.col_offset), place(node.end_lineno or node.lineno, node.end_col_offset or 0)


@lru_cache(maxsize=256)
def _lines(text: str) -> tuple[list[str], list[int]]:
    """The lines of a text, and where each begins."""
    lines = text.split("\n")
    return lines, [0, *accumulate(len(line) + 1 for line in lines)]
