"""Which names a piece of Python may use at a place: the reason most transplanted expressions still run."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from evolve.scaffold.pyspan import FunctionNode, PySource, parse
from evolve.scaffold.regions import Span

BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))


class Binding(NamedTuple):
    """A name and the stretch of text in which it is bound; `value` is False for modules, functions and classes."""

    name: str
    span: Span
    value: bool


class Scope(NamedTuple):
    """What is visible at one place: variables (in order of binding) and everything callable or importable."""

    variables: tuple[str, ...]
    others: frozenset[str]
    usable: frozenset[str]

    def allows(self, names: frozenset[str]) -> bool:
        """Whether all the names can be used here."""
        return names <= self.usable


def scope_at(source: PySource, node: ast.AST) -> Scope:
    """The names visible where `node` stands. Names of enclosing blocks count once bound further up."""
    place = source.span(node).start
    in_function = source.function_of(node) is not None
    variables: dict[str, None] = {}
    others: set[str] = set()
    for binding in _bindings(source.text, in_function):
        if binding.span.start <= place < binding.span.end:
            if binding.value:
                variables[binding.name] = None
            else:
                others.add(binding.name)
    values = tuple(name for name in variables if name not in others)
    return Scope(values, frozenset(others), BUILTINS.union(variables, others))


@lru_cache(maxsize=512)
def module_aliases(text: str) -> dict[str, str]:
    """`{module: name it is used under}` of the plain imports of a program, e.g. `{"numpy": "np"}`."""
    source = parse(text)
    if source is None:
        return {}
    imports = [node for node in source.parents if isinstance(node, ast.Import)]
    return {alias.name: alias.asname or alias.name for node in imports for alias in node.names}


@lru_cache(maxsize=1024)
def _bindings(text: str, in_function: bool) -> tuple[Binding, ...]:
    source = parse(text)
    if source is None:
        return ()
    return tuple(binding for node in source.parents for binding in _bound_by(source, node, in_function))


def _bound_by(source: PySource, node: ast.AST, in_function: bool) -> Iterator[Binding]:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        for alias in node.names:
            yield Binding((alias.asname or alias.name).split(".")[0], _home(source, node, in_function), False)
    elif isinstance(node, FunctionNode | ast.ClassDef):
        yield Binding(node.name, _home(source, node, in_function), False)
    elif isinstance(node, ast.arg):
        holder = source.parents[source.parents[node]]
        yield Binding(node.arg, source.span(holder), True)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield Binding(node.id, _home(source, node, in_function), True)


def _home(source: PySource, node: ast.AST, in_function: bool) -> Span:
    """From where a binding made at `node` can be read, to the end of the function or module around it."""
    inner = node
    while not isinstance(inner, (ast.stmt, ast.comprehension)):
        inner = source.parents[inner]
    if isinstance(inner, ast.comprehension):
        return source.span(source.parents[inner])
    function = source.function_of(inner)
    if function is None:
        return Span(0 if in_function else source.span(inner).end, len(source.text) + 1)
    loops = isinstance(inner, (ast.For, ast.AsyncFor, ast.With, ast.AsyncWith))
    return Span(source.span(node if loops else inner).end, source.span(function).end)
