"""What hostile programs say and hide about themselves reaches neither a reader's terminal nor a measured number."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable, Iterator

import pytest
from heads import FOLDER, LIMITS
from judge import ENTRY

from evolve.domain import Program, Split, Status
from evolve.errors import SandboxUnavailable
from evolve.report.text import clean, one_line
from evolve.sandbox.base import CaseResult, Job, SealedProblem
from evolve.sandbox.daemon import connect
from evolve.sandbox.docker import DockerSandbox
from evolve.sandbox.local import LocalSandbox

EVALUATE = """
def evaluate(program, case):
    answer = program.solve([1, 2, 3])
    text = repr(answer) if not isinstance(answer, dict) else str(answer["escaped"][0])
    return {"rss": program.last.rss, "feedback": text, "artifacts": {text: text}}
"""
BIG = 100 * 1024**2
SEEN = f"""
HELD = []
def solve(numbers):
    HELD.append(bytearray(b"x") * {BIG})
    return 1
"""
UNSEEN = f"""
import ctypes, os, struct, sys, threading, time
def solve(numbers):
    frame = sys._getframe()
    while "nonce" not in frame.f_locals:
        frame = frame.f_back
    threading.Thread(target=answer, args=(frame.f_locals["nonce"],)).start()
    exit_of_one_thread = 60 if os.uname().machine == "x86_64" else 93
    ctypes.CDLL(None).syscall(ctypes.c_long(exit_of_one_thread), ctypes.c_long(0))
def answer(nonce):
    time.sleep(0.05)
    held = bytearray(b"x") * {BIG}
    os.write(3, struct.pack("<BIQ", 5, 1, nonce) + b"N")
    time.sleep(1)
"""

Look = Callable[[str], CaseResult]


@pytest.fixture(scope="module", params=["local", "docker"])
def look(request: pytest.FixtureRequest) -> Iterator[Look]:
    problem = SealedProblem("told", {"evaluate.py": EVALUATE}, ENTRY, limits=LIMITS)
    if request.param == "docker":
        try:
            connect().close()
        except SandboxUnavailable as error:
            pytest.skip(str(error))
    sandbox = LocalSandbox(problem, 1) if request.param == "local" else DockerSandbox(problem, 1)
    with asyncio.Runner() as runner:

        def run(source: str) -> CaseResult:
            job = Job(Program.of({ENTRY: source}), Split.SEARCH, (0,), seed=1, limits=LIMITS)
            return runner.run(sandbox.run(job))[0]

        try:
            runner.run(sandbox.start())
            yield run
        finally:
            runner.run(sandbox.close())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["terminal_printed", "terminal_told", "terminal_traceback"])
def test_what_a_program_says_is_stored_whole_and_shown_harmless(look: Look, name: str) -> None:
    result = look((FOLDER / "escape" / f"{name}.py").read_text(encoding="utf-8"))
    for text in (result.feedback, *result.artifacts, *result.artifacts.values()):
        assert text.encode("utf-8").decode() == text
        assert "\0" not in text
        shown = clean(text) + one_line(text)
        assert not {char for char in shown if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co")} - {"\n"}
    assert "\\x1b" in clean(result.feedback), "a reader sees what was tried"


def test_memory_is_measured(look: Look) -> None:
    assert look(SEEN).metrics["rss"] >= BIG


def test_memory_cannot_be_hidden_behind_a_dead_main_thread(look: Look) -> None:
    result = look(UNSEEN)
    assert result.status is not Status.VALID or result.metrics["rss"] >= BIG
