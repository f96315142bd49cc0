"""Wrap an expression in an idiom of numpy (or of plain Python where numpy is not imported)."""

from __future__ import annotations

import random

from evolve.scaffold.operators.base import Change, Ground, Operator, Syntax, pick
from evolve.scaffold.operators.grow import Soil, grow, leaf, number, soil_at
from evolve.scaffold.pyspan import parse, tidy

_ARRAY = {
    "{np}.abs({e})": 1.0,
    "{np}.sqrt({np}.abs({e}))": 1.0,
    "{np}.log1p({np}.abs({e}))": 1.0,
    "{np}.exp({e})": 0.5,
    "{np}.exp(-{e})": 1.0,
    "{np}.tanh({e})": 0.5,
    "({e}) ** {c}": 1.0,
    "{np}.abs({e}) ** {c}": 1.0,
    "{np}.maximum({e}, {t})": 1.5,
    "{np}.minimum({e}, {t})": 1.5,
    "{np}.clip({e}, {c}, {t})": 0.5,
    "{np}.where({a} < {b}, {e}, {t})": 2.0,
    "{np}.where({a} > {b}, {t}, {e})": 2.0,
    "{np}.where({a} == {b}, {t}, {e})": 0.7,
    "({e}) - {np}.roll({e}, 1)": 0.4,
    "{np}.diff({e}, prepend=0.0)": 0.3,
    "{np}.cumsum({e})": 0.2,
    "-({e})": 0.5,
}
_SCALAR = {
    "abs({e})": 1.0,
    "abs({e}) ** 0.5": 1.0,
    "({e}) ** {c}": 1.0,
    "max({e}, {t})": 1.5,
    "min({e}, {t})": 1.5,
    "({e} if {a} < {b} else {t})": 2.0,
    "({t} if {a} > {b} else {e})": 2.0,
    "{math}.log1p(abs({e}))": 0.7,
    "{math}.exp(-abs({e}))": 0.7,
    "-({e})": 0.5,
    "int({e})": 0.2,
}


def wrap_idiom(ground: Ground, rng: random.Random) -> Change | None:
    """Wrap one expression; what the idiom needs besides comes from the names in scope."""
    source = parse(ground.text)
    if source is None or not source.expressions:
        return None
    target = rng.choice(source.expressions)
    soil = soil_at(source, target)
    new = _wrap(soil, source.source(target), rng)
    return Change(source.put(target, new))


def _wrap(soil: Soil, expression: str, rng: random.Random) -> str:
    templates = soil.allowed(_ARRAY if soil.numpy else _SCALAR)
    parts = {
        "e": expression,
        "c": number(rng),
        "t": grow(soil, rng, depth=rng.choice((0, 1, 1, 2))),
        "a": grow(soil, rng, depth=rng.choice((0, 1))),
        "b": leaf(soil, rng),
    }
    return tidy(soil.fill(pick(rng, templates), **parts))


OPERATOR = Operator("wrap_idiom", Syntax.PYTHON, wrap_idiom)
