"""`problem.toml`: what is accepted, and a sentence with key, value and cause for what is not."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from evolve.archive import measures
from evolve.errors import EvaluatorError, ProblemError
from evolve.problem import BUILTIN_MEASURES, PassRule, ProblemSpec, load_problem
from evolve.problem.spec import check_spec, language_of, parse_bytes

GOOD = """
name = "full"
summary = "one line"
[objective]
metric = "excess"
direction = "minimize"
unit = "%"
target = 1.0
bound = 0
best_known = { value = 0.68, source = "a paper" }
[objective.baselines.best_fit]
value = 4
source = "measured"
[program]
entry = "a.py"
editable = ["*.py"]
[[measures]]
name = "program_length"
[[measures]]
name = "variety"
low = 0
high = 60
cells = 20
[evaluation]
preload = ["numpy"]
resident = true
holdout_repeats = 3
[[stages]]
name = "quick"
cases = 2
timeout = 1
pass = "excess <= 10"
[[stages]]
name = "some"
cases = [0, 3]
pass = "valid"
[[stages]]
name = "full"
repeats = 2
[limits]
memory = "1.5GB"
output = 1000
file_size = "64 KiB"
[sandbox]
image = "python:3.11"
"""


def spec_of(text: str) -> ProblemSpec:
    spec, faults = check_spec(tomllib.loads(text))
    assert faults == []
    assert spec is not None
    return spec


def faults_of(text: str) -> list[str]:
    spec, faults = check_spec(tomllib.loads(text))
    assert spec is None
    return faults


def test_every_key_is_read() -> None:
    spec = spec_of(GOOD)
    assert spec.objective.baselines["best_fit"].value == 4.0
    assert spec.objective.best_known is not None
    assert spec.measures[1].cells == 20
    assert (spec.measures[0].low, spec.measures[0].cells) == (None, 16)
    assert [stage.pass_rule for stage in spec.stages] == [PassRule("excess", "<=", 10.0), PassRule(), None]
    assert (spec.limits.memory, spec.limits.output, spec.limits.file_size) == (3 * 2**29, 1000, 65536)
    assert spec.evaluation.holdout_repeats == 3
    assert spec.sandbox.image == "python:3.11"


def test_one_stage_with_all_cases_is_the_default() -> None:
    text = 'name = "a"\nsummary = "s"\n[objective]\nmetric = "m"\ndirection = "maximize"\n'
    (stage,) = spec_of(text).stages
    assert (stage.name, stage.select(3), stage.repeats, stage.refusal({})) == ("all", (0, 1, 2), 1, None)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("summary =", "sumary =", "sumary is not a known key; did you mean 'summary'?"),
        (
            'direction = "minimize"',
            'direction = "min"',
            "objective.direction = 'min': should be 'maximize' or 'minimize'",
        ),
        ('metric = "excess"', "", "objective.metric is missing (the key of evaluate()'s result"),
        ('name = "full"\nsum', 'name = "Full!"\nsum', "name = 'Full!': "),
        ("target = 1.0", "target = -1.0", "target -1.0 lies beyond the proven bound 0.0"),
        ("target = 1.0", "target = nan", "objective.target = nan: should be a finite number"),
        ("value = 4\n", 'value = "4"\n', "objective.baselines.best_fit.value = '4': should be a valid number"),
        ("low = 0\n", "", "measures[1] = a table: give both low and high, or neither"),
        ("low = 0\n", "low = 60\n", "low 60.0 must be less than high 60.0"),
        ("cells = 20", "cells = 0", "measures[1].cells = 0"),
        ('name = "variety"', 'name = "program_length"', "the name 'program_length' is used twice"),
        ('name = "some"', 'name = "quick"', "the name 'quick' is used twice"),
        ("cases = 2\n", "cases = 0\n", 'stages[0].cases = 0: must be "all"'),
        ("cases = 2\n", "cases = true\n", 'stages[0].cases = True: must be "all"'),
        ("cases = [0, 3]", "cases = [-1]", 'stages[1].cases = [-1]: must be "all"'),
        ("cases = [0, 3]", "cases = []", 'stages[1].cases = []: must be "all"'),
        ("repeats = 2", "repeats = 1.5", "stages[2].repeats = 1.5"),
        (
            'pass = "excess <= 10"',
            'pass = "excess around 10"',
            "stages[0].pass = 'excess around 10': not a rule; write",
        ),
        ("timeout = 1\n", "timeout = 0\n", "stages[0].timeout = 0: should be greater than 0"),
        ('memory = "1.5GB"', "memory = 512", "did you forget the unit"),
        ('memory = "1.5GB"', 'memory = "much"', "limits.memory = 'much': not a size"),
        ("output = 1000", "output = true", "limits.output = True: must be a whole number"),
        ("resident = true", 'resident = "yes"', "evaluation.resident = 'yes'"),
        ('editable = ["*.py"]', "editable = []", "program.editable = []: must not be empty"),
        ('editable = ["*.py"]', 'build = "make"', "program.build = 'make'"),
    ],
)
def test_a_fault_names_key_value_and_cause(old: str, new: str, sentence: str) -> None:
    assert old in GOOD
    faults = faults_of(GOOD.replace(old, new, 1))
    assert any(sentence in fault for fault in faults), faults
    assert len(faults) <= 2  # a misspelt key is both unknown and missing


def test_all_faults_come_at_once() -> None:
    text = GOOD.replace("minimize", "less").replace("cells = 20", "cells = 0").replace("[sandbox]", "[sandbx]")
    assert len(faults_of(text)) == 3


def test_a_stage_selects_cases() -> None:
    quick, some, full = spec_of(GOOD).stages
    assert quick.select(5) == (0, 1)
    assert some.select(5) == (0, 3)
    assert full.select(5) == (0, 1, 2, 3, 4)
    with pytest.raises(
        ProblemError, match=r"stage 'some' in problem\.toml uses search case 3, but evaluate.py gives 3"
    ):
        some.select(3)


@pytest.mark.parametrize(
    ("rule", "value", "passes"),
    [
        ("m <= 10", 10.0, True),
        ("m < 10", 10.0, False),
        ("m>=-1e-3", -1e-3, True),
        ("m > 0", 0.0, False),
        ("m == 2", 2.0, True),
        ("m != 2", 2.0, False),
    ],
)
def test_a_pass_rule_compares(rule: str, value: float, passes: bool) -> None:
    refusal = PassRule.parse(rule).refusal({"m": value})
    assert (refusal is None) == passes
    assert refusal is None or refusal.startswith("m is ")


def test_a_pass_rule_about_an_unknown_metric_blames_the_author() -> None:
    with pytest.raises(EvaluatorError, match="needs the metric 'exces', but evaluate\\(\\) gave excess"):
        PassRule.parse("exces <= 10").refusal({"excess": 1.0})


@pytest.mark.parametrize("text", ["", "m", "m <= ", "<= 3", "m <= ten", "m <= 1 and n > 2", "m =< 3", "m <= 1.2.3"])
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a rule; write"):
        PassRule.parse(text)


def test_sizes_are_read() -> None:
    assert [parse_bytes(text) for text in ("10", "10B", "2kb", "3 MB", "1GiB")] == [10, 10, 2048, 3 * 2**20, 2**30]


def test_the_archive_knows_the_same_built_in_measures() -> None:
    assert sorted(BUILTIN_MEASURES) == sorted(measures.BUILTIN_MEASURES)


def test_the_suffix_tells_the_language() -> None:
    names = ["a.py", "b.CPP", "c.rs", "d.txt", "Makefile", "src/e.go"]
    assert [language_of(name) for name in names] == ["python", "cpp", "rust", "text", "text", "go"]


def test_the_reference_in_the_docs_is_a_valid_problem_file(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "problems.md").read_text(encoding="utf-8")
    reference = page.partition("## Every key")[2]
    for name, text in {
        "problem.toml": reference.split("```toml\n")[1].split("```")[0],
        "problem.md": "x",
        "seed/solve.py": "x = 1\n",
        "evaluate.py": reference.split("```python\n")[1].split("```")[0],
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert load_problem(tmp_path).name == "my_problem"
