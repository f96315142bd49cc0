"""Replace an expression: by another one of the program, of another elite, by a grown one, or by its own operand."""

from __future__ import annotations

import ast
import random

from evolve.scaffold.operators.base import Change, Ground, Operator, Syntax
from evolve.scaffold.operators.grow import grow, soil_at
from evolve.scaffold.pyscope import scope_at
from evolve.scaffold.pyspan import PySource, parse, tidy

_LONGEST = 300
"""Characters of the longest expression that is transplanted, so that programs do not swell."""


def replace_subtree(ground: Ground, rng: random.Random) -> Change | None:
    """Replace an expression by another one of the same program, or by a grown one."""
    source = parse(ground.text)
    target = _target(source, rng)
    if source is None or target is None:
        return None
    if rng.random() < 0.5:
        new: str | None = tidy(grow(soil_at(source, target), rng, depth=rng.choice((1, 1, 2, 3))))
    else:
        new = _transplant(source, target, source, rng)
    return None if new is None else Change(source.put(target, new))


def crossover_subtree(ground: Ground, rng: random.Random) -> Change | None:
    """Replace an expression by one of another elite whose names exist here."""
    donor = rng.choice(ground.donors)
    source, other = parse(ground.text), parse(donor.text)
    target = _target(source, rng)
    if source is None or other is None or target is None:
        return None
    new = _transplant(source, target, other, rng)
    if new is None:
        return None
    old = source.source(target)
    if rng.random() < 0.3:
        new = tidy(f"({old}) {rng.choice('+-*')} ({new})")
    return Change(source.put(target, new), (donor.number,))


def hoist_operand(ground: Ground, rng: random.Random) -> Change | None:
    """Replace an expression by one of the expressions inside it."""
    source = parse(ground.text)
    if source is None:
        return None
    outer = [node for node in source.expressions if operands(source, node)]
    if not outer:
        return None
    target = rng.choice(outer)
    return Change(source.put(target, source.source(rng.choice(operands(source, target)))))


def operands(source: PySource, node: ast.expr) -> list[ast.expr]:
    """The replaceable expressions directly inside an expression."""
    return [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr) and child in source.texts]


def _target(source: PySource | None, rng: random.Random) -> ast.expr | None:
    """An expression to replace: uniformly, but operators count double (they are where meaning sits)."""
    if source is None or not source.expressions:
        return None
    weights = [2.0 if isinstance(node, (ast.BinOp, ast.Call)) else 1.0 for node in source.expressions]
    return rng.choices(source.expressions, weights)[0]


def _transplant(source: PySource, target: ast.expr, donor: PySource, rng: random.Random) -> str | None:
    scope = scope_at(source, target)
    old = source.texts[target]
    for node in rng.sample(donor.expressions, min(8, len(donor.expressions))):
        new = donor.texts[node]
        if new != old and len(new) <= _LONGEST and scope.allows(donor.free_names[node]):
            return new
    return None


OPERATORS = (
    Operator("replace_subtree", Syntax.PYTHON, replace_subtree),
    Operator("crossover_subtree", Syntax.PYTHON, crossover_subtree, needs_donor=True),
    Operator("hoist_operand", Syntax.PYTHON, hoist_operand, shrinks=True),
)
