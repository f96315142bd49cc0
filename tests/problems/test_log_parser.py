"""Log parsing: the logs are as they claim, both measures as they are defined, answers are checked."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import pairwise
from typing import Any

import pytest
from stand_in import PROBLEMS, Rejected

from evolve.problem import load_attacks, load_problem

FOLDER = PROBLEMS / "log_parser"


@pytest.fixture(scope="module")
def scorer() -> Iterator[dict[str, Any]]:
    """The names of evaluate.py, which imports a module beside it."""
    before = set(sys.modules)
    sys.path.insert(0, str(FOLDER))
    try:
        yield vars(import_module("evaluate"))
    finally:
        sys.path.remove(str(FOLDER))
        for name in {"evaluate", "services"} - before:
            sys.modules.pop(name, None)


class Parser:
    """A trusted `parse` behind what the evaluator sees."""

    def __init__(self, parse: Callable[[list[str]], Any]) -> None:
        self.parse = parse

    def reject(self, text: str) -> None:
        raise Rejected(text)


def truthful(case: dict[str, Any]) -> Callable[[list[str]], Any]:
    """A parser that knows the answer of one case."""

    def parse(lines: list[str]) -> list[list[Any]]:
        answer = []
        for line, (spans, _) in zip(lines, case["truth"], strict=True):
            template = line
            for start, end in reversed(spans):
                template = template[:start] + "<*>" + template[end:]
            answer.append([template, [line[start:end] for start, end in spans]])
        return answer

    return parse


def test_three_of_four_files_may_change() -> None:
    problem = load_problem(FOLDER)
    assert (problem.entry, set(problem.editable)) == ("parse.py", {"parse.py", "rules.txt", "templates.py"})
    assert "reading.py" in problem.seed.as_dict()
    assert len(load_attacks(problem)) >= 4


def test_the_truth_scores_all_and_templates_of_one_service_differ(scorer: dict[str, Any]) -> None:
    for split in ("search", "holdout"):
        for case in scorer["cases"](split):
            found = scorer["evaluate"](Parser(truthful(case)), case)
            assert found["values"] == 100.0
            assert found["grouping"] == 100.0, found
            assert found["feedback"] == ""


def test_spans_are_where_the_values_are_and_never_touch(scorer: dict[str, Any]) -> None:
    case = scorer["cases"]("search")[0]
    ip = [line[s:e] for line, (spans, _) in zip(case["lines"], case["truth"], strict=True) for s, e in spans]
    assert {value for value in ip if re.fullmatch(r"\d+(\.\d+){3}", value)}
    for line, (spans, _) in zip(case["lines"], case["truth"], strict=True):
        assert "<*>" not in line
        assert all(0 <= start < end <= len(line) for start, end in spans)
        assert all(end < start for (_, end), (start, _) in pairwise(spans))


def test_held_out_services_share_no_template_with_those_of_the_search(scorer: dict[str, Any]) -> None:
    services = scorer["services"]
    bodies = [{body for rows in split.values() for body in rows} for split in (services.SEARCH, services.HOLDOUT)]
    assert not bodies[0] & bodies[1]
    assert scorer["cases"]("search") == scorer["cases"]("search")
    lines = [{line for case in scorer["cases"](split) for line in case["lines"]} for split in ("search", "holdout")]
    assert not lines[0] & lines[1]


def test_held_out_values_say_nothing_that_the_search_has_said(scorer: dict[str, Any]) -> None:
    """Rules that list the names, hosts and phrases of the search logs find none held out."""
    said: dict[str, set[str]] = {}
    for split in ("search", "holdout"):
        values = [
            line[start:end]
            for case in scorer["cases"](split)
            for line, (spans, _) in zip(case["lines"], case["truth"], strict=True)
            for start, end in spans
        ]
        parts = [part for value in values for part in re.split(r", |[@/_]|\.(?!\d)|-(?=\d)", value.lower())]
        said[split] = {part for part in parts if re.search("[g-z]", part) and not re.search(r"\d", part)}
    both = said["search"] & said["holdout"]
    months = "jan feb mar apr may jun jul aug sep oct nov dec"
    assert both <= {*months.split(), "true", "false", "example", "net", "org"}
    assert min(map(len, said.values())) > 50


def test_archive_axes_are_what_tells_parsers_apart(scorer: dict[str, Any]) -> None:
    """Not the number of rules: hardly any program has another than the seed's one."""
    assert [each.name for each in load_problem(FOLDER).spec.measures] == ["program_length", "masked"]
    case = scorer["cases"]("search")[0]
    assert "rules" not in scorer["evaluate"](Parser(truthful(case)), case)


def test_grouping_by_hand(scorer: dict[str, Any]) -> None:
    """True groups {0, 1}, {2}, {3, 4}; found {0, 1}, {2, 3}, {4}: one of three on both sides."""
    assert scorer["group_f1"](["a", "a", "b", "b", "c"], [0, 0, 1, 2, 2]) == pytest.approx(1 / 3)
    assert scorer["group_f1"](["a", "b"], [7, 3]) == 1.0
    assert scorer["group_f1"](["a", "a"], [0, 1]) == 0.0


def test_values_by_hand(scorer: dict[str, Any]) -> None:
    """Two of three that are claimed lie right, of four that are true: F1 = 2 * 2 / 7."""
    found = [[(0, 2), (5, 6)], [(1, 4)]]
    true = [[(0, 2), (5, 7)], [(1, 4), (6, 9)]]
    assert scorer["span_f1"](found, true) == pytest.approx(4 / 7)
    assert scorer["span_f1"]([[]], [[(0, 1)]]) == 0.0


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (["<*> b", ["a"]], None),
        (["a b", []], None),
        (["<*> b", ["x"]], "the line is 'a b'"),
        (["<*><*> b", ["a", ""]], "not empty"),
        (["<*> b", "a"], "texts that are not empty"),
        (["<*> b", []], "1 places <\\*> for 0 values"),
        (["<*> b", [1]], "texts"),
        ([b"a b", []], "text and a list"),
        ("a b", "text and a list"),
        (None, "text and a list"),
    ],
)
def test_a_row_must_give_its_line_back(scorer: dict[str, Any], row: object, text: str | None) -> None:
    case = {"lines": ["a b"], "truth": [([(0, 1)], 0)]}
    program = Parser(lambda lines: [row])
    if text is None:
        assert scorer["evaluate"](program, case)["grouping"] == 100.0
        return
    with pytest.raises(Rejected, match=text):
        scorer["evaluate"](program, case)


@pytest.mark.parametrize("answer", [None, {"accuracy": 100.0}, [], "a b"])
def test_a_whole_answer_must_be_a_list_of_all_lines(scorer: dict[str, Any], answer: object) -> None:
    with pytest.raises(Rejected, match="for each line"):
        scorer["evaluate"](Parser(lambda lines: answer), {"lines": ["a b"], "truth": [([], 0)]})


def test_feedback_shows_a_wanted_template_and_ours(scorer: dict[str, Any]) -> None:
    case = {"lines": ["user ada left"], "truth": [([(5, 8)], 0)]}
    found = scorer["evaluate"](Parser(lambda lines: [[line, []] for line in lines]), case)
    assert found["feedback"] == "wanted: user <*> left\n   got: user ada left"
    assert (found["values"], found["grouping"], found["accuracy"]) == (0.0, 100.0, 50.0)
    assert found["masked"] == 0.0
