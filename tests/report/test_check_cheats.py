"""Every generic cheat against an evaluator that falls for it, and against one that does not."""

from __future__ import annotations

import subprocess
from functools import partial
from pathlib import Path

import pytest
from checking import SEED, Written, by_topic, cheats, faults, on_bench

from evolve.problem.cheats import CHEATS, Claim, Gain, command_cheats
from evolve.report.findings import State

STRICT = """
def cases(split):
    return [3, 5, 8]

def evaluate(program, case):
    answer = program.solve(case)
    if not isinstance(answer, list) or len(answer) != case:
        program.reject(f"solve({case}) must return {case} numbers")
    for value in answer:
        if type(value) is not float or not 0 <= value <= 1:
            program.reject(f"{value!r} is no float from 0 to 1")
    if len(set(answer)) != case:
        program.reject("the numbers must differ")
    return {"score": sum(answer) / case}
"""

CARELESS = """
def evaluate(program, case):
    values = program.call("solve", 4, allow_nan=True)
    if any(value < 0 or value > 1 for value in values):  # NaN is neither
        program.reject("out of range")
    return {"score": 1.0}
"""
NAN_BLIND = """
import math
def evaluate(program, case):
    circles = program.call("solve", 4, allow_nan=True)
    for i, (x, y, r) in enumerate(circles):
        if x - r < 0 or x + r > 1 or y - r < 0 or y + r > 1:
            program.reject("outside")
        if any(math.hypot(x - other[0], y - other[1]) < (r + other[2]) * 0.999 for other in circles[:i]):
            program.reject("overlap")
    return {"score": sum(r for _, _, r in circles)}
"""
LARGEST_WINS = """
import math
def evaluate(program, case):
    return {"score": math.log10(1 + max(program.solve(4)))}
"""
ABOVE_HALF = """
def evaluate(program, case):
    return {"score": sum(value > 0.6 for value in program.call("solve", 4, allow_nan=True))}
"""
NO_LENGTH = """
def evaluate(program, case):
    return {"score": max((abs(value - 2) for value in program.solve(4)), default=0.0)}
"""
NOTHING_IS_FINE = """
def evaluate(program, case):
    return {"score": sum(abs(value - 2) for value in program.solve(4) or ())}
"""
COUNTS_ALL = """
def evaluate(program, case):
    answer = program.solve(4)
    if not all(0 <= value <= 1 for value in answer):
        program.reject("out of range")
    return {"score": float(len(answer))}
"""
TAKES_A_CLAIM = """
def evaluate(program, case):
    answer = program.solve(4)
    return {"score": answer["score"] if isinstance(answer, dict) else sum(answer)}
"""
COMPARES_A_CLAIM = """
def evaluate(program, case):
    values, total = program.solve(4)
    if abs(total - sum(values)) > 1.0:
        program.reject("the sum is wrong")
    return {"score": total}
"""
BELIEVES = ASKS_FOR_THE_TIME = """
def evaluate(program, case):
    return {"score": program.solve(4)}
"""
SHOWS_ANSWERS = """
def evaluate(program, case):
    expected = [0.25, 0.5, 0.75, 1.0]
    answer = program.solve(4, expected)
    return {"score": sum(abs(value - right) for value, right in zip(answer, expected, strict=True))}
"""
NEVER_LOOKS = """
def cases(split):
    return [3, 4]

def evaluate(program, case):
    answer = program.solve(case)
    if type(answer) is not list or not answer or type(answer[0]) is not float or answer[0] != 0.0:
        program.reject("no list of floats that begins with 0")
    return {"score": 1.0}
"""
TIMES_ONE_INPUT = """
def evaluate(program, case):
    for _ in range(3):
        program.solve(300_000)
    return {"score": program.last.wall}
"""
DROPS_FAILURES = """
def evaluate(program, case):
    errors = []
    for n in (2, 3, 4, 5):
        try:
            errors.append(sum(abs(value - 2) for value in program.solve(n)))
        except program.Failure:
            continue
    return {"score": sum(errors) / max(1, len(errors))}
"""

BIG_WINS = """
def evaluate(program, case):
    return {"score": len(str(max(program.solve(4))))}
"""
CLIPS = """
def evaluate(program, case):
    return {"score": sum(max(value, -1e9) for value in program.call("solve", 4, allow_nan=True))}
"""
LONGEST = """
def evaluate(program, case):
    return {"score": len(repr(program.solve(4)))}
"""
WRAPS_ROUND = """
import numpy as np
def evaluate(program, case):
    return {"score": float((program.solve(4) - np.uint8(1)).max())}
"""

