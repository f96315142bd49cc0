"""Which file a model means: paths with decoration, prefixes or a slip, held to what may be edited or added."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import PurePosixPath

from evolve.scaffold.base import TaskView

_TOKEN = re.compile(r"[\w./\\@+-]*[\w+-]\.[A-Za-z]\w{0,9}(?![\w/])|[\w.-]+(?:/[\w.-]+)+|\b[A-Z]\w+file\b")
_LABEL = (
    r"(?:(?:the\s+)?(?:updated|new|modified|full|complete|final|revised)?\s*"
    r"(?:(?:update|add|edit|create|modify)\s+)?(?:file\s*name|file\s*path|file|path|in|edit)\b\s*[:=]?\s*)?"
)
_ALONE = re.compile(
    rf"\W*(?:(?:block|step|\d+)\W+){{0,2}}{_LABEL}[`\"'*(\[<]*(?P<path>[\w./\\@+-]+)[`\"'*)\]>]*\s*(?:\([^)]*\))?\W*",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"(?:#|//|/\*|--|;|%|<!--)+\s*(.*?)\s*(?:\*/|-->)?")
_LONGEST = 160


class Paths:
    """The files of a program by what may be done with them."""

    def __init__(self, base: Mapping[str, str], task: TaskView) -> None:
        self._base = base
        self._task = task
        self.editable = tuple(path for path in sorted(base) if self.may_change(path))

    @property
    def single(self) -> str:
        """The only file that may change, or ""."""
        return self.editable[0] if len(self.editable) == 1 else ""

    def may_change(self, path: str) -> bool:
        """Whether a file of the program may be edited."""
        return path in self._base and (path in self._task.editable or matches(self._task.editable_globs, path))

    def may_add(self, path: str) -> bool:
        """Whether a file of this path may be added."""
        return path not in self._base and is_safe_path(path) and matches(self._task.editable_globs, path)

    def known(self, written: str) -> str:
        """The program's file that is meant: by its path, the end of its path, or its name when unique; else ""."""
        path = normal(written)
        if path in self._base:
            return path
        for alike in (
            [known for known in self._base if path.endswith("/" + known) or (path and known.endswith("/" + path))],
            [known for known in self._base if path and _name(known) == _name(path) and not self.may_add(path)],
        ):
            if len(alike) == 1 and not self.may_add(path):
                return alike[0]
        return ""

    def on(self, line: str) -> str:
        """The path a line above some code gives, as written: alone or labelled, or an editable file in a sentence."""
        line = line.strip()
        if not line or len(line) > _LONGEST:
            return ""
        alone = _ALONE.fullmatch(line)
        if alone and (self.known(alone["path"]) or _TOKEN.fullmatch(alone["path"])):
            return alone["path"]
        named = {path for token in _TOKEN.findall(line) if self.may_change(path := self.known(token))}
        return named.pop() if len(named) == 1 else ""

    def in_info(self, info: str) -> str:
        """The path in the info string of a fence, such as `python path=a.py` or `python:a.py`."""
        for token in re.split(r"[\s:={}\"'`,]+", info):
            if token and (self.known(token) or _TOKEN.fullmatch(token)):
                return token
        return ""

    def in_comment(self, line: str) -> str:
        """The path in a comment that says nothing else, such as `# File: a.py`."""
        comment = _COMMENT.fullmatch(line.strip()) if len(line) <= _LONGEST else None
        said = comment[1] if comment else ""
        return self.on(said) if said and len(said.split()) <= 3 and _TOKEN.search(said) else ""


def normal(written: str) -> str:
    """A path without decoration, `./`, `a/`, `b/` or a leading slash."""
    path = written.strip().strip("`\"'*<>()[]:, ").replace("\\", "/")
    path = re.sub(r"/{2,}", "/", path)
    while path.startswith("./"):
        path = path[2:]
    return re.sub(r"^[ab]/(?=.)", "", path).lstrip("/")


def is_safe_path(path: str) -> bool:
    """Whether a path is relative, without `..`, hidden parts or unusual characters (as the host demands)."""
    plain = all(re.fullmatch(r"[\w][\w.+-]*", part, re.ASCII) for part in path.split("/"))
    return plain and PurePosixPath(path).as_posix() == path and len(path) <= 200


def matches(globs: Sequence[str], path: str) -> bool:
    """Whether any glob matches the whole path: `*` and `?` inside a folder, `**` across folders (as the host does)."""
    return any(_pattern(glob).fullmatch(path) for glob in globs)


@lru_cache(maxsize=256)
def _pattern(glob: str) -> re.Pattern[str]:
    pieces = {"**/": r"(?:[^/]+/)*", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}
    tokens = re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", glob)
    return re.compile("".join(pieces.get(token, re.escape(token)) for token in tokens), re.DOTALL)


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]
