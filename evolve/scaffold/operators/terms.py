"""Insert a new term: `e` becomes `e + c * t`, `e * (1 + c * t)`, or a statement that changes a variable by a term."""

from __future__ import annotations

import ast
import random
import textwrap

from evolve.scaffold.operators.base import Change, Ground, Operator, Syntax, pick
from evolve.scaffold.operators.grow import Soil, grow, leaf, number, soil_at
from evolve.scaffold.pyspan import PySource, parse, tidy
from evolve.scaffold.regions import Span, splice

_TERMS = {
    "({e}) + {c} * {t}": 3.0,
    "({e}) - {c} * {t}": 3.0,
    "({e}) + {t}": 1.0,
    "({e}) - {t}": 1.0,
    "({e}) * {t}": 1.0,
    "({e}) / {t}": 1.0,
    "({e}) * (1.0 + {c} * {t})": 0.5,
}
_STATEMENTS = {
    "{v} = {v} + {c} * {t}": 2.0,
    "{v} = {v} - {c} * {t}": 2.0,
    "{v} = {v} * {t}": 1.0,
}
_MASKED = {
    "{v} = {np}.where({a} < {b}, {t}, {v})": 1.0,
    "{v} = {np}.where({a} > {b}, {v} * {c}, {v})": 1.0,
    "{v} = {np}.where({a} > {b}, -{v}, {v})": 1.0,
    "{v}[1:] -= {v}[:-1]": 0.3,
}
_BRANCHED = {
    "if {a} < {b}: {v} = {t}": 1.0,
    "if {a} > {b}: {v} = {v} * {c}": 1.0,
}


def insert_term(ground: Ground, rng: random.Random) -> Change | None:
    """Add a term to an expression, preferring whole values (what is returned or assigned)."""
    source = parse(ground.text)
    if source is None or not source.expressions:
        return None
    whole = [node for node in source.expressions if isinstance(source.parents[node], (ast.Return, ast.Assign))]
    target = rng.choice(whole) if whole and rng.random() < 0.6 else rng.choice(source.expressions)
    soil = soil_at(source, target)
    new = tidy(soil.fill(pick(rng, _TERMS), e=source.source(target), **_parts(soil, rng)))
    return Change(source.put(target, new))


def insert_statement(ground: Ground, rng: random.Random) -> Change | None:
    """Insert a line that changes a variable before a statement in whose place it is known."""
    source = parse(ground.text)
    if source is None or not source.statements:
        return None
    before = rng.choice(source.statements)
    lines = source.lines_of(before)
    soil = soil_at(source, before)
    if lines is None or not soil.scope.variables:
        return None
    templates = {**_STATEMENTS, **(_MASKED if soil.numpy else _BRANCHED)}
    variable = _read_later(source, before, soil, rng)
    new = ast.unparse(ast.parse(soil.fill(pick(rng, templates), v=variable, **_parts(soil, rng))))
    block = textwrap.indent(f"{new}\n", source.indent_of(before))
    return Change(splice(ground.text, (Span(lines.start, lines.start), block)))


def _parts(soil: Soil, rng: random.Random) -> dict[str, str]:
    term = grow(soil, rng, depth=rng.choice((1, 1, 2, 2, 3)))
    return {"c": number(rng), "t": f"({term})", "a": grow(soil, rng, depth=rng.choice((0, 1))), "b": leaf(soil, rng)}


def _read_later(source: PySource, before: ast.stmt, soil: Soil, rng: random.Random) -> str:
    """A variable that the statement or a later one of the same function reads, or any when there is none."""
    function = source.function_of(before)
    place = source.span(before).start
    read = {
        node.id
        for node in ast.walk(function or source.tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and source.span(node).start >= place
    }
    useful = [name for name in soil.scope.variables if name in read]
    return rng.choice(useful or soil.scope.variables)


OPERATORS = (
    Operator("insert_term", Syntax.PYTHON, insert_term),
    Operator("insert_statement", Syntax.PYTHON, insert_statement),
)