FALLS_FOR = {
    "nan": Written(CARELESS),
    "nan_in_part": Written(NAN_BLIND, "def solve(n):\n    return [[(i + 0.5) / n, 0.5, 0.5 / n] for i in range(n)]\n"),
    "agreeable": Written(CARELESS),
    "infinite": Written(ABOVE_HALF),
    "minus_infinite": Written(CLIPS, direction="minimize"),
    "huge": Written(LARGEST_WINS),
    "huge_integer": Written(BIG_WINS),
    "truths": Written(ABOVE_HALF),
    "texts": Written(LONGEST),
    "complex": Written(LONGEST),
    "bytes": Written(WRAPS_ROUND, f"import numpy as np\n{SEED.replace('return ', 'return np.array(')[:-1]})\n"),
    "none": Written(NOTHING_IS_FINE, direction="minimize"),
    "empty": Written(NO_LENGTH, direction="minimize"),
    "nested": Written(LONGEST),
    "repeated": Written(COUNTS_ALL),
    "claims": Written(TAKES_A_CLAIM),
    "claimed_parts": Written(COMPARES_A_CLAIM, "def solve(n):\n    return [1.0] * n, 1.0 * n\n"),
    "stated": Written(BELIEVES, "def solve(n):\n    return 0.5\n"),
    "cached": Written(NEVER_LOOKS),
    "remembered": Written(
        TIMES_ONE_INPUT, "def solve(n):\n    return sum(i * i for i in range(n))\n", direction="minimize"
    ),
    "clock": Written(
        ASKS_FOR_THE_TIME,
        "from time import perf_counter\n\ndef solve(n):\n    start = perf_counter()\n    sum(range(20_000))\n"
        "    return perf_counter() - start\n",
        direction="minimize",
    ),
    "raising": Written(DROPS_FAILURES, direction="minimize"),
    "raising_odd": Written(DROPS_FAILURES),
    "raising_even": Written(DROPS_FAILURES, direction="minimize"),
    "exit": Written(DROPS_FAILURES, direction="minimize"),
    "system_exit": Written(DROPS_FAILURES, direction="minimize"),
    "printed": Written(NOTHING_IS_FINE, direction="minimize"),
}
"""By cheat: a problem whose evaluator gives it a score it must not have."""
QUICK = ("nan", "raising_even")
NOISY = ("remembered", "clock")


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in FALLS_FOR]
)
def test_an_evaluator_that_falls_for_a_cheat_is_found_out(tmp_path: Path, name: str) -> None:
    problem = FALLS_FOR[name].write(tmp_path)
    only = {name, "raising_odd"} if name == "raising_even" else {name}
    found = by_topic(on_bench(problem, partial(cheats, only=only), repeats=5 if name in NOISY else 1))
    cheat = next(cheat for cheat in CHEATS if cheat.name == name)
    assert f"cheat {name}" in found, found
    finding = found[f"cheat {name}"]
    assert finding.state is State.FAULT
    assert finding.text.startswith(f"a program that {cheat.does} is valid and scores")
    assert finding.way_out


def test_every_cheat_that_can_be_a_fault_has_an_evaluator_that_falls_for_it() -> None:
    assert set(FALLS_FOR) == {cheat.name for cheat in CHEATS if cheat.gain is not Gain.LUCK}


@pytest.mark.parametrize("cases", ["[3, 5, 8]", "[4]"])  # with one call, none is the second, nor can it be cached
def test_a_strict_evaluator_holds_every_cheat_off(tmp_path: Path, cases: str) -> None:
    found = by_topic(on_bench(Written(STRICT.replace("[3, 5, 8]", cases)).write(tmp_path), cheats))
    assert set(found) == {"cheats"}, found
    outcomes = found["cheats"].details["outcomes"]
    assert len(outcomes) > 20
    # They were held off for what they do, and not because the check's own code fails in a candidate.
    assert (outcomes["nan"], outcomes["empty"], outcomes["exit"], outcomes["clock"]) == (
        "output",
        "wrong",
        "crash",
        "valid",
    )


@pytest.mark.slow
def test_answers_that_can_be_looked_up_are_worth_a_note(tmp_path: Path) -> None:
    shown = Written(SHOWS_ANSWERS, "def solve(n, points):\n    return [0.3] * n\n", direction="minimize")
    found = by_topic(on_bench(shown.write(tmp_path), cheats))["cheat handed_back"]
    assert found.state is State.NOTE
    assert "keep expected answers out of the call" in found.way_out


@pytest.mark.slow
def test_a_cheat_that_equals_a_poor_seed_is_no_fault(tmp_path: Path) -> None:
    zero = Written(STRICT.replace("len(set(answer)) != case", "False"), "def solve(n):\n    return [0.0] * n\n")
    found = on_bench(zero.write(tmp_path), cheats)
    assert not faults(found), found


