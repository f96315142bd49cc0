"""Conformance suites: what every backend must do, whoever wrote it. A new backend is one fixture.

    class TestMySandbox(SandboxConformance):
        @pytest.fixture
        def open_sandbox(self): return lambda sealed: MySandbox(sealed)

Every test is an ordinary function: no plugin for asynchronous tests is needed.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from evolve.domain import Limits, Program, Split, Status
from evolve.errors import EvaluatorError
from evolve.sandbox.base import CaseResult, Job, Sandbox, SealedProblem

OpenSandbox = Callable[[SealedProblem], Sandbox]
"""Makes a sandbox (not started) for a problem."""

ECHO = "def echo(x):\n    return x\n"


def sealed(evaluate: str, **fields: Any) -> SealedProblem:
    """A problem whose `evaluate.py` is `evaluate`."""
    given = {"name": "conformance", "evaluator": {"evaluate.py": evaluate}, "entry": "program.py", **fields}
    return SealedProblem(**given)


Look = Callable[..., tuple[CaseResult, ...]]
"""Runs one program (a text, or `{path: text}`) in an open sandbox: `look(program, cases=(0,), seed=1, ...)`."""


@contextlib.contextmanager
def opened(open_sandbox: OpenSandbox, problem: SealedProblem) -> Iterator[Look]:
    """A started sandbox as a plain function; closed at the end."""
    with asyncio.Runner() as runner:
        sandbox = open_sandbox(problem)

        def look(program: str | Mapping[str, str], **job: Any) -> tuple[CaseResult, ...]:
            files = {"program.py": program} if isinstance(program, str) else program
            fields = {"split": Split.SEARCH, "cases": (0,), "seed": 1, **job}
            return runner.run(sandbox.run(Job(Program.of(files), **fields)))

        try:
            runner.run(sandbox.start())
            yield look
        finally:
            runner.run(sandbox.close())


def look(open_sandbox: OpenSandbox, problem: SealedProblem, program: str | Mapping[str, str],
         **job: Any) -> tuple[CaseResult, ...]:  # fmt: skip
    """One program in a sandbox of its own."""
    with opened(open_sandbox, problem) as run:
        return run(program, **job)


_FAILING = (
    ("def f(:\n", Status.SYNTAX, "line 1"),
    ("import nothing_here\n", Status.CRASH, "nothing_here"),
    ("def f():\n    return 1 / 0\n", Status.CRASH, "line 2, in f"),
    ("def g(): pass\n", Status.CRASH, "no function 'f' in program.py"),
    ("f = 3\n", Status.CRASH, "not a function"),
    ("def f():\n    print('last words')\n    raise SystemExit(0)\n", Status.CRASH, "last words"),
    ("import os\ndef f():\n    os._exit(3)\n", Status.CRASH, "exit code 3"),
    ("def f():\n    return float('nan')\n", Status.OUTPUT, "allow_nan"),
    ("def f():\n    return object()\n", Status.OUTPUT, "type object"),
    ("def f():\n    x = []\n    x.append(x)\n    return x\n", Status.OUTPUT, "nested"),
    ("def f():\n    return [0] * 10**12\n", Status.MEMORY, "MemoryError"),
)
"""A program, its status, and a piece of its feedback."""

_STUBBORN = """
import signal, time
for number in range(1, 32):
    try:
        signal.signal(number, signal.SIG_IGN)
    except OSError:
        pass
def f():
"""
_HOG = """
def f():
    held = []
    while True:
        held.append(bytearray(b"x") * 4_000_000)
