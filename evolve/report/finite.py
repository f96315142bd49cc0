"""JSON of figures: differences and sums of huge numbers overflow, and JSON knows no infinity."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any


def dumps(data: Any, *, indent: int | None = None) -> str:
    """JSON in ASCII, with null where a number is not finite; compact unless indented."""
    separators = None if indent is not None else (",", ":")
    try:
        return json.dumps(data, indent=indent, separators=separators, allow_nan=False)
    except ValueError:  # rare: looking first would cost every answer as much as writing it
        return json.dumps(_finite(data), indent=indent, separators=separators, allow_nan=False)


def _finite(data: Any) -> Any:
    if isinstance(data, float):
        return data if math.isfinite(data) else None
    if isinstance(data, Mapping):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(value) for value in data]
    return data
