from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Searched, environment, run_evolve

HEAVY = {"numpy", "ribs", "litellm", "scipy", "alembic", "sqlalchemy", "docker"}


YARDSTICK, NOMINAL = "import sqlalchemy.orm", 0.45
"""CPU seconds of this import on the quiet machine the bars were set on."""


def slowness() -> float:
    """How much slower than that machine this one is just now: shared ones vary by a factor of two."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", YARDSTICK], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return max(1.0, (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / NOMINAL)


def stays_under(seconds: float, folder: Path, *arguments: str) -> bool:
    """Whether one of five runs takes less CPU, each measured against the yardstick of the same moment."""
    return any(run_evolve(folder, *arguments).cpu < seconds * slowness() for _ in range(5))


def imported(folder: Path, *arguments: str) -> set[str]:
    """Top-level modules loaded by the time a command ends."""
    program = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr))\n"
        "from evolve.cli import main\n"
        f"main({list(arguments)!r})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=environment(), capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


def test_help_is_quick_and_says_what_there_is(tmp_path: Path) -> None:
    shown = run_evolve(tmp_path, "--help")
    assert shown.code == 0
    for command in ("new", "check", "run", "resume", "runs", "show", "best", "lineage"):
        assert f" {command} " in shown.out
    assert "Exit codes" in shown.out
    assert stays_under(0.4, tmp_path, "--help")
    assert not imported(tmp_path, "--help") & (HEAVY | {"pydantic"})


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("runs",), ("show", "1"), ("show", "1/best")])
def test_looking_at_a_database_is_quick(searched: Searched, arguments: tuple[str, ...]) -> None:
    assert stays_under(1.0, searched.folder, *arguments)
    assert not imported(searched.folder, *arguments) & (HEAVY - {"sqlalchemy"})
