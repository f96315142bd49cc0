"""Which file an edit goes to: decorated and wrong paths, new files, and files that may not change."""

from __future__ import annotations

import pytest
from edit_samples import block, task_of

from evolve.domain import Status
from evolve.errors import EditError
from evolve.scaffold.edits import edit_from

BASE = {
    "src/solver.py": "def solve(x):\n    total = 0\n    for item in x:\n        total += item\n    return total\n",
    "src/moves.py": "def move(x):\n    total = 0\n    for item in x:\n        total += item\n    return -total\n",
    "evaluate.py": "def judge(x):\n    return x\n",
}
TASK = task_of(BASE, ["src/solver.py", "src/moves.py"], ["src/**/*.py"])
CHANGE = block(["    return total"], ["    return 2 * total"])


def edited(answer: str) -> dict[str, str]:
    files = edit_from(answer, BASE, TASK, "diff").files
    return {path: text for path, text in files.items() if text != BASE.get(path)}


def refused(answer: str) -> EditError:
    with pytest.raises(EditError) as caught:
        edit_from(answer, BASE, TASK, "diff")
    return caught.value


@pytest.mark.parametrize(
    "line",
    [
        "src/solver.py",
        "./src/solver.py",
        "a/src/solver.py",
        "/workspace/project/src/solver.py",
        "solver.py",
        "src\\solver.py",
        "File: src/solver.py",
        "**File: `src/solver.py`**",
        "### src/solver.py",
        "1. `src/solver.py`:",
        "# src/solver.py",
        "Block 1 (src/solver.py)",
        "Now I edit `src/solver.py` as follows:",
    ],
)
def test_a_path_is_read_however_it_is_decorated(line: str) -> None:
    ambiguous = block(["    total = 0"], ["    total = 1"])
    assert list(edited(f"Idea: x\n\n{line}\n{ambiguous}")) == ["src/solver.py"]
    assert list(edited(f"Idea: x\n\n{line}\n```python\n{ambiguous}```\n")) == ["src/solver.py"]
    whole = BASE["src/solver.py"].replace("= 0", "= 1")
    assert list(edited(f"Idea: x\n\n{line}\n```python\n{whole}```\n")) == ["src/solver.py"]


def test_lines_that_two_files_have_need_a_path() -> None:
    error = refused(block(["    total = 0"], ["    total = 1"]))
    assert error.status is Status.EDIT_NOT_APPLIED
    assert "src/moves.py and in src/solver.py" in str(error)


def test_a_block_without_a_path_goes_where_its_lines_are_or_to_the_file_of_the_block_before() -> None:
    assert list(edited(CHANGE)) == ["src/solver.py"]
    both = (
        f"src/moves.py\n{block(['def move(x):'], ['def move(x, y=1):'])}\n{block(['    total = 0'], ['    total = 5'])}"
    )
    assert list(edited(both)) == ["src/moves.py"]


def test_code_without_a_path_goes_to_the_file_that_defines_the_same() -> None:
    assert list(edited("```python\ndef move(x):\n    return 0\n```\n")) == ["src/moves.py"]
    assert refused("```python\ndef other(x):\n    return 0\n```\n").status is Status.EDIT_NOT_APPLIED


def test_a_short_line_is_not_looked_for_in_files_that_were_not_named() -> None:
    base = {**BASE, "src/solver.py": BASE["src/solver.py"] + "x = 1\n"}
    with pytest.raises(EditError, match=r"block 1 of src/moves\.py: these lines are not in the file"):
        edit_from("src/moves.py\n" + block(["x = 1"], ["x = 2"]), base, TASK, "diff")


@pytest.mark.parametrize("form", ["block", "nameless", "whole", "json"])
def test_a_file_that_may_not_change_does_not(form: str) -> None:
    answers = {
        "block": "evaluate.py\n" + block(["    return x"], ["    return 1e9"]),
        "nameless": block(["def judge(x):", "    return x"], ["def judge(x):", "    return 1e9"]),
        "whole": "evaluate.py\n```python\ndef judge(x):\n    return 1e9\n```\n",
        "json": '{"files": {"evaluate.py": "def judge(x):\\n    return 1e9\\n"}}',
    }
    assert refused(answers[form]).status is Status.OUTSIDE_REGION


@pytest.mark.parametrize(
    "path", ["../evil.py", "/etc/evil.py", "other/new.py", "src/.hidden.py", "src/a b.py", "new.py"]
)
def test_a_file_is_added_only_where_the_globs_allow(path: str) -> None:
    error = refused(f"File: {path}\n" + block([], ["x = 1"]))
    assert error.status in (Status.OUTSIDE_REGION, Status.EDIT_NOT_APPLIED)


@pytest.mark.parametrize("path", ["src/new.py", "src/deep/down/new.py"])
def test_a_new_file_comes_as_a_block_or_whole(path: str) -> None:
    assert edited(f"{path}\n{block([], ['x = 1'])}") == {path: "x = 1\n"}
    assert edited(f"{path}\n```python\nx = 1\n```\n") == {path: "x = 1\n"}
    assert edited(f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+x = 1\n") == {path: "x = 1\n"}


def test_a_new_file_may_not_bring_markers() -> None:
    assert refused(f"src/new.py\n{block([], ['# EVOLVE-BLOCK-START'])}").status is Status.OUTSIDE_REGION


def test_the_message_says_where_the_nearest_lines_are() -> None:
    error = refused("src/solver.py\n" + block(["    for element in x:", "        sum += element * 2"], ["    pass"]))
    assert error.status is Status.EDIT_NOT_APPLIED
    assert "block 1 of src/solver.py: these lines are not in the file:\n        for element in x:" in str(error)
    assert "the nearest are lines 3-4:\n        for item in x:\n            total += item" in str(error)
