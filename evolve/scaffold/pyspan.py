"""Python source that can be edited by span, so that layout and comments outside an edit survive.

`ast` gives every node a line and a UTF-8 *byte* column; here they become character spans of the text.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Any

from evolve.scaffold.regions import Span, editable_spans, splice

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_ATOMS = (ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.List, ast.Dict, ast.Set, ast.ListComp, ast.JoinedStr)
_TIGHT_PARENTS = (ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Attribute, ast.Subscript, ast.IfExp, ast.Starred)
_CODE = (ast.expr, ast.stmt)
_SHARED = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


class PySource:
    """One parsed Python file: its tree, the character span of every node, and what may be replaced.

    Raises SyntaxError (or ValueError for NUL bytes) when the text is not Python.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = ast.parse(text)
        self._spans: dict[ast.AST, Span] = {}
        self._lines = [match for match in _LINE.finditer(text) if match.group() or match.start() == 0]

    def span(self, node: ast.AST) -> Span:
        """Characters of a node, decorators of a function included."""
        span = self._spans.get(node)
        if span is None:
            span = self._spans[node] = self._measure(node)
        return span

    def _measure(self, node: Any) -> Span:
        decorators = getattr(node, "decorator_list", None)
        first = decorators[0] if decorators else node
        start = self._offset(first.lineno, first.col_offset) - (1 if decorators else 0)
        return Span(start, self._offset(node.end_lineno, node.end_col_offset))

    def source(self, node: ast.AST) -> str:
        """The node's own text; on one line whatever its layout was."""
        text = self.span(node).of(self.text)
        return ast.unparse(node) if "\n" in text or "\r" in text else text

    def _offset(self, line: int, column: int) -> int:
        match = self._lines[line - 1]
        text = match.group()
        if not text.isascii():
            column = len(text.encode("utf-8")[:column].decode("utf-8"))
        return match.start() + column

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The parent of every node but the root (and the shared context and operator nodes), breadth first."""
        found: dict[ast.AST, ast.AST] = {}
        level: list[ast.AST] = [self.tree]
        for node in level:
            for child in _children(node):
                found[child] = node
                level.append(child)
        return found

    @cached_property
    def free_names(self) -> dict[ast.AST, frozenset[str]]:
        """For every expression and statement, the names it reads and does not bind itself."""
        loaded: dict[ast.AST, set[str]] = {self.tree: set()}
        bound: dict[ast.AST, set[str]] = {self.tree: set()}
        for node in self.parents:
            loaded[node], bound[node] = set(), set()
            if isinstance(node, ast.Name):
                (loaded if isinstance(node.ctx, ast.Load) else bound)[node].add(node.id)
            elif isinstance(node, ast.arg):
                bound[node].add(node.arg)
        for node, parent in reversed(self.parents.items()):
            loaded[parent] |= loaded[node]
            bound[parent] |= bound[node]
        return {node: frozenset(loaded[node] - bound[node]) for node in loaded if isinstance(node, _CODE)}

    @cached_property
    def texts(self) -> dict[ast.expr, str]:
        """The text of every replaceable expression."""
        return {node: self.source(node) for node in self.expressions}

    @cached_property
    def expressions(self) -> tuple[ast.expr, ...]:
        """Expressions inside the editable regions whose value may be replaced by another, in source order."""
        found: list[ast.expr] = []
        regions = editable_spans(self.text)
        for node in _values(self.tree):
            span = self.span(node)
            if any(span.inside(region) for region in regions):
                found.append(node)
        return tuple(found)

    @cached_property
    def statements(self) -> tuple[ast.stmt, ...]:
        """Statements inside functions and the editable regions that stand alone on their lines, in source order."""
        found: list[ast.stmt] = []
        regions = editable_spans(self.text)
        for node in self.parents:
            if isinstance(node, ast.stmt) and self.function_of(node) is not None and not _is_docstring(node):
                lines = self.lines_of(node)
                if lines is not None and any(lines.inside(region) for region in regions):
                    found.append(node)
        return tuple(sorted(found, key=lambda node: (node.lineno, node.col_offset)))

    @cached_property
    def functions(self) -> tuple[FunctionNode, ...]:
        """Top-level functions and methods that lie whole inside an editable region."""
        regions = editable_spans(self.text)
        bodies = [self.tree.body, *(node.body for node in self.tree.body if isinstance(node, ast.ClassDef))]
        found = [node for body in bodies for node in body if isinstance(node, FunctionNode)]
        return tuple(node for node in found if any(self.span(node).inside(region) for region in regions))

    def lines_of(self, statement: ast.stmt) -> Span | None:
        """The whole lines a statement stands on, or None when it shares them with other code."""
        span = self.span(statement)
        start = self.text.rfind("\n", 0, span.start) + 1
        newline = self.text.find("\n", span.end)
        end = len(self.text) if newline < 0 else newline + 1
        before, after = self.text[start : span.start], self.text[span.end : end].strip()
        return Span(start, end) if not before.strip() and (not after or after.startswith("#")) else None

    def indent_of(self, statement: ast.stmt) -> str:
        """The white space before a statement that starts its line."""
        start = self.span(statement).start
        return self.text[self.text.rfind("\n", 0, start) + 1 : start]

    def function_of(self, node: ast.AST) -> FunctionNode | None:
        """The innermost function around a node (not the node itself)."""
        parent = self.parents.get(node)
        while parent is not None and not isinstance(parent, FunctionNode):
            parent = self.parents.get(parent)
        return parent

    def put(self, target: ast.expr, replacement: str) -> str:
        """The whole text with `replacement` in the place of an expression, in parentheses only where needed."""
        span = self.span(target)
        bare = splice(self.text, (span, replacement))
        if is_atomic(replacement):
            return bare
        safe = splice(self.text, (span, f"({replacement})"))
        around = self._operators_around(target)
        if around is target:
            return bare
        outer = self.span(around)
        end = outer.end + len(bare) - len(self.text)
        return bare if _same(bare[outer.start : end], safe[outer.start : end + 2]) else safe

    def _operators_around(self, node: ast.expr) -> ast.expr:
        """The largest expression around a node in which the node's precedence can matter."""
        while isinstance(parent := self.parents.get(node), _TIGHT_PARENTS):
            node = parent
        return node


