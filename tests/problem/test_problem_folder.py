"""A folder becomes one checked record, or one error that lists every fault."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from evolve.domain import Direction, Program, Status
from evolve.errors import ProblemError
from evolve.problem import load_attacks, load_problem


def test_a_complete_folder_is_read(make_folder: Callable[..., Path]) -> None:
    root = make_folder(
        {
            "data/points.json": "[1, 2]",
            "scoring.py": "LIMIT = 1\n",
            "attacks/liar.py": "# expect: wrong\n",
            "seed/lib/tools.py": "x = 1\r\n",
            "seed/__pycache__/main.pyc": b"\xff",
            "evolve.db": b"\xff\xfe",
            ".hidden": b"\xff",
        }
    )
    problem = load_problem(root)
    assert problem.name == "tiny"
    assert problem.direction is Direction.MAXIMIZE
    assert problem.statement == "Make the score larger.\n"
    assert problem.seed.as_dict() == {"lib/tools.py": "x = 1\r\n", "main.py": "def f():\n    return 1\n"}
    assert sorted(problem.evaluator) == ["data/points.json", "evaluate.py", "scoring.py"]
    assert problem.editable == ("lib/tools.py", "main.py")
    assert problem.language == "python"
    assert problem.root == root.resolve()
    with pytest.raises(dataclasses.FrozenInstanceError):
        problem.entry = "other.py"


def test_defaults_and_declarations_of_the_program(make_folder: Callable[..., Path]) -> None:
    toml = (
        'name = "tiny"\nsummary = "s"\n[objective]\nmetric = "score"\ndirection = "minimize"\n'
        '[program]\nentry = "src/main.cpp"\neditable = ["src/**"]\nbuild = ["c++", "src/main.cpp"]\n'
        'command = ["./a.out"]\n'
    )
    problem = load_problem(
        make_folder({"problem.toml": toml, "seed/main.py": None, "seed/src/main.cpp": "int x;", "seed/README": "hi"})
    )
    assert (problem.entry, problem.language, problem.editable) == ("src/main.cpp", "cpp", ("src/main.cpp",))
    assert problem.spec.program.build == ("c++", "src/main.cpp")


def test_a_missing_folder_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match=r"nowhere does not exist.*evolve new"):
        load_problem(tmp_path / "nowhere")
    (tmp_path / "file").write_text("x")
    with pytest.raises(ProblemError, match="is a file, not a folder"):
        load_problem(tmp_path / "file")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"problem.toml": None}, r"problem\.toml is missing"),
        ({"problem.toml": "name = tiny"}, r"problem\.toml is not TOML: .*line 1"),
        ({"problem.toml": b"name = '\xe9'"}, r"problem\.toml is not UTF-8 text \(byte 8\)"),
        ({"problem.md": None}, r"problem\.md is missing or empty"),
        ({"problem.md": " \n"}, r"problem\.md is missing or empty"),
        ({"seed/main.py": None}, r"seed/ is missing"),
        ({"seed/main.py": b"\xff\xfe"}, r"main\.py is not UTF-8 text \(byte 0\)"),
        ({"seed/main.py": "def f(:\n"}, r"seed/main\.py line 1: "),
        ({"seed/main.py": "# EVOLVE-BLOCK-START\n"}, r"seed/main\.py: a EVOLVE-BLOCK-START is never closed"),
        ({"seed/main.py": "x = 1\n# EVOLVE-BLOCK-END\n"}, r"line 2 has EVOLVE-BLOCK-END without"),
        ({"seed/a b.py": "x = 1\n"}, r"seed/a b\.py: use letters, digits"),
        ({"evaluate.py": None}, r"evaluate\.py is missing"),
        ({"evaluate.py": "def evaluate(program, case)\n"}, r"evaluate\.py line 1: "),
        ({"evaluate.py": "def evaluate_all(p, c): ...\n"}, r"defines no evaluate.*found evaluate_all: rename"),
        ({"evaluate.py": "import math\nif 1:\n    def evaluate(p, c): ...\n"}, r"defines no evaluate"),
        ({"evaluate.py": "def evaluate(program): ...\n"}, r"line 1: evaluate takes 1 arguments"),
        ({"evaluate.py": "async def evaluate(p, c): ...\n"}, r"evaluate is async"),
        ({"evaluate.py": "def evaluate(p, c): ...\ndef cases(): ...\n"}, r"cases takes 0 arguments"),
        ({"table.npy": b"\x93NUMPY"}, r"table\.npy is not UTF-8 text.*JSON or CSV"),
    ],
)
def test_each_fault_is_one_clear_sentence(
    make_folder: Callable[..., Path], changes: dict[str, str | bytes | None], sentence: str
) -> None:
    with pytest.raises(ProblemError, match=sentence) as caught:
        load_problem(make_folder(changes))
    assert "\n" not in str(caught.value)


def test_an_empty_seed_folder_is_a_fault(make_folder: Callable[..., Path]) -> None:
    with pytest.raises(ProblemError, match="seed/ is empty"):
        load_problem(make_folder({"seed/main.py": None, "seed/.gitkeep": ""}))


def test_all_faults_are_told_at_once(make_folder: Callable[..., Path]) -> None:
    root = make_folder(
        {
            "problem.toml": 'name = "tiny"\nsummary = "s"\n[objective]\nmetric = "score"\ndirection = "up"\n',
            "problem.md": None,
            "seed/main.py": b"\xff",
            "evaluate.py": "x = 1\n",
        }
    )
    with pytest.raises(ProblemError) as caught:
        load_problem(root)
    message = str(caught.value)
    assert "has 4 faults" in message
    for part in ("objective.direction = 'up'", "problem.md", "main.py is not UTF-8", "defines no evaluate"):
        assert part in message


def test_entry_and_globs_must_match_the_seed(make_folder: Callable[..., Path]) -> None:
    toml = (
        'name = "tiny"\nsummary = "s"\n[objective]\nmetric = "score"\ndirection = "minimize"\n'
        '[program]\nentry = "mian.py"\neditable = ["*.py", "src/*.py"]\n'
    )
    with pytest.raises(ProblemError) as caught:
        load_problem(make_folder({"problem.toml": toml}))
    assert "program.entry is 'mian.py', but seed/ holds main.py" in str(caught.value)
    assert "program.editable has 'src/*.py', which matches nothing" in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs symbolic links")
def test_a_link_to_a_parent_folder_does_not_hang(make_folder: Callable[..., Path]) -> None:
    root = make_folder({})
    (root / "seed" / "again").symlink_to(root)
    assert load_problem(root).editable == ("main.py",)


def test_the_digest_follows_what_scores_depend_on(make_folder: Callable[..., Path]) -> None:
    toml = make_folder({}).joinpath("problem.toml").read_text()
    base = load_problem(make_folder({})).digest
    assert load_problem(make_folder({})).digest == base
    assert load_problem(make_folder({"problem.md": "Other words.\n"})).digest == base
    assert load_problem(make_folder({"problem.toml": toml + "target = 3.0\n"})).digest == base
    assert load_problem(make_folder({"problem.toml": toml + "[limits]\nwall = 3.0\n"})).digest != base
    assert load_problem(make_folder({"problem.toml": toml, "seed/main.py": "def f():\n    return 2\n"})).digest != base
    assert load_problem(make_folder({"data.json": "[]"})).digest != base


def test_cpu_seconds_left_out_are_the_longest_wall_time(make_folder: Callable[..., Path]) -> None:
    toml = make_folder({}).joinpath("problem.toml").read_text()
    stages = '[[stages]]\nname = "a"\n[[stages]]\nname = "b"\ntimeout = 60.0\n'
    limits = load_problem(make_folder({"problem.toml": toml + stages + "[limits]\nwall = 3.0\n"})).limits
    assert (limits.wall, limits.cpu) == (3.0, 60.0)
    limits = load_problem(make_folder({"problem.toml": toml + "[limits]\ncpu = 2.0\n"})).limits
    assert (limits.wall, limits.cpu) == (10.0, 2.0)


def test_attacks_take_the_place_of_the_entry(make_folder: Callable[..., Path]) -> None:
    root = make_folder(
        {
            "seed/other.py": "y = 1\n",
            "attacks/b.py": "// expect: wrong | crash\nx\n",
            "attacks/a.py": "# expect: timeout\n",
        }
    )
    problem = load_problem(root)
    first, second = load_attacks(problem)
    assert (first.name, first.expect) == ("a", {Status.TIMEOUT})
    assert (second.name, second.expect) == ("b", {Status.WRONG, Status.CRASH})
    assert second.program == Program.of({"main.py": "// expect: wrong | crash\nx\n", "other.py": "y = 1\n"})


@pytest.mark.parametrize("first_line", ["", "# expect: valid", "# expect: wrong | fine", "# should fail"])
def test_an_attack_must_say_how_it_ends(make_folder: Callable[..., Path], first_line: str) -> None:
    problem = load_problem(make_folder({"attacks/a.py": first_line + "\n"}))
    with pytest.raises(ProblemError, match=r"a\.py: the first line must be a comment such as"):
        load_attacks(problem)


def test_no_attacks_folder_means_no_attacks(make_folder: Callable[..., Path]) -> None:
    assert load_attacks(load_problem(make_folder({}))) == ()


@pytest.mark.parametrize("name", ["text", "files", "last"])
def test_a_call_that_would_meet_a_value_of_ours_names_the_way_round(
    make_folder: Callable[..., Path], name: str
) -> None:
    scorer = f"def evaluate(program, case):\n    return {{'score': program.{name}(3)}}\n"
    with pytest.raises(ProblemError, match=rf"line 2: program.{name} is no function .* program.call\('{name}', ...\)"):
        load_problem(make_folder({"evaluate.py": scorer}))


def test_data_in_the_folder_for_programs_is_named(make_folder: Callable[..., Path]) -> None:
    with pytest.raises(ProblemError, match=r"baselines/data.json is a file"):
        load_problem(make_folder({"baselines/data.json": "{}"}))
