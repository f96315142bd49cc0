"""Perturb number literals: a little, a lot, to a neighbour, to another sign or to a common constant."""

from __future__ import annotations

import random

from evolve.scaffold.literals import Literal, literals, rewrite
from evolve.scaffold.operators.base import Change, Ground, Operator, Syntax

COMMON = (0.0, 1.0, -1.0, 2.0, 0.5, 3.0, 10.0, 0.1, 0.25, 100.0, 0.01, 4.0, 5.0, 1e-3, 1e-6)
_SCALES = (0.02, 0.1, 0.3, 1.0)


def perturb_constant(ground: Ground, rng: random.Random) -> Change | None:
    """Change one literal, sometimes two or three."""
    found = literals(ground.text, ground.python)
    if not found:
        return None
    count = min(len(found), rng.choice((1, 1, 1, 2, 3)))
    chosen = rng.sample(found, count)
    return Change(rewrite(ground.text, {literal: _moved(literal, rng) for literal in chosen}))


def _moved(literal: Literal, rng: random.Random) -> str:
    if literal.whole:
        near = rng.random() < 0.6
        return literal.write(_moved_integer(int(literal.value), rng) if near else _scaled(literal.value, rng))
    if literal.integer and rng.random() < 0.8:
        return literal.write(_moved_integer(int(literal.value), rng))
    roll = rng.random()
    if roll < 0.6:
        return literal.write(_scaled(literal.value, rng), digits=4, integer=False)
    if roll < 0.7:
        return literal.write(-literal.value, digits=12, integer=False)
    if roll < 0.8:
        return literal.write(literal.value * 10 ** rng.choice((-1, 1)), digits=6, integer=False)
    return literal.write(rng.choice(COMMON), integer=False)


def _moved_integer(value: int, rng: random.Random) -> int:
    near = (value + 1, value - 1, value + 1, value - 1, value + 2, value - 2, value * 2, value // 2, value * 10, 0, 1)
    return rng.choice(near)


def _scaled(value: float, rng: random.Random) -> float:
    """A gaussian step relative to the size of the value; a step of about one where the value is zero."""
    return value + rng.gauss(0.0, rng.choice(_SCALES)) * (abs(value) or 1.0)


OPERATOR = Operator("perturb_constant", Syntax.ANY, perturb_constant)
