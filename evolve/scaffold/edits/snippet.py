"""Python answers that hold only the functions that changed: told apart from whole files, and put in place by name."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from evolve.scaffold.edits.document import Document, Range
from evolve.scaffold.edits.elision import elided
from evolve.scaffold.edits.lines import content_key, trim_blank
from evolve.scaffold.edits.parts import not_applied

_DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_IMPORTS = (ast.Import, ast.ImportFrom)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A statement at the top of a module: the names it binds and reads, and its lines from `first` up to `last`."""

    names: frozenset[str]
    reads: frozenset[str]
    first: int
    last: int
    defines: bool
    imports: bool
    runs: bool


def lacking(lines: Sequence[str], document: Document) -> frozenset[str]:
    """Names a text leaves out although it needs them or everything outside does; empty for a complete file.

    Outside the file its *roots* are needed: functions that no other function of it uses, unless it is run as a script.
    """
    ours, theirs = _pieces("\n".join(document.lines)), _pieces("\n".join(lines))
    if not ours or not theirs:
        return frozenset()
    bound = frozenset().union(*(piece.names for piece in theirs))
    mine = [piece for piece in ours if document.region_of(Range(piece.first, piece.last))]
    needed = frozenset().union(*(piece.reads for piece in theirs)) - bound
    used = needed & frozenset().union(*(piece.names for piece in mine))
    if used or any(piece.runs for piece in ours):
        return used
    roots = _roots(ours, mine)
    return frozenset() if roots & bound else roots


def is_python(lines: Sequence[str]) -> bool:
    """Whether the text is Python with a statement in it that does something for others: a definition or an import."""
    return any(piece.defines or piece.imports for piece in _pieces("\n".join(lines)))


def put_in_place(lines: Sequence[str], document: Document) -> Document:
    """The document with every function, class and constant of `lines` in the place of its namesake.

    New ones go before the next namesake. Raises EditError when there is no namesake at all, or a text is left out.
    """
    ours = {name: piece for piece in _pieces("\n".join(document.lines)) for name in piece.names if not piece.imports}
    changes: list[tuple[Range, list[str]]] = []
    waiting: list[str] = []
    known = {content_key(line) for line in document.lines}
    for piece, text in _with_comments(lines):
        if piece.imports and all(content_key(line) in known for line in trim_blank(text)):
            continue
        home = next((ours[name] for name in sorted(piece.names) if name in ours), None) if not piece.imports else None
        if home is None:
            waiting += text
        else:
            changes.append((Range(home.first, home.last), [*waiting, *text]))
            waiting = []
    if not changes:
        lost = ", ".join(sorted(lacking(lines, document)))
        raise not_applied(
            f"{document.path}: the code is no complete file, it leaves out {lost}; send all of it, or blocks"
        )
    changes[-1] = (changes[-1][0], [*changes[-1][1], *waiting])
    for place, text in sorted(changes, reverse=True):
        if line := elided(text, "\n".join(document.lines)):
            raise not_applied(f"{document.path}: the line {line!r} stands for code; write the whole function out")
        document = document.swapped(place, list(trim_blank(text)))
    return document


def _with_comments(lines: Sequence[str]) -> Iterator[tuple[_Piece, list[str]]]:
    """Each statement with the comments and blank lines above it."""
    after = 0
    for piece in _pieces("\n".join(lines)):
        yield piece, list(lines[after : piece.last])
        after = piece.last


def _roots(ours: Sequence[_Piece], mine: Sequence[_Piece]) -> frozenset[str]:
    roots: set[str] = set()
    for piece in mine:
        users = [other for other in ours if other is not piece and piece.names & other.reads]
        if piece.defines and (not users or any(user not in mine for user in users)):
            roots |= piece.names
    return frozenset(roots)


@lru_cache(maxsize=64)
def _pieces(text: str) -> tuple[_Piece, ...]:
    """The statements of a module; none when the text is not Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    return tuple(_piece(node) for node in tree.body)


def _piece(node: ast.stmt) -> _Piece:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)]) - 1
    runs = isinstance(node, (ast.If, ast.For, ast.While, ast.With)) or (
        isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
    )
    defines, imports = isinstance(node, _DEFINES), isinstance(node, _IMPORTS)
    return _Piece(frozenset(_bound(node)), _read(node), first, node.end_lineno or node.lineno, defines, imports, runs)


def _read(node: ast.stmt) -> frozenset[str]:
    """Names a statement reads and does not bind itself."""
    loaded: set[str] = set()
    stored: set[str] = set()
    stack: list[ast.AST] = [node]
    while stack:
        child = stack.pop()
        if isinstance(child, ast.Name):
            (loaded if isinstance(child.ctx, ast.Load) else stored).add(child.id)
            continue
        if isinstance(child, ast.arg):
            stored.add(child.arg)
        for value in child.__dict__.values():
            if isinstance(value, ast.AST):
                stack.append(value)
            elif isinstance(value, list):
                stack.extend(item for item in value if isinstance(item, ast.AST))
    return frozenset(loaded - stored)


def _bound(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, _DEFINES):
        yield node.name
    elif isinstance(node, _IMPORTS):
        yield from (alias.asname or alias.name.split(".")[0] for alias in node.names)
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            yield from (child.id for child in ast.walk(target) if isinstance(child, ast.Name))
