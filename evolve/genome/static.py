"""What is wrong with a scaffold before anything of it runs.

A first fence, read off the text alone: it saves a place in the sandbox and tells an author what to mend. Whoever means
to can write around it; the walls of the sandbox are the real ones, and nothing here is relied on for safety.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from evolve.errors import ScaffoldError
from evolve.genome import folder
from evolve.genome.genome import CONTRACT, MANIFEST, Genome

PACKAGE = "evolve.scaffold"
SHARED = ("evolve.domain", "evolve.errors")
"""Modules of the host that a scaffold may import besides its own."""

LIBRARIES = frozenset({"jinja2", "numpy", "ribs"})
STANDARD = frozenset({
    "__future__", "abc", "array", "ast", "base64", "binascii", "bisect", "builtins", "cmath", "collections",
    "contextlib", "copy", "csv", "dataclasses", "decimal", "difflib", "enum", "fnmatch", "fractions", "functools",
    "graphlib", "hashlib", "heapq", "html", "importlib", "io", "itertools", "json", "keyword", "math", "numbers",
    "operator", "pathlib", "pkgutil", "pprint", "random", "re", "statistics", "string", "struct", "textwrap", "token",
    "tokenize", "tomllib", "types", "typing", "unicodedata", "warnings", "weakref", "zlib",
})  # fmt: skip
"""What of the standard library may be imported: no processes, no network, no clock, nothing that reaches into memory.
`importlib` and `pathlib` are there because scaffold zero finds its recipes and templates with them."""

CALLS = frozenset({"__import__", "breakpoint", "eval", "exec", "input", "open"})
"""Built-in functions a scaffold has no use for."""


MOST_CHANGED = 128 * 1024
"""Bytes of the files that one edit may change or add: with the caps of `folder`, 1.4 s at the worst found."""

MOST_BRACES = 300_000_000
"""Braces of a Python file times its length: each part of an f-string is looked for from the string's beginning, which
takes 1.2 ns a character."""


@dataclass(frozen=True, slots=True)
class _File:
    """What is read off one file: what is wrong with it, the names it makes callable, and (line, module) it imports."""

    faults: tuple[str, ...] = ()
    defined: frozenset[str] = frozenset()
    imports: tuple[tuple[int, str], ...] = ()


def faults(genome: Genome, parent: Genome | None = None) -> list[str]:
    """All that is wrong with a scaffold, each as a sentence; empty when it may be tried.

    With a `parent` it must differ from it.
    """
    found = list(folder.faults(genome))
    if found:  # its texts may be of any size
        return found
    if parent is not None and (fault := _edit_fault(genome, parent)):
        return [fault]
    files = {path: _read(path, text) for path, text in genome.files.items()}
    modules = _modules(files)
    for path, file in files.items():
        found += file.faults
        found += _missing(path, file, modules)
    return [*found, *_manifest_faults(genome, files)]


def _edit_fault(genome: Genome, parent: Genome) -> str:
    """What is wrong with an edit as such; "" when it changes something, and not too much."""
    old = parent.files
    size = sum(folder.bytes_of(text) for path, text in genome.files.items() if old.get(path) != text)
    if size > MOST_CHANGED:
        return f"the edit changes files of {size:,} bytes; at most {MOST_CHANGED:,} may change at once"
    return "the scaffold is the same as its parent; an edit must change something" if genome == parent else ""


@lru_cache(maxsize=1024)
def _read(path: str, text: str) -> _File:
    """A file looked at; most files of a scaffold are its parent's, so this is remembered."""
    if path.endswith(".md"):
        return _File(tuple(_template_faults(path, text)))
    if not path.endswith(".py"):
        return _File()
    tree = _tree(path, text)
    if isinstance(tree, str):
        return _File((tree,))
    imports = tuple(_imports(path, tree))
    said = [*_import_faults(path, imports), *_call_faults(path, tree)]
    return _File(tuple(said), frozenset(name for node in tree.body for name in _defined(node)), imports)


