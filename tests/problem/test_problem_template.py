"""`evolve new` writes a problem that loads, runs and has something to improve."""

from __future__ import annotations

import runpy
import statistics
from pathlib import Path
from types import SimpleNamespace

import pytest

from evolve.errors import ProblemError
from evolve.problem import load_problem, templates, write_problem


@pytest.mark.parametrize("template", templates())
def test_every_template_is_a_complete_problem(tmp_path: Path, template: str) -> None:
    problem = load_problem(write_problem("fresh-one", tmp_path / "made" / "here", template))
    assert problem.name == "fresh-one"
    assert not any("{{" in text for text in problem.evaluator.values())


def score(folder: Path, program: str, split: str) -> dict[str, float]:
    evaluator = runpy.run_path(str(folder / "evaluate.py"))
    namespace: dict[str, object] = {}
    exec(program, namespace)
    scores = [evaluator["evaluate"](SimpleNamespace(f=namespace["f"]), case) for case in evaluator["cases"](split)]
    return {name: statistics.fmean(each[name] for each in scores) for name in scores[0]}


def test_the_function_template_can_be_improved(tmp_path: Path) -> None:
    folder = write_problem("wave", tmp_path)
    problem = load_problem(folder)
    seed = problem.seed.as_dict()[problem.entry]
    before = score(folder, seed, "search")[problem.spec.objective.metric]
    line = "def f(x):\n    return 0.6366\n"
    assert score(folder, line, "search")["error"] == pytest.approx(0.308, abs=0.01)
    assert score(folder, line, "holdout")["error"] == pytest.approx(
        problem.spec.objective.baselines["best_constant"].value, abs=0.001
    )
    better = "def f(x):\n    return 4 * x * (3.14159 - x) / 9.8696\n"
    assert score(folder, better, "search")["error"] < before / 2


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    folder = write_problem("wave", tmp_path)
    (folder / "problem.md").write_text("mine")
    with pytest.raises(ProblemError, match="is already there"):
        write_problem("wave", tmp_path)
    assert (folder / "problem.md").read_text() == "mine"


@pytest.mark.parametrize("name", ["", "Wave", "1st", "../up", "a b", "a/b", "x" * 65, "-a", "wave\n"])
def test_what_cannot_be_a_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ProblemError, match="cannot be a problem's name"):
        write_problem(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_template_lists_the_known(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match=r"there are: .*function"):
        write_problem("wave", tmp_path, "funktion")


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ProblemError, match="cannot be made"):
        write_problem("wave", tmp_path / "file")
