"""What is found out about a foreign folder without running any of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from foreign_stage import FOLDERS, folder

from evolve.errors import ProblemError
from evolve.problem import Inputs, load_problem
from evolve.problem.foreign import Kind, survey

LOADS = (
    "import importlib.util\n"
    "def evaluate(program_path):\n"
    "    spec = importlib.util.spec_from_file_location('program', program_path)\n"
    "    program = importlib.util.module_from_spec(spec)\n"
    "    spec.loader.exec_module(program)\n"
)


def made(
    root: Path, evaluator: str, program: str = "def f():\n    return 1\n", name: str = "initial_program.py"
) -> Path:
    (root / "evaluator.py").write_text(evaluator)
    (root / name).write_text(program)
    return root


def test_what_stays_sealed_and_what_does_not() -> None:
    looked = {path.name: survey(path) for path in sorted(FOLDERS.iterdir()) if path.is_dir()}
    assert {name for name, each in looked.items() if not each.sealed} == {"classes"}
    assert looked["runs"].kind is Kind.SHINKA
    assert looked["plain"].calls == ("locate", "describe", "STEPS")
    assert looked["plain"].config == "config.yaml"
    assert looked["plain"].dear == ("numpy",)
    assert looked["cascade"].functions == ("evaluate_stage1", "evaluate_stage2", "evaluate_stage3", "evaluate")
    assert {name for name, each in looked.items() if each.starts} == {"by_path"}
    assert {name for name, each in looked.items() if each.reads} == {"reads"}


@pytest.mark.parametrize(
    ("body", "program", "because"),
    [
        ("    return {'s': program.Solver().run()}\n", "class Solver:\n    pass\n", "line 6 makes an object"),
        ("    f = getattr(program, 'Solver')\n", "class Solver:\n    pass\n", "class Solver"),
        ("    f = program.make()\n", "def make():\n    return lambda x: x\n", "make, which hands back a function"),
        (
            "    f = program.make()\n",
            "class A:\n    pass\ndef make():\n    a = A()\n    return a\n",
            "object of its class A",
        ),
        ("    return {'s': program.f(lambda x: x)}\n", "", "hands the program a function"),
        ("    exec(open(program_path).read())\n", "", "reads the program's file and line 6 of evaluator.py calls exec"),
        ("    import shutil; shutil.copy(program_path, 'x.py')\n", "", "line 6 copies the program's file"),
        ("    import subprocess; subprocess.run(['python', program_path])\n", "", "line 6 starts the program's file"),
        ("    import os; t = open(program_path).read(); os.system('ls')\n", "", "reads the program's text and starts"),
        ("    value = eval(program.f())\n", "", "line 6 calls eval(), which could run text that the program returns"),
        ("    import inspect; inspect.getsource(program)\n", "", "looks at source with getsource()"),
    ],
)
def test_reasons_name_file_and_line(tmp_path: Path, body: str, program: str, because: str) -> None:
    looked = survey(made(tmp_path, LOADS + body, program))
    assert not looked.sealed
    assert because in looked.reasons[0]
    assert "line 6" in looked.reasons[0] or because.startswith("reads")
    assert load_problem(tmp_path).unsealed_because == looked.reasons[0]
    if looked.handles:
        with pytest.raises(ProblemError, match=r"--scoring sealed cannot be had.*trusted side"):
            load_problem(tmp_path, Inputs(scoring="sealed"))
    else:
        assert not load_problem(tmp_path, Inputs(scoring="sealed")).unsealed_because


@pytest.mark.parametrize(
    ("helper", "because"),
    [
        ("def run(text):\n    exec(text, {})\n", "line 2 of tools/deep/runner.py calls exec()"),
        ("do = exec\ndef run(text):\n    do(text)\n", "line 1 of tools/deep/runner.py hands exec on"),
        ("import subprocess\n", "imports subprocess"),
        ("from timeit import timeit\n", "imports timeit"),
        ("import pickle\n", "imports pickle"),
        ("import yaml\ndef run(t):\n    return yaml.load(t, Loader=yaml.UnsafeLoader)\n", "without a safe loader"),
        ("from yaml import full_load\n", "imports full_load of yaml"),
        ("import yaml\nrun = yaml.unsafe_load\n", "names yaml's unsafe_load"),
    ],
)
def test_a_text_is_shown_only_where_nothing_near_could_run_it(tmp_path: Path, helper: str, because: str) -> None:
    (tmp_path / "tools" / "deep").mkdir(parents=True)
    (tmp_path / "tools" / "__init__.py").write_text("from .deep import runner\n")
    (tmp_path / "tools" / "deep" / "runner.py").write_text(helper)
    evaluator = "from tools import runner\ndef evaluate(program_path):\n    return len(open(program_path).read())\n"
    looked = survey(made(tmp_path, evaluator))
    assert because in looked.reasons[0]
    (tmp_path / "tools" / "deep" / "runner.py").write_text(
        "import re\nimport yaml\nre.compile('x')\nyaml.safe_load('1')\nyaml.load('1', Loader=yaml.SafeLoader)\n"
    )
    assert survey(tmp_path).sealed
    assert survey(tmp_path).modules == ("evaluator.py", "tools/__init__.py", "tools/deep/runner.py")


@pytest.mark.parametrize(
    "evaluator",
    [
        "async def evaluate(path):\n    return 1.0\n",
        "from scoring import evaluate\n",
        "import scoring\nevaluate = scoring.evaluate\n",
        "try:\n    import numba\nexcept ImportError:\n    from scoring import score as evaluate\n",
    ],
)
def test_an_evaluator_need_not_be_written_in_its_own_file(tmp_path: Path, evaluator: str) -> None:
    (tmp_path / "scoring.py").write_text("def evaluate(path):\n    return 1.0\nscore = evaluate\n")
    assert survey(made(tmp_path, evaluator)).functions == ("evaluate",)


def test_other_languages_are_unsealed_and_texts_are_not(tmp_path: Path) -> None:
    (tmp_path / "rust").mkdir()
    (tmp_path / "prompt").mkdir()
    rust = load_problem(
        made(tmp_path / "rust", "def evaluate(path):\n    pass\n", "fn main() {}\n", "initial_program.rs")
    )
    prompt = load_problem(
        made(tmp_path / "prompt", "def evaluate(path):\n    pass\n", "Answer.\n", "initial_prompt.txt")
    )
    assert "initial_program.rs, which is no Python" in rust.unsealed_because
    assert rust.language == "rust"
    assert not prompt.unsealed_because


def test_the_configuration_decides_time_axes_and_statement() -> None:
    problem = folder("plain")
    assert problem.name == "plain"
    assert problem.limits.wall == 3
    assert [(each.name, each.cells) for each in problem.spec.measures] == [("program_length", 6), ("spread", 6)]
    assert problem.statement.startswith("# plain\n\nFind the hidden point near the origin.")
    assert "`locate`" in problem.statement
    assert "SECRET" not in problem.statement
    assert problem.seed.as_dict().keys() == {"initial_program.py"}
    assert "foreign/initial_program.py" not in problem.evaluator
    assert "foreign/helpers.py" in problem.evaluator


def test_a_module_the_program_imports_comes_with_it_and_cannot_be_changed() -> None:
    problem = folder("runs")
    assert problem.seed.as_dict().keys() == {"initial.py", "shape.py"}
    assert problem.editable_globs == ("initial.py",)


def test_packages_the_program_imports_come_with_it(tmp_path: Path) -> None:
    (tmp_path / "lib" / "inner").mkdir(parents=True)
    (tmp_path / "lib" / "inner" / "tool.py").write_text("from ..other import two\n")
    (tmp_path / "lib" / "other.py").write_text("two = 2\n")
    (tmp_path / "lib" / "unused.py").write_text("this is no Python\n")
    (tmp_path / "data").mkdir()
    made(tmp_path, LOADS, "from lib.inner.tool import two\n")
    assert load_problem(tmp_path).seed.as_dict().keys() == {"initial_program.py", "lib/inner/tool.py", "lib/other.py"}
    made(tmp_path, LOADS, "import data\n")
    with pytest.raises(ProblemError, match="needs data"):
        load_problem(tmp_path)


SECRETS = """\
llm:
  api_key: sk-one  # or sk-two
  models: [{name: big, apiKey: sk-three}]
  secret: >-
    sk-six
  OPENAI_API_KEY: [sk-four]
  max_tokens: 4096
  auth: {password: sk-five}
