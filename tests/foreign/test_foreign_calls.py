"""What a sealed evaluator's calls come to: hostile answers, its own time limits, and what it leaves behind."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from foreign_stage import scored

from evolve.domain import Evaluation, Status
from evolve.problem import Inputs, load_problem
from evolve.problem.foreign.kit.bridge import Bridge
from evolve.problem.foreign.kit.verdict import judge

LOADS = (
    "import concurrent.futures, importlib.util, signal, subprocess, sys, time\n"
    "def evaluate(program_path):\n"
    "    spec = importlib.util.spec_from_file_location('program', program_path)\n"
    "    program = importlib.util.module_from_spec(spec)\n"
    "    spec.loader.exec_module(program)\n"
)
DOUBLE = "def double(x):\n    return 2 * x\n"


def seed_and(root: Path, body: str, hostile: str, first: str = DOUBLE, seconds: float = 5) -> Evaluation:
    """Evaluation of the hostile program; the seed is scored before it and must be valid."""
    (root / "initial_program.py").write_text(first)
    (root / "evaluator.py").write_text(LOADS + body)
    (root / "config.yaml").write_text(f"evaluator:\n  timeout: {seconds}\n")
    seed, other = scored(load_problem(root, Inputs()), [hostile])
    assert seed.status is Status.VALID, seed.feedback
    return other


def _mean(evaluation: Evaluation) -> float | None:
    return None if evaluation.objective is None else evaluation.objective.mean


def test_a_constant_is_the_same_whenever_it_is_read(tmp_path: Path) -> None:
    body = (
        "    if not all(0 <= x <= 1 for x in program.POINTS):\n"
        "        return {'combined_score': 0.0, 'error': 'outside'}\n"
        "    return {'combined_score': float(sum(program.POINTS))}\n"
    )
    changing = (
        "n = 0\ndef __getattr__(name):\n    global n\n    if name != 'POINTS':\n        raise AttributeError(name)\n"
        "    n += 1\n    return [0.5] if n <= 2 else [1e6]\n"
    )
    assert _mean(seed_and(tmp_path, body, changing, "POINTS = [0.1, 0.2]\n")) == 0.5


def test_a_malformed_word_about_a_name_is_tampering(tmp_path: Path) -> None:
    tampers = (
        "import gc, numpy as np\nfor each in gc.get_objects():\n    if type(each).__name__ == '_Server':\n"
        "        type(each)._look = lambda self, name: (np.zeros(3), 1)\nPOINTS = [0.5]\n"
    )
    body = "    return {'combined_score': float(sum(program.POINTS))}\n"
    assert seed_and(tmp_path, body, tampers, "POINTS = [0.1]\n").status is Status.SUSPECT


@pytest.mark.parametrize("hostile", ["def double(x):\n    raise ValueError('no')\n", "def double(x:\n"])
def test_a_failure_is_none_the_better_for_a_mean_of_metrics(tmp_path: Path, hostile: str) -> None:
    body = (
        "    try:\n        return {'score': float(program.double(2) == 4), 'runtime': 1.0}\n"
        "    except Exception as error:\n        return {'score': 0.0, 'runtime': 30.0, 'error': str(error)}\n"
    )
    found = seed_and(tmp_path, body, hostile)
    assert found.objective is None
    assert found.status in (Status.CRASH, Status.SYNTAX)


@pytest.mark.slow
def test_nan_passes_no_comparison(tmp_path: Path) -> None:
    body = (
        "    rows = program.double(0.25) if callable(program.double) else program.double\n"
        "    if rows > 1:\n        return {'combined_score': 0.0, 'error': 'too large'}\n"
        "    return {'combined_score': 1e6 if rows != rows else rows}\n"
    )
    called = seed_and(tmp_path, body, "def double(x):\n    return float('nan')\n")
    constant = seed_and(tmp_path, body, "double = float('nan')\n")
    assert [called.status, constant.status] == [Status.OUTPUT] * 2
    assert "nan" in called.feedback.lower()
    assert "NaN" in constant.feedback


@pytest.mark.slow
def test_a_call_that_outlasts_its_evaluator_is_ended_and_hurts_nobody(tmp_path: Path) -> None:
    body = (
        "    pool = concurrent.futures.ThreadPoolExecutor()\n    try:\n"
        "        good = pool.submit(program.double, 2).result(timeout=0.5) == 4\n"
        "    except concurrent.futures.TimeoutError:\n        pool.shutdown(wait=False)\n        good = 0.25\n"
        "    return {'combined_score': float(good)}\n"
    )
    begun = time.monotonic()
    loops = seed_and(tmp_path, body, "def double(x):\n    while True: pass\n", seconds=30)
    assert time.monotonic() - begun < 15
    assert (loops.status, _mean(loops)) == (Status.VALID, 0.25)
    assert "waited no longer" in loops.feedback


@pytest.mark.slow
def test_a_call_whose_asker_was_ended_leaves_the_program_to_the_next(tmp_path: Path) -> None:
    script = (
        "import importlib.util as u, sys\ns = u.spec_from_file_location('p', sys.argv[1])\n"
        "p = u.module_from_spec(s)\ns.loader.exec_module(p)\nprint(p.double(int(sys.argv[2])))\n"
    )
    body = (
        "    total = 0.0\n    for number in ('1', '2'):\n"
        f"        command = [sys.executable, '-c', {script!r}]\n        command += [str(program_path), number]\n"
        "        try:\n            out = subprocess.run(command, capture_output=True, text=True, timeout=2).stdout\n"
        "            total += float(out)\n        except subprocess.TimeoutExpired:\n            pass\n"
        "    return {'combined_score': total}\n"
    )
    loops = seed_and(tmp_path, body, "def double(x):\n    while x == 1: pass\n    return 2 * x\n", seconds=20)
    assert (loops.status, _mean(loops)) == (Status.VALID, 4.0)
    assert "ended the process that had made this call" in loops.feedback


@pytest.mark.slow
@pytest.mark.parametrize("swallows", [False, True])
def test_an_evaluator_that_uses_the_alarm_itself_is_still_ended_in_time(tmp_path: Path, swallows: bool) -> None:
    ends = "        except:\n            break\n" if swallows else "        finally:\n            pass\n"
    body = (
        "    signal.signal(signal.SIGALRM, lambda *a: None)\n    signal.alarm(1)\n    steps = program.double(2)\n"
        "    signal.alarm(0)\n    done = 0\n    while done < steps:\n        try:\n"
        f"            done += 1\n            time.sleep(0.01)\n{ends}"
        "    return {'combined_score': float(min(done, 10))}\n"
    )
    begun = time.monotonic()
    assert seed_and(tmp_path, body, "def double(x):\n    return 10**18\n", seconds=2).status is Status.TIMEOUT
    assert time.monotonic() - begun < 12


@pytest.mark.parametrize("score", [10**400, -(10**400), 10**309], ids=["large", "negative", "just"])
def test_a_forged_score_that_is_no_float_is_tampering(score: int) -> None:
    raw = {"metrics": {}, "texts": {}, "raised": "", "printed": "", "error": "", "score": score}
    assert judge(raw, {"evaluator": "evaluator.py", "features": [], "measures": []}, [])[0] == "suspect"


class SlotBroken(BaseException):
    """As the guest's own is called."""


class _NoSlot:
    """An evaluator's handle of a program for which no process comes."""

    class Failure(BaseException):
        pass

    def __init__(self) -> None:
        self._session = SimpleNamespace(link=None)

    def _look(self, name: str) -> Any:
        raise SlotBroken(f"no candidate to look for {name}")


def test_a_broken_slot_met_in_a_thread_is_told_where_it_ends_the_work(tmp_path: Path) -> None:
    answers: list[Any] = []

    def work() -> None:
        with Bridge(_NoSlot(), 1.0, str(tmp_path / "line"), listens=False) as bridge:
            thread = threading.Thread(target=lambda: answers.append(bridge.answer("look", "double", (), {})))
            thread.start()
            thread.join()

    with pytest.raises(SlotBroken, match="no candidate to look for double"):
        work()
    assert answers[0][0] == "error"
