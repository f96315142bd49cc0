"""The shape of the code that no linter holds: what runs inside the sandbox, and what may be imported early."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GUEST = sorted((ROOT / "sandbox").rglob("*.py"))
HEAVY = {"ribs", "litellm", "numba", "pandas", "sklearn", "scipy", "docker", "alembic"}


def imported(file: Path) -> set[str]:
    """Top-level names of every absolute import in a file, wherever it stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("file", GUEST, ids=lambda file: file.name)
def test_the_guest_needs_the_standard_library_only(file: Path) -> None:
    own = {"evolve_guest"}
    optional = {"numpy"}  # the codec speaks arrays when numpy is preloaded
    assert imported(file) <= set(sys.stdlib_module_names) | own | optional


@pytest.mark.slow
@pytest.mark.parametrize(
    "module", ["evolve.session", "evolve.engine", "evolve.store", "evolve.problem", "evolve.search", "evolve.library"]
)
def test_nothing_heavy_is_imported_early(module: str) -> None:
    program = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not HEAVY & set(loaded)
