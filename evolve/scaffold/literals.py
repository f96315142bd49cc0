"""Number literals of a text in any language: find them, and write other values in their place."""

from __future__ import annotations

import ast
import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache

from evolve.scaffold.pyspan import PySource, parse
from evolve.scaffold.regions import Span, editable_spans, splice

_TOKENS = re.compile(
    r"""
    (?P<skip>^[ \t]*(?:;|--[ \t]|\#[-+]?\d)[^\n]*
      | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' | //[^\n]* | /\*.*?\*/ | \#(?![ \t]*(?:define|if)|[-+]?\d)[^\n]*)
    | (?P<number>(?<![\w.])(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?)
      (?:[fFlLuU]{0,3}|_?[iuf](?:8|16|32|64|size))(?![\w.])
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
"""A number, or what hides some: a text or a remark. `#3` is a remark at the start of a line, an operand elsewhere."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A number in a text. The span holds the sign in Python, never the suffix (`1.5f`).

    `guarded` says that a negative value needs parentheses there; `whole` that the text, in another language than
    Python, has no decimal point anywhere and may not know one (assembly, rules): only whole numbers are tried there.
    """

    span: Span
    value: float
    integer: bool
    guarded: bool = False
    whole: bool = False

    def write(self, value: float, digits: int = 6, integer: bool | None = None) -> str:
        """The text of another value: a whole number for an integer literal, else `digits` significant digits."""
        whole = self.integer if integer is None else integer
        text = str(round(value)) if whole else _write_float(value, digits)
        return f"({text})" if self.guarded and text.startswith("-") else text


@lru_cache(maxsize=512)
def literals(text: str, python: bool) -> tuple[Literal, ...]:
    """The finite number literals inside the editable regions of a text, in order."""
    source = parse(text) if python else None
    found = _python_literals(source) if source is not None else _neutral_literals(text)
    regions = editable_spans(text)
    return tuple(item for item in found if any(item.span.inside(region) for region in regions))


def rewrite(text: str, changes: dict[Literal, str]) -> str:
    """The text with some of its literals written differently."""
    return splice(text, *((literal.span, new) for literal, new in changes.items()))


def digits_of(text: str) -> int:
    """Significant digits of a written number: 3 for `0.0120`, 1 for `5e-7`."""
    mantissa = re.split("[eE]", text.strip("()-+"))[0].replace(".", "").lstrip("0")
    return max(1, len(mantissa))


def _write_float(value: float, digits: int) -> str:
    text = f"{value:.{digits}g}"
    if not math.isfinite(float(text)):
        raise ValueError(f"{value} cannot be written as a literal")
    return text if any(mark in text for mark in ".en") else f"{text}.0"


def _python_literals(source: PySource) -> list[Literal]:
    found: list[Literal] = []
    for node in source.expressions:
        number = node.value if isinstance(node, ast.Constant) else None
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not _ordinary(number):
            continue
        place, value = node, float(number)
        parent = source.parents[node]
        if isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.USub):
            place, value = parent, -value
        above = source.parents[place]
        guarded = isinstance(above, ast.BinOp) and isinstance(above.op, ast.Pow) and above.left is place
        found.append(Literal(source.span(place), value, isinstance(number, int), guarded))
    return found


def _ordinary(value: float) -> bool:
    """Whether a number may be meant as a quantity: not infinite, not a mask or a hash constant."""
    return math.isfinite(value) and abs(value) < 1e15


def _neutral_literals(text: str) -> list[Literal]:
    found: list[Literal] = []
    for match in _TOKENS.finditer(text):
        number = match.group("number")
        if number is None or not _ordinary(float(number)):
            continue
        if number.isdigit() and len(number) > 1 and number.startswith("0"):
            continue  # octal, a date or a version: not a quantity
        found.append(Literal(Span(*match.span("number")), float(number), number.isdigit()))
    whole = all(literal.integer for literal in found)
    return [replace(literal, whole=whole) for literal in found]
