"""Edits the mind can think of: numbers, operators, terms, conditions, borrowed code, and less of it all.

Every edit says in words what it does, and which numbers it moves, so that it can be held against what is known.
"""

from __future__ import annotations

import ast
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .mind_source import Constant, Source


@dataclass(frozen=True)
class Edit:
    """A new text of a program, the idea behind it, and the numbers it moves: `{key: change}`.

    `gain` is what speaks for it from where it came from (a better program, a hint), before all else is weighed.
    """

    text: str
    idea: str
    kind: str
    moves: dict[tuple[str, str, int], float] = field(default_factory=dict)
    gain: float = 0.0


Maker = Callable[[Source, random.Random], Edit | None]

_OPERATORS: dict[type[ast.AST], tuple[str, ...]] = {
    ast.Add: ("-", "*"), ast.Sub: ("+", "*"), ast.Mult: ("/", "+"), ast.Div: ("*", "-"),
    ast.Lt: ("<=", ">"), ast.LtE: ("<", ">"), ast.Gt: (">=", "<"), ast.GtE: (">", "<"),
}  # fmt: skip


def said(value: float, digits: int = 4) -> str:
    """A number as people write it."""
    return f"{value:.{digits}g}"


def moved(source: Source, changes: Sequence[tuple[Constant, float]], gain: float = 0.0) -> Edit | None:
    """The program with numbers at other values; None when rounding leaves them as they were."""
    real = [(constant, _as_written(constant, value)) for constant, value in changes]
    real = [(constant, text) for constant, text in real if float(text) != constant.value]
    if not real:
        return None
    constant, text = real[0]
    verb = "Raise" if float(text) > constant.value else "Lower"
    others = f" and {len(real) - 1} more" if len(real) > 1 else ""
    place = ", ".join(f"`{word}`" for word in _place(constant))
    return Edit(
        source.replaced([(each.start, each.end, _signed(new)) for each, new in real]),
        f"{verb} {said(constant.value)} to {text} in {place}{others}.",
        "number",
        {each.key: float(new) - each.value for each, new in real},
        gain,
    )


def _as_written(constant: Constant, value: float) -> str:
    if constant.whole and abs(value - round(value)) < 1e-9:
        return str(round(value))
    return said(value)


def _signed(text: str) -> str:
    return f"({text})" if text.startswith("-") else text


def _place(constant: Constant) -> list[str]:
    return [constant.owner, *sorted(constant.words)][:4] if constant.owner else sorted(constant.words)[:4] or ["module"]


def tweak(source: Source, rng: random.Random) -> Edit | None:
    """Another value for one number: often a factor, now and then another sign or a step of one."""
    if not source.constants:
        return None
    constant = rng.choice(source.constants)
    return moved(source, [(constant, _other(constant, rng))])


def _other(constant: Constant, rng: random.Random) -> float:
    if constant.whole and abs(constant.value) < 100 and rng.random() < 0.7:
        return constant.value + rng.choice((-2, -1, 1, 1, 2))
    if constant.value == 0:
        return float(said(rng.gauss(0.0, 1.0), 1))
    if rng.random() < 0.08:
        return -constant.value
    return float(said(constant.value * math.exp(rng.gauss(0.0, 0.5)), 2))


def operator(source: Source, rng: random.Random) -> Edit | None:
    """One operator for another."""
    found: list[tuple[ast.expr, ast.expr, str, ast.expr]] = []
    for node in source.expressions:
        if isinstance(node, ast.BinOp):
            found += [(node, node.left, new, node.right) for new in _OPERATORS.get(type(node.op), ())]
        elif isinstance(node, ast.Compare) and len(node.ops) == 1:
            found += [(node, node.left, new, node.comparators[0]) for new in _OPERATORS.get(type(node.ops[0]), ())]
    if not found:
        return None
    whole, left, new, right = rng.choice(found)
    text = f"({source.code(left)}) {new} ({source.code(right)})"
    return _swapped(source, whole, ast.unparse(ast.parse(text, mode="eval")), "operator")


