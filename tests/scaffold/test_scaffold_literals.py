import pytest

from evolve.scaffold.literals import digits_of, literals, rewrite

C_TEXT = """#include <math.h>
#define N 12
static const float k = 1.5f; // not 99
/* nor 98 */ int x2 = 7u; const char *s = "77"; double y = .5e-3 + a1[3]; // 2024-01-02
"""


def test_python_literals_carry_their_sign_and_leave_booleans_and_strings_alone():
    found = literals("x = -2.5 + 3 * True - len('42') + 1e400\n", True)
    assert [(item.value, item.integer) for item in found] == [(-2.5, False), (3.0, True)]


def test_numbers_of_other_languages_are_found_outside_comments_and_strings():
    assert [item.value for item in literals(C_TEXT, False)] == [12.0, 1.5, 7.0, 0.0005, 3.0]


def test_a_suffix_survives_a_rewrite():
    number = literals(C_TEXT, False)[1]
    assert "k = 2.25f;" in rewrite(C_TEXT, {number: number.write(2.25)})


def test_only_numbers_inside_the_markers_are_found():
    text = "a = 1\n# EVOLVE-BLOCK-START\nb = 2.0\n# EVOLVE-BLOCK-END\n"
    assert [item.value for item in literals(text, True)] == [2.0]


def test_a_negative_base_of_a_power_keeps_its_meaning():
    text = "y = 2.0 ** x\n"
    (number,) = literals(text, True)
    assert eval(rewrite(text, {number: number.write(-3.0)}).split("=")[1], {"x": 2}) == 9.0


@pytest.mark.parametrize(
    ("value", "expected"), [(3.0, "3.0"), (0.123456789, "0.1235"), (1e-9, "1e-09"), (-2e20, "-2e+20")]
)
def test_floats_stay_floats_when_written(value, expected):
    (number,) = literals("x = 1.0\n", True)
    assert number.write(value, digits=4) == expected


def test_whole_numbers_stay_whole():
    (number,) = literals("x = 7\n", True)
    assert number.write(7.6) == "8"
    assert number.write(7.6, integer=False) == "7.6"


@pytest.mark.parametrize(("text", "digits"), [("0.0120", 3), ("5e-7", 1), ("(-1.25)", 3), ("100", 3), ("0.0", 1)])
def test_significant_digits_are_counted(text, digits):
    assert digits_of(text) == digits
