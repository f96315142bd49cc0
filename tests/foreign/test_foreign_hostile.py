"""Hostile programs against a sealed foreign evaluator: it is unchanged code that never expected any."""

from __future__ import annotations

from pathlib import Path

import pytest
from foreign_stage import FOLDERS, folder, scored

from evolve.domain import Evaluation, Status
from evolve.errors import EvaluatorError
from evolve.problem import load_problem

SPIES = """
import os, sys
found = []
for place in ("/evaluator", "/evaluator/foreign", ".."):
    try:
        found += os.listdir(place)
    except OSError:
        pass
for name in ("evaluation_module", "evolve_foreign", "helpers", "openevolve"):
    if name in sys.modules:
        found.append(name)
if any("foreign" in str(each) or "helpers" in str(each) or "evaluat" in str(each) for each in found):
    raise SystemExit("found " + repr(found))
"""

DYNAMIC = """
import numpy as np
STEPS = 1
def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return lambda *rest: {"name": name} if name == "describe" else np.zeros((8, 2))
"""

MANY_NAMES = """
import numpy as np
for number in range(100_000):
    globals()[f"name_{number}"] = number
globals().update({"class": 1, "not a name": 2, "\\n__import__('os')._exit(0)": 3, "x" * 1_000_000: 4, 5: 6})
STEPS = 1
def locate(count):
    return np.zeros((count, 2))
def describe():
    return {"name": "many"}
"""

META = """
import numpy as np
class Meta(type):
    def __getattribute__(cls, name):
        raise SystemExit("touched " + name)
class Touchy(metaclass=Meta):
    pass
STEPS = 1
def decorate(function):
    return Touchy if function.__name__ == "unused" else function
@decorate
def unused():
    pass
@decorate
def locate(count):
    return np.zeros((count, 2))
def describe():
    return {"name": "meta"}
"""

FORGER = """
import numpy as np
STEPS = 1
class Score(float):
    pass
class EvaluationResult:
    metrics = {"combined_score": 1e9}
def evaluate(path):
    return {"combined_score": 1e9}
def locate(count):
    return {"combined_score": 1e9, "metrics": {"combined_score": 1e9}}
def describe():
    return EvaluationResult()
"""

RAISES_STRANGELY = """
STEPS = 1
class Oddity(BaseException):
    def __str__(self):
        raise SystemExit("gone")
def locate(count):
    raise Oddity
"""

NAMED_LIKE_AN_EXIT = """
STEPS = 1
class SystemExit(Exception):
    pass
SystemExit.__module__ = "builtins"
SystemExit.__qualname__ = "SystemExit"
def locate(count):
    raise SystemExit("__import__('os')._exit(0)")
"""


def _status(evaluation: Evaluation) -> tuple[Status, float | None]:
    return evaluation.status, None if evaluation.objective is None else evaluation.objective.mean


def test_hostile_programs_harm_neither_stub_nor_score() -> None:
    problem = folder("plain")
    honest = 1 / (1 + (0.25**2 + 0.5**2) ** 0.5)
    seed_text = problem.seed.as_dict()["initial_program.py"]
    texts = [seed_text + SPIES, DYNAMIC, MANY_NAMES, META, FORGER, RAISES_STRANGELY, NAMED_LIKE_AN_EXIT]
    seed, spy, dynamic, many, meta, forger, strange, exits = scored(problem, texts)
    assert spy.objective == seed.objective, spy.feedback
    assert _status(dynamic) == (Status.VALID, honest), dynamic.feedback
    assert _status(many) == (Status.VALID, honest), many.feedback
    assert _status(meta) == (Status.VALID, honest), meta.feedback
    assert _status(forger) == (Status.WRONG, None)
    assert _status(strange) == (Status.CRASH, None)
    assert _status(exits) == (Status.CRASH, None)


@pytest.mark.slow
def test_tampering_is_suspect_even_where_the_evaluator_lets_failures_pass() -> None:
    text = "import os\ndef answer():\n    return 'partly 0.7'\ndef breaks():\n    os.write(3, b'forged' * 9)\n"
    _, forger = scored(folder("conventions"), [text])
    assert forger.status is Status.SUSPECT
    assert forger.objective is None


@pytest.mark.slow
def test_a_program_never_runs_where_a_sealed_evaluator_reads_its_text() -> None:
    problem = folder("reads")
    text = "import sys\ndef double(x):\n    return 100 if 'evaluation_module' in sys.modules else 2 * x\n"
    seed, looking = scored(problem, [text])
    assert seed.objective is not None
    assert looking.objective is not None
    assert looking.objective.mean < 9


@pytest.mark.slow
def test_an_evaluator_that_writes_the_text_elsewhere_and_imports_it_is_refused(tmp_path: Path) -> None:
    """The text would run on the trusted side: whoever reads this folder's survey could not have known."""
    (tmp_path / "initial_program.py").write_text("def double(x):\n    return 2 * x\n")
    evaluator = (FOLDERS / "reads" / "evaluator.py").read_text()
    copied = "    program_copy = program_path + '_copy.py'\n    Path(program_copy).write_text(text)\n    spec"
    (tmp_path / "evaluator.py").write_text(
        evaluator.replace("    spec", copied, 1)
        .replace("'program', program_path", "'program', program_copy")
        .replace('"program", program_path', '"program", program_copy')
    )
    problem = load_problem(tmp_path)
    assert not problem.unsealed_because
    with pytest.raises(EvaluatorError, match=r"(?s)executes text that is none of its own files.*--scoring unsealed"):
        scored(problem)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "helper"),
    [
        ("importlib.import_module('tools.' + 'runner').run(text)", "def run(text):\n    exec(text)\n"),
        ("getattr(__builtins__, 'exec', None) or __builtins__['ex' + 'ec'](text)", ""),
        ("importlib.import_module('time' + 'it').timeit('1', setup=text, number=1)", ""),
        ("importlib.import_module('sub' + 'process').run(['true', text])", ""),
        ("getattr(os, 'sys' + 'tem')('true')", ""),
        ("importlib.import_module('pic' + 'kle').loads(b'cos\\nsystem\\n.')", ""),
    ],
)
def test_what_no_survey_could_see_is_refused_while_a_text_is_there(tmp_path: Path, body: str, helper: str) -> None:
    (tmp_path / "initial_program.py").write_text("def double(x):\n    return 2 * x\n")
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "runner.py").write_text(helper)
    (tmp_path / "evaluator.py").write_text(
        "import importlib, os\ndef evaluate(program_path):\n    text = open(program_path).read()\n"
        f"    {body}\n    return {{'combined_score': 1.0}}\n"
    )
    problem = load_problem(tmp_path)
    assert not problem.unsealed_because
    with pytest.raises(EvaluatorError, match=r"(?s)sealed scoring does not allow.*--scoring unsealed"):
        scored(problem)


@pytest.mark.slow
def test_a_subprocess_of_the_evaluator_executes_no_line_of_the_program() -> None:
    """It gets the program's numbers; the program runs where it cannot see the script, its folder or its process."""
    problem = folder("by_path")
    text = (
        "import glob, os, sys\nRADIUS = float(len(glob.glob('/tmp/*.py')) + len(glob.glob('/private/*.py')))\n"
        "def area(times):\n    return 5.0 if 'found' in vars(sys.modules['__main__']) else 1.0\n"
    )
    _, looking = scored(problem, [text])
    assert looking.objective is not None, looking.feedback
    assert looking.objective.mean == 1.0
    assert looking.metrics["radius"] == 0.0
