from __future__ import annotations

import time

import pytest

from evolve.inspection.reasons import LONGEST, folded, reason

TRACEBACK = """\
Traceback (most recent call last):
  File "/work/1b2c/law.py", line 19, in table
    return [acceleration(t, x, v) for t, x, v in points]
            ^^^^^^^^^^^^^^^^^^^^^
  File "/work/1b2c/law.py", line 11, in acceleration
    return -spring * x_value
                     ^^^^^^^
NameError: name 'x_value' is not defined"""
SYNTAX = "File \"law.py\", line 10\n    friction = max(0.1, 0\n                  ^\nSyntaxError: '(' was never closed"
COMPILED = "make: entering 3\nmain.cpp: In function 'int main()':\nmain.cpp:12:5: error: 'foo' was not declared\n 12 |"
RUST = "   Compiling x\nerror[E0425]: cannot find value `y` in this scope\n --> src/main.rs:3:5"


@pytest.mark.parametrize(
    ("feedback", "line", "shape"),
    [
        (TRACEBACK, "NameError: name 'x_value' is not defined", "NameError: name '…' is not defined"),
        (f"case 1 of stage all: {TRACEBACK}", "NameError: name 'x_value' is not defined", None),
        (SYNTAX, "SyntaxError: '(' was never closed", None),
        (f"{TRACEBACK}\nand more of\nits text", "NameError: name 'x_value' is not defined", None),
        ("Traceback (most recent call last):\n  x\nOops", "Oops", "Oops"),
        (COMPILED, "main.cpp:12:5: error: 'foo' was not declared", "main.cpp:#:#: error: '…' was not declared"),
        (
            RUST,
            "error[E0425]: cannot find value `y` in this scope",
            "error[E0425]: cannot find value '…' in this scope",
        ),
        ("case 3 of stage all: metric error is 1.46631e+253", "metric error is 1.46631e+253", "metric error is #"),
        ("priority(13, bins) is NaN for a bin with 7 left", None, "priority(#, bins) is NaN for a bin with # left"),
        ("an amount of -5.0; from 0 to 1,000", None, "an amount of #; from # to #"),
        ("an amount of [2.0, -4.5, 3e-7, 4]", None, "an amount of [#, …]"),
        ("line 12: stopped after 300ms", None, "line #: stopped after #ms"),
        ("<circle object at 0x7f12ab> in /tmp/run-1/a.py", None, "<circle object at 0x#> in <path>"),
        ("commit 1f2e3d4c5b6a79881f2e3d4c5b6a7988", None, "commit #"),
        ("it doesn't say what it can't do", None, "it doesn't say what it can't do"),
        ("503 from the provider: try again in 20 s", None, "503 from the provider: try again in # s"),
        ("float64 is not int32", None, "float64 is not int32"),
        ("\n\n  one \t two\nthree", "one two", "one two"),
        ("", "", ""),
        (" \n\t\n", "", ""),
    ],
)
def test_the_line_that_counts_is_found_and_folded(feedback: str, line: str | None, shape: str | None) -> None:
    found = reason(feedback)
    assert line is None or found == line
    assert shape is None or folded(found) == shape


@pytest.mark.parametrize("char", ["'", '"', "`", "/", "0", "#", "a", "1,", "-", "/a/", "x(", "\n", " ", "F: "])
def test_no_feedback_takes_long(char: str) -> None:
    begun = time.perf_counter()
    found = reason(char * 200_000)
    assert len(found) <= LONGEST
    folded(found)
    assert time.perf_counter() - begun < 1.0
