"""What `evolve check` says of held-out cases, of where cases come from, and of files within reach."""

from __future__ import annotations

from pathlib import Path

import pytest
from checking import Written, on_bench

from evolve.domain import Split, Status
from evolve.problem import load_problem
from evolve.report.checks import holdout, probe, spec
from evolve.report.checks.bench import Bench
from evolve.report.findings import Finding, State
from evolve.sandbox.base import Level

SCORED = """
def evaluate(program, case):
    answer = program.solve(case["n"])
    return {"score": sum(answer) / len(answer) + case.get("extra", 0)}
"""
SAME = "def cases(split):\n    return [{'n': 3}, {'n': 4}]\n"
OTHER = "def cases(split):\n    return [{'n': n} for n in ((3, 4) if split == 'search' else (5, 6, 7))]\n"
ONE_AGAIN = "def cases(split):\n    return [{'n': n} for n in ((3, 4) if split == 'search' else (5, 4))]\n"
HIDDEN_PART = (
    "def cases(split):\n    return [{'n': 4, 'extra': e} for e in ((1, 2) if split == 'search' else (3, 4))]\n"
)
HIDDEN_PART_AGAIN = (
    "def cases(split):\n    return [{'n': 4, 'extra': e} for e in ((1, 2) if split == 'search' else (3, 2))]\n"
)
SEEDED = "def cases(split, seed):\n    return [{'n': 3 + seed % 5}]\n"


async def overlap(bench: Bench) -> Finding:
    seen = [
        await probe.probe(bench, split, await bench.sandbox.cases(split)) for split in (Split.SEARCH, Split.HOLDOUT)
    ]
    search = await bench.evaluator().search(bench.problem.seed)
    held = await bench.evaluator().holdout(bench.problem.seed)
    assert held is not None
    assert held.status is Status.VALID
    return holdout.overlap(bench, seen[0], seen[1], (search, held))


@pytest.mark.parametrize(
    ("cases", "again"),
    [
        pytest.param(SAME, {0: 0, 1: 1}, marks=pytest.mark.slow),
        (ONE_AGAIN, {1: 1}),
        pytest.param(HIDDEN_PART_AGAIN, {1: 1}, marks=pytest.mark.slow),
        (OTHER, None),
        pytest.param(HIDDEN_PART, None, marks=pytest.mark.slow),
    ],
)
def test_held_out_cases_that_are_search_cases_again_are_a_fault(
    tmp_path: Path, cases: str, again: dict[int, int] | None
) -> None:
    found = on_bench(Written(cases + SCORED).write(tmp_path), overlap)
    if again is None:
        assert found.state is State.OK
        assert "none of" in found.text
    else:
        assert found.state is State.FAULT
        assert found.details == {"again": again}
        assert "cases('holdout') other instances" in found.way_out


@pytest.mark.slow
def test_noise_does_not_hide_that_a_case_is_given_twice(tmp_path: Path) -> None:
    noisy = "import random\n" + SCORED.replace("+ case", "+ random.random() + case")
    found = on_bench(Written(ONE_AGAIN + noisy).write(tmp_path), overlap, repeats=3)
    assert (found.state, found.details) == (State.FAULT, {"again": {1: 1}})
    alike = on_bench(Written(HIDDEN_PART + noisy).write(tmp_path / "alike"), overlap, repeats=3)
    assert alike.state is State.OK


def test_what_a_probe_sees_is_what_the_evaluator_does(tmp_path: Path) -> None:
    evaluate = """
def cases(split):
    return [2, 3]
def evaluate(program, case):
    program.prepare()
    return {"score": sum(program.solve(n)[0] for n in range(1, 1 + case))}
"""
    seed = """
import sys
def prepare():
    pass
def inner(n):
    return n
def solve(n):
    return [inner(n) + sys.modules[__name__].inner(0)]  # as other files of the program find it
"""

    async def probed(bench: Bench) -> dict[int, probe.CaseSeen]:
        return await probe.probe(bench, Split.SEARCH, 2)

    seen = on_bench(Written(evaluate, seed).write(tmp_path), probed)
    assert [dict(case.calls) for case in seen.values()] == [{"prepare": 1, "solve": 2}, {"prepare": 1, "solve": 3}]
    assert [len(case.inputs) for case in seen.values()] == [3, 4]
    assert seen[0].inputs < seen[1].inputs
    assert {"nan", "empty", "none"} <= seen[0].applies
    assert "stated" not in seen[0].applies  # no answer is a bare number


def test_cases_that_are_the_same_in_every_run_are_worth_a_note(tmp_path: Path) -> None:
    fixed, *_ = spec.findings(Written(SAME + SCORED).write(tmp_path / "fixed"))
    assert fixed.state is State.NOTE
    assert "cases(split, seed)" in fixed.way_out
    seeded, *_ = spec.findings(Written(SEEDED + SCORED).write(tmp_path / "seeded"))
    assert seeded.state is State.OK
    assert "hidden seed" in seeded.text


def test_known_values_beyond_the_proven_bound_are_a_fault(tmp_path: Path) -> None:
    known = "bound = 1.0\n[objective.best_known]\nvalue = 1.5\nsource = 'a paper'\n"
    bound = list(spec.findings(Written(SAME + SCORED, objective=known).write(tmp_path / "beyond")))[1]
    assert bound.state is State.FAULT
    assert bound.text == "best_known (1.5) lies beyond the proven bound 1"
    fits = list(spec.findings(Written(SAME + SCORED, objective=known.replace("1.5", "1.0")).write(tmp_path / "fits")))
    assert fits[1].state is State.OK


ANSWERS = ("answers.json", '{"3": 0.25}\n')


def test_a_program_that_can_read_the_evaluators_files_is_a_fault_without_isolation(tmp_path: Path) -> None:
    problem = Written(SAME + SCORED, files=(ANSWERS,)).write(tmp_path)
    found = on_bench(problem, holdout.reach, level=Level.PROCESS)
    assert found.state is State.FAULT
    assert "answers.json" in found.details["found"]
    assert "evolve doctor" in found.way_out


def test_isolation_keeps_the_evaluators_files_out_of_reach(tmp_path: Path) -> None:
    found = on_bench(Written(SAME + SCORED, files=(ANSWERS,)).write(tmp_path), holdout.reach)
    assert found.state is State.OK
    assert "looked for 2 files found none" in found.text


@pytest.mark.slow
def test_an_evaluators_file_in_the_seed_is_worth_a_note(tmp_path: Path) -> None:
    files = (ANSWERS, ("seed/data/answers.json", ANSWERS[1]))
    found = on_bench(
        Written(SAME + SCORED, files=files, rest='[program]\nentry = "solve.py"').write(tmp_path), holdout.reach
    )
    assert found.state is State.NOTE
    assert found.text.startswith("answers.json is part of seed/")


def test_of_a_text_that_is_not_run_no_calls_are_looked_for(tmp_path: Path) -> None:
    evaluate = 'def evaluate(program, case):\n    return {"score": float(len(program.text))}\n'
    Written(evaluate, files=(("seed/solve.txt", "text"),)).write(tmp_path)
    (tmp_path / "seed" / "solve.py").unlink()
    problem = load_problem(tmp_path)
    found = on_bench(problem, holdout.reach)
    assert found.text == "not looked for: programs are text that is not run"
