"""Reads a foreign evaluator's syntax tree: can the program stay behind glass, or is it needed in the same process?

The evaluator's author is trusted and merely unaware: this looks for what such code ordinarily does, not for tricks.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from evolve.problem.foreign.layout import imported

_LOADERS = {"module_from_spec", "__import__", "import_module", "load_module", "load_program", "load_source"}
_RUNS_TEXT = {"exec", "eval", "compile", "run_path"}
_COPIES = {"copy", "copy2", "copyfile", "copytree", "move", "link", "symlink", "rename"}
_STARTS = {"run", "Popen", "call", "check_call", "check_output", "system", "create_subprocess_exec", "execv", "execvp"}
_READS = {"open", "read_text", "read_bytes"}
_INSPECTS = {"getsource", "getsourcelines", "getsourcefile"}
_MAKES_OF_TEXT = frozenset({
    "asteval", "bdb", "cProfile", "cffi", "cloudpickle", "code", "codeop", "ctypes", "dill", "doctest", "imp",
    "joblib", "jsonpickle", "marshal", "multiprocessing", "numexpr", "pdb", "pickle", "profile", "runpy", "shelve",
    "subprocess", "timeit", "trace", "zipimport",
})  # fmt: skip
"""Modules that make objects, code or processes of text: beside a program's text, one call away from running it."""
_UNSAFE_YAML = frozenset({
    "unsafe_load", "unsafe_load_all", "full_load", "full_load_all", "UnsafeLoader", "FullLoader", "Loader", "CLoader",
    "CFullLoader", "CUnsafeLoader", "BaseConstructor", "load", "load_all",
})  # fmt: skip
"""What makes objects of YAML, or might: `yaml.load` stays out where its loader is a safe one."""
_SAFE_YAML = frozenset({"SafeLoader", "CSafeLoader", "BaseLoader", "CBaseLoader"})


@dataclass(slots=True)
class Scan:
    """What was found: `calls` are names of the program the evaluator uses, with file and line.

    `handles` are reasons why the program's file itself would get into hands that can run it, `reasons` the others.
    """

    calls: dict[str, str] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    handles: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def scan(trees: Mapping[str, ast.Module], program: ast.Module | None, *, text: bool = False) -> Scan:
    """Look at an evaluator's modules; `program` is the first program's tree, None where it is not Python.

    `text` says that the program is a text, which its evaluator reads in one way or another.
    """
    found = Scan()
    for name, tree in trees.items():
        _Reader(name, tree, found).read()
    if (found.reads or text) and (runs := runs_text(trees)):
        found.handles.append(f"{(found.reads or ['the evaluator'])[0]} reads the program's file and {runs}")
    if not found.handles and (runs := _evaluates(trees)):
        found.handles.append(f"{runs}, which could run text that the program returns")
    if program is not None:
        found.reasons += _objects(found.calls, program)
    return found


