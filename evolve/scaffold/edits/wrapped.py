"""Answers wrapped in JSON, written out as the plain answer they stand for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from evolve.scaffold.edits.clean import fenced

_CODE = ("code", "content", "program", "source", "new_code", "file_content", "text", "answer", "python", "solution")
_PATH = ("path", "file", "filename", "file_path", "filepath", "name")
_IDEA = ("idea", "thought", "explanation", "description", "rationale", "summary", "reasoning")
_LISTS = ("edits", "blocks", "changes", "files", "diff", "patch", "answer", "result", "operations")
_SEARCH = ("search", "old", "original", "find", "old_string", "old_str", "before")
_REPLACE = ("replace", "new", "updated", "replacement", "new_string", "new_str", "after")
_START = re.compile(r"\s*(?:```(?:json)?[ \t]*\n\s*)?(?=[{\[])")
_LOOSE = re.compile(rf"\"({'|'.join((*_CODE, 'diff', 'patch'))})\"\s*:\s*\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)
_LOOSE_IDEA = re.compile(rf"\"(?:{'|'.join(_IDEA)})\"\s*:\s*\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)
_CUT = re.compile(rf"\"(?:{'|'.join((*_CODE, 'diff', 'patch'))})\"\s*:\s*\"(?:[^\"\\]|\\.)*\Z", re.DOTALL)
_STRING = json.JSONDecoder(strict=False)


def unwrapped(text: str) -> str | None:
    """The plain form of an answer in JSON, with or without a fence around it; None when it is something else."""
    for start in _starts(text):
        value = _decoded(text, start)
        if isinstance(value, (dict, list)):
            plain = "\n".join(_written(value))
            if plain.strip():
                return plain
    for loose in _LOOSE.finditer(text) if text[_place(text) :][:1] in ("{", "[") else ():
        try:
            idea = _LOOSE_IDEA.search(text)
            said = f"Idea: {' '.join(idea[1].split())}\n\n" if idea else ""
            return said + _code("", _STRING.decode(f'"{loose[2]}"'))
        except ValueError:
            continue
    return None


def is_wrapped(text: str) -> bool:
    """Whether an answer is JSON from its first character."""
    return _place(text) < len(text)


def is_cut(text: str) -> bool:
    """Whether an answer in JSON breaks off inside its code."""
    return text[_place(text) :][:1] == "{" and _CUT.search(text) is not None


def _place(text: str) -> int:
    found = _START.match(text)
    return found.end() if found else len(text)


def _starts(text: str) -> Iterator[int]:
    if (place := _place(text)) < len(text):
        yield place
    for fence in re.finditer(r"^```json[ \t]*\n\s*(?=[{\[])", text, re.M):
        yield fence.end()
    for line in re.finditer(r"^\{(?=\s*\")", text, re.M):
        yield line.start()


def _decoded(text: str, start: int) -> object:
    try:
        return _STRING.raw_decode(text, start)[0]
    except (ValueError, RecursionError):
        return None


def _written(value: object, path: str = "", depth: int = 0) -> Iterator[str]:
    """The parts of a decoded answer, each as plain text."""
    if isinstance(value, list) and depth < 6:
        for item in value:
            yield from _written(item, path, depth + 1)
    if not isinstance(value, Mapping) or depth >= 6:
        return
    path = _string(value, _PATH) or path
    if idea := _string(value, _IDEA):
        yield f"Idea: {' '.join(idea.split())}\n"
    search, replace = _string(value, _SEARCH), _string(value, _REPLACE)
    if replace is not None and search is not None:
        yield f"{path}\n<<<<<<< SEARCH\n{_ended(search)}=======\n{_ended(replace)}>>>>>>> REPLACE"
    elif (code := _string(value, _CODE)) is not None:
        yield _code(path, code)
    for key in _LISTS:
        inner = value.get(key)
        if key == "files" and isinstance(inner, Mapping) and all(isinstance(text, str) for text in inner.values()):
            yield from (_code(str(name), text) for name, text in inner.items())
        elif isinstance(inner, str) and key in ("diff", "patch"):
            yield _code(path, inner)
        elif isinstance(inner, (list, Mapping)):
            yield from _written(inner, path, depth + 1)


def _string(value: Mapping[str, object], keys: tuple[str, ...]) -> str | None:
    return next((text for key in keys if isinstance(text := value.get(key), str)), None)


def _code(path: str, code: str) -> str:
    """Code as it would stand in a plain answer; left bare when it brings its own fences or markers."""
    if code.count("\n") < 1 and code.count("\\n") > 2:
        code = code.replace("\\n", "\n").replace('\\"', '"').replace("\\t", "\t")
    if re.search(r"^(?:[ \t]*```|[ \t]*<{5,9}|@@ |--- )", code, re.M):
        return f"{path}\n{code}"
    return f"{path}\n{fenced(code)}"


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"
