"""Which files of a foreign folder are what: the evaluator, the first program, the configuration."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from evolve.errors import ProblemError

_PROGRAM = re.compile(r"(initial|init)([_-](program|prompt|content)\w*)?\.\w+")
_RUNNERS = ("run_evo", "run_evolution", "start_evolution")
_STARTS_A_SEARCH = re.compile(r"^\s*(from|import)\s+(shinka|openevolve)\b", re.MULTILINE)


class Kind(StrEnum):
    """Whose folder it is."""

    OPENEVOLVE = "openevolve"
    SHINKA = "shinkaevolve"


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of a foreign folder by what they are; names are relative to `root`, empty where there is none."""

    root: Path
    kind: Kind
    evaluator: str
    program: str
    config: str


def is_foreign(root: Path) -> bool:
    """Whether a folder has no problem.toml, but an evaluator of one of the known shapes."""
    return not (root / "problem.toml").is_file() and _kind(root) is not None


def layout(root: Path) -> Layout:
    """Look at a folder. Raises ProblemError when it has no evaluator or no first program."""
    kind = _kind(root)
    if kind is None:
        raise ProblemError(
            f"{root} holds neither problem.toml nor evaluator.py (OpenEvolve) nor evaluate.py beside initial.*"
            " (ShinkaEvolve); give a problem folder"
        )
    evaluator = "evaluator.py" if kind is Kind.OPENEVOLVE else "evaluate.py"
    return Layout(root, kind, evaluator, _program(root), _config(root))


def _kind(root: Path) -> Kind | None:
    if (root / "evaluator.py").is_file():
        return Kind.OPENEVOLVE
    if (root / "evaluate.py").is_file() and any(_programs(root)):
        return Kind.SHINKA
    return None


def _programs(root: Path) -> Iterator[Path]:
    return (path for path in sorted(root.iterdir()) if path.is_file() and _PROGRAM.fullmatch(path.name))


def _program(root: Path) -> str:
    found = list(_programs(root))
    if not found:
        folders = [path.name for path in sorted(root.glob("initial*")) if path.is_dir()]
        what = f"a folder {folders[0]}/ where one file is expected" if folders else "no initial_program.* or initial.*"
        raise ProblemError(
            f"{root} has {what}; put the first program into one file of that name, or begin a native folder with"
            " evolve new NAME"
        )
    usual = [path for path in found if path.stem in ("initial_program", "initial", "init_program")]
    return (usual or found)[0].name


def _config(root: Path) -> str:
    """The YAML file that configures the search: `config.yaml` where there is one, else the first `config*`."""
    for name in ("config.yaml", "config.yml"):
        if (root / name).is_file():
            return name
    found = sorted((*root.glob("config*.y*ml"), *root.glob("shinka*.yaml")))
    return found[0].name if found else ""


def runner(root: Path) -> Path | None:
    """The script that starts ShinkaEvolve's search, where its task message stands."""
    for path in sorted(root.glob("*.py")):
        if path.stem in _RUNNERS:
            return path
    return None


def starts_a_search(name: str, text: str) -> bool:
    """Whether a module belongs to the foreign framework's own search rather than to its evaluator."""
    return name.startswith(("run_", "start_")) and bool(_STARTS_A_SEARCH.search(text))


def imported(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Top-level package names a module imports anywhere, with their lines; relative imports are left out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0], node.lineno


def with_siblings(root: Path, name: str) -> dict[str, ast.Module]:
    """The syntax trees of a Python file and of the modules and packages beside it that it imports, and so on.

    Names are paths below `root` with slashes. Raises ProblemError for one that is not Python.
    """
    trees: dict[str, ast.Module] = {}
    waiting = [name]
    while waiting:
        name = waiting.pop()
        if name in trees:
            continue
        trees[name] = parse(root / name)
        waiting += [found for module in _modules(name, trees[name]) for found in _files(root, module)]
    return trees


def _modules(file: str, tree: ast.Module) -> Iterator[str]:
    """Dotted names a module imports, seen from the folder it was started in; a name of a package may be a module."""
    package = file.split("/")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}".strip(".") for alias in node.names)


def _files(root: Path, module: str) -> Iterator[str]:
    """The files below `root` that importing a dotted name executes, and none where it is not to be found there."""
    parts = module.split(".")
    for end in range(1, len(parts) + 1):
        path = "/".join(parts[:end])
        yield from (found for found in (f"{path}.py", f"{path}/__init__.py") if (root / found).is_file())


def parse(path: Path) -> ast.Module:
    """The syntax tree of an author's file. Raises ProblemError."""
    from evolve.problem.folder import read_text

    try:
        return ast.parse(read_text(path))
    except SyntaxError as error:
        raise ProblemError(f"{path} line {error.lineno}: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise ProblemError(f"{path} is not Python: {error}") from None
