"""A Python program as the mind sees it: its spans, its constants and where they stand, and which names may be used."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

MATH = ("sqrt", "exp", "log", "sin", "cos", "tanh")
_MARK = re.compile(r"^\s*(?:#|//|--|%)\s*[\w-]*-(START|END)\b")


@dataclass(frozen=True)
class Constant:
    """A number in a program. `key` finds the same place in other programs: its function, its statement without the
    numbers, and which number of it; `words` are the identifiers around it."""

    value: float
    whole: bool
    start: int
    end: int
    key: tuple[str, str, int]
    owner: str
    words: frozenset[str]
    index: int


class Source:
    """One file. Raises SyntaxError when it is no Python. All offsets are bytes of UTF-8, as in `ast`.

    `figures` are the numbers of the prose around it, which may stand for something in the program, too.
    """

    def __init__(self, text: str, figures: tuple[float, ...] = ()) -> None:
        self.text = text
        self.figures = figures
        self.raw = text.encode("utf-8", "surrogatepass")
        self.tree = ast.parse(text)
        self._starts = [0]
        for line in self.raw.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self.open = _editable(text)

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Where a node stands in the bytes."""
        start = self._starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
        return start, self._starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]

    def code(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.raw[start:end].decode("utf-8", "surrogatepass")

    def replaced(self, changes: list[tuple[int, int, str]]) -> str:
        """The text with spans replaced; they must not overlap."""
        raw = self.raw
        for start, end, text in sorted(changes, reverse=True):
            raw = raw[:start] + text.encode("utf-8", "surrogatepass") + raw[end:]
        return raw.decode("utf-8", "surrogatepass")

    def editable(self, node: ast.AST) -> bool:
        return all(line in self.open for line in (node.lineno, node.end_lineno))  # type: ignore[attr-defined]

    @cached_property
    def words(self) -> frozenset[str]:
        """All identifiers of the program."""
        return frozenset(_identifiers(self.tree))

    @cached_property
    def functions(self) -> dict[str, ast.FunctionDef]:
        return {node.name: node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)}

    def function_of(self, node: ast.AST) -> ast.FunctionDef | None:
        while node in self.parents:
            node = self.parents[node]
            if isinstance(node, ast.FunctionDef):
                return node
        return None

    def statement_of(self, node: ast.AST) -> ast.stmt | None:
        while not isinstance(node, ast.stmt):
            if node not in self.parents:
                return None
            node = self.parents[node]
        return node

    @cached_property
    def expressions(self) -> list[ast.expr]:
        """Editable expressions that stand for a value, docstrings and names that are bound left out."""
        return [
            node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.expr) and self.editable(node) and self._is_value(node)
        ]

    def _is_value(self, node: ast.expr) -> bool:
        parent = self.parents.get(node)
        if isinstance(parent, ast.Expr | ast.FormattedValue | ast.JoinedStr | ast.keyword | ast.Slice | ast.Starred):
            return False
        if (isinstance(parent, ast.Call) and parent.func is node) or isinstance(parent, ast.Attribute):
            return False
        if isinstance(node, ast.Starred | ast.Slice | ast.JoinedStr | ast.FormattedValue):
            return False
        return not isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)

    @cached_property
    def numeric(self) -> list[ast.expr]:
        """Expressions used as numbers: operands, arguments of mathematics, what is returned or assigned from such."""
        return [node for node in self.expressions if self._counts(node)]

    def _counts(self, node: ast.expr) -> bool:
        parent = self.parents.get(node)
        if isinstance(parent, ast.BinOp | ast.UnaryOp):
            return not isinstance(node, ast.List | ast.Tuple | ast.Constant) or _is_number(node)
        return isinstance(node, ast.BinOp | ast.UnaryOp) or _is_number(node)

    @cached_property
    def constants(self) -> list[Constant]:
        found: list[Constant] = []
        seen: dict[tuple[str, str], int] = {}
        for node in ast.walk(self.tree):
            if not _is_number(node) or not self.editable(node):
                continue
            statement = self.statement_of(node)
            if statement is None or isinstance(self.parents.get(node), ast.Slice):
                continue
            function = self.function_of(node)
            owner = function.name if function else ""
            shape = (owner, _shape(statement))
            number = seen.get(shape, 0)
            seen[shape] = number + 1
            found.append(self._constant(node, statement, owner, shape, number))
        return found

    def _constant(
        self, node: ast.AST, statement: ast.stmt, owner: str, shape: tuple[str, str], number: int
    ) -> Constant:
        start, end = self.span(node)
        value = float(ast.literal_eval(self.code(node)))
        parent = self.parents[node]
        index = [*parent.elts].index(node) if isinstance(parent, ast.List | ast.Tuple) else -1  # type: ignore[arg-type]
        return Constant(
            value, isinstance(node.value, int), start, end, (*shape, number), owner,  # type: ignore[attr-defined]
            frozenset(_identifiers(_head(statement))), index,
        )  # fmt: skip

    def scope(self, node: ast.AST) -> set[str]:
        """Names that are bound where `node` stands."""
        names = set(dir(builtins)) | set(_bound(self.tree.body))
        line = node.lineno  # type: ignore[attr-defined]
        child = node
        while child in self.parents:
            parent = self.parents[child]
            if isinstance(parent, ast.FunctionDef | ast.Lambda):
                names |= {argument.arg for argument in ast.walk(parent.args) if isinstance(argument, ast.arg)}
                if isinstance(parent, ast.FunctionDef):
                    names |= set(_bound([part for part in ast.walk(parent) if _before(part, line)]))
            if isinstance(parent, ast.For):
                names |= set(_targets(parent.target))
            if isinstance(parent, ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp):
                for generator in parent.generators:
                    names |= set(_targets(generator.target))
            child = parent
        return names

    def terms(self, node: ast.AST) -> list[str]:
        """Short expressions used as numbers in the same function that can be used at `node` too."""
        inside = self.function_of(node) or self.tree
        scope = self.scope(node)
        found = _plain_arguments(inside, self.numeric)
        for part in ast.walk(inside):
            if isinstance(part, ast.BinOp) and len(text := ast.unparse(part)) <= 20:
                found.add(f"({text})")
            if not isinstance(part, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
                continue
            if part in self.parents and isinstance(self.parents[part], ast.BinOp | ast.UnaryOp | ast.Compare):
                text = ast.unparse(part)
                if len(text) <= 30 and "\n" not in text:
                    found.add(text)
        return sorted(text for text in found if set(_free(text)) <= scope)

    @cached_property
    def arrays(self) -> bool:
        """Whether numpy is at hand and plain mathematics is not."""
        names = {alias.asname or alias.name for node in ast.walk(self.tree) if isinstance(node, ast.Import)
                 for alias in node.names}  # fmt: skip
        return "np" in names and "math" not in names

    @cached_property
    def mathematics(self) -> list[str]:
        """How mathematical functions are written here; what is not imported comes with its import."""
        module = "np" if self.arrays else "math"
        return ["abs", *(f"{module}.{name}" for name in MATH)]

    def with_import(self, text: str) -> str:
        """`text`, an edited version of this program, with `import math` where it has become needed."""
        if "math." not in text or re.search(r"^\s*(?:import|from) math\b|^import .*\bmath\b", text, re.MULTILINE):
            return text
        lines = text.splitlines(keepends=True)
        first = min(self.open, default=1) - 1
        while first < len(lines) and (not lines[first].strip() or lines[first][0] in " \t#'\""):
            first += 1
        return "".join([*lines[:first], "import math\n", *lines[first:]])


def _editable(text: str) -> set[int]:
    """Line numbers that may change: all, or those between marker comments that end in -START and -END."""
    inside, marked, found = False, False, set()
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        mark = _MARK.match(line)
        if mark:
            marked, inside = True, mark[1] == "START"
        elif inside:
            found.add(number)
    return found if marked else set(range(1, len(lines) + 1))


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _head(statement: ast.stmt) -> ast.AST:
    """A compound statement without its body."""
    if isinstance(statement, ast.FunctionDef):
        return statement.args
    if isinstance(statement, ast.If | ast.While):
        return statement.test
    return statement.iter if isinstance(statement, ast.For) else statement


def _shape(statement: ast.stmt) -> str:
    return re.sub(r"\b\d[\d.e]*", "#", ast.unparse(_head(statement)))


def _identifiers(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        for name in ("id", "attr", "arg", "name"):
            value = getattr(part, name, None)
            if isinstance(value, str):
                yield value


def _before(node: ast.AST, line: int) -> bool:
    return isinstance(node, ast.stmt) and node.end_lineno is not None and node.end_lineno < line


def _bound(body: list[ast.AST] | list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _targets(target)
        elif isinstance(node, ast.AnnAssign | ast.AugAssign):
            yield from _targets(node.target)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.split(".")[0] for alias in node.names)


def _targets(node: ast.AST) -> Iterator[str]:
    yield from (part.id for part in ast.walk(node) if isinstance(part, ast.Name))


def _free(text: str) -> Iterator[str]:
    yield from (node.id for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name))


def _plain_arguments(function: ast.AST, numeric: list[ast.expr]) -> set[str]:
    """Arguments nobody treats as a container: used as numbers, or not at all."""
    if not isinstance(function, ast.FunctionDef):
        return set()
    used = {part.id for part in ast.walk(function) if isinstance(part, ast.Name)}
    counted = {node.id for node in numeric if isinstance(node, ast.Name)}
    return {argument.arg for argument in function.args.args if argument.arg not in used or argument.arg in counted}