evaluator:
  timeout: 7
"""


@pytest.mark.parametrize("scoring", ["sealed", "unsealed"])
def test_no_key_of_a_configuration_leaves_its_folder(tmp_path: Path, scoring: str) -> None:
    (tmp_path / "config.yaml").write_text(SECRETS)
    (tmp_path / "config_large.yml").write_text(SECRETS)

    def travelling() -> str:
        problem = load_problem(tmp_path, Inputs(scoring=scoring))
        return "\n".join(f"{name}\n{text}" for name, text in {**problem.evaluator, **problem.companions}.items())

    made(tmp_path, LOADS)
    assert "sk-" not in travelling()
    assert "foreign/config.yaml" not in travelling()
    made(tmp_path, LOADS + "    open('config.yaml')\n")
    assert "sk-" not in travelling()
    assert "max_tokens: 4096" in travelling()
    assert "foreign/config.yaml" in travelling()
    assert load_problem(tmp_path).limits.wall == 7


def test_scoring_in_the_programs_sandbox_leaves_the_evaluator_out_of_the_trusted_one() -> None:
    sealed, unsealed = folder("plain"), folder("plain", scoring="unsealed")
    assert unsealed.unsealed_because == "asked for by --scoring unsealed"
    assert not unsealed.spec.evaluation.sealed
    assert not any(name.startswith("foreign/") for name in unsealed.evaluator)
    assert sealed.companions == {}
    assert sealed.digest != unsealed.digest


def test_the_digest_is_that_of_everything_scores_depend_on(tmp_path: Path) -> None:
    made(tmp_path, LOADS + "    return {'combined_score': program.f()}\n")
    before = load_problem(tmp_path).digest
    assert load_problem(tmp_path).digest == before
    (tmp_path / "table.csv").write_text("1,2\n")
    assert load_problem(tmp_path).digest != before


def test_what_cannot_run_is_said_in_one_sentence(tmp_path: Path) -> None:
    def refusal(inputs: Inputs | None = None) -> str:
        with pytest.raises(ProblemError) as caught:
            load_problem(tmp_path, inputs or Inputs())
        return str(caught.value)

    made(tmp_path, "import no_such_module\ndef evaluate(path):\n    pass\n")
    assert "needs no_such_module, which this Python does not have" in refusal()
    made(tmp_path, "def evaluate(path):\n    return (\n")
    assert "evaluator.py line" in refusal()
    made(tmp_path, "def score(path):\n    return 1\n")
    assert "evaluator.py defines neither evaluate(program_path) nor evaluate_stage1(program_path)" in refusal()
    made(tmp_path, LOADS)
    assert "neither parameters nor held-out cases" in refusal(Inputs(parameters={"n": 3}))
    assert "--scoring open is no way of scoring" in refusal(Inputs(scoring="open"))
    (tmp_path / "config.yaml").write_text("evaluator:\n  timeout: soon\n")
    assert "config.yaml: evaluator.timeout is 'soon'" in refusal()
    (tmp_path / "config.yaml").unlink()
    (tmp_path / "initial_program.py").unlink()
    (tmp_path / "initial_program").mkdir()
    assert "a folder initial_program/ where one file is expected" in refusal()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("evaluator: [\n", " at line 2, column 1: expected the node content, but found '<stream end>'"),
        (
            "evaluator:\n  timeout: 5\n memory: 3\n",
            " at line 3, column 2: expected <block end>, but found '<block mapping start>'",
        ),
        ("llm:\n\tkey: sk-one\n", " at line 2, column 1: found character '\\t' that cannot start any token"),
        ("llm:\n  key: \x07\n", " at line 2, column 8: special characters are not allowed"),
        ("day: 2024-13-01\n", ": month must be in 1..12"),
    ],
)
def test_broken_yaml_is_told_by_line_column_and_problem(tmp_path: Path, text: str, said: str) -> None:
    made(tmp_path, LOADS)
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(ProblemError) as caught:
        load_problem(tmp_path)
    assert str(caught.value) == f"{tmp_path / 'config.yaml'} is not YAML{said}"


def test_a_folder_that_is_none_of_them_is_told_as_before(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match=r"problem.toml is missing"):
        load_problem(tmp_path)


def test_loading_leaves_no_trace_in_the_folder() -> None:
    def seen() -> dict[str, str]:
        files = [path for path in (FOLDERS / "plain").rglob("*") if path.is_file()]
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    before = seen()
    folder("plain")
    assert seen() == before