@lru_cache(maxsize=128)
def parse(text: str) -> PySource | None:
    """The parsed source, or None when the text is not Python.

    Cached because parents come up again and again; not too long, because the garbage collector visits every node.
    """
    try:
        return PySource(text)
    except (SyntaxError, ValueError, RecursionError):
        return None


@lru_cache(maxsize=4096)
def is_atomic(expression: str) -> bool:
    """Whether an expression binds tighter than every operator, so that it needs no parentheses."""
    try:
        node = ast.parse(expression, mode="eval").body
    except (SyntaxError, ValueError):
        return False
    if isinstance(node, ast.Constant):
        return not isinstance(node.value, (int, float, complex)) or not expression.startswith("-")
    return isinstance(node, _ATOMS) or (isinstance(node, ast.Tuple) and expression.startswith("("))


def compiles(text: str) -> bool:
    """Whether the text is a Python program that compiles (warnings of the compiler do not matter)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "<candidate>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


def tidy(expression: str) -> str:
    """An expression on one line with no parentheses but the needed ones; raises SyntaxError when it is none."""
    return ast.unparse(ast.parse(expression, mode="eval").body)


def _same(left: str, right: str) -> bool:
    """Whether two expressions mean the same to the parser."""
    try:
        return ast.dump(ast.parse(f"({left})", mode="eval")) == ast.dump(ast.parse(f"({right})", mode="eval"))
    except (SyntaxError, ValueError):
        return False


def _values(tree: ast.Module) -> Iterator[ast.expr]:
    """Expressions that stand for a value of their own; no call targets, modules, strings, patterns or annotations."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        stack.extend(reversed(list(_inner(node))))
        if isinstance(node, ast.expr) and _replaceable(node):
            yield node


def _inner(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, (ast.JoinedStr, ast.match_case, ast.Import, ast.ImportFrom)):
        return
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "bases", "targets", "target", "type_params"):
            continue
        if name == "func" or (name == "value" and isinstance(node, ast.Attribute)):
            # A call target or the object of an attribute is no value of its own, but may hold some: f(x)[0].shape.
            if isinstance(value, (ast.Call, ast.BinOp, ast.Subscript, ast.Attribute)):
                yield from _inner(value)
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child


def _replaceable(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, (int, float, complex))
    if isinstance(node, (ast.Starred, ast.Slice, ast.JoinedStr, ast.GeneratorExp, ast.Yield, ast.YieldFrom, ast.Await)):
        return False
    if isinstance(node, (ast.Tuple, ast.NamedExpr)):
        return False
    return not isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del))


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Child nodes that have a place of their own."""
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            for item in value:
                if isinstance(item, ast.AST) and not isinstance(item, _SHARED):
                    yield item
        elif isinstance(value, ast.AST) and not isinstance(value, _SHARED):
            yield value


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
