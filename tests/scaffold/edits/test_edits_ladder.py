"""How far a quotation may be from the file, which lines may change, and what a whole file must hold."""

from __future__ import annotations

import pytest
from edit_samples import PACKING, TWO_REGIONS, assert_only_editable_changed, block, task_of

from evolve.domain import Status
from evolve.errors import EditError
from evolve.scaffold.edits import Edited, edit_from

LINE = "    velocity = momentum * velocity - rate * gradient(position)"
NOTHING_ALIKE = "def first(a):\n    return a\n\n\n"


def edited(answer: str, text: str, path: str = "file.py") -> Edited:
    found = edit_from(answer, {path: text}, task_of({path: text}), "diff")
    assert_only_editable_changed({path: text}, found.files, task_of({path: text}))
    return found


def refused(answer: str, text: str, path: str = "file.py") -> EditError:
    with pytest.raises(EditError) as caught:
        edit_from(answer, {path: text}, task_of({path: text}), "diff")
    return caught.value


def test_a_line_that_is_nine_tenths_alike_is_taken_and_one_that_is_less_is_not() -> None:
    text = f"{NOTHING_ALIKE}def step(position):\n{LINE}\n    return position + velocity\n"
    near = LINE.replace("momentum", "momentun")
    far = LINE.replace("momentum", "inertia").replace("rate", "scale")
    assert edited(block([near], ["    velocity = 0"]), text).level == "fuzzy"
    assert refused(block([far], ["    velocity = 0"]), text).status is Status.EDIT_NOT_APPLIED


def test_one_of_two_nearly_equal_places_is_not_guessed() -> None:
    two = f"def a():\n{LINE}1\n\n\ndef b():\n{LINE}2\n"
    assert refused(block([f"{LINE}3"], ["    pass"]), two).status is Status.EDIT_NOT_APPLIED
    apart = f"def a():\n{LINE}1\n\n\ndef b():\n{LINE.replace('momentum * velocity', 'm * v + w * u')}2\n"
    assert edited(block([f"{LINE}3"], ["    pass"]), apart).files["file.py"].startswith("def a():\n    pass\n")


def test_lines_that_were_misquoted_but_not_changed_stay_as_they_are_in_the_file() -> None:
    text = "def f(x):\n    # the   first  comment, spaced oddly\n    y = x + 1\n    return y\n"
    quoted = ["def f(x):", "    # the first comment, spaced odly", "    y = x + 1"]
    found = edited(block(quoted, [*quoted[:2], "    y = x + 2"]), text)
    assert found.files["file.py"] == text.replace("x + 1", "x + 2")


@pytest.mark.parametrize("unit", ["  ", "    ", "\t"])
def test_lines_deeper_than_any_quoted_are_indented_by_as_many_steps(unit: str) -> None:
    text = f"def f(x):\n{unit}for i in x:\n{unit * 2}use(i)\n{unit}return x\n"
    deeper = ["for i in x:", "   if i:", "      while i:", "         use(i)"]
    found = edited(block(["for i in x:", "   use(i)"], deeper), text)
    wanted = f"{unit}for i in x:\n{unit * 2}if i:\n{unit * 3}while i:\n{unit * 4}use(i)\n"
    assert found.files["file.py"] == f"def f(x):\n{wanted}{unit}return x\n"


def test_new_python_lines_take_over_the_tabs_of_the_file() -> None:
    text = "def f(x):\n\treturn x\n\n\ndef g(x):\n\treturn f(x)\n"
    found = edited(block(["def g(x):"], ["def h(x):", "    return 2", "", "", "def g(x):"]), text)
    assert "def h(x):\n\treturn 2\n" in found.files["file.py"]


@pytest.mark.parametrize("marker", ["# EVOLVE-BLOCK-START", "# EVOLVE-BLOCK-END"])
def test_no_edit_brings_in_a_marker(marker: str) -> None:
    lines = ["    sizes = [min(x, y, 1 - x, 1 - y) for x, y in points]"]
    answer = block(lines, [*lines, marker, "x = 1", marker, marker])
    assert refused(answer, PACKING).status is Status.OUTSIDE_REGION
    assert refused(block(["a = 1"], ["a = 2", marker]), "a = 1\nb = 1\n").status is Status.OUTSIDE_REGION


def test_markers_wrapped_around_new_lines_are_left_out() -> None:
    lines = ["    sizes = [min(x, y, 1 - x, 1 - y) for x, y in points]"]
    new = ["    sizes = [0.1 for _ in points]"]
    found = edited(block(lines, ["# EVOLVE-BLOCK-START", *new, "# EVOLVE-BLOCK-END"]), PACKING)
    assert found.files["file.py"] == PACKING.replace(lines[0], new[0])


