"""What holds for any answer at all: exact blocks apply exactly, frozen text stays, nothing but EditError is raised."""

from __future__ import annotations

import difflib

import pytest
from edit_samples import (
    CODE_LINES,
    PACKING,
    PROGRAM,
    TWO_REGIONS,
    assert_only_editable_changed,
    block,
    near_answers,
    task_of,
    wild_answers,
)
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from evolve.domain import Status
from evolve.errors import EditError
from evolve.scaffold.base import TaskView
from evolve.scaffold.edits import LEVELS, Edited, edit_from

NEWLINES = st.sampled_from(["\n", "\r\n"])
FORMS = st.sampled_from(["diff", "whole"])
TASK = task_of(PROGRAM, ["packing.py", "lib/two.c", "data/table.txt"], ["packing.py", "lib/*.c", "data/**"])


def result(answer: str, base: dict[str, str], task: TaskView, form: str) -> Edited | EditError:
    try:
        return edit_from(answer, base, task, form)
    except EditError as error:
        return error


def outcome(answer: str, base: dict[str, str], form: str = "diff") -> Edited | Status:
    found = result(answer, base, task_of(base), form)
    return found.status if isinstance(found, EditError) else found


@settings(max_examples=300, deadline=None)
@given(st.lists(CODE_LINES, min_size=1, max_size=25), st.data())
def test_any_block_that_is_in_the_file_once_applies_exactly(lines: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(lines) - 1))
    end = data.draw(st.integers(start + 1, len(lines)))
    search = lines[start:end]
    assume(sum(lines[at : at + len(search)] == search for at in range(len(lines))) == 1)
    replace = data.draw(st.lists(st.sampled_from(["a = 2", "    b = 3", "", "\tc"]), max_size=4))
    assume(replace != search and any(line.strip() for line in search))
    base = {"file.txt": "\n".join(lines) + "\n"}
    found = outcome(f"Idea: x\n\n{block(search, replace)}", base)
    assert isinstance(found, Edited)
    assert (found.level, found.form) == ("exact", "diff")
    assert found.files["file.txt"].split("\n")[:-1] == [*lines[:start], *replace, *lines[end:]]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=2, max_size=40, unique=True), st.data(), NEWLINES, st.booleans())
def test_any_change_goes_there_and_back_as_blocks_and_as_a_unified_diff(
    numbers: list[int], data: st.DataObject, newline: str, final: bool
) -> None:
    before = [f"{'    ' * (number % 3)}line_{number} = {number}" for number in numbers]
    after = data.draw(st.lists(st.sampled_from([*before, "fresh = 1", "    fresh += 1"]), min_size=1, max_size=40))
    after = sorted(set(after), key=after.index)
    assume(after != before)
    text = newline.join(before) + newline * final
    child = newline.join(after) + newline * final
    for answer in (_as_blocks(before, after), _as_unified(before, after)):
        found = outcome(answer, {"file.txt": text})
        assert isinstance(found, Edited)
        assert found.files["file.txt"] == child
        assert found.level == "exact"
    whole = outcome(f"file.txt\n```\n{chr(10).join(after)}\n```\n", {"file.txt": text}, "whole")
    assert isinstance(whole, Edited)
    assert whole.files["file.txt"] == child


@settings(max_examples=200, deadline=None)
@given(st.data(), st.lists(st.sampled_from(["a", "b", "    c", ""]), min_size=3, max_size=30))
def test_a_unified_diff_with_right_numbers_applies_among_repeated_lines(data: st.DataObject, before: list[str]) -> None:
    after = list(before)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(after) - 1))
        after[place : place + data.draw(st.integers(0, 1))] = data.draw(
            st.lists(st.sampled_from(["a", "new", "    new"]), min_size=1, max_size=2)
        )
    assume(after != before)
    found = outcome(_as_unified(before, after), {"file.txt": "".join(f"{line}\n" for line in before)})
    assert isinstance(found, Edited)
    assert found.files["file.txt"] == "".join(f"{line}\n" for line in after)