@pytest.mark.slow
def test_nan_where_nobody_looks_is_no_fault(tmp_path: Path) -> None:
    notes = "def evaluate(program, case):\n    return {'score': sum(program.call('solve', 4, allow_nan=True)[1])}\n"
    seed = "def solve(n):\n    return [[1.0, 2.0], [0.5] * n]\n"
    found = on_bench(Written(notes, seed).write(tmp_path), partial(cheats, only={"nan_in_part"}))
    assert not faults(found), found


@pytest.mark.slow
def test_a_score_beyond_the_bound_counts_as_taken(tmp_path: Path) -> None:
    """The engine would set it aside, but the evaluator that gave it is at fault all the same."""
    bounded = Written(LARGEST_WINS, objective="bound = 1.0")
    finding = by_topic(on_bench(bounded.write(tmp_path), cheats))["cheat huge"]
    assert finding.state is State.FAULT
    assert "scores 308" in finding.text


@pytest.mark.slow
def test_an_evaluator_that_fails_itself_is_told_what_on(tmp_path: Path) -> None:
    untyped = "def evaluate(program, case):\n    return {'score': sum(program.solve(4))}\n"
    finding = by_topic(on_bench(Written(untyped).write(tmp_path), cheats))["evaluate.py"]
    assert finding.state is State.NOTE
    assert "none" in finding.details["failed_on"]
    assert finding.text.startswith("fails itself on 8 cheats (huge, ")


@pytest.mark.slow
def test_cheats_are_not_called_held_off_when_the_wrapper_itself_fails(tmp_path: Path) -> None:
    recognises = "import sys\n" + STRICT.replace(
        "    answer = program.solve(case)\n",
        "    answer = program.solve(case)\n    if program.wrapped():\n        program.reject('a wrapper')\n",
    )
    seed = f"{SEED}\n\ndef wrapped():\n    import sys\n    return 'evolve_check_kit' in sys.modules\n"
    found = by_topic(on_bench(Written(recognises, seed).write(tmp_path), cheats))
    assert found["cheats"].text.startswith("not tried")


@pytest.mark.slow
@pytest.mark.parametrize("resident", [True, False])
def test_a_candidate_that_changes_later_scores_is_noticed(tmp_path: Path, resident: bool) -> None:
    remembers = """
best = [0.0]
def evaluate(program, case):
    answer = program.call("solve", 4, allow_nan=True)
    best[0] = max(best[0], len(repr(answer)))
    return {"score": len(repr(answer)) / best[0]}
"""
    rest = f"[evaluation]\nresident = {str(resident).lower()}\n"
    found = by_topic(on_bench(Written(remembers, rest=rest).write(tmp_path), cheats))
    if not resident:
        assert "state" not in found
        return
    assert found["state"].state is State.FAULT
    assert "evaluation.resident = false" in found["state"].way_out


def test_programs_of_other_languages_state_their_claims_as_valid_text(tmp_path: Path) -> None:
    shell = Written("def evaluate(program, case):\n    return {'score': 1.0}\n", rest='[program]\nlanguage = "shell"\n')
    programs = command_cheats(shell.write(tmp_path), Claim("score", 1.5))
    printed = {cheat.name: subprocess.run(["sh", "-c", program.files[0].text], capture_output=True, check=True).stdout
               for cheat, program in programs.items()}  # fmt: skip
    assert printed == {"empty_file": b"", "exit_zero": b"", "printed": b'{"score": 1.5}\n', "stated": b"1.5\n"}


COMMAND = '[program]\nentry = "solve.py"\ncommand = ["python3", "{entry}"]\n'
PRINTS = "import json\nprint(json.dumps({'score': 0.5}))\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("evaluate", "caught"),
    [
        ("import json\ndef evaluate(program, case):\n    return json.loads(program.run().stdout)\n", {"printed"}),
        (
            "import re\ndef evaluate(program, case):\n"
            "    found = re.search(rb'[0-9.]+', program.run().stdout)\n"
            "    return {'score': float(found[0])} if found else program.reject('nothing')\n",
            {"printed", "stated"},
        ),
        (
            "def evaluate(program, case):\n    return {'score': float(program.run().returncode == 0)}\n",
            {"empty_file", "exit_zero", "printed"},  # "stated" gets 1.0, and it did not state that
        ),
    ],
)
def test_programs_that_are_commands_cheat_in_their_own_way(tmp_path: Path, evaluate: str, caught: set[str]) -> None:
    problem = Written(evaluate, PRINTS, rest=COMMAND).write(tmp_path)
    assert faults(on_bench(problem, cheats)) == {f"cheat {name}" for name in caught}
