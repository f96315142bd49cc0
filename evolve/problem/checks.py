"""Checks of a problem's source files that need no run of them."""

from __future__ import annotations

import ast
import warnings

from evolve.domain import Program
from evolve.problem.regions import MarkerError, is_safe_path, matches, regions
from evolve.problem.spec import language_of


def seed_faults(seed: Program, entry: str | None, language: str | None, globs: tuple[str, ...] | None) -> list[str]:
    """One sentence per fault of the seed's files; `entry`, `language` and `globs` as declared, or None."""
    texts = seed.as_dict()
    paths = tuple(texts)
    faults = [
        f"seed/{path}: use letters, digits, and _ . + - in file names that do not begin with a dot or dash"
        for path in paths
        if not is_safe_path(path)
    ]
    if entry is not None and entry not in texts:
        faults.append(f"program.entry is {entry!r}, but seed/ holds {', '.join(paths)}; name one of these")
    faults += [
        f"program.editable has {glob!r}, which matches nothing in seed/ ({', '.join(paths)})"
        for glob in globs or ()
        if not any(matches((glob,), path) for path in paths)
    ]
    for path, text in texts.items():
        try:
            regions(text)
        except MarkerError as error:
            faults.append(f"seed/{path}: {error}")
        if (language or language_of(path)) == "python" and path.endswith(".py"):
            faults += _syntax_faults(f"seed/{path}", text)
    return faults


def evaluator_faults(text: str) -> list[str]:
    """One sentence per fault of `evaluate.py`, found without importing it."""
    faults = _syntax_faults("evaluate.py", text)
    if faults:
        return faults
    tree = ast.parse(text)
    names = _top_level_names(tree)
    if "evaluate" not in names:
        near = ", ".join(sorted(name for name in names if "eval" in name.lower() or "score" in name.lower()))
        cause = f"; found {near}: rename it" if near else ""
        return [f"evaluate.py defines no evaluate(program, case) at top level{cause}"]
    shapes = {
        "evaluate": ("evaluate(program, case)", 2, 2),
        "cases": ("cases(split), cases(split, seed), or further arguments named champions and parameters", 1, 4),
    }
    for name, (wanted, least, most) in shapes.items():
        function = names.get(name)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            faults += _signature_faults(function, wanted, least, most)
    return faults + _hidden_calls(tree)


_TAKEN = frozenset({"text", "files", "last"})
"""What `program.NAME` gives of its own: functions of these names are reached by `program.call("NAME", ...)`."""


def _hidden_calls(tree: ast.Module) -> list[str]:
    """Calls that mean a function of the candidate and meet a value of ours."""
    return [
        f"evaluate.py line {node.lineno}: program.{node.func.attr} is no function of the candidate; to call one of that"
        f" name write program.call({node.func.attr!r}, ...)"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _TAKEN
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "program"
    ]


def _syntax_faults(where: str, text: str) -> list[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "invalid escape sequence" and the like are the author's business
            ast.parse(text)
    except SyntaxError as error:
        return [f"{where} line {error.lineno}: {error.msg}"]
    except (ValueError, RecursionError, MemoryError) as error:
        return [f"{where} is not Python: {error}"]
    return []


def _top_level_names(tree: ast.Module) -> dict[str, ast.stmt]:
    names: dict[str, ast.stmt] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names[node.name] = node
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update({alias.asname or alias.name: node for alias in node.names})
        elif isinstance(node, ast.Assign):
            names.update({target.id: node for target in node.targets if isinstance(target, ast.Name)})
    return names


def _signature_faults(
    function: ast.FunctionDef | ast.AsyncFunctionDef, wanted: str, least: int, most: int
) -> list[str]:
    if isinstance(function, ast.AsyncFunctionDef):
        return [f"evaluate.py line {function.lineno}: {function.name} is async; write it as a plain def"]
    positional = len(function.args.posonlyargs) + len(function.args.args)
    required = positional - len(function.args.defaults)
    if required > most or (positional < least and function.args.vararg is None):
        return [f"evaluate.py line {function.lineno}: {function.name} takes {positional} arguments; write {wanted}"]
    return []
