"""Random small expressions over the names in scope: the new material the other operators plant."""

from __future__ import annotations

import ast
import math
import random
from dataclasses import dataclass

from evolve.scaffold.operators.base import pick
from evolve.scaffold.operators.constants import COMMON
from evolve.scaffold.pyscope import Scope, module_aliases, scope_at
from evolve.scaffold.pyspan import PySource

_LONGEST_PIECE = 60
"""Characters of the longest piece of the function that is planted again as it is."""

_ARRAY_UNARY = {
    "{np}.abs({x})": 3.0,
    "{np}.sqrt({np}.abs({x}))": 2.0,
    "{np}.log1p({np}.abs({x}))": 2.0,
    "{np}.exp(-{np}.abs({x}))": 2.0,
    "{np}.exp(-{x})": 1.0,
    "{np}.square({x})": 2.0,
    "{np}.tanh({x})": 1.0,
    "{np}.sign({x})": 0.5,
    "{np}.floor({x})": 0.5,
    "{np}.sin({x})": 0.5,
    "(1.0 / (1.0 + {np}.abs({x})))": 1.5,
    "({x} == 0)": 1.0,
    "({x}) ** 2": 1.0,
    "({x}) ** 3": 0.5,
}
_SCALAR_UNARY = {
    "abs({x})": 3.0,
    "abs({x}) ** 0.5": 2.0,
    "({x}) ** 2": 2.0,
    "(1.0 / (1.0 + abs({x})))": 2.0,
    "{math}.log1p(abs({x}))": 1.0,
    "{math}.exp(-abs({x}))": 1.0,
    "{math}.tanh({x})": 0.5,
    "{math}.sin({x})": 0.5,
}
_ARRAY_BINARY = {
    "{np}.maximum({x}, {y})": 2.0,
    "{np}.minimum({x}, {y})": 2.0,
    "({x} < {y})": 1.5,
    "({x} > {y})": 1.5,
    "({x} == {y})": 0.5,
    "({x} % {y})": 0.5,
    "{np}.where({x} < {y}, {z}, {w})": 2.0,
}
_SCALAR_BINARY = {
    "max({x}, {y})": 2.0,
    "min({x}, {y})": 2.0,
    "({z} if {x} < {y} else {w})": 2.0,
    "({x} % {y})": 0.5,
}
_PLAIN_BINARY = {
    "({x} + {y})": 2.0,
    "({x} - {y})": 3.0,
    "({x} * {y})": 3.0,
    "({x} / {y})": 3.0,
}


@dataclass(frozen=True)
class Soil:
    """What expressions can be made of at one place: variables, pieces of the same function, and imported modules."""

    scope: Scope
    pieces: tuple[str, ...]
    numpy: str | None
    math: str | None

    @property
    def unary(self) -> dict[str, float]:
        """Templates over `{x}` that the program's imports allow."""
        return self.allowed(_ARRAY_UNARY if self.numpy else _SCALAR_UNARY)

    @property
    def binary(self) -> dict[str, float]:
        """Templates over `{x}` and `{y}` (`{z}`, `{w}`) that the program's imports allow."""
        return {**_PLAIN_BINARY, **self.allowed(_ARRAY_BINARY if self.numpy else _SCALAR_BINARY)}

    def allowed(self, templates: dict[str, float]) -> dict[str, float]:
        """The templates that need no module the program has not imported."""
        return {text: weight for text, weight in templates.items() if self.math or "{math}" not in text}

    def fill(self, template: str, **parts: str) -> str:
        """A template with its parts and this program's module names filled in."""
        return template.format(np=self.numpy, math=self.math, **parts)


def soil_at(source: PySource, node: ast.AST) -> Soil:
    """What can be used at `node`: names bound before it and small pieces of code that need no others."""
    scope = scope_at(source, node)
    aliases = module_aliases(source.text)
    pieces = [
        text
        for piece, text in source.texts.items()
        if isinstance(piece, (ast.BinOp, ast.Call, ast.Subscript))
        and len(text) <= _LONGEST_PIECE
        and scope.allows(source.free_names[piece])
    ]
    return Soil(scope, tuple(pieces), aliases.get("numpy"), aliases.get("math"))


def grow(soil: Soil, rng: random.Random, depth: int = 2) -> str:
    """A random expression of at most `depth` operators above its leaves."""
    roll = rng.random()
    if depth <= 0 or roll < 0.15:
        return leaf(soil, rng)
    if roll < 0.45:
        return soil.fill(pick(rng, soil.unary), x=grow(soil, rng, depth - 1))
    parts = {name: grow(soil, rng, depth - 1) if name == "x" else leaf(soil, rng) for name in "xyzw"}
    return soil.fill(pick(rng, soil.binary), **parts)


def leaf(soil: Soil, rng: random.Random) -> str:
    """A variable, a piece of the function, or a number."""
    roll = rng.random()
    if roll < 0.55 and soil.scope.variables:
        return rng.choice(soil.scope.variables)
    if roll < 0.75 and soil.pieces:
        return f"({rng.choice(soil.pieces)})"
    return number(rng)


def number(rng: random.Random) -> str:
    """A positive constant: a common one, a small whole number, or log-uniform between 0.001 and 1000."""
    roll = rng.random()
    if roll < 0.4:
        return repr(abs(rng.choice(COMMON)))
    if roll < 0.6:
        return str(rng.randint(1, 10))
    return f"{math.exp(rng.uniform(math.log(1e-3), math.log(1e3))):.3g}"
