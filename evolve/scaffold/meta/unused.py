"""What is in a scaffold's files and never used: functions, fields of records, templates. A hint, not a fault.

Read off the words of the files and not off their syntax, which would take seconds for a whole scaffold.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_WORD = re.compile(r"[A-Za-z_]\w*")
_READ = re.compile(r"\.([A-Za-z_]\w*)")
_FUNCTION = re.compile(r"^(?:async )?def (\w+)", re.MULTILINE)
_RECORD = re.compile(r"^@dataclass\b.*\n(?:@.*\n)*class (\w+).*\n((?:(?: .*)?\n)*)", re.MULTILINE)
_FIELD = re.compile(r"^    (\w+): ", re.MULTILINE)

_SPEAKING = 4
"""Files shown beside the one that has an unread field."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A hint in words, and the files to look at: where the thing is, and others that speak of its name."""

    said: str
    paths: tuple[str, ...]


def findings(files: Mapping[str, str]) -> list[Finding]:
    """Functions that nothing names, fields that nothing reads, templates that nothing renders; in path order."""
    code = {path: text for path, text in sorted(files.items()) if path.endswith(".py")}
    return [*_functions(code), *_fields(code), *_templates(files, code)]


def _functions(code: Mapping[str, str]) -> Iterator[Finding]:
    """Functions of modules whose name is nowhere but where they are defined."""
    words = Counter(word for text in code.values() for word in _WORD.findall(text))
    for path, text in code.items():
        for name in _FUNCTION.findall(text):
            if words[name] == 1:
                yield Finding(f"nothing calls `{name}` of `{path}`", (path,))


def _fields(code: Mapping[str, str]) -> Iterator[Finding]:
    """Fields of dataclasses that no file reads as an attribute."""
    read = {name for text in code.values() for name in _READ.findall(text)}
    for path, text in code.items():
        for record, body in _RECORD.findall(text):
            for name in _FIELD.findall(body.partition("\n    def ")[0]):
                if name not in read:
                    said = f"nothing reads `{name}` of `{record}` in `{path}`"
                    yield Finding(said, (path, *_speaking(name, path, code)))


def _speaking(name: str, path: str, code: Mapping[str, str]) -> list[str]:
    """The other files that have a name most often."""
    counts = {other: _WORD.findall(text).count(name) for other, text in code.items() if other != path}
    return sorted((other for other in counts if counts[other]), key=lambda other: (-counts[other], other))[:_SPEAKING]


def _templates(files: Mapping[str, str], code: Mapping[str, str]) -> Iterator[Finding]:
    """Templates whose name (the path without folder and ending) no code has in quotes."""
    quoted = {word for text in code.values() for word in re.findall(r"[\"']([\w/]+)[\"']", text)}
    for path in sorted(files):
        name = path.partition("prompts/")[2].removesuffix(".md")
        if name and path.endswith(".md") and name not in quoted:
            yield Finding(f"nothing renders the template `{path}`", (path,))
