import ast
import math
import random

import numpy as np
import pytest

from evolve.scaffold.operators import OPERATORS, Donor, Ground
from evolve.scaffold.pyspan import compiles
from evolve.scaffold.regions import editable_spans

BY_NAME = {operator.name: operator for operator in OPERATORS}

ARRAY = '''"""Scores bins."""

import numpy as np

LIMIT = 3.5  # outside


# EVOLVE-BLOCK-START
def priority(item, bins):
    """Größe: ÄÖÜ."""
    rest = bins - item   # what is left
    scale = 2.0 * rest + LIMIT
    if item > 50:
        scale = scale / (1 + item)
    return -scale + 0.25 * rest
# EVOLVE-BLOCK-END


def fixed(x):
    return x
'''
OTHER_ARRAY = ARRAY.replace("0.25 * rest", "np.sqrt(rest) * item").replace("scale / (1 + item)", "np.log1p(scale)")
SCALAR = (
    "def f(a, b):\n    c = a * 2\n    if c > b:\n        c = c - 1\n    return c + b\n\n\ndef g(x):\n    return x + 3\n"
)
OTHER_SCALAR = SCALAR.replace("a * 2", "abs(a) + 2").replace("x + 3", "x * x")
TEXT = "let k = 1.5;\n\nfn main() {\n    let mut a = 3;\n    while a < 10 {\n        a += 2;\n    }\n    print(a);\n}\n"
OTHER_TEXT = TEXT.replace("a += 2", "a *= 3").replace("print(a)", "print(a * k)")

PYTHON_NAMES = [operator.name for operator in OPERATORS if operator.fits(Ground("", True, (Donor(1, ""),)))]
TEXT_NAMES = [operator.name for operator in OPERATORS if operator.fits(Ground("", False, (Donor(1, ""),)))]
KEEPS_SCOPE = ["perturb_constant", "replace_subtree", "crossover_subtree", "hoist_operand", "wrap_idiom", "insert_term"]


def children(name, text, donor, python=True, tries=150):
    ground = Ground(text, python, (Donor(7, donor),))
    changes = [BY_NAME[name].edit(ground, random.Random(f"{name}:{seed}")) for seed in range(tries)]
    return [change for change in changes if change is not None]


@pytest.mark.parametrize("name", PYTHON_NAMES)
def test_a_python_operator_makes_many_different_programs_that_compile(name):
    made = [change.text for change in children(name, SCALAR, OTHER_SCALAR)]
    good = {text for text in made if compiles(text) and text != SCALAR}
    assert len(good) >= 2
    assert sum(map(compiles, made)) >= 0.9 * len(made)


@pytest.mark.parametrize("name", PYTHON_NAMES)
def test_nothing_outside_the_markers_changes_and_comments_on_other_lines_survive(name):
    (region,) = editable_spans(ARRAY)
    for change in children(name, ARRAY, OTHER_ARRAY):
        assert change.text.startswith(ARRAY[: region.start])
        assert change.text.endswith(ARRAY[region.end :])
        assert "Größe: ÄÖÜ" in change.text


@pytest.mark.parametrize("name", KEEPS_SCOPE)
@pytest.mark.parametrize(("text", "donor"), [(ARRAY, OTHER_ARRAY), (SCALAR, OTHER_SCALAR)])
def test_an_expression_operator_never_uses_a_name_that_is_not_there(name, text, donor):
    for change in children(name, text, donor):
        if not compiles(change.text):
            continue
        space = {}
        exec(change.text, space)
        function, arguments = (
            (space["priority"], (60.0, np.arange(60.0, 90.0))) if text is ARRAY else (space["f"], (2, 3))
        )
        try:
            with np.errstate(all="ignore"):
                function(*arguments)
        except NameError:
            pytest.fail(f"unknown name in\n{change.text}")
        except (ArithmeticError, TypeError, ValueError):
            pass  # a bad program, but of known names


