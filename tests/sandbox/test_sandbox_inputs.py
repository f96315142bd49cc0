"""What an evaluator is given besides the split: a seed, champions and parameters by name, the candidate's text."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import pytest

from evolve.domain import Program, Split, Status
from evolve.errors import SandboxUnavailable
from evolve.sandbox.base import CaseResult, Job, SealedProblem
from evolve.sandbox.local import LocalSandbox

CHAMPIONS = json.dumps([{"round": 1, "candidate": 7, "files": {"main.txt": "rock"}}])
PARAMETERS = json.dumps({"n": 32})
TELL = """
def evaluate(program, case):
    return {"n": case["parameters"].get("n", -1), "champions": len(case["champions"]), "seeded": case["seed"] == 77,
            "feedback": program.text + "|" + ",".join(program.files) + "|" + str(case["champions"])}
"""


def look(evaluate: str, files: Mapping[str, str], split: Split = Split.SEARCH) -> CaseResult:
    sealed = SealedProblem("inputs", {"evaluate.py": evaluate, **files}, "main.txt", "text", case_seed=77)

    async def run() -> CaseResult:
        sandbox = LocalSandbox(sealed, 1)
        try:
            await sandbox.start()
            program = Program.of({"main.txt": "paper", "notes.txt": "none"})
            return (await sandbox.run(Job(program, split, (0,), 1)))[0]
        finally:
            await sandbox.close()

    try:
        return asyncio.run(run())
    except SandboxUnavailable as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("split", list(Split))
@pytest.mark.parametrize(
    "signature", ["split, seed, champions, parameters", "split, seed=0, count=3, *, parameters, champions=()"]
)
def test_cases_get_by_name_what_they_ask_for(signature: str, split: Split) -> None:
    cases = f"def cases({signature}):\n    return [dict(seed=seed, champions=champions, parameters=parameters)]\n"
    result = look(cases + TELL, {"champions.json": CHAMPIONS, "parameters.json": PARAMETERS}, split)
    assert result.status is Status.VALID, result.feedback
    assert result.metrics == {"n": 32, "champions": 1, "seeded": 1}
    assert result.feedback.startswith("paper|main.txt,notes.txt|[{'round': 1, 'candidate': 7, 'files': {'main.txt'")


def test_where_there_are_none_they_are_empty() -> None:
    given = "dict(seed=0, champions=champions, parameters=parameters)"
    cases = f"def cases(split, champions, parameters):\n    return [{given}]\n"
    assert look(cases + TELL, {}).metrics == {"n": -1, "champions": 0, "seeded": 0}


@pytest.mark.parametrize("signature", ["split, *seeds", "split, seed, /", "split, seed=0, count=77"])
def test_only_the_second_argument_is_the_seed(signature: str) -> None:
    seed = "seeds[0]" if "*" in signature else "seed"
    cases = f"def cases({signature}):\n    return [dict(seed={seed}, champions=[], parameters={{}})]\n"
    assert look(cases + TELL, {}).metrics == {"n": -1, "champions": 0, "seeded": 1}


def test_a_number_of_a_thousand_digits_can_be_named_in_a_rejection() -> None:
    huge = "def evaluate(program, case):\n    program.reject(f'{10 ** 5000} is too much')\n"
    result = look(huge, {})
    assert result.status is Status.WRONG
    assert result.feedback.startswith("1000")
