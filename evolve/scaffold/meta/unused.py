"""What is in a scaffold's files and never used: functions, fields of records, templates. A hint, not a fault."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_WORD = re.compile(r"[A-Za-z_]\w*")

_SPEAKING = 4
"""Files shown beside the one that has an unread field."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A hint in words, and the files to look at: where the thing is, and others that speak of its name."""

    said: str
    paths: tuple[str, ...]


def findings(files: Mapping[str, str]) -> list[Finding]:
    """Functions that nothing names, settings that nothing reads, templates that nothing renders; in path order."""
    code = {path: text for path, text in sorted(files.items()) if path.endswith(".py")}
    words = Counter(word for text in code.values() for word in _WORD.findall(text))
    return [*_functions(code, words), *_fields(code), *_templates(files, code)]


def _functions(code: Mapping[str, str], words: Counter[str]) -> Iterator[Finding]:
    for path, tree in _parsed(code):
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and words[node.name] == 1:
                yield Finding(f"nothing calls `{node.name}` of `{path}`", (path,))


def _fields(code: Mapping[str, str]) -> Iterator[Finding]:
    """Fields of dataclasses that no file reads as an attribute."""
    read = {node.attr for _, tree in _parsed(code) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for path, tree in _parsed(code):
        for node in tree.body:
            if not (isinstance(node, ast.ClassDef) and "dataclass" in ast.dump(ast.Tuple(node.decorator_list))):
                continue
            for line in node.body:
                if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.target.id not in read:
                    name = line.target.id
                    said = f"nothing reads `{name}` of `{node.name}` in `{path}`"
                    yield Finding(said, (path, *_speaking(name, path, code)))


def _speaking(name: str, path: str, code: Mapping[str, str]) -> list[str]:
    """The other files that have a name most often."""
    counts = {other: _WORD.findall(text).count(name) for other, text in code.items() if other != path}
    return sorted((other for other in counts if counts[other]), key=lambda other: (-counts[other], other))[:_SPEAKING]


def _templates(files: Mapping[str, str], code: Mapping[str, str]) -> Iterator[Finding]:
    """Templates whose name (the path without folder and ending) no code has in quotes."""
    for path in sorted(files):
        if "prompts/" in path and path.endswith(".md"):
            name = path.partition("prompts/")[2].removesuffix(".md")
            if not any(f'"{name}"' in text or f"'{name}'" in text for text in code.values()):
                yield Finding(f"nothing renders the template `{path}`", (path,))


def _parsed(code: Mapping[str, str]) -> Iterator[tuple[str, ast.Module]]:
    """The files that are Python; others are left to the checks."""
    for path, text in code.items():
        try:
            yield path, ast.parse(text)
        except (SyntaxError, ValueError):
            continue