def _as_blocks(before: list[str], after: list[str]) -> str:
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    parts = []
    for group in matcher.get_grouped_opcodes(1):
        search = before[group[0][1] : group[-1][2]]
        parts.append(block(search, after[group[0][3] : group[-1][4]]))
    return "Idea: all of it\n\n```\n" + "\n".join(parts) + "```\n"


def _as_unified(before: list[str], after: list[str]) -> str:
    return "\n".join(difflib.unified_diff(before, after, "a/file.txt", "b/file.txt", lineterm="", n=3))


PROGRAMS = [
    (PROGRAM, TASK),
    ({"packing.py": PACKING}, task_of({"packing.py": PACKING})),
    ({"two.c": TWO_REGIONS}, task_of({"two.c": TWO_REGIONS})),
]


@settings(max_examples=250, deadline=None)
@given(st.one_of(wild_answers(), near_answers()), FORMS)
@example("```python\n# EVOLVE-BLOCK-START\nx\n", "whole")
@example("packing.py\n<<<<<<< SEARCH\n# EVOLVE-BLOCK-END\n=======\n>>>>>>> REPLACE\n", "diff")
@example(block(["# EVOLVE-BLOCK-START"], ["# EVOLVE-BLOCK-END", "# EVOLVE-BLOCK-START"]), "diff")
@example(block(["import math"], ["import cmath"]), "diff")
def test_no_answer_changes_text_outside_the_regions_or_raises_another_error(answer: str, form: str) -> None:
    for base, task in PROGRAMS:
        found = result(answer, base, task, form)
        if isinstance(found, EditError):
            assert str(found)
            assert not found.status.costs_evaluation
        else:
            assert found.files != base
            assert found.level in LEVELS
            assert len(found.idea) <= 500
            assert "\n" not in found.idea
            assert_only_editable_changed(base, found.files, task)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), FORMS)
@example("{" * 50_000, "diff")
@example('[{"files":' * 20_000, "whole")
@example("```" * 20_000, "whole")
@example("<" * 20_000, "diff")
@example("<think>" * 5_000, "diff")
@example("\x00", "whole")
@example("```python\n" + "(" * 5_000 + "\n```", "whole")
@example(" " * 100_000 + "x", "diff")
@example("# " + "rest " * 20_000, "whole")
def test_arbitrary_text_raises_nothing_but_an_edit_error(answer: str, form: str) -> None:
    found = result(answer, PROGRAM, TASK, form)
    if isinstance(found, Edited):
        assert_only_editable_changed(PROGRAM, found.files, TASK)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["tabs", "two", "eight"]), NEWLINES, st.booleans(), st.booleans())
def test_any_indentation_of_an_answer_is_fitted_to_the_file(
    theirs: str, newline: str, final: bool, shifted: bool
) -> None:
    base = PACKING.replace("\n", newline) if final else PACKING.replace("\n", newline).removesuffix(newline)
    unit = {"tabs": "\t", "two": "  ", "eight": " " * 8}[theirs]
    search = ["for i in range(n - 1):", f"{unit}angle = 2 * math.pi * i / (n - 1)"]
    replace = [search[0], f"{unit}angle = i", f"{unit}if i:", f"{unit * 2}angle += 1", *search[1:]]
    pad = "" if shifted else unit
    answer = block([pad + line for line in search], [pad + line for line in replace]).replace("\n", "\r\n")
    found = outcome(answer, {"packing.py": base})
    assert isinstance(found, Edited)
    assert found.level == "indentation"
    wanted = "    for i in range(n - 1):\n        angle = i\n        if i:\n            angle += 1\n        angle = 2 *"
    assert wanted.replace("\n", newline) in found.files["packing.py"]
    assert found.files["packing.py"].endswith(newline) == final
    assert_only_editable_changed({"packing.py": base}, found.files, task_of({"packing.py": base}))


@pytest.mark.parametrize("form", ["diff", "whole"])
def test_an_answer_of_nothing_is_empty(form: str) -> None:
    assert outcome(" \n\u200b\ufeff\r\n", {"packing.py": PACKING}, form) is Status.EMPTY