"""
_ENDLESS = (
    (_STUBBORN + "    while True: pass\n", Limits(wall=0.3), Status.TIMEOUT),
    (_STUBBORN + "    time.sleep(60)\n", Limits(wall=0.3), Status.TIMEOUT),
    ("while True: pass\n", Limits(wall=0.3), Status.TIMEOUT),
    ("def f():\n    while True: pass\n", Limits(wall=30, cpu=0.2), Status.TIMEOUT),
    (_HOG, Limits(wall=20, memory=64 * 1024**2), Status.MEMORY),
    ("def f():\n    while True: print('x' * 10_000)\n", Limits(wall=20), Status.OUTPUT),
)
"""A program that never returns, the limits it gets, and how it ends."""

_AUTHORS_FAULTS = {
    "raise KeyError('lost')": "KeyError: 'lost'",
    "return None": "returned None",
    "return {}": "no metric",
    "return {'x': float('nan')}": "'x' is nan",
    "return {'x': float('inf')}": "'x' is inf",
    "return {'x': 'high'}": "'x' is a str",
    "return {'x': 1, 'artifacts': 3}": "artifacts",
    "import os; os._exit(4)": "code 4",
}
_BROKEN_EVALUATORS = {
    "import nothing_at_all": "nothing_at_all",
    "x = 1": "no function evaluate",
    "def cases(split): return []\ndef evaluate(program, case): return {'x': 1}": "gave no case",
    "def cases(split): 1 / 0\ndef evaluate(program, case): return {'x': 1}": "ZeroDivisionError",
}

_FORGE = """
import os, threading, time
def forge(nonce=bytes(8)):
    os.write(3, b"\\x05\\x01\\x00\\x00\\x00" + nonce + b"N")
def later():
    time.sleep(0.02)
    forge()
"""
_FORGERIES = (
    "forge()\ndef f(): return 1\n",
    "def f():\n    forge()\n    return 1\n",
    "def f():\n    os.write(3, bytes(100))\n",
    "def f():\n    threading.Thread(target=later).start()\n    time.sleep(0.1)\n    return 1\n",
)


class SandboxConformance:
    """What a sandbox owes the engine and the authors of problems. Subclass it with a fixture `open_sandbox`."""

    def test_values_cross_unchanged(self, open_sandbox: OpenSandbox) -> None:
        """Everything the codec allows comes back equal and of the same type."""
        evaluate = """
import math
VALUES = [None, True, 0, -1, 2**63, -2**4000, 1.5, -0.0, 1e308, "", "aé\\ud800", b"\\x00\\xff", [], (), {}, [[]],
          [1, 2, 3, 4], [1.0] * 100, (1.5, 2.5, 3.5, 4.5), [1, 2.0, True, None], {"a": [1], 2: (3,), (4, "b"): None},
          1 + 2j, [2**70] * 5, "x" * 100_000]

def same(left, right):
    if type(left) is not type(right) or left != right:
        return False
    if isinstance(left, float):
        return math.copysign(1, left) == math.copysign(1, right)
    if isinstance(left, dict):
        return all(same(*pair) for pair in zip(left.items(), right.items()))
    return all(map(same, left, right)) if isinstance(left, (list, tuple)) else True

def evaluate(program, case):
    back = [program.echo(value) for value in VALUES]
    return {"wrong": sum(not same(*pair) for pair in zip(VALUES, back)), "whole": same(VALUES, program.echo(VALUES))}
"""
        (result,) = look(open_sandbox, sealed(evaluate), ECHO)
        assert (result.status, result.metrics) == (Status.VALID, {"wrong": 0.0, "whole": 1.0}), result.feedback

    def test_arrays_cross_unchanged(self, open_sandbox: OpenSandbox) -> None:
        """Numpy arrays and scalars keep dtype, shape and contents, and can be written to."""
        evaluate = """
import numpy as np
ARRAYS = [np.arange(6.0).reshape(2, 3), np.zeros((0, 4), "i2"), np.array(5), np.array(["a", "bcd"]), np.array([b"x"]),
          np.array([1 + 2j]), np.array([True, False]), np.array(["2026-01-01"], "M8[D]"), np.arange(5, dtype=">i4"),
          np.asfortranarray(np.arange(6).reshape(2, 3)), np.float32(1.5), np.int8(-3)]

def evaluate(program, case):
    wrong = 0
    for value in ARRAYS:
        back = program.echo(value)
        wrong += type(back) is not type(value) or back.dtype != value.dtype or back.shape != value.shape
        wrong += not np.array_equal(back, value)
    program.echo(ARRAYS[0])[0, 0] = 7.0
    return {"wrong": np.int64(wrong)}
"""
        (result,) = look(open_sandbox, sealed(evaluate, preload=("numpy",)), ECHO)
        assert (result.status, result.metrics) == (Status.VALID, {"wrong": 0.0}), result.feedback

    def test_state_lives_within_a_job_and_fresh_drops_it(self, open_sandbox: OpenSandbox) -> None:
        """The process is kept between calls and cases; `program.fresh()` and a new job meet a new one."""
        evaluate = """
def cases(split): return ["first", "second"]
def evaluate(program, case):
    counts = [program.count(), program.count()]
    if case == "second":
        program.fresh()
        counts.append(program.count())
    return {f"call{place}": value for place, value in enumerate(counts)}
