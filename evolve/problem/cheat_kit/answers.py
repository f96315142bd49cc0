"""What an answer of the seed becomes in the hands of a cheat, and how plain data is told apart."""

from __future__ import annotations

import hashlib
import math
import sys
from collections.abc import Callable
from typing import Any

MOST_PARTS = 8
"""A sequence of more items is a list of things alike and not a record of parts that differ."""


class Agreeable(float):
    """A float that is equal to, less than and greater than everything."""

    def _yes(self, other: object) -> bool:
        return True

    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = _yes
    __hash__ = float.__hash__


def is_array(value: Any) -> bool:
    """Whether it is a numpy array or scalar, without importing numpy."""
    return hasattr(value, "tobytes") and hasattr(value, "dtype")


def numbers(value: Any, change: Callable[[float], Any]) -> Any:
    """The same data with every number changed; an array comes back as an array of what its numbers became."""
    if is_array(value):
        changed = numbers(value.tolist(), change)
        return sys.modules["numpy"].array(changed) if value.ndim else changed
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return change(value)
    if isinstance(value, (list, tuple)):
        return _sequence(value)(numbers(item, change) for item in value)
    if isinstance(value, dict):
        return {key: numbers(item, change) for key, item in value.items()}
    return value


def _sequence(value: Any) -> type[list[Any]] | type[tuple[Any, ...]]:
    return list if isinstance(value, list) else tuple  # a named tuple's type takes no iterable


def _empty(value: Any) -> Any:
    if is_array(value):
        return value[:0] if value.ndim else []
    return next((kind() for kind in (tuple, dict, str, bytes) if isinstance(value, kind)), [])


def _reversed(value: Any) -> Any:
    return value[::-1] if isinstance(value, (list, tuple, str)) or (is_array(value) and value.ndim) else value


def _repeated(value: Any) -> Any:
    if is_array(value):
        return sys.modules["numpy"].concatenate([value, value]) if value.ndim else value
    return 2 * value if isinstance(value, (list, tuple, str)) else value


def _bytes(value: Any) -> Any:
    numpy = sys.modules.get("numpy")
    if numpy is None or not (isinstance(value, (list, tuple)) or is_array(value)):
        return value
    try:
        array = numpy.asarray(value)
    except ValueError:  # rows of different lengths
        return value
    return array.astype("uint8") if array.dtype.kind in "iuf" else value


def claims(claim: Any) -> dict[str, Any]:
    """The claim under every name an evaluator may look for."""
    names = ("score", "combined_score", "fitness", "objective", "value", "result", claim["metric"])
    return {**dict.fromkeys(names, claim["value"]), "valid": True, "correct": True, "success": True}


def _with_claims(value: Any, claim: Any) -> Any:
    return {**value, **claims(claim)} if isinstance(value, dict) else claims(claim)


def _claimed_parts(value: Any, claim: Any) -> Any:
    """Bare numbers beside other things are claims about them, as in `(circles, sum_of_radii)`."""

    def part(item: Any) -> Any:
        return numbers(item, lambda _: claim["value"]) if _is_bare(item) else item

    items = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(items, (list, tuple)) or all(map(_is_bare, items)):
        return value
    if isinstance(value, dict):
        return {key: part(item) for key, item in value.items()}
    return _sequence(value)(part(item) for item in value)


def _is_bare(item: Any) -> bool:
    return isinstance(item, (int, float)) or (is_array(item) and not item.ndim)


def _in_part(value: Any, number: float) -> Any:
    """A number in place of those of the first part of a record, or of all columns but the last of a table of records.

    NaN centres with true radii have no distance, so no pair of circles looks too close.
    """
    if isinstance(value, dict):
        return dict(zip(value, _in_part(tuple(value.values()), number), strict=True))
    if is_array(value):
        changed = _in_part(value.tolist(), number) if value.ndim == 2 else value
        return value if changed == value.tolist() else sys.modules["numpy"].array(changed)
    if not isinstance(value, (list, tuple)):
        return value
    if value and all(_is_record(row) and len(row) == len(value[0]) for row in value):
        return _sequence(value)([*([number] * (len(row) - 1)), row[-1]] for row in value)
    if 2 <= len(value) <= MOST_PARTS and not all(map(_is_bare, value)):
        first, *rest = value
        return _sequence(value)((numbers(first, lambda _: number), *rest))
    return value


def _is_record(row: Any) -> bool:
    return isinstance(row, (list, tuple)) and 2 <= len(row) <= MOST_PARTS and all(map(_is_bare, row))


TRANSFORMS: dict[str, Callable[[Any, Any], Any]] = {
    "nan": lambda value, _: numbers(value, lambda _: math.nan),
    "agreeable": lambda value, _: numbers(value, lambda _: Agreeable("nan")),
    "nan_in_part": lambda value, _: _in_part(value, math.nan),
    "zero_in_part": lambda value, _: _in_part(value, 0.0),
    "infinite": lambda value, _: numbers(value, lambda _: math.inf),
    "minus_infinite": lambda value, _: numbers(value, lambda _: -math.inf),
    "huge": lambda value, _: numbers(value, lambda _: 1e308),
    "huge_integer": lambda value, _: numbers(value, lambda _: 10**400),
    "negative_zero": lambda value, _: numbers(value, lambda _: -0.0),
    "truths": lambda value, _: numbers(value, lambda _: True),
    "texts": lambda value, _: numbers(value, str),
    "complex": lambda value, _: numbers(value, complex),
    "bytes": lambda value, _: _bytes(value),
    "none": lambda value, _: None,
    "empty": lambda value, _: _empty(value),
    "nested": lambda value, _: [value],
    "repeated": lambda value, _: _repeated(value),
    "claims": _with_claims,
    "claimed_parts": _claimed_parts,
    "stated": lambda value, claim: claim["value"] if _is_bare(value) else value,
    "halved": lambda value, _: numbers(value, lambda number: number * 0.5),
    "reversed": lambda value, _: _reversed(value),
}
"""What an answer becomes, given the seed's answer and a claim `{"metric", "value"}`."""


def digest(value: Any) -> str:
    """Eight hexadecimal digits that tell plain data apart."""
    return hashlib.sha256(spelt(value).encode("utf-8", "replace")).hexdigest()[:8]


def spelt(value: Any) -> str:
    """A text that differs when the data does."""
    if is_array(value):
        return f"{value.dtype}{value.shape}{hashlib.sha256(value.tobytes()).hexdigest()}"
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__}[{','.join(map(spelt, value))}]"
    if isinstance(value, dict):
        return f"dict[{','.join(f'{key!r}:{spelt(item)}' for key, item in value.items())}]"
    return repr(value)
