"""The commands operators, models, failures and cost, on a run that a real search has made."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.conftest import Evolve, Searched, environment
from tests.cli.test_cli_startup import HEAVY


def test_operators_add_up_to_the_candidates_of_the_run(evolve: Evolve, searched: Searched) -> None:
    shown = evolve(searched.folder, "operators")
    assert shown.code == 0
    assert "built-in source edits" in shown.out
    data = evolve(searched.folder, "operators", "first", "--json").json()
    [run] = evolve(searched.folder, "runs", "--json").json()
    assert data["total"]["proposed"] == run["candidates"] - 1  # the seed is nobody's
    for lines in ("families", "operators", "models", "pairs"):
        assert sum(line["proposed"] for line in data[lines]) == data["total"]["proposed"]
    assert data["asks"] is False
    assert "no model was asked" in evolve(searched.folder, "models").out
    assert evolve(searched.folder, "models", "--json").json() == data


def test_failures_and_cost_agree_with_the_run(evolve: Evolve, searched: Searched) -> None:
    statuses = evolve(searched.folder, "show", "1", "--json").json()["statuses"]
    failures = evolve(searched.folder, "failures", "1", "--json").json()
    counted = {each["status"]: each["count"] for kind in failures["kinds"] for each in kind["failures"]}
    assert counted == {status: count for status, count in statuses.items() if status != "valid"}
    assert failures["valid"] == statuses["valid"] - 1
    assert evolve(searched.folder, "failures").code == 0
    cost = evolve(searched.folder, "cost", "--json").json()
    assert cost["burn"]["evaluations"] == 60
    assert cost["course"]["told"][-1] == sum(statuses.values())
    shown = evolve(searched.folder, "cost")
    assert "this run costs time alone" in shown.out
    assert "100 % used, 0 of 60 left" in shown.out


@pytest.mark.parametrize("command", ["operators", "models", "failures", "cost"])
def test_an_unknown_run_is_a_sentence(evolve: Evolve, searched: Searched, command: str) -> None:
    ended = evolve(searched.folder, command, "nobody")
    assert ended.code == 2
    assert "there is no run called 'nobody'" in ended.err


@pytest.mark.slow
def test_looking_needs_no_heavy_library(searched: Searched) -> None:
    program = (
        "import sys\n"
        "from contextlib import suppress\n"
        "from evolve.cli import main\n"
        "for command in ('operators', 'models', 'failures', 'cost'):\n"
        "    with suppress(SystemExit):\n"
        "        main([command])\n"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=searched.folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert not set(done.stderr.split()) & (HEAVY - {"sqlalchemy"} | {"ribs", "starlette"})
