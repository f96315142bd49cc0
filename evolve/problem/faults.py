"""Turns pydantic's errors into sentences that name the key, the value seen and the likely cause."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

_LONGEST_VALUE = 60
_BRANCHES = {"bool": "true or false", "int": "a number", "float": "a number", "str": "a text"}
"""What pydantic calls the kinds of a plain value that may be of several, in words."""


def explain_all(faults: Sequence[ErrorDetails], root: type[BaseModel]) -> list[str]:
    """One sentence for each thing that is wrong; what only follows from another fault is left out."""
    found: dict[str, None] = {}
    for fault in faults:
        if _follows(fault, faults):
            continue
        place = fault["loc"][:-1]
        kinds = [_BRANCHES[str(each["loc"][-1])] for each in faults if _is_branch(each) and each["loc"][:-1] == place]
        if _is_branch(fault) and len(kinds) > 1:
            *most, last = dict.fromkeys(kinds)
            found[f"{_walk(place, root)[0]} = {_shorten(fault['input'])}: should be {', '.join(most)} or {last}"] = None
        else:
            found[explain(fault, root)] = None
    return list(found)


def _is_branch(fault: ErrorDetails) -> bool:
    return bool(fault["loc"]) and fault["loc"][-1] in _BRANCHES


def _follows(fault: ErrorDetails, faults: Sequence[ErrorDetails]) -> bool:
    """Whether a list only counts as too short because entries of it are wrong."""
    loc = fault["loc"]
    return fault["type"] == "too_short" and any(
        len(each["loc"]) > len(loc) and each["loc"][: len(loc)] == loc for each in faults
    )


def explain(fault: ErrorDetails, root: type[BaseModel]) -> str:
    """One sentence about one validation error of a `root` model."""
    path, info, model = _walk(fault["loc"], root)
    hint = f" ({info.description})" if info is not None and info.description else ""
    if fault["type"] == "missing":
        return f"{path} is missing{hint}"
    if fault["type"] == "extra_forbidden":
        return _unknown_key(path, str(fault["loc"][-1]), model)
    message = fault["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if not path:  # of the file as a whole
        return message
    return f"{path} = {_shorten(fault['input'])}: {message}{hint}"


def _unknown_key(path: str, key: str, model: type[BaseModel]) -> str:
    known = [info.alias or name for name, info in model.model_fields.items()]
    close = difflib.get_close_matches(key, known, n=1)
    cause = f"did you mean {close[0]!r}?" if close else f"known here: {', '.join(known)}"
    return f"{path} is not a known key; {cause}"


def _walk(loc: tuple[int | str, ...], root: type[BaseModel]) -> tuple[str, FieldInfo | None, type[BaseModel]]:
    """The readable path of an error location, the field it leads to and the model that holds its last key."""
    path, info, model = "", None, root
    for step in loc:
        if isinstance(step, int):
            path += f"[{step}]"
            continue
        found = next((field for name, field in model.model_fields.items() if step in (name, field.alias)), None)
        path += f".{step}" if path else step
        info = found
        inner = next(_models_in(found.annotation), None) if found is not None else None
        model = inner or model
    return path, info, model


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _shorten(value: object) -> str:
    text = "a table" if isinstance(value, dict) else repr(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
