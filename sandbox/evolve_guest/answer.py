"""What `evaluate` returned, checked: finite numbers under names, some text, and nothing else."""

from __future__ import annotations

import math
from typing import Any

from evolve_guest.author import AuthorError

TEXT_CHARS = 64 * 1024
"""What is kept of a feedback text and of each artifact."""
MAX_ARTIFACTS = 32


def check(returned: Any) -> dict[str, Any]:
    """`{"metrics", "feedback", "artifacts"}` of an author's answer. Raises AuthorError naming the key at fault."""
    if not isinstance(returned, dict):
        raise AuthorError(f"evaluate() returned {_name(returned)}; it must return a dict of metrics")
    metrics = dict(returned)
    feedback = metrics.pop("feedback", "")
    artifacts = metrics.pop("artifacts", {})
    if not isinstance(feedback, str):
        raise AuthorError(f"evaluate() returned {_name(feedback)} under 'feedback'; it must be a str")
    if not isinstance(artifacts, dict) or not all(isinstance(x, str) for pair in artifacts.items() for x in pair):
        raise AuthorError("evaluate() returned 'artifacts' that are not a dict of str to str")
    if len(artifacts) > MAX_ARTIFACTS:
        raise AuthorError(f"evaluate() returned {len(artifacts)} artifacts; at most {MAX_ARTIFACTS} are kept")
    if not metrics:
        raise AuthorError("evaluate() returned no metric")
    return {
        "metrics": {key: _number(key, value) for key, value in metrics.items()},
        "feedback": feedback[:TEXT_CHARS],
        "artifacts": {key: text[:TEXT_CHARS] for key, text in artifacts.items()},
    }


def _number(key: Any, value: Any) -> float:
    if not isinstance(key, str):
        raise AuthorError(f"evaluate() returned a metric named {key!r}; names must be str")
    if not isinstance(value, (bool, int, float)):
        if type(value).__module__ != "numpy" or getattr(value, "shape", None) != ():
            raise AuthorError(f"metric {key!r} is {_name(value)}; it must be a finite number")
        value = value.item()
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise AuthorError(f"metric {key!r} cannot be a float: {error}") from None
    if not math.isfinite(number):
        raise AuthorError(f"metric {key!r} is {number}; it must be finite (program.reject() marks a wrong answer)")
    return number


def _name(value: Any) -> str:
    return "None" if value is None else f"a {type(value).__name__}"
