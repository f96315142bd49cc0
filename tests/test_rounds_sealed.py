"""No candidate sees its opponents: not in its files, not in its memory, not on the disk."""

from __future__ import annotations

import asyncio
from pathlib import Path

from evolve.assembly import sealed_problem
from evolve.domain import Limits, Program, Split, Status
from evolve.problem import Champion, Inputs, load_problem
from evolve.sandbox.base import CaseResult, Job
from evolve.sandbox.local import LocalSandbox
from tests.conftest import write_tiny

SECRET = "the_champions_own_words"
SPY = """\
import gc
import os
import sys


def curve(x):
    found = [str(each) for each in gc.get_objects() if isinstance(each, (str, dict)) and WORD in str(each)[:4096]]
    for top in {"/proc/self", "/tmp", os.getcwd(), os.path.expanduser("~"), os.path.dirname(os.path.abspath(__file__))}:
        for folder, _, names in os.walk(top):
            found += [os.path.join(folder, name) for name in names if name == "champions.json"]
    found += [word for word in (*os.environ.values(), *sys.argv) if WORD in word]
    return "; ".join(found) or "nothing"


WORD = "_own_".join(("the_champions", "words"))
"""
EVALUATE = """\
def cases(split, champions):
    return [{"champions": champions}]


def evaluate(program, case):
    text = case["champions"][0]["files"]["curve.py"]
    return {"error": float(len(text)), "spread": 0.0, "feedback": str(program.curve(1.0))}
"""


def test_opponents_are_out_of_reach(tmp_path: Path) -> None:
    folder = write_tiny(tmp_path / "tiny", evaluate_py=EVALUATE)
    problem = load_problem(folder, Inputs(champions=(Champion(1, 7, {"curve.py": f"# {SECRET}\n"}),)))
    job = Job(Program.of({"curve.py": SPY}), Split.SEARCH, (0,), 1, Limits())

    async def look() -> CaseResult:
        sandbox = LocalSandbox(sealed_problem(problem, 5), 1)
        await sandbox.start()
        try:
            (result,) = await sandbox.run(job)
        finally:
            await sandbox.close()
        return result

    result = asyncio.run(look())
    assert result.status is Status.VALID, result.feedback
    assert result.metrics["error"] == len(SECRET) + 3
    assert result.feedback == "nothing"