@pytest.mark.parametrize(
    ("search", "replace", "status"),
    [
        (["import math"], ["import cmath"], Status.OUTSIDE_REGION),
        (["# EVOLVE-BLOCK-END"], ["# EVOLVE-BLOCK-END", "x = 1"], Status.OUTSIDE_REGION),
        (["def pack(n):"], ["def pack(n, m=1):"], Status.OUTSIDE_REGION),
        (["import math", "", "# EVOLVE-BLOCK-START"], ["# EVOLVE-BLOCK-START"], Status.OUTSIDE_REGION),
    ],
)
def test_a_block_that_changes_frozen_lines_is_refused(search: list[str], replace: list[str], status: Status) -> None:
    error = refused(block(search, replace), PACKING)
    assert error.status is status
    assert "EVOLVE-BLOCK" in str(error)


def test_an_edit_of_two_regions_at_once_keeps_what_is_between() -> None:
    lines = TWO_REGIONS.splitlines()
    changed = [line.replace("x + 1", "x + 2").replace("x - 1", "x - 2") for line in lines]
    found = edited(block(lines, changed), TWO_REGIONS, "two.c")
    assert found.files["two.c"] == TWO_REGIONS.replace("x + 1", "x + 2").replace("x - 1", "x - 2")


def test_a_whole_file_of_two_regions_without_its_markers_finds_its_regions_again() -> None:
    text = TWO_REGIONS.replace("x + 1", "x + 7")
    bare = "".join(line for line in text.splitlines(keepends=True) if "EVOLVE-BLOCK" not in line)
    assert edited(f"```c\n{bare}```\n", TWO_REGIONS, "two.c").files["two.c"] == text
    repeated = bare.replace("int last", "int middle(int x) { return first(x); }\nint last")
    assert refused(f"```c\n{repeated}```\n", TWO_REGIONS, "two.c").status is Status.EDIT_NOT_APPLIED


def test_a_function_that_uses_nothing_is_still_no_whole_file() -> None:
    text = "def helper(x):\n    return x\n\n\ndef main(x):\n    return helper(x)\n"
    found = edited("```python\ndef helper(x):\n    return 2 * x\n```\n", text)
    assert found.files["file.py"] == text.replace("return x\n", "return 2 * x\n", 1)
    found = edited("```python\ndef main(x):\n    return 2 * x\n```\n", text)
    assert found.files["file.py"] == "def main(x):\n    return 2 * x\n"


def test_a_script_may_be_replaced_by_one_with_other_names() -> None:
    text = "import sys\n\n\ndef unused():\n    pass\n\n\ndef main():\n    print(1)\n\n\nif sys.argv:\n    main()\n"
    found = edited("file.py\n```python\nimport sys\n\nprint(sys.argv)\n```\n", text)
    assert found.files["file.py"] == "import sys\n\nprint(sys.argv)\n"


def test_an_underlined_heading_is_not_the_divider() -> None:
    text = '"""Title\n=====\n"""\nx = 1\n'
    assert (
        edited(block(["=====", '"""', "x = 1"], ["=====", '"""', "x = 2"]), text).files["file.py"].endswith("x = 2\n")
    )
    found = edited(block(["x = 1"], ['"""', "Heading", "=======", '"""']), text)
    assert found.files["file.py"].endswith('"""\n"""\nHeading\n=======\n"""\n')


def test_a_misquoted_heading_is_not_the_divider_either() -> None:
    text = '"""Sorting networks of any width\n=====\n"""\nLAYERS_OF_THE_NETWORK = 12\n'
    quoted = ['"""Sorting network of any width', "=====", '"""', "LAYERS_OF_THE_NETWORK = 12"]
    found = edited(block(quoted, [*quoted[:3], "LAYERS_OF_THE_NETWORK = 13"]), text)
    assert (found.level, found.files["file.py"]) == ("fuzzy", text.replace("12", "13"))


def test_tags_inside_a_block_are_code() -> None:
    text = 'SAMPLE = """\n<think>\nfirst\n</think>\n"""\n'
    quoted = ["<think>", "first", "</think>"]
    found = edited(block(quoted, ["<think>", "second", "</think>"]), text)
    assert found.files["file.py"] == text.replace("first", "second")


@pytest.mark.parametrize(
    ("said", "idea"),
    [
        ("Idea: a step of half the size.\n\n", "a step of half the size."),
        ("**Idea:** `rate` halves.\n\n", "`rate` halves."),
        ("## Idea\n\nHalf the rate,\nevery time.\n\nMore.\n\n", "Half the rate, every time."),
        ("idea - half\n\n", "half"),
        ("Here is the code:\n\n", ""),
        ("Halving the rate lets it settle.\n\nHere is the code:\n\n", "Halving the rate lets it settle."),
        (f"Idea: {'very ' * 200}long\n\n", f"{'very ' * 99}ve..."),
        ("", ""),
    ],
)
def test_the_idea_is_one_line_of_what_the_model_says(said: str, idea: str) -> None:
    assert edited(said + block(["rate = 1"], ["rate = 0.5"]), "rate = 1\n").idea == idea


def test_an_asked_form_does_not_hinder_the_other_and_literal_markers_survive_a_whole_file() -> None:
    text = 'SAMPLE = """\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n"""\nrate = 1\n'
    new = text.replace("rate = 1", "rate = 2")
    found = edit_from(f"```python\n{new}```\n", {"file.py": text}, task_of({"file.py": text}), "whole")
    assert found.files["file.py"] == new
