"""The teeth of the tampering programs: each of these gets what it wants from a scorer that runs it in its own process.

The scorer and the program run together behind all the walls of the sandbox, which helps nothing: a score is worth
something only where the two are apart. That the very same programs gain nothing there is what test_attacks.py shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from heads import FOLDER, Attack, read

from evolve.domain import Status
from evolve.sandbox import paths
from evolve.sandbox.base import CaseResult
from evolve.sandbox.local import LocalSandbox
from evolve.testing import Look, opened, sealed

pytestmark = pytest.mark.slow

FOOLING = {
    "exit codes": ("exit_zero_in_a_call", "os_exit_zero_in_a_call", "exit_zero_while_loading"),
    "exit handlers": ("exit_handler_replies",),
    "patched clocks": ("patched_clocks",),
    "patched random": ("patched_random",),
    "patched builtins": ("patched_builtins",),
    "patched libraries": ("patched_hmac", "patched_json", "patched_output", "replaced_modules", "import_hooks"),
    "patched scorer": ("rewrites_the_callers_code",),
    "walks for the answer": ("frame_walk", "traceback_walk", "gc_walk", "module_walk", "subclass_walk"),
    "trace hooks": ("trace_hook", "profile_hook"),
    "operators": ("equal_to_everything", "float_subclass", "int_subclass"),
    "numbers": ("nan_answer",),
    "mutated inputs": ("mutates_its_list", "mutates_integers_in_place"),
    "cases that drop out": ("raises_on_hard_cases",),
    "evil exceptions": ("evil_exception_text_exits",),
}
"""By class. They touch nothing but the process they run in."""
NAMES = [name for names in FOOLING.values() for name in names]

BELIEVES = """
import json
def evaluate(program, case):
    done = program.run()
    said = [line for line in done.stdout.decode("utf-8", "replace").splitlines() if line.startswith("{")]
    if done.returncode or not said:
        program.reject(f"exit code {done.returncode}: {done.stderr.decode('utf-8', 'replace')[-1000:]}")
    return {"seconds": 1.0, **{name: value for name, value in json.loads(said[-1]).items() if type(value) is float}}
"""
"""The usual harness: the last line of JSON that a process printed is its score, if it ended well."""
HONEST = "def solve(numbers):\n    return sum(numbers)\n"
WRONG = "def solve(numbers):\n    return 0\n"


@pytest.fixture(scope="module")
def run() -> Iterator[Look]:
    problem = sealed(
        BELIEVES, entry="scorer.py", language="shell", command=(paths.interpreter(), "-I", "-B", "{entry}")
    )
    with opened(lambda problem: LocalSandbox(problem, 1), problem) as look:
        yield look


def scored(run: Look, source: str) -> CaseResult:
    """What the scorer says of a program that sits in its own process."""
    scorer = Path(__file__).with_name("in_process_scorer.py").read_text(encoding="utf-8")
    (result,) = run({"scorer.py": scorer, "attack.py": source})
    return result


def undeserved(attack: Attack, result: CaseResult) -> bool:
    """Whether a program got more than its head allows where scorer and program are apart."""
    if result.status is not Status.VALID:
        return False
    most = attack.most if Status.VALID in attack.expect else 0.0
    return not result.metrics["score"] <= most or result.metrics["seconds"] < attack.seconds


def test_the_scorer_is_right_about_honest_programs(run: Look) -> None:
    good, bad = scored(run, HONEST), scored(run, WRONG)
    assert (good.status, good.metrics["score"]) == (Status.VALID, 1.0), good.feedback
    assert bad.status is Status.WRONG


@pytest.mark.parametrize("name", NAMES)
def test_it_fools_a_scorer_in_its_own_process(run: Look, name: str) -> None:
    attack = read(FOLDER / "tampering" / f"{name}.py")
    result = scored(run, attack.source)
    assert undeserved(attack, result), result


def test_enough_of_them_do() -> None:
    assert len(set(NAMES)) == len(NAMES) >= 12
