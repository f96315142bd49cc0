"""Duplicate, delete, move, copy whole statements of Python functions."""

from __future__ import annotations

import ast
import random
import textwrap

from evolve.scaffold.operators.base import Change, Ground, Operator, Syntax
from evolve.scaffold.pyscope import scope_at
from evolve.scaffold.pyspan import PySource, parse
from evolve.scaffold.regions import Span, splice


def rearrange_statement(ground: Ground, rng: random.Random) -> Change | None:
    """Duplicate, delete or move one statement of a function."""
    source = parse(ground.text)
    if source is None or not source.statements:
        return None
    statement = rng.choice(source.statements)
    roll = rng.random()
    if roll < 0.35:
        text = delete(source, statement)
    elif roll < 0.6:
        text = _copy(source, statement, statement)
    else:
        text = _move(source, statement, rng)
    return None if text is None else Change(text)


def transplant_statement(ground: Ground, rng: random.Random) -> Change | None:
    """Copy a statement of another elite to a place where all names it reads are known."""
    donor = rng.choice(ground.donors)
    source, other = parse(ground.text), parse(donor.text)
    if source is None or other is None or not source.statements or not other.statements:
        return None
    place = rng.choice(source.statements)
    scope = scope_at(source, place)
    foreign = [
        node for node in other.statements if scope.allows(other.free_names[node]) and not isinstance(node, ast.Return)
    ]
    if not foreign:
        return None
    block = _block(other, rng.choice(foreign))
    return Change(_insert(source, place, block), (donor.number,))


def delete(source: PySource, statement: ast.stmt) -> str | None:
    """The text without a statement, or None when its block would be empty or it is the function's last return."""
    block = _siblings(source, statement)
    lines = source.lines_of(statement)
    if lines is None or len(block) < 2:
        return None
    return splice(source.text, (lines, ""))


def _copy(source: PySource, statement: ast.stmt, place: ast.stmt) -> str | None:
    return None if isinstance(statement, ast.Return) else _insert(source, place, _block(source, statement))


def _move(source: PySource, statement: ast.stmt, rng: random.Random) -> str | None:
    """Move a statement before another one of its block (swapping neighbours is the common case)."""
    block = _siblings(source, statement)
    places = [node for node in block if node is not statement and node in source.statements]
    lines = source.lines_of(statement)
    if not places or lines is None:
        return None
    place = rng.choice(places)
    target = source.lines_of(place)
    if target is None:
        return None
    return splice(source.text, (lines, ""), (Span(target.start, target.start), lines.of(source.text)))


def _insert(source: PySource, place: ast.stmt, block: str) -> str:
    lines = source.lines_of(place) or source.span(place)
    return splice(source.text, (Span(lines.start, lines.start), textwrap.indent(block, source.indent_of(place))))


def _block(source: PySource, statement: ast.stmt) -> str:
    """A statement's lines, without their indentation."""
    lines = source.lines_of(statement)
    text = ast.unparse(statement) if lines is None else textwrap.dedent(lines.of(source.text))
    return text if text.endswith("\n") else f"{text}\n"


def _siblings(source: PySource, statement: ast.stmt) -> list[ast.stmt]:
    """The statements of the block that holds this one."""
    parent = source.parents[statement]
    for _, value in ast.iter_fields(parent):
        if isinstance(value, list) and statement in value:
            return value
    return []


OPERATORS = (
    Operator("rearrange_statement", Syntax.PYTHON, rearrange_statement, shrinks=True),
    Operator("transplant_statement", Syntax.PYTHON, transplant_statement, needs_donor=True),
)
