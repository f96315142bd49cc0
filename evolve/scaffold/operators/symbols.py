"""Swap one symbol for another of its kind: arithmetic, comparison, boolean operators, operands, sibling functions."""

from __future__ import annotations

import ast
import random
import re

from evolve.scaffold.operators.base import Change, Ground, Operator, Syntax
from evolve.scaffold.pyspan import PySource, parse
from evolve.scaffold.regions import Span, splice

_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.FloorDiv: "//",
    ast.Mod: "%",
}
_WEIGHTED_ARITHMETIC = ("+", "-", "*", "/", "+", "-", "*", "/", "**", "//", "%")
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_SIBLINGS = (
    ("min", "max"),
    ("any", "all"),
    ("minimum", "maximum"),
    ("argmin", "argmax"),
    ("floor", "ceil", "round"),
    ("sin", "cos"),
    ("mean", "median", "sum", "std", "max", "min"),
    ("sqrt", "log1p", "abs", "square", "tanh", "exp", "cbrt"),
    ("cumsum", "cumprod"),
    ("zeros", "ones"),
)


def swap_symbol(ground: Ground, rng: random.Random) -> Change | None:
    """Swap one operator, comparison, pair of operands or function name."""
    source = parse(ground.text)
    if source is None:
        return None
    places: list[ast.expr | ast.stmt] = [
        *source.expressions,
        *(node for node in source.statements if isinstance(node, ast.AugAssign)),
    ]
    for node in rng.sample(places, len(places)):
        text = _swap_assignment(source, node, rng) if isinstance(node, ast.stmt) else _swap(source, node, rng)
        if text is not None:
            return Change(text)
    return None


def _swap(source: PySource, node: ast.expr, rng: random.Random) -> str | None:
    if isinstance(node, ast.BinOp):
        return _swap_operands(source, node, rng) if rng.random() < 0.3 else _swap_arithmetic(source, node, rng)
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARISONS:
        old = _COMPARISONS[type(node.ops[0])]
        new = rng.choice([symbol for symbol in _COMPARISONS.values() if symbol != old])
        return _between(source, node.left, node.comparators[0], old, new)
    if isinstance(node, ast.BoolOp):
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        return _between(source, node.values[0], node.values[1], old, new) if len(node.values) == 2 else None
    if isinstance(node, ast.UnaryOp):
        return source.put(node, source.source(node.operand))
    if isinstance(node, ast.Call):
        return _swap_function(source, node, rng)
    return None


def _swap_arithmetic(source: PySource, node: ast.BinOp, rng: random.Random) -> str | None:
    old = _ARITHMETIC.get(type(node.op))
    if old is None:
        return None
    new = rng.choice([symbol for symbol in _WEIGHTED_ARITHMETIC if symbol != old])
    left, right = _operand(source, node.left), _operand(source, node.right)
    return source.put(node, f"{left} {new} {right}")


def _swap_operands(source: PySource, node: ast.BinOp, rng: random.Random) -> str | None:
    symbol = _ARITHMETIC.get(type(node.op))
    if symbol is None or (isinstance(node.op, (ast.Add, ast.Mult)) and rng.random() < 0.9):
        return None  # swapping the operands of + and * changes nothing
    return source.put(node, f"{_operand(source, node.right)} {symbol} {_operand(source, node.left)}")


def _operand(source: PySource, node: ast.expr) -> str:
    """An operand as it stands; in parentheses when it holds an operator, whose precedence may no longer do."""
    text = source.source(node)
    loose = (ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Lambda)
    return f"({text})" if isinstance(node, loose) else text


def _swap_function(source: PySource, node: ast.Call, rng: random.Random) -> str | None:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    families = [family for family in _SIBLINGS if name in family]
    if not families:
        return None
    end = source.span(node.func).end
    new = rng.choice([sibling for sibling in rng.choice(families) if sibling != name])
    if isinstance(node.func, ast.Name) and new not in ("min", "max", "any", "all", "round", "abs", "sum"):
        return None
    return splice(source.text, (Span(end - len(name), end), new))


def _swap_assignment(source: PySource, node: ast.stmt, rng: random.Random) -> str | None:
    if not isinstance(node, ast.AugAssign) or type(node.op) not in _ARITHMETIC:
        return None
    old = _ARITHMETIC[type(node.op)]
    new = rng.choice([symbol for symbol in _WEIGHTED_ARITHMETIC[:8] if symbol != old])
    return _between(source, node.target, node.value, f"{old}=", f"{new}=")


def _between(source: PySource, left: ast.AST, right: ast.AST, old: str, new: str) -> str | None:
    """Replace the symbol `old` that stands between two nodes (comments there are left alone)."""
    start, end = source.span(left).end, source.span(right).start
    match = re.search(rf"(?<![\w=<>!]){re.escape(old)}(?![\w=<>])", source.text[start:end])
    return None if match is None else splice(source.text, (Span(start + match.start(), start + match.end()), new))


OPERATOR = Operator("swap_symbol", Syntax.PYTHON, swap_symbol)
