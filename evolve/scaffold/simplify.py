"""Shortens the winner before it is shown: systematic cuts, the biggest first, each kept only if the score holds.

A cut is known by a digest of what it removes and puts there, so that a cut that failed on the winner is not
tried again on the shorter program that replaced it.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from evolve.scaffold.base import OutcomeView
from evolve.scaffold.literals import Literal, digits_of, literals, rewrite
from evolve.scaffold.operators.statements import delete
from evolve.scaffold.operators.subtree import operands
from evolve.scaffold.pyspan import PySource, compiles, parse
from evolve.scaffold.regions import Span, editable_spans, splice

OPERATOR_NAME = "simplify"


@dataclass(frozen=True, slots=True)
class Cut:
    """A shorter text and the key under which its outcome is remembered."""

    key: str
    text: str

    @property
    def tag(self) -> str:
        """What identifies the cut in a draft and its outcome."""
        return f"{OPERATOR_NAME}:{self.key}"


class Simplifier:
    """Remembers which cuts were tried and whether the score held."""

    def __init__(self) -> None:
        self.held: dict[str, bool] = {}

    def observe(self, outcome: OutcomeView) -> None:
        """Note whether a cut kept the score."""
        key = outcome.tag.split(":", 1)[1]
        kept = outcome.score is not None and outcome.parent_score is not None and outcome.score >= outcome.parent_score
        self.held[key] = kept

    def next_cut(self, text: str, python: bool, under_way: frozenset[str]) -> Cut | None:
        """The biggest cut not tried yet, or None when all were."""
        cuts = [*_shorter(text, python), *_rounding_cuts(text, python, self.held)]
        for cut in sorted(cuts, key=lambda cut: len(cut.text)):
            fresh = cut.key not in self.held and cut.tag not in under_way
            if fresh and len(cut.text) < len(text) and (not python or compiles(cut.text)):
                return cut
        return None


@lru_cache(maxsize=4)
def _shorter(text: str, python: bool) -> tuple[Cut, ...]:
    """Every cut of code that makes the text shorter; the same for as long as the text stays the winner."""
    return tuple(cut for cut in _code_cuts(text, python) if len(cut.text) < len(text))


def _code_cuts(text: str, python: bool) -> Iterator[Cut]:
    source = parse(text) if python else None
    if source is None:
        yield from _line_cuts(text)
        return
    for statement in source.statements:
        shorter = delete(source, statement)
        if shorter is not None:
            # Deleting it is worth another try once fewer places read what it binds.
            reads = sum(len(_reads(source, statement, name)) for name in _bound_names(statement))
            yield Cut(_key("statement", source.source(statement), str(reads)), shorter)
        yield from _inlined(source, statement)
    yield from _unused_definitions(source)
    for node in source.expressions:
        yield from _expression_cuts(source, node)


def _inlined(source: PySource, statement: ast.stmt) -> Iterator[Cut]:
    """A variable that is read in one place, written there as the expression it stands for."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return
    target, lines = statement.targets[0], source.lines_of(statement)
    if not isinstance(target, ast.Name) or lines is None:
        return
    reads = _reads(source, statement, target.id)
    if len(reads) == 1 and source.span(reads[0]).start >= lines.end and reads[0] in source.texts:
        value = source.source(statement.value)
        yield Cut(_key("inline", target.id, value), splice(source.put(reads[0], value), (lines, "")))


def _bound_names(statement: ast.stmt) -> set[str]:
    names = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
    return {node.id for node in names if isinstance(node.ctx, ast.Store)}


def _reads(source: PySource, statement: ast.stmt, name: str) -> list[ast.Name]:
    """Where the function around a statement reads a name."""
    names = (node for node in ast.walk(source.function_of(statement) or source.tree) if isinstance(node, ast.Name))
    return [node for node in names if node.id == name and isinstance(node.ctx, ast.Load)]


def _expression_cuts(source: PySource, node: ast.expr) -> Iterator[Cut]:
    """An expression replaced by one of its operands, or by zero or one."""
    if isinstance(node, (ast.Constant, ast.Name)):
        return
    old, place = source.source(node), type(source.parents[node]).__name__
    for new in [*(source.source(operand) for operand in operands(source, node)), "0", "1"]:
        yield Cut(_key(place, old, new), source.put(node, new))


def _unused_definitions(source: PySource) -> Iterator[Cut]:
    """Top-level functions of the editable regions without the one definition of them."""
    for function in source.functions:
        span = source.span(function)
        start = source.text.rfind("\n", 0, span.start) + 1
        rest = source.text[span.end :]
        lines = Span(start, len(source.text) - len(rest.lstrip("\r\n")))
        used = any(isinstance(node, ast.Name) and node.id == function.name for node in ast.walk(source.tree))
        if not used and len(source.functions) > 1 and isinstance(source.parents[function], ast.Module):
            yield Cut(_key("function", function.name), splice(source.text, (lines, "")))


def _line_cuts(text: str) -> Iterator[Cut]:
    for region in editable_spans(text):
        lines = region.of(text).splitlines(keepends=True)
        for index, line in enumerate(lines):
            if line.strip():
                shorter = "".join(lines[:index] + lines[index + 1 :])
                yield Cut(_key("line", line), splice(text, (region, shorter)))


def _rounding_cuts(text: str, python: bool, held: dict[str, bool]) -> Iterator[Cut]:
    """Literals written with fewer digits: all at once, then each; the number of digits by bisection."""
    numbers = [literal for literal in literals(text, python) if not literal.integer]
    if not numbers:
        return
    groups: list[list[Literal]] = [numbers] if len(numbers) > 1 else []
    for group in [*groups, *([literal] for literal in numbers)]:
        present = max(digits_of(literal.span.of(text)) for literal in group)
        name = _key("digits", *(literal.write(literal.value, digits=3, integer=False) for literal in group))
        failed = max((d for d in range(present) if held.get(f"{name}.{d}") is False), default=0)
        if failed + 1 >= present:
            continue
        digits = (failed + 1 + present) // 2 if failed else max(1, min(2, present - 1))
        changes = {literal: literal.write(literal.value, digits=digits, integer=False) for literal in group}
        yield Cut(f"{name}.{digits}", rewrite(text, {item: _short(new) for item, new in changes.items()}))


def _short(number: str) -> str:
    return number[:-2] + "." if number.endswith(".0") and len(number) > 2 else number


def _key(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=9).hexdigest()
