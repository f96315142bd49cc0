"""The scaffold's side of the protocol: over pipes as over function calls, for scaffold zero and for any other."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from scaffold_run import elite, task

from evolve.domain import Outcome, Status
from evolve.errors import EditError
from evolve.genome.folder import companions
from evolve.scaffold import serve
from evolve.scaffold.base import ModelView, OutcomeView, SearchView
from evolve.scaffold.plain import WireError
from evolve.scaffold.settings import ZeroSettings
from evolve.scaffold.wire import API, Hello, read_result, request
from evolve.scaffold.zero import create

SOURCE = "def f(x):\n    return 1.5 * x\n"
TASK = task(SOURCE)
VIEW = SearchView(3, "s", 0, (elite(0, SOURCE, 1.0),), models=(ModelView("m"),))
OUTCOME = OutcomeView(1, "mutate", "by=x", (0,), 0, Status.CRASH, Outcome.REJECTED, None, 1.0)


def server() -> serve.Server:
    return serve.Server("evolve.scaffold", Path(serve.__file__).parent)


def test_scaffold_zero_answers_as_it_does_without_lines() -> None:
    made, settings = server(), {"models": ["m"]}
    here = create(TASK, settings)
    assert read_result(made.answer(request(1, "hello", api=API)), 1, "hello") == Hello(API, "zero")
    assert read_result(made.answer(request(2, "init", task=TASK, settings=settings)), 2, "init") is None
    assert read_result(made.answer(request(3, "propose", view=VIEW)), 3, "propose") == here.propose(VIEW)
    here.observe(OUTCOME)
    made.answer(request(4, "observe", outcomes=(OUTCOME,)))
    assert read_result(made.answer(request(5, "snapshot")), 5, "snapshot") == here.snapshot()
    assert read_result(made.answer(request(6, "pins")), 6, "pins") == here.pins()
    closed = SearchView(4, "s", 0, (elite(0, SOURCE, 1.0),))
    with pytest.raises(EditError, match="a model's turn and none is free"):
        read_result(made.answer(request(7, "propose", view=closed)), 7, "propose")


def test_what_is_out_of_order_or_no_request_ends_it() -> None:
    with pytest.raises(RuntimeError, match="before it sent init"):
        server().answer(request(1, "propose", view=VIEW))
    with pytest.raises(RuntimeError, match="version 2"):
        server().answer(request(1, "hello", api=2))
    with pytest.raises(WireError):
        server().answer("hello")


def test_settings_are_those_it_knows() -> None:
    told = asdict(ZeroSettings(models=("m",), lessons=2))
    assert create(TASK, {**told, "of_a_newer_host": 3})._settings == ZeroSettings(models=("m",), lessons=2)
    assert create(TASK, {})._settings == ZeroSettings()
    with pytest.raises(WireError, match=r"settings\.lessons is 'two', not a whole number"):
        create(TASK, {**told, "lessons": "two"})


def test_it_speaks_over_pipes(tmp_path: Path) -> None:
    """As an author would try it, who compares another program's lines with these."""
    for path, text in companions().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    folder = tmp_path / "evolve" / "scaffold"
    (folder / "scaffold.toml").write_text('name = "mine"\napi = 1\nentry = "mine:create"\nmeta = "mine:create"\n')
    (folder / "mine.py").write_text(
        "class Mine:\n    def pins(self):\n        print('noise')\n        return {2, 1}\n\n\n"
        "def create(task, settings):\n    return Mine()\n"
    )
    asked = [request(1, "hello", api=1), request(2, "init", task=TASK, settings={}), request(3, "pins"), "no request"]
    done = subprocess.run(
        [sys.executable, "-m", "evolve.scaffold.serve"],
        input="\n".join(asked) + "\n", cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    replies = [json.loads(line) for line in done.stdout.splitlines()]
    assert replies == [{"id": 1, "ok": {"api": 1, "name": "mine"}}, {"id": 2, "ok": None}, {"id": 3, "ok": [1, 2]}]
    assert "noise" in done.stderr
    assert "WireError: the line is no JSON" in done.stderr
    assert done.returncode == 1
