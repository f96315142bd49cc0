"""What a foreign folder is and how it can be scored, found without running any of it."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evolve.errors import ProblemError
from evolve.problem.foreign.layout import Kind, Layout, imported, layout, with_siblings
from evolve.problem.foreign.scan import scan
from evolve.problem.spec import language_of

_STAND_INS = frozenset({"openevolve", "shinka"})
"""Frameworks a small module of ours stands in for."""
_PROCESSES = frozenset({
    "subprocess", "multiprocessing", "ProcessPoolExecutor", "joblib", "fork", "system", "popen", "spawnv",
    "create_subprocess_exec", "create_subprocess_shell",
})  # fmt: skip
_DEAR = frozenset({"numpy", "scipy"})
_STAGES = ("evaluate_stage1", "evaluate_stage2", "evaluate_stage3")
TEXT = (".txt", ".md", ".prompt", ".yaml", ".yml", ".json", ".toml")
"""Programs that are read and never run."""


@dataclass(frozen=True, slots=True)
class Survey:
    """A foreign folder, looked at.

    `evaluator`, `program` and `config` are file names (`config` may be empty); `functions` those of the evaluator that
    are called; `calls` the names of the program the evaluator uses; `sealed` whether the program can stay in a process
    of its own while it is scored; `reasons` why it cannot, with file and line; `handles` those of them that nobody may
    overrule, since the evaluator would run the program's text on the trusted side; `modules` the evaluator's files that
    were looked at; `missing` modules that this Python does not have; `dear` packages worth importing once for all
    programs; `reads` whether the evaluator reads the program's text, `starts` whether it starts processes; `notes` what
    else a person should know, and what a native folder could not carry over.
    """

    root: Path
    kind: Kind
    evaluator: str
    program: str
    config: str
    functions: tuple[str, ...]
    calls: tuple[str, ...]
    sealed: bool
    reasons: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    dear: tuple[str, ...] = ()
    reads: bool = False
    starts: bool = False
    notes: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()


def survey(root: Path) -> Survey:
    """Look at a folder. Raises ProblemError when it is none of the known shapes or its evaluator is none."""
    found = layout(root)
    trees = with_siblings(root, found.evaluator)
    functions = _functions(found, trees[found.evaluator])
    language = language_of(found.program)
    program = with_siblings(root, found.program)[found.program] if language == "python" else None
    is_text = found.program.endswith(TEXT)
    looked = scan(trees, program, text=is_text)
    starts = any(_starts_processes(tree) for tree in trees.values())
    handles = list(dict.fromkeys(looked.handles))
    if program is None and not is_text:
        handles.append(f"{found.evaluator} builds and starts {found.program}, which is no Python, by its path")
    if starts and not handles and (looked.reads or is_text):
        handles.append(f"{found.evaluator} reads the program's text and starts processes, which could run it")
    reasons = list(dict.fromkeys([*handles, *looked.reasons]))
    return Survey(
        root=root,
        kind=found.kind,
        evaluator=found.evaluator,
        program=found.program,
        config=found.config,
        functions=functions,
        calls=tuple(looked.calls),
        sealed=not reasons,
        reasons=tuple(reasons),
        missing=_missing(root, trees, program),
        dear=_dear([*trees.values(), *([] if program is None else [program])]),
        reads=bool(looked.reads),
        starts=starts,
        notes=_notes(found),
        handles=tuple(handles),
        modules=tuple(sorted(trees)),
    )


def _functions(found: Layout, tree: ast.Module) -> tuple[str, ...]:
    """The functions to call, none for a script. Raises ProblemError where OpenEvolve would find none of its own."""
    defined = set(_bound(tree.body))
    if found.kind is Kind.SHINKA:
        return ("main",) if "main" in defined else ()
    if not defined & {"evaluate", _STAGES[0]}:
        raise ProblemError(
            f"{found.root / found.evaluator} defines neither evaluate(program_path) nor {_STAGES[0]}(program_path);"
            " it needs one of them to score a program"
        )
    stages = tuple(name for name in _STAGES if name in defined)
    return stages + (("evaluate",) if "evaluate" in defined else ())


def _bound(body: Sequence[ast.stmt]) -> Iterator[str]:
    """Names a module binds by functions, imports and assignments, in branches at its top, too."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.If | ast.Try | ast.With):
            parts = ("body", "orelse", "finalbody")
            yield from (name for part in parts for name in _bound(getattr(node, part, ())))
            yield from (name for each in getattr(node, "handlers", ()) for name in _bound(each.body))


def _missing(root: Path, trees: dict[str, ast.Module], program: ast.Module | None) -> tuple[str, ...]:
    """Modules that evaluator or program import outside any `try` and that are not to be found here."""
    found = []
    for tree in [*trees.values(), *([] if program is None else [program])]:
        plain = ast.Module([node for node in tree.body if not isinstance(node, ast.Try)], [])
        for name, _ in imported(_without_functions(plain)):
            beside = (root / f"{name}.py").is_file() or any((root / name).rglob("*.py"))
            if not beside and name not in _STAND_INS and not _is_installed(name):
                found.append(name)
    return tuple(dict.fromkeys(found))


def _dear(trees: list[ast.Module]) -> tuple[str, ...]:
    """Dotted names of numpy's and scipy's modules that are imported at the top of a module."""
    found: dict[str, None] = {}
    for tree in trees:
        for node in tree.body:
            if isinstance(node, ast.Import):
                found |= dict.fromkeys(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found[node.module] = None
    return tuple(name for name in found if name.partition(".")[0] in _DEAR)


def _starts_processes(tree: ast.Module) -> bool:
    """Whether a module could start a process that loads the program: it names one of the ways to."""
    names = {name for name, _ in imported(tree)}
    names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    return bool(names & _PROCESSES)


def _without_functions(tree: ast.Module) -> ast.Module:
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return ast.Module([node for node in tree.body if not isinstance(node, kinds)], [])


def _is_installed(name: str) -> bool:
    if name in sys.stdlib_module_names or name in sys.builtin_module_names:
        return True
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _notes(found: Layout) -> tuple[str, ...]:
    if found.kind is Kind.OPENEVOLVE and found.config and found.config not in ("config.yaml", "config.yml"):
        return (f"settings are read from {found.config}, the first of its kind in the folder",)
    return ()