def _tree(path: str, text: str) -> ast.Module | str:
    """The parsed file, or why it is no Python. It is compiled, too: `return` outside a function parses."""
    if text.count("{") * len(text) > MOST_BRACES:
        return f"{path} has {text.count('{'):,} braces in {len(text):,} characters, too many to read; split it"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd escape is no fault
            tree = ast.parse(text)
            compile(text, path, "exec", dont_inherit=True)
        return tree
    except SyntaxError as error:
        return f"{path}, line {error.lineno}: {error.msg}"
    except (ValueError, OverflowError, RecursionError, MemoryError) as error:
        return f"{path} cannot be compiled: {str(error) or type(error).__name__}"


def _template_faults(path: str, text: str) -> Iterator[str]:
    from jinja2 import Environment, TemplateSyntaxError

    try:
        Environment(trim_blocks=True, lstrip_blocks=True).parse(text)
    except TemplateSyntaxError as error:
        yield f"{path}, line {error.lineno}: no template: {error}"
    except (RecursionError, MemoryError):
        yield f"{path} is no template: it is nested too deeply"
    except (ValueError, OverflowError) as error:  # a number of thousands of digits
        yield f"{path} is no template: {error}"


def _manifest_faults(genome: Genome, files: Mapping[str, _File]) -> Iterator[str]:
    try:
        manifest = folder.manifest_of(genome)
    except ScaffoldError as error:
        yield str(error)
        return
    for key, named in (("entry", manifest.entry), ("meta", manifest.meta)):
        module, _, function = named.partition(":")
        stem = module.replace(".", "/")
        path = next((path for path in (f"{stem}.py", f"{stem}/__init__.py") if path in files), "")
        if not path:
            yield f"{MANIFEST}: {key} = {named!r}, but there is no file {stem}.py"
        elif not files[path].faults and function not in files[path].defined:
            yield f"{MANIFEST}: {key} = {named!r}, but {path} has no function {function}"


def _defined(node: ast.stmt) -> tuple[str, ...]:
    """Names a statement at the top of a file makes callable."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return (node.name,)
    if isinstance(node, ast.ImportFrom):
        return tuple(alias.asname or alias.name for alias in node.names)
    if isinstance(node, ast.Assign):
        return tuple(target.id for target in node.targets if isinstance(target, ast.Name))
    return ()


def _imports(path: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(path, node)
            # `from evolve import domain` names a module, `from random import Random` does not.
            named = [f"{base}.{alias.name}" for alias in node.names] if base == "evolve" else [base]
            yield from ((node.lineno, module) for module in named)


def _import_faults(path: str, imports: Iterable[tuple[int, str]]) -> Iterator[str]:
    for line, module in imports:
        if not _allowed(module):
            yield (
                f"{path}, line {line}: imports {module}; a scaffold may import {PACKAGE}, {', '.join(SHARED)}, "
                f"{', '.join(sorted(LIBRARIES))} and the harmless part of the standard library"
            )


def _modules(paths: Iterable[str]) -> frozenset[str]:
    """What may be imported below the package: files of the scaffold and of the host, and folders of them."""
    known = {*paths, *CONTRACT}
    folders = {path.rpartition("/")[0] for path in known}
    above = {each[:place] for each in folders for place, sign in enumerate(each) if sign == "/"}
    return frozenset({path.removesuffix(".py") for path in known if path.endswith(".py")} | folders | above)


def _missing(path: str, file: _File, modules: Collection[str]) -> Iterator[str]:
    """Imports of the scaffold's own modules that are not there."""
    for line, module in file.imports:
        if module.startswith(f"{PACKAGE}.") and module.removeprefix(f"{PACKAGE}.").replace(".", "/") not in modules:
            yield f"{path}, line {line}: imports {module}, but the scaffold has no such file"


def _absolute(path: str, node: ast.ImportFrom) -> str:
    """The module a `from` import names, a relative one resolved from where the file lies."""
    if not node.level:
        return node.module or ""
    package = [*PACKAGE.split("."), *PurePosixPath(path).parent.parts]
    kept = package[: len(package) - node.level + 1]
    return ".".join([*kept, *([node.module] if node.module else [])]) or "."


def _allowed(module: str) -> bool:
    top = module.partition(".")[0]
    own = module == PACKAGE or module.startswith(f"{PACKAGE}.") or module in SHARED
    return own or top in LIBRARIES or top in STANDARD


def _call_faults(path: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            yield f"{path}, line {node.lineno}: calls {node.func.id}(), for which a scaffold has no use"