def runs_text(trees: Mapping[str, ast.Module]) -> str:
    """Where text is executed or files are handed on, "" where nowhere: there a program's text must not be read."""
    for name, tree in trees.items():
        yaml = any(module == "yaml" for module, _ in imported(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.expr | ast.stmt) and (what := _makes_of_text(node, yaml)):
                return f"line {node.lineno} of {name} {what}"
    return ""


def _evaluates(trees: Mapping[str, ast.Module]) -> str:
    """Where something other than a constant of the evaluator's own is executed, "" where nowhere."""
    for name, tree in trees.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or _called(node) not in ("exec", "eval") or _is_pattern(node):
                continue
            if not (node.args and isinstance(node.args[0], ast.Constant)):
                return f"{name} line {node.lineno} calls {_called(node)}()"
    return ""


def _makes_of_text(node: ast.expr | ast.stmt, yaml: bool) -> str:
    if isinstance(node, ast.Call):
        if _called(node) in _RUNS_TEXT and not _is_pattern(node):
            return f"calls {_called(node)}()"
        if _called(node) in _COPIES and _module_of(node) in ("shutil", "os"):
            return "copies files"
    if isinstance(node, ast.Name) and node.id in ("exec", "eval"):
        return f"hands {node.id} on"
    modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
    for module in modules:
        if (package := module.partition(".")[0]) in _MAKES_OF_TEXT:
            return f"imports {package}, which can make code, objects or processes of text"
    return _unsafe_yaml(node) if yaml else ""


def _unsafe_yaml(node: ast.expr | ast.stmt) -> str:
    """Whether YAML is read so that it makes objects. `yaml.load` itself counts unless its call names a safe loader."""
    if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("yaml"):
        unsafe = {alias.name for alias in node.names} & (_UNSAFE_YAML | {"*"})
        return f"imports {sorted(unsafe)[0]} of yaml, which can make objects of text" if unsafe else ""
    if isinstance(node, ast.Call) and _called(node) in ("load", "load_all") and _module_of(node) == "yaml":
        values = [*node.args[1:], *(keyword.value for keyword in node.keywords if keyword.arg == "Loader")]
        names = {getattr(value, "attr", getattr(value, "id", "")) for value in values}
        return "" if names & _SAFE_YAML else "calls yaml.load() without a safe loader"
    name = node.attr if isinstance(node, ast.Attribute) else ""
    unsafe_name = name in _UNSAFE_YAML - {"load", "load_all"}
    return f"names yaml's {name}, which can make objects of text" if unsafe_name else ""


def _is_pattern(node: ast.Call) -> bool:
    """`re.compile`, `model.eval` and the like."""
    return isinstance(node.func, ast.Attribute) and _module_of(node) != "builtins" and _called(node) != "run_path"


class _Reader:
    """One module's tree: the names that hold the program or its path, and what is done with them."""

    def __init__(self, name: str, tree: ast.Module, found: Scan) -> None:
        self.name, self.tree, self.found = name, tree, found
        self.modules = set(_assigned(tree, self._gives_module))
        self.paths = {"program_path"} | _first_arguments(tree)
        self.paths |= set(_assigned(tree, self._gives_path))

    def read(self) -> None:
        """Fill in `found`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute) and self._is_program(node.value):
                self._uses(node.attr, node.lineno)
            elif isinstance(node, ast.Call):
                self._look_at(node)

    def _look_at(self, call: ast.Call) -> None:
        name, line = _called(call), call.lineno
        if name in ("getattr", "hasattr") and len(call.args) >= 2 and self._is_program(call.args[0]):
            if isinstance(call.args[1], ast.Constant) and isinstance(call.args[1].value, str):
                self._uses(call.args[1].value, line)
        elif name == "run_shinka_eval":
            for keyword in call.keywords:
                if keyword.arg == "experiment_fn_name" and isinstance(keyword.value, ast.Constant):
                    self._uses(str(keyword.value.value), line)
        elif name in _READS and self._has_path(call):
            self.found.reads.append(f"{self.name} line {line}")
        elif name in _INSPECTS:
            self._handles(line, f"looks at source with {name}()")
        elif name in _COPIES and self._has_path(call) and _module_of(call) in ("shutil", "os"):
            self._handles(line, "copies the program's file")
        elif name in _STARTS and _module_of(call) != "asyncio" and self._starts_program(call):
            self._handles(line, "starts the program's file")
        elif isinstance(call.func, ast.Attribute) and self._is_program(call.func.value):
            self._check_arguments(call)

    def _check_arguments(self, call: ast.Call) -> None:
        functions = {node.name for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)}
        for value in (*call.args, *(keyword.value for keyword in call.keywords)):
            if isinstance(value, ast.Lambda) or (isinstance(value, ast.Name) and value.id in functions):
                self._because(call.lineno, "hands the program a function to call")

    def _starts_program(self, call: ast.Call) -> bool:
        """Whether the program's path is among a command's own words, not in the text of a script."""
        words: list[ast.expr] = []
        for value in (*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "args")):
            value = self._resolved(value)
            words += value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
        return any(self._is_path(word) for word in words)

    def _resolved(self, value: ast.expr) -> ast.expr:
        """The list a name was bound to, where it was bound to one (`cmd = [...]`)."""
        if not isinstance(value, ast.Name):
            return value
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.List) and value.id in _names(node):
                return node.value
        return value

    def _uses(self, name: str, line: int) -> None:
        if not name.startswith("__"):
            self.found.calls.setdefault(name, f"{self.name} line {line}")

    def _because(self, line: int, why: str) -> None:
        self.found.reasons.append(f"{self.name} line {line} {why}")

    def _handles(self, line: int, why: str) -> None:
        self.found.handles.append(f"{self.name} line {line} {why}")

    def _is_program(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id in self.modules

    def _is_path(self, node: ast.expr) -> bool:
        return any(isinstance(part, ast.Name) and part.id in self.paths for part in ast.walk(node))

    def _has_path(self, call: ast.Call) -> bool:
        parts: list[ast.expr] = [*call.args[:1], *([call.func.value] if isinstance(call.func, ast.Attribute) else [])]
        return any(self._is_path(part) or self._is_program(part) for part in parts)

    def _gives_module(self, value: ast.expr) -> bool:
        if not isinstance(value, ast.Call):
            return False
        name = _called(value)
        return name in _LOADERS or name in self._loading()

    def _loading(self) -> set[str]:
        """Functions of this module that load a program and return it."""
        found = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef) and any(
                isinstance(each, ast.Call) and _called(each) in _LOADERS for each in ast.walk(node)
            ):
                local = set(_assigned(node, lambda value: isinstance(value, ast.Call) and _called(value) in _LOADERS))
                if any(_returns_name(each, local) for each in ast.walk(node)):
                    found.add(node.name)
        return found

    def _gives_path(self, value: ast.expr) -> bool:
        """`os.path.abspath(program_path)` and `Path(program_path)`, not what was read from there."""
        wraps = {"abspath", "Path", "str", "resolve", "realpath", "fspath", "expanduser"}
        return isinstance(value, ast.Call) and _called(value) in wraps and self._names_path(value)

    def _names_path(self, call: ast.Call) -> bool:
        return any(isinstance(node, ast.Name) and node.id in self.paths for node in ast.walk(call))


def _objects(calls: Mapping[str, str], program: ast.Module) -> Iterator[str]:
    """Why what the program gives is no plain data: classes, functions, objects of its own."""
    top = {node.name: node for node in program.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    classes = {name for name, node in top.items() if isinstance(node, ast.ClassDef)}
    for name, where in calls.items():
        node = top.get(name)
        if isinstance(node, ast.ClassDef):
            yield f"{where} makes an object of the program's class {name}"
        elif isinstance(node, ast.FunctionDef) and (what := _hands_back(node, classes)):
            yield f"{where} calls {name}, which hands back {what}"


def _hands_back(function: ast.FunctionDef, classes: set[str]) -> str:
    inner = {node.name for node in function.body if isinstance(node, ast.FunctionDef)}
    made: dict[str, str] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _called(node.value) in classes:
            made |= dict.fromkeys(_names(node), _called(node.value))
    for node in ast.walk(function):
        value = node.value if isinstance(node, ast.Return) else None
        if isinstance(value, ast.Lambda) or (isinstance(value, ast.Name) and value.id in inner):
            return "a function"
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in classes:
            return f"an object of its class {value.func.id}"
        if isinstance(value, ast.Name) and value.id in made:
            return f"an object of its class {made[value.id]}"
    return ""


def _names(node: ast.Assign) -> set[str]:
    return {target.id for target in node.targets if isinstance(target, ast.Name)}


def _returns_name(node: ast.AST, names: set[str]) -> bool:
    return isinstance(node, ast.Return) and isinstance(node.value, ast.Name) and node.value.id in names


def _called(call: ast.Call) -> str:
    """The last name of what is called: `f` for `f()` and for `a.b.f()`."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _module_of(call: ast.Call) -> str:
    """The name before the dot: `shutil` for `shutil.copy()`."""
    return getattr(call.func.value, "id", "") if isinstance(call.func, ast.Attribute) else ""


def _assigned(tree: ast.AST, wanted: Callable[[ast.expr], bool]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and wanted(node.value):
            yield from _names(node)


def _first_arguments(tree: ast.Module) -> set[str]:
    """The first argument of every evaluate function and of `main`, whatever its name is."""
    return {
        node.args.args[0].arg
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.name.startswith("evaluate") or node.name == "main")
        and node.args.args
    }
