"""A fingerprint of what a program does, not how it looks: equal ones need not be evaluated twice.

It errs on one side: two programs that differ in behaviour must never share a fingerprint (a lost candidate),
while two that are the same may differ (one needless evaluation).
"""

from __future__ import annotations

import ast
import hashlib
import re
import warnings
from collections.abc import Iterator
from types import CodeType

from evolve.archive.source import (
    MAX_PARSED,
    family,
    file_kind,
    is_python,
    may_have_docstring,
    parse_python,
    without_comments,
)
from evolve.domain import Program, SourceFile

_READS_NAMES = frozenset({"locals", "vars", "dir", "eval", "exec", "_getframe", "f_locals", "co_varnames"})
"""A Python program that uses one of these can see the names of its local variables, so they count."""

_READS_TEXT = re.compile(r"__doc__|__file__|getdoc|inspect|linecache|doctest|traceback|lineno")
"""A Python program that says one of these may read its own text or line numbers, so all of it counts."""

_PLAIN_LEXING = {
    "c",
    "h",
    "cpp",
    "c++",
    "cc",
    "cxx",
    "hpp",
    "cu",
    "cuda",
    "java",
    "rust",
    "rs",
    "go",
    "csharp",
    "c#",
    "cs",
}
"""Languages without string interpolation or regular-expression literals: a comment is told apart for certain ..."""

_HARD_TO_LEX = re.compile(r'`|"""|@"|\$"|\$@|\b\w{0,2}[Rr]#*"|\\\n|\\u|\r')
"""... unless there are raw, verbatim or interpolated strings, joined lines or escaped characters in the file."""


def normalised_digest(program: Program, language: str) -> str:
    """SHA-256 (hex) of a program without what cannot matter to its behaviour.

    In a Python file, comments, layout, docstrings, redundant parentheses, constant arithmetic and the names of
    plain local variables do not matter. In C, C++, Java, Rust, Go and C#, comments, blank lines and trailing blanks
    do not. In any other file the text counts as it stands. Comparable within one version of Python only, since it
    looks at compiled code (compiled, never run).
    """
    hasher = hashlib.sha256()
    for file in program.files:
        for part in (file.path, _normal_form(file, language)):
            raw = part.encode("utf-8", "surrogatepass")
            hasher.update(len(raw).to_bytes(8, "big"))
            hasher.update(raw)
    return hasher.hexdigest()


def _normal_form(file: SourceFile, language: str) -> str:
    if is_python(file.path, language):
        code = None if _READS_TEXT.search(file.text) else _compiled(file.text)
        return f"text:{file.text}" if code is None else f"code:{_describe(code, keep_names=_sees_names(code))}"
    if file_kind(file.path, language) in _PLAIN_LEXING and not _HARD_TO_LEX.search(file.text):
        bare = without_comments(file.text, family(file.path, language))
        return "code:" + "\n".join(line.rstrip() for line in bare.splitlines() if line.strip())
    return f"text:{file.text}"


def _compiled(text: str) -> CodeType | None:
    """The code of a Python file without its docstrings, or None when Python cannot compile it."""
    source: ast.Module | str = text
    if len(text) > MAX_PARSED or may_have_docstring(text):  # a tree of Python objects doubles the time
        parsed = parse_python(text)
        if parsed is None:
            return None
        source = parsed.tree
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compile(source, "", "exec", dont_inherit=True, optimize=0)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _sees_names(code: CodeType) -> bool:
    return any(not _READS_NAMES.isdisjoint(inner.co_names) for inner in _all_code(code))


def _all_code(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _all_code(constant)


def _describe(code: CodeType, *, keep_names: bool) -> str:
    """Everything in compiled code but its line numbers and, unless kept, the names of its plain locals."""
    arguments = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 0x04) + bool(code.co_flags & 0x08)
    visible = code.co_varnames if keep_names else code.co_varnames[:arguments]
    consts = [
        _describe(constant, keep_names=keep_names) if isinstance(constant, CodeType) else _constant(constant)
        for constant in code.co_consts
    ]
    counts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_nlocals, code.co_flags)
    names = (code.co_name, code.co_names, visible, code.co_cellvars, code.co_freevars)
    exceptions = getattr(code, "co_exceptiontable", b"")
    return repr((counts, names, code.co_code, exceptions, consts))


def _constant(value: object) -> str:
    """Tells 1 from 1.0 and True, and writes a set in an order that does not depend on hashing."""
    if isinstance(value, frozenset):
        return f"frozenset({sorted(map(_constant, value))})"
    if isinstance(value, tuple):
        return f"({', '.join(map(_constant, value))},)"
    return repr(value)
