"""Parameters, a given held-out folder and champions: what reaches the evaluator, the statement and the digest."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from evolve.errors import ProblemError
from evolve.problem import Champion, Inputs, load_problem

MakeFolder = Callable[[Mapping[str, str | bytes | None]], Path]
TOML = """
name = "sized"
summary = "{{n}} things"
parameters = { n = 26, mode = "fast", share = 0.5, strict = true }
[objective]
metric = "score"
direction = "maximize"
bound = 2.8
baselines.grid = { value = 2.5, source = "measured" }
best_known = { value = 2.6, source = "somewhere" }
[[variants]]
parameters = { n = 32 }
bound = 3.2
best_known = { value = 2.9, source = "somewhere" }
"""


@pytest.fixture
def folder(make_folder: MakeFolder) -> Path:
    return make_folder({"problem.toml": TOML, "problem.md": "Place {{n}} of {{m}}.\n", "holdout/own.txt": "own"})


def test_without_anything_given_the_declared_values_hold(folder: Path) -> None:
    problem = load_problem(folder)
    assert (problem.spec.summary, problem.statement) == ("26 things", "Place 26 of {{m}}.\n")
    assert json.loads(problem.evaluator["parameters.json"]) == {
        "n": 26, "mode": "fast", "share": 0.5, "strict": True,
    }  # fmt: skip
    assert problem.spec.objective.bound == 2.8
    assert "champions.json" not in problem.evaluator


def test_a_variant_brings_what_is_known_of_its_values(folder: Path) -> None:
    problem = load_problem(folder, Inputs({"n": 32}))
    objective = problem.spec.objective
    assert objective.best_known is not None
    assert (objective.bound, objective.best_known.value, dict(objective.baselines)) == (3.2, 2.9, {})
    assert (problem.spec.summary, problem.spec.parameters["n"]) == ("32 things", 32)


def test_of_other_values_nothing_is_claimed(folder: Path) -> None:
    objective = load_problem(folder, Inputs({"n": 33, "share": 1})).spec.objective
    assert (objective.bound, objective.best_known, dict(objective.baselines)) == (None, None, {})
    assert (objective.metric, objective.direction) == ("score", "maximize")


def test_scores_of_other_inputs_are_not_mixed(folder: Path, tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    (given / "theirs.txt").write_text("theirs")
    champion = Champion(1, 7, {"main.py": "def f():\n    return 2\n"})
    every = [Inputs(), Inputs({"n": 32}), Inputs(holdout=given), Inputs(champions=(champion,))]
    assert len({load_problem(folder, inputs).digest for inputs in every}) == len(every)
    assert load_problem(folder).digest == load_problem(folder, Inputs({"n": 26})).digest


def test_a_problem_without_parameters_keeps_the_digest_it_had(make_folder: MakeFolder) -> None:
    expected = "a085a5fada78119ced4595f2"
    assert load_problem(make_folder({})).digest.startswith(expected)


def test_a_given_folder_takes_the_place_of_the_problems_own(folder: Path, tmp_path: Path) -> None:
    given = tmp_path / "given"
    (given / "deep").mkdir(parents=True)
    (given / "deep" / "theirs.txt").write_text("theirs")
    files = load_problem(folder, Inputs(holdout=given)).evaluator
    assert files["holdout/deep/theirs.txt"] == "theirs"
    assert "holdout/own.txt" not in files
    assert load_problem(folder).evaluator["holdout/own.txt"] == "own"


def test_champions_travel_with_the_evaluator(folder: Path) -> None:
    problem = load_problem(folder, Inputs(champions=(Champion(1, 7, {"main.py": "x"}),)))
    assert json.loads(problem.evaluator["champions.json"]) == [{"round": 1, "candidate": 7, "files": {"main.py": "x"}}]
    assert "champions.json" not in problem.seed.as_dict()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"m": 3}, r"there is no parameter 'm'; problem.toml declares n, mode, share, strict"),
        ({"mod": "x"}, r"did you mean 'mode'\?"),
        ({"n": "many"}, r"parameter n = 'many' must be a whole number"),
        ({"n": True}, r"parameter n = True must be a whole number"),
        ({"n": 1.5}, r"parameter n = 1.5 must be a whole number"),
        ({"strict": 1}, r"parameter strict = 1 must be true or false"),
        ({"share": "half"}, r"parameter share = 'half' must be a number"),
    ],
)
def test_what_is_no_parameter_is_refused(folder: Path, given: dict[str, int | float | str | bool], told: str) -> None:
    with pytest.raises(ProblemError, match=told):
        load_problem(folder, Inputs(given))


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        (TOML.replace("parameters = { n = 32 }", "parameters = { m = 32 }"), "there is no parameter 'm'"),
        (TOML.replace("n = 26,", "N = 26,"), "parameters"),
        (TOML.replace("n = 26,", "n = [26],"), "parameters.n"),
        (TOML.replace("n = 26,", "n = inf,"), "parameters.n"),
    ],
)
def test_parameters_declared_wrongly_are_named(make_folder: MakeFolder, toml: str, told: str) -> None:
    with pytest.raises(ProblemError, match=told):
        load_problem(make_folder({"problem.toml": toml}))


def test_a_file_with_a_name_evolve_writes_to_is_refused(make_folder: MakeFolder) -> None:
    with pytest.raises(ProblemError, match=r"champions\.json is a name evolve writes to"):
        load_problem(make_folder({"champions.json": "[]"}))


def test_a_held_out_folder_that_is_none_is_one_sentence(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ProblemError, match="is no folder"):
        load_problem(folder, Inputs(holdout=tmp_path / "nowhere"))
    with pytest.raises(ProblemError, match="is empty"):
        load_problem(folder, Inputs(holdout=tmp_path / "empty"))


@pytest.mark.parametrize("scoring", ["sealed", "unsealed"])
def test_a_way_of_scoring_is_refused_where_the_folder_itself_says_it(folder: Path, scoring: str) -> None:
    with pytest.raises(ProblemError, match=f"--scoring {scoring} is for another tool's folder.*leave --scoring out"):
        load_problem(folder, Inputs(scoring=scoring))


def test_a_held_out_folder_nobody_would_read_is_refused(make_folder: MakeFolder, tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    (given / "theirs.txt").write_text("theirs")
    with pytest.raises(ProblemError, match=r"it has no folder holdout/ whose place --holdout .*given could take"):
        load_problem(make_folder({}), Inputs(holdout=given))
