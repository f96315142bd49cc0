"""What a run's problem was given besides its folder, wherever runs are shown: parameters and a held-out folder."""

from __future__ import annotations

import json
from collections.abc import Mapping

from rich.table import Table

from evolve.report.text import one_line, plain

Parameters = Mapping[str, bool | int | float | str]

_CHARS = 300
_MARK_CHARS = 60


def parameters_text(parameters: Parameters, *, equals: str = " = ") -> str:
    """`n = 5, fast = true`; "" for none."""
    return ", ".join(f"{name}{equals}{_value(value)}" for name, value in parameters.items())


def _value(value: bool | int | float | str) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def marked(name: str, parameters: Parameters) -> str:
    """A run's name and, where its problem has any, the parameters: `circle_packing n=5`."""
    said = one_line(parameters_text(parameters, equals="="), _MARK_CHARS)
    return f"{name} {said}" if said else name


def add_given(facts: Table, parameters: Parameters, holdout: str) -> None:
    """Rows of a table of facts, where anything was given."""
    if parameters:
        facts.add_row("parameters", plain(one_line(parameters_text(parameters), _CHARS)))
    if holdout:
        facts.add_row("held-out files", plain(f"of {one_line(holdout, _CHARS)}"))
