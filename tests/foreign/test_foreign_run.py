"""Foreign folders scored in the real sandbox, unchanged."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path

import pytest
from foreign_stage import FOLDERS, folder, scored

from evolve.assembly import sealed_problem
from evolve.domain import Status
from evolve.errors import EvaluatorError
from evolve.problem import Inputs, load_problem
from evolve.sandbox.local import LocalSandbox

BLOCK = "# EVOLVE-BLOCK-START"


def test_an_evaluator_that_calls_functions_is_sealed_and_scores_as_it_would_alone() -> None:
    problem = folder("plain")
    text = problem.seed.as_dict()["initial_program.py"]
    near = text.replace("rng.uniform(-1, 1, size=(target_count, 2))", "np.full((target_count, 2), [0.25, -0.5])")
    broken = text.replace("return rng", "raise ValueError(f'no {target_count}')\n    return rng")
    nameless = text.replace("def locate", "def find")
    forever = text.replace("rng = np", "while True: pass\n    rng = np")
    seed, best, crash, missing, late = scored(problem, [near, broken, nameless, forever])
    assert not problem.unsealed_because
    assert problem.spec.evaluation.sealed
    assert seed.status is Status.VALID
    assert seed.metrics["steps"] == 12
    assert seed.measures["spread"] == seed.metrics["spread"]
    assert best.objective is not None
    assert best.objective.mean == 1.0
    assert best.artifacts == {"name": "uniform", "stderr_of_nothing": "bytes too"}
    assert crash.status is Status.CRASH
    assert "ValueError: no 8" in crash.feedback
    assert missing.status is Status.WRONG
    assert "no locate()" in missing.feedback
    assert late.status is Status.TIMEOUT


@pytest.mark.parametrize(("name", "apart"), [("plain", True), ("classes", False)])
def test_no_wall_is_claimed_between_a_scorer_and_the_program_beside_it(name: str, apart: bool) -> None:
    async def layers() -> tuple[str, ...]:
        sandbox = LocalSandbox(sealed_problem(folder(name), 1), 1)
        await sandbox.start()
        try:
            return sandbox.isolation.layers
        finally:
            await sandbox.close()

    found = asyncio.run(layers())
    assert ("evaluator and candidate in separate processes" in found) is apart
    assert "rlimits" in found


@pytest.mark.slow
def test_a_cascade_goes_as_far_as_its_thresholds_let_it() -> None:
    problem = folder("cascade")
    low, high = "def level():\n    return 0.3\n", "def level():\n    return 0.9\n"
    middle, first, last = scored(problem, [low, high])
    assert middle.objective is not None
    assert middle.objective.mean == 0.6
    assert middle.metrics["parts.first"] == 0.6
    assert middle.artifacts["note"] == "second stage"
    assert first.objective is not None
    assert first.objective.mean == 0.3
    assert "less than 0.5" in first.artifacts["cascade"]
    assert last.objective is not None
    assert last.objective.mean == 9.0
    assert last.artifacts["last"] == "third stage"


def test_a_program_that_is_loaded_in_a_process_of_the_evaluator_stays_sealed() -> None:
    problem = folder("by_path")
    text = problem.seed.as_dict()["initial_program.py"]
    spy = text.replace("return times", "import os; return os.getpid() * 0 + times")
    seed, same, broken = scored(problem, [spy, text.replace("return times", "return times / 0")])
    assert problem.spec.evaluation.sealed
    assert seed.objective is not None
    assert math.isclose(seed.objective.mean, 3 * math.pi / 4)
    assert seed.metrics["radius"] == 0.5
    assert same.objective == seed.objective
    assert broken.status is Status.CRASH
    assert "ZeroDivisionError" in broken.feedback


def test_an_evaluator_that_makes_objects_of_the_program_runs_unsealed_and_says_why() -> None:
    problem = folder("classes")
    assert "evaluator.py line 10 makes an object of the program's class Counter" in problem.unsealed_because
    assert not problem.spec.evaluation.sealed
    syntax, wrong = "class Counter(:\n", "class Counter:\n    pass\n"
    seed, unread, failing = scored(problem, [syntax, wrong])
    assert seed.objective is not None
    assert seed.objective.mean == pytest.approx(6 / 9)
    assert unread.status is Status.SYNTAX
    assert failing.status is Status.WRONG
    assert "TypeError" in failing.feedback


@pytest.mark.slow
def test_a_program_can_forge_its_score_where_scoring_is_not_sealed() -> None:
    """Why such scores are labelled: the evaluator's own constants lie in the program's process."""
    problem = folder("classes")
    text = problem.seed.as_dict()["initial_program.py"]
    forged = text + "\n\nimport sys\nsys.modules['evaluation_module'].LIMIT = 1e-9\n"
    seed, cheat = scored(problem, [forged])
    assert seed.objective is not None
    assert cheat.objective is not None
    assert cheat.objective.mean > seed.objective.mean


def test_a_shinka_folder_runs_with_its_run_helper() -> None:
    problem = folder("runs")
    assert "Make the sum of three numbers large." in problem.statement
    assert problem.editable == ("initial.py",)
    text = problem.seed.as_dict()["initial.py"]
    seed, short, infinite = scored(problem, [text.replace("* 3", "* 2"), text.replace("* 3", "* 2 + [float('inf')]")])
    assert seed.objective is not None
    assert seed.objective.mean == 2 * 3 + 4 * 3
    assert seed.feedback == "sums are good"
    assert seed.metrics["first"] == 2
    assert "answer" not in str(seed.metrics) + str(seed.artifacts)
    assert short.status is Status.WRONG
    assert "2 numbers instead of 3" in short.feedback
    assert infinite.status is Status.OUTPUT
    assert "inf" in infinite.feedback


@pytest.mark.slow
def test_conventions_of_failure_never_look_like_a_score() -> None:
    problem = folder("conventions")
    words = ["nan", "error it broke", "bare", "timeout", "invalid", "what", "partly 0", "partly 0.7"]
    texts = [f"def answer():\n    return {word!r}\n\n\ndef breaks():\n    return 1 / 0\n" for word in words]
    seed, *failed, partly, let_pass = scored(problem, texts)
    assert seed.objective is not None
    assert seed.objective.mean == 2.0  # the mean of speed and accuracy; a flag is no score
    assert [each.status for each in failed] == [Status.WRONG] * 6
    assert "it broke" in failed[1].feedback
    assert "no such word: what" in failed[-1].feedback
    assert partly.status is Status.CRASH
    assert let_pass.objective is not None
    assert let_pass.objective.mean == 0.7
    assert "ZeroDivisionError" in let_pass.feedback


@pytest.mark.slow
def test_an_evaluator_that_reads_the_programs_text_gets_it_and_the_program_stays_sealed() -> None:
    problem = folder("reads")
    text = problem.seed.as_dict()["initial_program.py"]
    seed, refused = scored(problem, [text + "# forbidden\n"])
    assert problem.spec.evaluation.sealed
    assert seed.objective is not None
    assert seed.objective.mean == pytest.approx(8 + 1 / (1 + len(text)))
    assert seed.metrics["lines"] == 2
    assert refused.status is Status.WRONG
    assert "a forbidden word" in refused.feedback


@pytest.mark.slow
def test_sealing_what_cannot_be_sealed_names_the_flag() -> None:
    with pytest.raises(EvaluatorError, match="--scoring unsealed"):
        scored(folder("classes", scoring="sealed"))


@pytest.mark.slow
def test_an_evaluator_that_fails_by_itself_is_blamed_and_not_the_program(tmp_path: Path) -> None:
    for name in ("initial_program.py", "evaluator.py"):
        (tmp_path / name).write_text((FOLDERS / "by_path" / name).read_text())
    evaluator = (tmp_path / "evaluator.py").read_text()
    (tmp_path / "evaluator.py").write_text(
        evaluator.replace("    found = _run", "    open('absent.csv')\n    found = _run")
    )
    with pytest.raises(EvaluatorError, match=r"(?s)evaluator.py gives the first program no score.*absent.csv.*network"):
        scored(load_problem(tmp_path))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return {'combined_score': float('nan')}", r"\(wrong\): the score is nan\n"),
        ("raise RuntimeError('data file missing')", "RuntimeError: data file missing\n"),
        ("return None", "the evaluator gave no metric\n"),
    ],
)
def test_unsealed_scoring_is_no_advice_where_it_cannot_help(tmp_path: Path, body: str, said: str) -> None:
    (tmp_path / "initial_program.py").write_text("def double(x):\n    return 2 * x\n")
    (tmp_path / "evaluator.py").write_text(f"def evaluate(program_path):\n    {body}\n")
    with pytest.raises(EvaluatorError, match=said) as told:
        scored(load_problem(tmp_path))
    assert "--scoring" not in str(told.value)


def test_unsealed_scoring_is_advice_where_a_call_failed(tmp_path: Path) -> None:
    (tmp_path / "initial_program.py").write_text("def double(x):\n    raise ValueError('no')\n")
    (tmp_path / "evaluator.py").write_text(
        "import importlib.util\ndef evaluate(program_path):\n"
        "    spec = importlib.util.spec_from_file_location('program', program_path)\n"
        "    program = importlib.util.module_from_spec(spec)\n    spec.loader.exec_module(program)\n"
        "    return {'combined_score': program.double(2)}\n"
    )
    with pytest.raises(EvaluatorError, match=r"(?s)ValueError: no.*--scoring unsealed"):
        scored(load_problem(tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("scoring", ["sealed", "unsealed"])
@pytest.mark.parametrize("at", ["evaluator", "program"])
def test_the_first_programs_lack_of_time_names_the_setting(tmp_path: Path, scoring: str, at: str) -> None:
    pause = {"evaluator": 0, "program": 0, at: 30}
    (tmp_path / "config.yaml").write_text("evaluator:\n  timeout: 0.5\n")
    (tmp_path / "initial_program.py").write_text(
        f"import time\ndef double(x):\n    time.sleep({pause['program']})\n    return 2 * x\n"
    )
    (tmp_path / "evaluator.py").write_text(
        "import importlib.util, time\ndef evaluate(program_path):\n"
        "    spec = importlib.util.spec_from_file_location('program', program_path)\n"
        "    program = importlib.util.module_from_spec(spec)\n    spec.loader.exec_module(program)\n"
        f"    time.sleep({pause['evaluator']})\n    return {{'combined_score': program.double(2)}}\n"
    )
    with pytest.raises(
        EvaluatorError, match=r"no score in time \(.*\); unless .*, allow more as evaluator.timeout in config.yaml"
    ):
        scored(load_problem(tmp_path, Inputs(scoring=scoring)))
