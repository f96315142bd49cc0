"""Mending a program from its error message, and breaking one the way a slip of the pen does."""

from __future__ import annotations

import ast
import builtins
import difflib
import random
import re

from .mind_editing import Edit, said
from .mind_source import Source

_NAME = re.compile(r"name '(\w+)' is not defined")
_LINE = re.compile(r"\bline (\d+)")
_ZERO = re.compile(r"ZeroDivision|division by zero|divide by zero", re.IGNORECASE)
_SLOW = re.compile(r"timeout|timed out|too long", re.IGNORECASE)


def mended(text: str, about: str, rng: random.Random) -> Edit | None:
    """A repair the error message calls for; None when it names nothing one could do something about."""
    try:
        source = Source(text)
    except (SyntaxError, ValueError) as error:
        return _parsed(text, getattr(error, "lineno", None) or 1)
    name = _NAME.search(about)
    if name:
        return _named(source, name[1])
    if _ZERO.search(about):
        return _guarded(source, about, rng)
    return _faster(source, rng) if _SLOW.search(about) else None


def _parsed(text: str, line: int) -> Edit | None:
    """The smallest change of a line near the error after which the text is a program again."""
    lines = text.splitlines(keepends=True)
    for number in sorted(range(len(lines)), key=lambda each: abs(each - line + 1)):
        body = lines[number].rstrip("\n")
        indent = body[: len(body) - len(body.lstrip())]
        for fixed in (body + ")", body + ":", body.removesuffix(")"), body + "]", f"{indent}pass"):
            new = "".join([*lines[:number], fixed + "\n", *lines[number + 1 :]])
            try:
                ast.parse(new)
            except (SyntaxError, ValueError):
                continue
            return Edit(new, f"Repair the syntax of line {number + 1}.", "repair")
    return None


def _named(source: Source, name: str) -> Edit | None:
    if name in ("math", "random", "itertools", "functools"):
        first = min(source.open, default=1) - 1
        lines = source.text.splitlines(keepends=True)
        return Edit("".join([*lines[:first], f"import {name}\n", *lines[first:]]), f"Import `{name}`.", "repair")
    sites = [node for node in ast.walk(source.tree) if isinstance(node, ast.Name) and node.id == name]
    sites = [node for node in sites if source.editable(node)]
    if not sites:
        return None
    scope = source.scope(sites[0]) - {name}
    near = difflib.get_close_matches(name, scope - set(dir(builtins)), 1, 0.5) or source.terms(sites[0])[:1]
    if not near:
        return None
    text = source.replaced([(*source.span(node), near[0]) for node in sites])
    return Edit(text, f"Use `{near[0]}` where `{name}` was not defined.", "repair")


def _guarded(source: Source, about: str, rng: random.Random) -> Edit | None:
    found = [node for node in source.expressions if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)]
    named = {int(line) for line in _LINE.findall(about)}
    found = [node for node in found if node.lineno in named] or found
    if not found:
        return None
    divisor = rng.choice(found).right
    new = f"({source.code(divisor)} or 1e-9)"
    text = source.replaced([(*source.span(divisor), new)])
    return Edit(text, f"Guard the division by `{source.code(divisor)}` against zero.", "repair")


def _faster(source: Source, rng: random.Random) -> Edit | None:
    large = [constant for constant in source.constants if constant.whole and constant.value > 10]
    if not large:
        return None
    constant = rng.choices(large, [each.value for each in large])[0]
    text = source.replaced([(constant.start, constant.end, str(int(constant.value // 4)))])
    return Edit(text, f"Lower {said(constant.value)} to a quarter, to be done in time.", "repair")


def by_text(text: str, rng: random.Random) -> Edit | None:
    """Another value for a number in a text that is no Python."""
    numbers = list(re.finditer(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])", text))
    if not numbers:
        return None
    chosen = rng.choice(numbers)
    new = said(float(chosen[0]) * rng.uniform(0.6, 1.6) + rng.choice((0, 0, 1)), 3)
    if "." not in chosen[0]:
        new = str(round(float(new)))
    if new == chosen[0]:
        return None
    return Edit(text[: chosen.start()] + new + text[chosen.end() :], f"Change {chosen[0]} to {new}.", "number")


def broken(text: str, rng: random.Random) -> str:
    """A slip: a name that does not exist, or a bracket too few."""
    try:
        source = Source(text)
    except (SyntaxError, ValueError):
        return text
    names = [node for node in source.expressions if isinstance(node, ast.Name)]
    calls = [node for node in source.expressions if isinstance(node, ast.Call)]
    if calls and rng.random() < 0.3:
        _, end = source.span(rng.choice(calls))
        return source.replaced([(end - 1, end, "")])
    if not names:
        return text
    node = rng.choice(names)
    return source.replaced([(*source.span(node), f"{node.id}_value")])
