"""`evolve check` speaks of a foreign folder's own files, and of the way to what such a folder cannot have."""

from __future__ import annotations

from pathlib import Path

import pytest
from foreign_stage import FOLDERS, folder

from evolve.problem import load_problem
from evolve.problem.importing import import_folder
from evolve.report.checks import spec
from tests.cli import conftest as command_line
from tests.cli.conftest import Evolve

evolve = command_line.evolve


@pytest.mark.parametrize("scoring", ["sealed", "unsealed"])
@pytest.mark.parametrize(("name", "evaluator"), [("plain", "evaluator.py"), ("runs", "evaluate.py")])
def test_the_cases_are_told_by_the_folders_own_evaluator(name: str, evaluator: str, scoring: str) -> None:
    (found,) = spec.findings(folder(name, scoring))
    assert found.text.startswith(f"one: {evaluator} scores a program as a whole")


def test_an_imported_folder_is_a_native_one(tmp_path: Path) -> None:
    import_folder(FOLDERS / "plain", tmp_path / "native")
    native = load_problem(tmp_path / "native")
    assert spec.foreign_evaluator(native) == ""
    assert "defines no cases(split)" in next(iter(spec.findings(native))).text


@pytest.mark.slow
def test_a_check_names_no_file_or_function_the_folder_does_not_have(evolve: Evolve, tmp_path: Path) -> None:
    said = evolve(tmp_path, "check", FOLDERS / "runs", "--seconds", 8, "--repeats", 2, env={"COLUMNS": "400"})
    assert said.code == 0, said.err
    assert "evolve import makes a native folder of it, whose evaluate.py can give them" in said.out
    assert "shape.py is beside evaluate.py and imported by initial.py, so every program can read it" in said.out
    assert not [
        word for word in ("cases(", "seed/", "foreign/initial", "foreign/shape", "initial.py is") if word in said.out
    ]