def number(source: Source, rng: random.Random) -> str:
    """A number to write: one like those of the program or of the statement, else some small one."""
    pool = [constant.value for constant in source.constants] + list(source.figures)
    if pool and rng.random() < 0.6:
        return said(rng.choice(pool) * rng.choice((1.0, 1.0, rng.uniform(0.5, 1.5))), 2)
    return rng.choice(("0", "1", "2", "0.5", said(math.exp(rng.gauss(0.0, 1.0)), 1)))


def substitute(source: Source, rng: random.Random) -> Edit | None:
    """A term of the same function in the place of another."""
    if not source.numeric:
        return None
    node = rng.choice(source.numeric)
    terms = source.terms(node)
    return _swapped(source, node, rng.choice(terms), "term") if terms else None


def wrap(source: Source, rng: random.Random) -> Edit | None:
    """A function around a term, or the term bounded, scaled or taken to a power."""
    if not source.numeric:
        return None
    node = rng.choice(source.numeric)
    old = source.code(node)
    forms = [f"{name}({old})" for name in source.mathematics]
    forms += [
        f"abs({old} - {number(source, rng)})",
        f"max({old}, {rng.choice((0, 1, 0.1))})",
        f"({old}) ** 2",
        f"1 / (1 + abs({old}))",
        f"-({old})",
    ]
    forms += [f"({old}) * {said(math.exp(rng.gauss(0, 0.5)), 2)}"]
    return _swapped(source, node, rng.choice(forms), "function")


def extend(source: Source, rng: random.Random) -> Edit | None:
    """One more term or factor: a number times a term, or times a function of it."""
    targets = [node for node in source.numeric if not isinstance(node, ast.Constant)]
    targets += [node for node in source.expressions if isinstance(source.parents.get(node), ast.Return | ast.Assign)]
    targets = [node for node in targets if not isinstance(node, ast.List | ast.Tuple | ast.ListComp | ast.Dict)]
    if not targets:
        return None
    node = rng.choice(targets)
    terms = source.terms(node)
    if not terms:
        return None
    term = rng.choice(terms)
    if rng.random() < 0.5:
        name = rng.choice(source.mathematics)
        inner = f"{said(rng.choice((-1, 1)) * math.exp(rng.gauss(0, 0.7)), 2)} * {term}" if rng.random() < 0.5 else term
        term = f"{name}({inner})"
    number = said(math.exp(rng.gauss(-0.7, 1.0)), 1)
    sign = rng.choice("+-")
    old = source.code(node)
    new = rng.choice((f"{old} {sign} {number} * {term}", f"({old}) * {term}", f"{old} {sign} {term}"))
    return _swapped(source, node, new, "extension")


def branch(source: Source, rng: random.Random) -> Edit | None:
    """Another value in some cases: a condition on one term against another or against a number."""
    targets = [node for node in source.expressions if isinstance(source.parents.get(node), ast.Return | ast.Assign)]
    targets = [node for node in targets if not isinstance(node, ast.List | ast.Tuple | ast.ListComp | ast.Constant)]
    if not targets:
        return None
    node = rng.choice(targets)
    terms = source.terms(node)
    if not terms:
        return None
    left, other = rng.choice(terms), rng.choice(terms)
    right = rng.choice(terms) if rng.random() < 0.3 else number(source, rng)
    old = source.code(node)
    value = rng.choice((other, f"-({old})", f"({old}) * {said(math.exp(rng.gauss(0, 0.7)), 2)}", f"({old}) + {other}"))
    condition = f"{left} {rng.choice('<>')} {right}"
    # Where arrays are at hand, a condition on one of them needs the vectorised form.
    form = "np.where({1}, {0}, {2})" if source.arrays and rng.random() < 0.8 else "{0} if {1} else {2}"
    return _swapped(source, node, form.format(value, condition, old), "branch")