def test_code_is_taken_from_the_donor_and_the_donor_is_named():
    for name in ("crossover_subtree", "transplant_statement", "swap_function"):
        made = children(name, SCALAR, OTHER_SCALAR)
        assert made
        assert all(change.donors == (7,) for change in made), name
    assert any("abs(a)" in change.text for change in children("crossover_subtree", SCALAR, OTHER_SCALAR))


def test_swapping_a_function_takes_the_whole_other_version_of_one():
    texts = {change.text for change in children("swap_function", SCALAR, OTHER_SCALAR)}
    assert texts == {SCALAR.replace("x + 3", "x * x"), SCALAR.replace("a * 2", "abs(a) + 2")}


def test_swapping_a_function_never_just_copies_the_donor():
    assert not children("swap_function", SCALAR, SCALAR.replace("x + 3", "x * x"))


def test_deleting_moving_and_duplicating_keep_every_block_filled():
    kinds = set()
    for change in children("rearrange_statement", SCALAR, SCALAR):
        kinds.add(len(change.text.splitlines()) - len(SCALAR.splitlines()))
        if compiles(change.text):
            continue
        pytest.fail(change.text)
    assert {-1, 0, 1} <= kinds


def test_a_method_of_a_class_is_edited_at_its_indentation():
    text = "class A:\n    def f(self, x):\n        y = x + 1\n        return y * 2\n"
    for name in PYTHON_NAMES:
        made = children(name, text, text.replace("x + 1", "x - 1"))
        assert sum(compiles(change.text) for change in made) >= 0.9 * len(made), name


def test_without_numpy_only_plain_python_is_used():
    for name in KEEPS_SCOPE:
        assert not any(
            "np." in change.text or "None." in change.text for change in children(name, SCALAR, OTHER_SCALAR)
        )


def test_numpy_is_used_under_the_program_s_own_name_for_it():
    text = "import numpy as N\ndef f(x, y):\n    return x - y\n"
    made = [change.text for change in children("wrap_idiom", text, text)]
    assert any("N." in change for change in made)
    assert not any("np." in change for change in made)


def test_swapped_operators_keep_the_meaning_of_the_operands():
    text = "def f(a, b, c):\n    return (a + b) * (b - c)\n"
    for change in children("swap_symbol", text, text):
        operands = {ast.unparse(node) for node in ast.walk(ast.parse(change.text)) if isinstance(node, ast.BinOp)}
        assert len(operands) == 3


@pytest.mark.parametrize("name", TEXT_NAMES)
def test_an_operator_for_other_languages_changes_lines_or_numbers_and_ends_every_line(name):
    made = {change.text for change in children(name, TEXT.rstrip("\n"), OTHER_TEXT, python=False)}
    assert len(made) >= 5
    known = {line.strip() for line in (TEXT + OTHER_TEXT).splitlines()}
    if name not in ("perturb_constant", "swap_words"):
        assert all(line.strip() in known for text in made for line in text.splitlines())


def test_a_whole_block_can_be_removed_from_text():
    block = "    while a < 10 {\n        a += 2;\n    }\n"
    assert TEXT.replace(block, "") in {change.text for change in children("rearrange_lines", TEXT, TEXT, False, 400)}


def test_perturbed_constants_reach_near_and_far_values():
    values = {float(change.text[4:]) for change in children("perturb_constant", "x = 2.0\n", "", tries=300)}
    assert {-2.0, 0.0, 1.0} <= values
    assert any(0 < abs(value - 2.0) < 0.1 for value in values)
    assert all(math.isfinite(value) for value in values)


@pytest.mark.parametrize("text", ["", "\n", "import os\n", "def f():\n    pass\n", "x = (\n", "class A: pass\n"])
def test_programs_with_nothing_to_change_are_left_alone_without_an_error(text):
    for operator in OPERATORS:
        for python in (True, False):
            for seed in range(10):
                operator.edit(Ground(text, python, (Donor(1, text),)), random.Random(seed))


def test_an_edit_is_a_function_of_its_seed():
    for operator in OPERATORS:
        ground = Ground(SCALAR, True, (Donor(1, OTHER_SCALAR),))
        assert operator.edit(ground, random.Random(3)) == operator.edit(ground, random.Random(3))