"""
        program = "calls = 0\ndef count():\n    global calls\n    calls += 1\n    return calls\n"
        first, second = look(open_sandbox, sealed(evaluate), program, cases=(0, 1))
        assert first.metrics == {"call0": 1, "call1": 2}
        assert second.metrics == {"call0": 3, "call1": 4, "call2": 1}

    def test_call_options_and_costs(self, open_sandbox: OpenSandbox) -> None:
        """Keyword arguments, an own time limit, NaN by permission; and what a call cost, seen from outside."""
        evaluate = """
import math
def evaluate(program, case):
    assert program.call("echo", x=3, timeout=5.0) == 3
    assert math.isnan(program.call("echo", math.nan, allow_nan=True))
    program.burn(0.15)
    return {"wall": program.last.wall, "cpu": program.last.cpu, "rss": program.last.rss}
"""
        program = """
import time
def echo(x):
    return x
def burn(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end: pass
"""
        (result,) = look(open_sandbox, sealed(evaluate), program)
        assert result.status is Status.VALID, result.feedback
        assert 0.14 < result.metrics["wall"] < 5
        assert 0.1 < result.metrics["cpu"] < 1
        assert 1e6 < result.metrics["rss"] < 1e9
        assert result.wall >= result.metrics["wall"]
        assert result.peak_rss > 1e6

    def test_feedback_and_artifacts(self, open_sandbox: OpenSandbox) -> None:
        """The author's text and artifacts come along; a rejected answer is `wrong` and has no metrics."""
        evaluate = """
def cases(split): return [0, 1]
def evaluate(program, case):
    if case: program.reject("circles 3 and 7 overlap")
    return {"x": True, "feedback": "fine", "artifacts": {"plot": "***"}}
"""
        good, bad = look(open_sandbox, sealed(evaluate), ECHO, cases=(0, 1))
        assert (good.metrics, good.feedback, good.artifacts) == ({"x": 1.0}, "fine", {"plot": "***"})
        assert (bad.status, bad.metrics, bad.feedback) == (Status.WRONG, {}, "circles 3 and 7 overlap")

    def test_files_of_a_program(self, open_sandbox: OpenSandbox) -> None:
        """Siblings can be imported, data files read, and a traceback shows the program's own lines."""
        evaluate = "def evaluate(program, case):\n    return {'x': program.total(), 'y': program.broken()}\n"
        files = {
            "program.py": "import helper\nfrom pack.inner import two\ndef total():\n    return helper.one() + two\n"
            "def broken():\n    return helper.fail()\n",
            "helper.py": "def one(): return int(open('data/n.txt').read())\n\n\n"
            "def fail():\n    raise ValueError('deep')\n",
            "pack/__init__.py": "",
            "pack/inner.py": "two = 2\n",
            "data/n.txt": "40",
        }
        (result,) = look(open_sandbox, sealed(evaluate), files)
        assert result.status is Status.CRASH
        assert 'File "helper.py", line 5, in fail' in result.feedback
        assert "raise ValueError('deep')" in result.feedback
        assert "evolve_guest" not in result.feedback

    def test_other_languages(self, open_sandbox: OpenSandbox) -> None:
        """A command runs on the program's files: exit code, both outputs, build step, time limit."""
        evaluate = """
def cases(split): return ["ok", "sleep"]
def evaluate(program, case):
    if case == "sleep":
        program.run(["sleep"], timeout=0.3)
    done = program.run(["3"], stdin="hello")
    assert done.stdout == b"hello built 3\\n" and done.stderr == b"err\\n", done
    return {"code": done.returncode, "wall": done.wall}
"""
        script = '[ "$1" = sleep ] && sleep 60\nread word\necho "$word $(cat built) $1"\necho err >&2\nexit 7\n'
        problem = sealed(evaluate, entry="main.sh", language="shell", command=("/bin/sh", "{entry}"),
                         build=("/bin/sh", "-c", "printf built > built"))  # fmt: skip
        ok, late = look(open_sandbox, problem, {"main.sh": script}, cases=(0, 1))
        assert (ok.status, ok.metrics.get("code")) == (Status.VALID, 7.0), ok.feedback
        assert late.status is Status.TIMEOUT

    def test_build_failure_is_syntax(self, open_sandbox: OpenSandbox) -> None:
        """A build command that fails is the candidate's syntax error, with the compiler's words as feedback."""
        problem = sealed("def evaluate(program, case): return {'x': program.run().returncode}", entry="main.sh",
                         language="shell", command=("/bin/sh",), build=("/bin/sh", "-n", "{entry}"))  # fmt: skip
        (result,) = look(open_sandbox, problem, {"main.sh": "if then fi fi"})
        assert result.status is Status.SYNTAX
        assert "main.sh" in result.feedback

    def test_candidate_failures_are_statuses(self, open_sandbox: OpenSandbox) -> None:
        """Each way to fail has its status and text that helps; an author's `except Exception` does not hide it."""
        evaluate = """
def evaluate(program, case):
    try:
        return {"x": program.f()}
    except Exception:
        return {"x": 1}
"""
        with opened(open_sandbox, sealed(evaluate)) as run:
            for program, status, text in _FAILING:
                (result,) = run(program)
                assert (result.status, result.metrics) == (status, {}), (program, result)
                assert text in result.feedback, (program, result.feedback)

    def test_limits_kill(self, open_sandbox: OpenSandbox) -> None:
        """Time, CPU, memory and output limits end a program that does not want to end."""
        with opened(open_sandbox, sealed("def evaluate(program, case):\n    return {'x': program.f()}\n")) as run:
            for program, limits, status in _ENDLESS:
                (result,) = run(program, limits=limits)
                assert result.status is status, (program, result)

    def test_one_dead_case_does_not_hide_the_others(self, open_sandbox: OpenSandbox) -> None:
        """The cases after a death run on a fresh process; after three deaths the rest is not tried."""
        evaluate = """
def cases(split): return [0, 1, 0, 1, 1, 0]
def evaluate(program, case): return {"x": program.f(case)}
"""
        program = "import os\ndef f(die):\n    if die: os._exit(1)\n    return 5\n"
        results = look(open_sandbox, sealed(evaluate), program, cases=tuple(range(6)))
        ok, dead = Status.VALID, Status.CRASH
        assert [result.status for result in results] == [ok, dead, ok, dead, dead, dead]
        assert [result.case for result in results] == list(range(6))

    def test_fail_fast_stops_at_the_first_failure(self, open_sandbox: OpenSandbox) -> None:
        """Later cases have no result."""
        evaluate = """
def cases(split): return [1, 0, 1]
def evaluate(program, case): return {"x": program.echo(1)} if case else program.reject("no")
"""
        results = look(open_sandbox, sealed(evaluate), ECHO, cases=(0, 1, 2), fail_fast=True)
        assert [result.status for result in results] == [Status.VALID, Status.WRONG]

    def test_the_author_is_blamed_for_the_authors_faults(self, open_sandbox: OpenSandbox) -> None:
        """Whatever the evaluator does wrong is an EvaluatorError that says what; no candidate gets a status for it."""
        faults = list(_AUTHORS_FAULTS)
        evaluate = f"def cases(split): return {faults!r}\ndef evaluate(program, case):\n" + "".join(
            f"    if case == {fault!r}: {fault}\n" for fault in faults
        )
        with opened(open_sandbox, sealed(evaluate)) as run:
            for place, fault in enumerate(faults):
                message = _blame(partial(run, ECHO, cases=(place,)))
                assert _AUTHORS_FAULTS[fault] in message, (fault, message)

    def test_a_broken_evaluator_stops_the_start(self, open_sandbox: OpenSandbox) -> None:
        """What is wrong with the module itself is found before any candidate."""
        for evaluate, text in _BROKEN_EVALUATORS.items():
            message = _blame(partial(look, open_sandbox, sealed(evaluate), ECHO))
            assert text in message, (evaluate, message)

    def test_cases_and_holdout(self, open_sandbox: OpenSandbox) -> None:
        """Both splits are counted; the hidden seed reaches `cases`; held-out cases are made only when asked for."""
        evaluate = """
MADE = []
def cases(split, seed):
    MADE.append(split)
    return [seed] * (2 if split == "search" else 5)
def evaluate(program, case): return {"seed": case, "made": len(MADE)}
"""

        async def run() -> None:
            sandbox = open_sandbox(sealed(evaluate, case_seed=77, resident=True))
            try:
                await sandbox.start()
                assert (await sandbox.cases(Split.SEARCH), await sandbox.cases(Split.HOLDOUT)) == (2, 5)
                for split, made in ((Split.SEARCH, 1), (Split.HOLDOUT, 2), (Split.SEARCH, 1)):
                    (result,) = await sandbox.run(Job(Program.of({"program.py": ECHO}), split, (0,), 1))
                    assert result.metrics == {"seed": 77, "made": made}
            finally:
                await sandbox.close()

        asyncio.run(run())

    def test_the_same_job_gives_the_same_noise(self, open_sandbox: OpenSandbox) -> None:
        """(seed, case) seeds both sides; another seed or case gives other numbers; the sides do not share theirs."""
        evaluate = """
import random
def cases(split): return [0, 1]
def evaluate(program, case): return {"own": random.random(), "theirs": program.draw()}
"""
        program = "import random\ndef draw(): return random.random()\n"
        with opened(open_sandbox, sealed(evaluate)) as run:
            first, again, other = (run(program, cases=(0, 1), seed=seed) for seed in (1, 1, 2))
        assert [result.metrics for result in first] == [result.metrics for result in again]
        numbers = [value for results in (first, other) for result in results for value in result.metrics.values()]
        assert len(set(numbers)) == 8

    def test_a_resident_evaluator_lives_on_and_its_candidates_do_not(self, open_sandbox: OpenSandbox) -> None:
        """`resident` keeps the author's process; every job still meets a fresh candidate."""
        evaluate = """
jobs = 0
def evaluate(program, case):
    global jobs
    jobs += 1
    return {"jobs": jobs, "calls": program.count()}
"""
        program = "calls = 0\ndef count():\n    global calls\n    calls += 1\n    return calls\n"
        for resident, expected in ((True, [1, 2, 3]), (False, [1, 1, 1])):
            with opened(open_sandbox, sealed(evaluate, resident=resident)) as run:
                assert [run(program)[0].metrics for _ in range(3)] == [{"jobs": jobs, "calls": 1} for jobs in expected]

    def test_forged_replies_are_suspect(self, open_sandbox: OpenSandbox) -> None:
        """A reply before, beside or after the one that was asked for ends the candidate, whatever the score was."""
        with opened(
            open_sandbox, sealed("def evaluate(program, case):\n    program.f()\n    return {'x': 1}\n")
        ) as run:
            for attack in _FORGERIES:
                (result,) = run(_FORGE + attack)
                assert (result.status, result.metrics) == (Status.SUSPECT, {}), (attack, result)

    def test_patching_and_stack_walking_change_nothing(self, open_sandbox: OpenSandbox) -> None:
        """The evaluator's clock, codec and cases are in another process."""
        evaluate = """
def cases(split): return [{"n": 3, "answer": "SECRET-4711"}]
def evaluate(program, case):
    return {"x": program.f(case["n"]), "wall": program.last.wall}
"""
        program = """
import gc, json, math, sys, time
time.perf_counter = time.monotonic = time.time = lambda: 0.0
json.dumps = json.loads = lambda *a, **k: {"x": 1e9}
math.isfinite = lambda x: True
def f(n):
    time.sleep(0.1)
    frame, seen = sys._getframe(), []
    while frame:
        seen.append(repr((frame.f_locals, frame.f_code.co_filename)))
        frame = frame.f_back
    seen += [repr(thing) for thing in gc.get_objects() if type(thing) in (dict, list, tuple, str, bytes)]
    return int("-".join(["SECRET", "4711"]) in "".join(seen))
"""
        (result,) = look(open_sandbox, sealed(evaluate), program)
        assert result.status is Status.VALID, result.feedback
        assert result.metrics["x"] == 0
        assert result.metrics["wall"] >= 0.1
        assert math.isfinite(result.metrics["wall"])

    def test_closing_twice_and_using_a_closed_sandbox(self, open_sandbox: OpenSandbox) -> None:
        """`close` is safe at any time."""

        async def run() -> None:
            sandbox = open_sandbox(sealed("def evaluate(program, case): return {'x': 1}"))
            await sandbox.close()
            await sandbox.start()
            await sandbox.close()
            await sandbox.close()

        asyncio.run(run())


def _blame(action: Callable[[], object]) -> str:
    """The message of the EvaluatorError that `action` must raise."""
    try:
        outcome = action()
    except EvaluatorError as error:
        return str(error)
    raise AssertionError(f"the author's fault went unnoticed: {outcome}")