def reduce(source: Source, rng: random.Random) -> Edit | None:
    """Less of it: one operand in the place of an operation, one branch of a condition, or a statement gone."""
    found: list[tuple[ast.AST, ast.AST | None]] = []
    for node in source.expressions:
        if isinstance(node, ast.BinOp):
            found += [(node, node.left), (node, node.right)]
        elif isinstance(node, ast.IfExp):
            found += [(node, node.body), (node, node.orelse)]
        elif isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
            found.append((node, node.args[0]))
    for statement in ast.walk(source.tree):
        if isinstance(statement, ast.Assign | ast.AugAssign | ast.If) and source.editable(statement):
            siblings = [body for body in _bodies(source.parents[statement]) if statement in body]
            if siblings and len(siblings[0]) > 1:
                found.append((statement, None))
    if not found:
        return None
    whole, kept = rng.choice(found)
    if kept is not None:
        return _swapped(source, whole, source.code(kept), "reduction")
    start, end = source.span(whole)
    gone = source.code(whole).splitlines()[0]
    return Edit(source.replaced([(start, end, "pass")]), f"Remove `{gone[:60]}`.", "reduction")


def _bodies(node: ast.AST) -> list[list[ast.stmt]]:
    return [getattr(node, name) for name in ("body", "orelse") if isinstance(getattr(node, name, None), list)]


def borrow(source: Source, donor: Source, gain: float, rng: random.Random) -> Edit | None:
    """Code of another program: a whole function of the same name, or one expression of it."""
    shared = [name for name in source.functions if name in donor.functions and source.editable(source.functions[name])]
    if not shared:
        return None
    name = rng.choice(shared)
    mine, theirs = source.functions[name], donor.functions[name]
    if ast.dump(mine) == ast.dump(theirs):
        return None
    if rng.random() < 0.4:
        edit = _swapped(source, mine, _fitted(donor, theirs, mine.col_offset), "copy", gain)
        return edit and Edit(edit.text, f"Copy `{name}` from another program.", "copy", gain=gain)
    known = {ast.dump(node) for node in ast.walk(mine)}
    new = [node for node in donor.expressions if donor.function_of(node) is theirs and ast.dump(node) not in known]
    new = [node for node in new if not isinstance(node, ast.Constant)]
    sites = [node for node in source.expressions if source.function_of(node) is mine]
    if not new or not sites:
        return None
    piece = rng.choice(new)
    same = [node for node in sites if type(source.parents[node]) is type(donor.parents[piece])] or sites
    alike = [node for node in same if type(node) is type(piece)] or same
    node = rng.choice(alike)
    if not {part.id for part in ast.walk(piece) if isinstance(part, ast.Name)} <= source.scope(node):
        return None
    return _swapped(source, node, donor.code(piece), "copy", gain)


def _fitted(donor: Source, function: ast.FunctionDef, column: int) -> str:
    lines = donor.code(function).splitlines()
    shift = column - function.col_offset
    rest = [" " * max(0, shift) + line[max(0, -shift) :] if line.strip() else line for line in lines[1:]]
    return "\n".join([lines[0], *rest])


def _swapped(source: Source, node: ast.AST, new: str, kind: str, gain: float = 0.0) -> Edit | None:
    old = source.code(node)
    if kind != "copy" or not new.startswith("def "):
        inner = isinstance(source.parents.get(node), ast.BinOp | ast.UnaryOp | ast.Compare | ast.IfExp | ast.Subscript)
        compound = not isinstance(ast.parse(new, mode="eval").body, ast.Name | ast.Constant | ast.Call | ast.Attribute)
        new = f"({new})" if compound and (inner or "\n" in new) else new
    if new == old:
        return None
    start, end = source.span(node)
    function = source.function_of(node)
    where = f" in `{function.name}`" if function else ""
    idea = f"Replace `{_short(old)}` by `{_short(new)}`{where}."
    text = source.with_import(source.replaced([(start, end, new)]))
    return Edit(text, idea, kind, gain=gain)


def _short(code: str) -> str:
    flat = " ".join(code.split())
    return flat if len(flat) <= 70 else f"{flat[:67]}..."


MAKERS: tuple[tuple[Maker, float], ...] = (
    (tweak, 3.0), (operator, 1.0), (substitute, 2.0), (wrap, 2.0), (extend, 2.5), (branch, 1.5), (reduce, 1.0),
)  # fmt: skip
"""What comes to mind unprompted, and how often."""
