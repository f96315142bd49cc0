"""`evolve import`: the native folder scores as the foreign one does, and says what is to be done."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from foreign_stage import FOLDERS, folder, scored

from evolve.errors import ProblemError
from evolve.problem import load_problem
from evolve.problem.importing import import_folder
from tests.cli import conftest as command_line
from tests.cli.conftest import Evolve

evolve = command_line.evolve
LOUD = """\
max_iterations: 40
random_seed: 7
diff_based_evolution: false
llm:
  api_base: https://models.example/v1
  api_key: sk-very-secret
  models:
    - {name: big one, weight: 0.8}
    - {name: small, weight: 0.2}
  temperature: 0.7
prompt:
  template_dir: templates
database:
  num_islands: 3
  migration_interval: 20
  migration_rate: 0.2
evaluator:
  parallel_evaluations: 2
  memory_limit_mb: 300
"""


def foreign(place: Path, config: str = LOUD) -> Path:
    """A folder of our own in OpenEvolve's shape, with these settings."""
    root = place / "loud"
    root.mkdir()
    (root / "initial_program.py").write_text("def level():\n    return 0.5\n")
    (root / "evaluator.py").write_text(
        "import importlib.util\n\n\ndef evaluate(program_path):\n"
        "    spec = importlib.util.spec_from_file_location('program', program_path)\n"
        "    program = importlib.util.module_from_spec(spec)\n    spec.loader.exec_module(program)\n"
        "    return {'combined_score': float(program.level())}\n"
    )
    (root / "config.yaml").write_text(config)
    return root


def untimed(metrics: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in metrics.items() if "time" not in name}


@pytest.mark.parametrize("name", ["plain", "cascade", "classes", "runs"])
def test_the_seed_scores_as_in_the_foreign_folder(name: str, tmp_path: Path) -> None:
    made = import_folder(FOLDERS / name, tmp_path / "native")
    before, after = folder(name), load_problem(tmp_path / "native")
    assert made.sealed is after.spec.evaluation.sealed is before.spec.evaluation.sealed
    assert after.spec == before.spec
    assert (after.seed, after.entry, after.editable) == (before.seed, before.entry, before.editable)
    assert after.statement == before.statement
    [foreign_seed], [native_seed] = scored(before), scored(after)
    assert native_seed.status is foreign_seed.status
    assert native_seed.objective == foreign_seed.objective
    assert untimed(native_seed.metrics) == untimed(foreign_seed.metrics)


def test_programs_fail_alike(tmp_path: Path) -> None:
    import_folder(FOLDERS / "classes", tmp_path / "native")
    text = folder("classes").seed.as_dict()["initial_program.py"]
    programs = [text.replace("step, 0", "step, 4"), "class Counter(:\n", "class Counter:\n    pass\n"]
    before, after = scored(folder("classes"), programs), scored(load_problem(tmp_path / "native"), programs)
    assert [(each.status, each.objective) for each in after] == [(each.status, each.objective) for each in before]


def test_an_imported_folder_is_searched_at_once(evolve: Evolve, tmp_path: Path) -> None:
    assert evolve(tmp_path, "import", foreign(tmp_path), "-o", "native").code == 0
    ran = evolve(
        tmp_path, "run", "native", "--evaluations", 6, "--seed", 1, "--set", "scaffold.polish=0", "--json"
    ).json()
    assert ran["sealed"] is True
    assert ran["seed"]["mean"] == 0.5
    assert ran["best"]["mean"] > 0.5


def test_what_an_evaluator_needs_to_be_sealed_is_named_by_file_and_line(evolve: Evolve, tmp_path: Path) -> None:
    said = evolve(tmp_path, "import", FOLDERS / "classes", "--output", "native", env={"COLUMNS": "300"}).out
    reason = "original/evaluator.py line 10 makes an object of the program's class Counter"
    written = (tmp_path / "native" / "IMPORT.md").read_text()
    assert reason in said
    assert f"- {reason}" in written
    assert "set sealed = true in problem.toml" in written
    line = (tmp_path / "native" / "original" / "evaluator.py").read_text().splitlines()[9]
    assert "Counter(" in line


def test_an_evaluator_that_was_changed_as_told_is_sealed_by_one_word(tmp_path: Path) -> None:
    root = tmp_path / "native"
    import_folder(FOLDERS / "classes", root)
    evaluator, seed, toml = (
        root / "original" / "evaluator.py",
        root / "seed" / "initial_program.py",
        root / "problem.toml",
    )
    evaluator.write_text(
        evaluator.read_text()
        .replace("counter = program.Counter(2)\n    ", "")
        .replace("[counter.count() for _ in range(3)]", "program.counts(2, 3)")
    )
    seed.write_text("def counts(step, n):\n    return [step * (i + 1) for i in range(n)]\n")
    toml.write_text(toml.read_text().replace("sealed = false", "sealed = true"))
    problem = load_problem(root)
    assert problem.spec.evaluation.sealed
    assert not problem.companions
    [found] = scored(problem)
    assert found.objective is not None
    assert found.objective.mean == pytest.approx(6 / 9)


