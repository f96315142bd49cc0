"""The registry of edit operators: a new one is a file in this folder and a line here."""

from __future__ import annotations

from evolve.scaffold.operators import constants, functions, idioms, lines, statements, subtree, symbols, terms, words
from evolve.scaffold.operators.base import Change, Donor, Ground, Operator

OPERATORS: tuple[Operator, ...] = (
    constants.OPERATOR,
    symbols.OPERATOR,
    *subtree.OPERATORS,
    idioms.OPERATOR,
    *terms.OPERATORS,
    *statements.OPERATORS,
    functions.OPERATOR,
    *lines.OPERATORS,
    words.OPERATOR,
)

__all__ = ["OPERATORS", "Change", "Donor", "Ground", "Operator"]
