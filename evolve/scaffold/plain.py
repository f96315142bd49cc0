"""Records as plain JSON data and back, strict both ways.

A record is an object with exactly the record's fields; those that can stand in each other's place (`Draft`, `Prompt`,
`MetaEdit`) also carry `kind`. Tuples and sets are arrays, enums their values. Unknown or missing keys, values of
another type, booleans for numbers and numbers that are not finite are faults.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, NoReturn, Union, cast, get_args, get_origin, get_type_hints

from evolve.scaffold.base import Draft, MetaEdit, Prompt

KINDS: Mapping[type, str] = {Draft: "draft", Prompt: "prompt", MetaEdit: "edit"}
"""Records that say what they are."""

MOST = 2**63
"""Whole numbers are smaller than this, either sign."""

_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,18})")


class WireError(ValueError):
    """Data that is not what the protocol allows; the message says where the fault is and what would be right."""


def encode(value: object) -> object:
    """Plain JSON data of a record, or of anything made of records. Raises WireError for what JSON cannot carry."""
    kind = type(value)
    if kind is str or value is None or kind is bool:  # nine in ten values of a view
        return value
    if is_dataclass(kind):
        tag = KINDS.get(kind)
        told = {name: encode(getattr(value, name)) for name in _names(kind)}
        return told if tag is None else {"kind": tag, **told}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return value if math.isfinite(value) else _unsendable(value)
    if isinstance(value, int):
        return _small(int(value), "value")
    if isinstance(value, str):
        return str(value)
    return _encoded_many(value)


def _encoded_many(value: object) -> object:
    if isinstance(value, Mapping):
        return {_key(key): encode(each) for key, each in value.items()}
    if isinstance(value, set | frozenset):
        return [encode(each) for each in sorted(value)]
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [encode(each) for each in value]
    return _unsendable(value)


def _unsendable(value: object) -> NoReturn:
    raise WireError(f"{type(value).__name__} {shown(value)} cannot be sent; use plain data with finite numbers")


def decode(kind: Any, data: object, path: str = "value") -> Any:
    """What plain JSON data means as a `kind`: a record class, or a type made of such.

    Raises WireError that names the place of the fault below `path`.
    """
    return _reader(kind)(data, path)


def _key(key: object) -> str:
    if isinstance(key, str):
        return key
    if isinstance(key, int) and not isinstance(key, bool):
        return str(key)
    raise WireError(f"the key {shown(key)} is neither a text nor a whole number")


@lru_cache(maxsize=256)
def _names(record: Hashable) -> tuple[str, ...]:
    return tuple(field.name for field in fields(cast(type[Any], record)))


# ---------------------------------------------------------------- reading

_Reader = Callable[[object, str], Any]


@lru_cache(maxsize=256)
def _reader(kind: Hashable) -> _Reader:
    """What reads a type; made once for each, as resolving annotations takes longer than reading."""
    simple = _SIMPLE.get(kind)
    if simple is not None:
        return simple
    if isinstance(kind, type) and is_dataclass(kind):
        return _record(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enum(kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _union(inner)
    if origin in (tuple, frozenset):
        return _array(origin, _reader(inner[0]))
    if origin is Mapping:
        return _mapping(inner[0], _reader(inner[1]))
    raise TypeError(f"the protocol has no way to carry {kind}")


def _record(kind: Any) -> _Reader:
    hints = get_type_hints(kind)
    readers = {name: _reader(hints[name]) for name in _names(kind)}
    tag = KINDS.get(kind)
    expected = frozenset(readers) if tag is None else frozenset({"kind", *readers})

    def read(data: object, path: str) -> Any:
        given = as_object(data, path)
        if tag is not None and given.get("kind") != tag:
            _wrong(given.get("kind"), f"{path}.kind", repr(tag))
        check_keys(given, expected, path)
        return kind(**{name: reader(given[name], f"{path}.{name}") for name, reader in readers.items()})

    return read


def _enum(kind: type[Enum]) -> _Reader:
    members = {member.value: member for member in kind}

    def read(data: object, path: str) -> Enum:
        if not isinstance(data, str) or data not in members:
            _wrong(data, path, f"one of {', '.join(map(str, members))}")
        return members[data]

    return read


def _union(members: tuple[Any, ...]) -> _Reader:
    """Records that say what they are, null, and at most one type of another shape."""
    tagged = {KINDS[member]: _reader(member) for member in members if member in KINDS}
    others = [_reader(member) for member in members if member not in KINDS and member is not NoneType]
    optional = NoneType in members
    expected = " or ".join((*(f"a {name}" for name in tagged), *(["null"] if optional else [])))

    def read(data: object, path: str) -> Any:
        if data is None and optional:
            return None
        if tagged and isinstance(data, dict):
            reader = tagged.get(data["kind"]) if isinstance(data.get("kind"), str) else None
            return _wrong(data.get("kind"), f"{path}.kind", expected) if reader is None else reader(data, path)
        if not others:
            _wrong(data, path, expected)
        return others[0](data, path)

    return read


def _array(made: Callable[[Any], Any], reader: _Reader) -> _Reader:
    def read(data: object, path: str) -> Any:
        if not isinstance(data, list):
            _wrong(data, path, "an array")
        return made(reader(each, f"{path}[{place}]") for place, each in enumerate(data))

    return read


def _mapping(key: Any, reader: _Reader) -> _Reader:
    def read(data: object, path: str) -> dict[Any, Any]:
        given = as_object(data, path)
        if key is int:
            return {_number(name, path): reader(each, f"{path}.{name}") for name, each in given.items()}
        return {name: reader(each, f"{path}[{shown(name)}]") for name, each in given.items()}

    return read


def _number(name: str, path: str) -> int:
    if not _WHOLE.fullmatch(name):
        _wrong(name, f"{path}'s key", "a whole number")
    return _small(int(name), path)


def _text(data: object, path: str) -> str:
    return data if isinstance(data, str) else _wrong(data, path, "a text")


def _whole(data: object, path: str) -> int:
    if not isinstance(data, int) or isinstance(data, bool):
        _wrong(data, path, "a whole number")
    return _small(data, path)


def _small(value: int, path: str) -> int:
    return value if -MOST < value < MOST else _wrong(f"a number of {value.bit_length()} bits", path, "below 2^63")


def _finite(data: object, path: str) -> float:
    """A number; a whole one stays whole, as it would in one process."""
    if isinstance(data, float) and math.isfinite(data):
        return data
    return _wrong(data, path, "a finite number") if isinstance(data, float) else _whole(data, path)


def _truth(data: object, path: str) -> bool:
    return data if isinstance(data, bool) else _wrong(data, path, "true or false")


def _nothing(data: object, path: str) -> None:
    if data is not None:
        _wrong(data, path, "null")


def _plain(data: object, path: str) -> object:
    """Any JSON, its numbers finite."""
    if isinstance(data, dict):
        return {name: _plain(each, f"{path}[{shown(name)}]") for name, each in data.items()}
    if isinstance(data, list):
        return [_plain(each, f"{path}[{place}]") for place, each in enumerate(data)]
    return data if data is None or isinstance(data, bool | str) else _finite(data, path)


_SIMPLE: Mapping[Any, _Reader] = {
    str: _text,
    int: _whole,
    float: _finite,
    bool: _truth,
    object: _plain,
    None: _nothing,
    NoneType: _nothing,
}


def as_object(data: object, path: str) -> dict[str, Any]:
    """Data that must be an object. Raises WireError."""
    return data if isinstance(data, dict) else _wrong(data, path, "an object")


def check_keys(data: Mapping[str, object], expected: frozenset[str] | set[str], path: str) -> None:
    """See that an object has exactly the expected keys. Raises WireError."""
    if set(data) == expected:
        return
    unknown, missing = sorted(data.keys() - expected), sorted(expected - data.keys())
    faults = [f"has no key {', '.join(missing)}"] if missing else []
    faults += [f"has unknown keys {shown(unknown)}"] if unknown else []
    raise WireError(f"{path} {' and '.join(faults)}")


def _wrong(data: object, path: str, expected: str) -> NoReturn:
    raise WireError(f"{path} is {shown(data)}, not {expected}")


def shown(value: object, most: int = 60) -> str:
    """A value as a message quotes it: short, whatever a hostile program sent."""
    if isinstance(value, dict | list):
        value = f"{'an object' if isinstance(value, dict) else 'an array'} of {len(value)}" if len(value) > 8 else value
    try:
        text = repr(value[:most] if isinstance(value, str) else value)
    except (ValueError, RecursionError, MemoryError):  # no number of thousands of digits has a repr
        return f"{'an' if isinstance(value, int) else 'a nested'} {type(value).__name__} too large to show"
    return text if len(text) <= most else f"{text[:most]}…"