def test_settings_become_flags_or_are_named_as_left_behind(tmp_path: Path) -> None:
    made = import_folder(foreign(tmp_path), tmp_path / "native")
    flags = (
        "--evaluations 40 --seed 7 --workers 2 --set search.islands=3 --set search.migration_rate=0.2"
        " --set search.migration_interval=60 --set scaffold.form=whole --model 'openai/big one' --model openai/small"
        " --api-base https://models.example/v1"
    )
    assert f"flags of evolve run that mean the same: {flags}" in made.taken
    assert made.left == (
        "settings without a counterpart here: llm: api_key, temperature; prompt: template_dir",
        "files that score nothing: config.yaml",
    )
    toml = (tmp_path / "native" / "problem.toml").read_text()
    assert flags in toml
    assert tomllib.loads(toml)["limits"] == {"wall": 60.0, "memory": "300MB"}
    assert "secret" not in toml + (tmp_path / "native" / "IMPORT.md").read_text() + repr(made)


def test_flags_are_ones_that_run_takes(evolve: Evolve, tmp_path: Path) -> None:
    from evolve.cli.app import app

    root = foreign(tmp_path, LOUD.replace("https://models.example/v1", "http://127.0.0.1:9/v1"))
    import_folder(root, tmp_path / "native")
    comment = (tmp_path / "native" / "problem.toml").read_text().splitlines()[1]
    _, command, _ = app.parse_args(comment.partition("evolve ")[2].replace("DIR", "native"), exit_on_error=False)[:3]
    assert command.arguments["limits"].evaluations == 40


@pytest.mark.parametrize(
    "value", ["'\"\\n[evaluation]\\nsealed = true\\n#'", "'https://user:password@host'", "[1, 2]", "'\\u202e'", "12"]
)
def test_hostile_settings_stay_in_their_comment(value: str, tmp_path: Path) -> None:
    quoted = value.replace("'", '"').replace('""', '"\\"')
    model = "a/b" if "@" in value else quoted
    config = f"llm:\n  primary_model: {model}\n  api_base: {quoted}\nprompt:\n  system_message: {quoted}\n"
    import_folder(foreign(tmp_path, config), tmp_path / "native")
    toml = (tmp_path / "native" / "problem.toml").read_text()
    assert "password" not in toml
    assert tomllib.loads(toml)["evaluation"] == {"preload": []}


def test_what_cannot_be_imported_is_refused_in_a_sentence(evolve: Evolve, tmp_path: Path) -> None:
    root, native, other = foreign(tmp_path), tmp_path / "native", tmp_path / "other"
    import_folder(root, native)
    other.mkdir()
    for source, target, said in (
        (root, native, "is already there; name a folder that is not"),
        (native, tmp_path / "again", "has a problem.toml, so it is a native folder already"),
        (other, tmp_path / "again", "holds neither problem.toml nor evaluator.py (OpenEvolve) nor evaluate.py"),
        (tmp_path / "nothing", tmp_path / "again", "is no folder; give an OpenEvolve or ShinkaEvolve folder"),
    ):
        refused = evolve(tmp_path, "import", source, "-o", target)
        assert refused.code == 2
        assert said in " ".join(refused.err.split())
    assert not (tmp_path / "again").exists()


def test_a_kept_evaluator_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    root = tmp_path / "native"
    import_folder(foreign(tmp_path), root)
    (root / "original" / "evaluator.py").rename(root / "original" / "scorer.py")
    with pytest.raises(ProblemError, match=r"names the evaluator 'evaluator.py', which is not in original/"):
        load_problem(root)
    (root / "foreign.json").unlink()
    with pytest.raises(ProblemError, match=r"foreign.json is missing, and evaluate.py imports evolve_foreign"):
        load_problem(root)
    (root / "foreign.json").write_text("[]")
    with pytest.raises(ProblemError, match="is no JSON object"):
        load_problem(root)
    (root / "evaluate.py").write_text("def evaluate(program, case):\n    return {'combined_score': 1.0}\n")
    assert load_problem(root).companions == {}


def test_all_of_it_as_json(evolve: Evolve, tmp_path: Path) -> None:
    said = evolve(tmp_path, "import", FOLDERS / "runs", "-o", "native", "--json").json()
    assert (said["kind"], said["name"], said["sealed"], said["folder"]) == ("shinkaevolve", "runs", True, "native")
    assert "files that score nothing: run_evo.py" in said["left"]
    kept = json.loads((tmp_path / "native" / "foreign.json").read_text())
    assert kept["kind"] == "shinkaevolve"


def test_the_page_names_every_file_that_is_written(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "foreign.md").read_text(encoding="utf-8")
    section = page.split("## Importing")[1].split("\n## ")[0]
    import_folder(foreign(tmp_path), tmp_path / "native")
    for path in (tmp_path / "native").iterdir():
        assert f"`{path.name}{'/' * path.is_dir()}`" in section


def test_an_imported_evaluator_that_could_run_the_text_it_reads_cannot_be_declared_sealed(tmp_path: Path) -> None:
    root = foreign(tmp_path)
    (root / "evaluator.py").write_text(
        "def evaluate(program_path):\n    space = {}\n    exec(open(program_path).read(), space)\n"
        "    return {'combined_score': float(space['level']())}\n"
    )
    native = tmp_path / "native"
    assert not import_folder(root, native).sealed
    settings = (native / "problem.toml").read_text()
    (native / "problem.toml").write_text(settings.replace("sealed = false", "sealed = true"))
    with pytest.raises(ProblemError, match=r"line 3 of evaluator.py calls exec\(\).*sealed = false"):
        load_problem(native)
