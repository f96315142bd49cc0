"""Crossover of whole functions: take another elite's version of one."""

from __future__ import annotations

import random
import textwrap

from evolve.scaffold.operators.base import Change, Ground, Operator, Syntax
from evolve.scaffold.pyscope import scope_at
from evolve.scaffold.pyspan import FunctionNode, PySource, parse
from evolve.scaffold.regions import Span, splice


def swap_function(ground: Ground, rng: random.Random) -> Change | None:
    """Replace a function by the same-named one of another elite, where that differs."""
    donor = rng.choice(ground.donors)
    source, other = parse(ground.text), parse(donor.text)
    if source is None or other is None:
        return None
    theirs = {node.name: node for node in other.functions}
    pairs = [(node, theirs[node.name]) for node in source.functions if node.name in theirs]
    pairs = [(mine, his) for mine, his in pairs if source.span(mine).of(source.text) != other.span(his).of(other.text)]
    if len(pairs) < 2:
        return None  # programs that differ in one function only: the child would be the donor
    mine, his = rng.choice(pairs)
    if not scope_at(source, mine.body[0]).allows(other.free_names[his]):
        return None
    return Change(splice(ground.text, _replacement(source, mine, other, his)), (donor.number,))


def _replacement(source: PySource, mine: FunctionNode, other: PySource, his: FunctionNode) -> tuple[Span, str]:
    """The donor's function, decorators included, at the indentation of ours."""
    theirs = other.span(his)
    line_start = other.text.rfind("\n", 0, theirs.start) + 1
    indent = source.indent_of(mine)
    block = textwrap.indent(textwrap.dedent(other.text[line_start : theirs.end]), indent)
    return source.span(mine), block.removeprefix(indent)


OPERATOR = Operator("swap_function", Syntax.PYTHON, swap_function, needs_donor=True)
