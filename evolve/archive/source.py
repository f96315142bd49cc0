"""Program text as measures and fingerprints see it: without comments, and for Python as a syntax tree."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

MAX_PARSED = 256 * 1024
"""Characters; a longer Python file is taken as plain text, because parsing it would hold up the engine."""

_DOUBLE = r'"(?:\\.|[^"\\\n])*"'
_SINGLE = r"'(?:\\.|[^'\\\n])*'"
_TRIPLE = r'"""(?:\\.|[^\\])*?"""' + r"|'''(?:\\.|[^\\])*?'''"
_BACKTICK = r"`(?:\\.|[^`\\])*`"
_CHARACTER = r"'(?:\\.[^'\n]{0,8}|[^'\\\n])'"  # a whole literal only: 'a in Rust is a lifetime

_SYNTAXES = {
    "hash": (rf"{_TRIPLE}|{_DOUBLE}|{_SINGLE}", r"#[^\n]*"),
    "slash": (rf"{_DOUBLE}|{_CHARACTER}", r"//[^\n]*|/\*.*?\*/"),
    "slash_quotes": (rf"{_DOUBLE}|{_SINGLE}|{_BACKTICK}", r"//[^\n]*|/\*.*?\*/"),
}
"""Per family of languages: what a string looks like, and what a comment looks like."""

_MARKS = {"hash": ("#",), "slash": ("//", "/*"), "slash_quotes": ("//", "/*")}
"""What every comment begins with."""

_FAMILIES = {
    "hash": {"python", "py", "pyi", "ruby", "rb", "r", "julia", "jl"},
    "slash": {"c", "h", "cpp", "c++", "cc", "cxx", "hpp", "cu", "cuda", "java", "rust", "rs", "csharp", "c#", "cs"}
    | {"swift", "kotlin", "kt", "scala", "zig"},
    "slash_quotes": {"javascript", "js", "mjs", "typescript", "ts", "jsx", "tsx", "go"},
}
_FAMILY_OF = {name: family for family, names in _FAMILIES.items() for name in names}
_PATTERNS = {
    family: re.compile(rf"(?P<string>{string})|(?P<comment>{comment})", re.DOTALL)
    for family, (string, comment) in _SYNTAXES.items()
}


_MAY_HAVE_DOCSTRING = re.compile(r"""(?:^|:)[ \t\f(]*[rRuU]?["']""", re.MULTILINE)
"""A string that begins a statement."""

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
"""Where a statement keeps other statements."""


@dataclass(frozen=True, slots=True)
class PythonSource:
    """A Python file: its tree with the docstrings taken out, and how many visible characters those had."""

    tree: ast.Module
    docstring_characters: int


def file_kind(path: str, language: str = "") -> str:
    """What a file is written in: its suffix without the dot, or the problem's language when it has none."""
    return PurePosixPath(path).suffix.lower().lstrip(".") or language.lower()


def is_python(path: str, language: str = "") -> bool:
    """Whether a file is Python."""
    return file_kind(path, language) in {"py", "pyi", "python"}


def family(path: str, language: str = "") -> str | None:
    """How strings and comments look in a file; None when unknown."""
    return _FAMILY_OF.get(file_kind(path, language))


def without_comments(text: str, kind: str | None) -> str:
    """The text with every comment replaced by one space; strings are left alone. Unknown kinds come back as is."""
    if kind is None or not any(mark in text for mark in _MARKS[kind]):
        return text
    return _PATTERNS[kind].sub(lambda match: match.group() if match.lastgroup == "string" else " ", text)


def may_have_docstring(text: str) -> bool:
    """Whether a Python file needs to be parsed to find its docstrings: false when there can be none."""
    return _MAY_HAVE_DOCSTRING.search(text) is not None


@lru_cache(maxsize=16)
def parse_python(text: str) -> PythonSource | None:
    """The tree of a Python file (not to be changed: it is shared), or None when Python cannot parse it.

    Hostile text is safe to pass: it is parsed, never run, and deep nesting is refused by Python's parser.
    """
    if len(text) > MAX_PARSED:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as an invalid escape: the candidate's business, not the user's
            tree = ast.parse(text)
        docstrings = list(_take_docstrings(tree))
        return PythonSource(tree, _visible_characters(text, docstrings))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _take_docstrings(tree: ast.Module) -> Iterator[ast.Expr]:
    """Remove all docstrings from the tree, and yield them."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            match node.body:
                case [ast.Expr(value=ast.Constant(value=str())) as docstring, *rest]:
                    node.body = rest or [ast.copy_location(ast.Pass(), docstring)]
                    yield docstring
        if not isinstance(node, ast.expr):
            for name in _BLOCKS:
                pending.extend(getattr(node, name, ()))


def _visible_characters(text: str, spans: list[ast.Expr]) -> int:
    """How many characters that are not blank space these pieces of the text hold."""
    if not spans:
        return 0
    lines = text.replace("\r\n", "\n").replace("\r", "\n").encode().split(b"\n")
    count = 0
    for span in spans:
        first, last = span.lineno - 1, (span.end_lineno or span.lineno) - 1
        piece = lines[first : last + 1]
        piece[-1] = piece[-1][: span.end_col_offset]  # the end first: both cuts may be on one line
        piece[0] = piece[0][span.col_offset :]
        count += len("".join(b"\n".join(piece).decode().split()))
    return count
