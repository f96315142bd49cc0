"""The A/A check of timed problems: copies that are timed alike, and an evaluator that favours one of two in turn."""

from __future__ import annotations

from pathlib import Path

from checking import Written, on_bench

from evolve.report.checks import equals
from evolve.report.checks.bench import Bench
from evolve.report.findings import Finding, State

ALIKE = "def evaluate(program, case):\n    program.solve(3)\n    return {'score': 1.0}\n"
# The looks come in the order ABBA; one look of the bench's own comes before them.
FAVOURS = """
looks = 0
def evaluate(program, case):
    global looks
    looks += 1
    program.solve(3)
    return {"score": float((looks - 2) % 4 in (1, 2))}
"""
TIMED = "[evaluation]\ntiming = true\nresident = true\n"


async def found(bench: Bench) -> list[Finding]:
    return [finding async for finding in equals.findings(bench)]


def test_copies_that_are_timed_alike_are_no_matter(tmp_path: Path) -> None:
    (finding,) = on_bench(Written(ALIKE, rest=TIMED).write(tmp_path), found)
    assert (finding.state, finding.details) == (State.OK, {"p": 1.0})


def test_copies_that_are_timed_differently_are_told(tmp_path: Path) -> None:
    (finding,) = on_bench(Written(FAVOURS, rest=TIMED).write(tmp_path), found)
    assert (finding.state, finding.details) == (State.NOTE, {"p": 2 / 2**8})
    assert "nothing else run" in finding.way_out


def test_other_problems_and_checks_without_time_are_left_alone(tmp_path: Path) -> None:
    assert on_bench(Written(ALIKE).write(tmp_path / "untimed"), found) == []
    (finding,) = on_bench(Written(ALIKE, rest=TIMED).write(tmp_path / "late"), found, seconds=-1.0)
    assert "not measured" in finding.text
