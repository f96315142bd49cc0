import ast

import pytest

from evolve.scaffold.pyscope import module_aliases, scope_at
from evolve.scaffold.pyspan import compiles, is_atomic, parse, tidy

UNICODE = 'größe = "äöü€𝄞"; β = 1.5\r\ndef f(α, x):\r\n    y = α * (x + β)  # Größe\r\n    return y ** 2\r\n'


def expression(source, text):
    return next(node for node in source.expressions if source.source(node) == text)


def test_spans_are_characters_even_after_wide_characters_and_crlf():
    source = parse(UNICODE)
    assert {"1.5", "α", "x + β", "α * (x + β)", "y ** 2"} <= {source.source(node) for node in source.expressions}


def test_every_expression_s_span_parses_back_to_itself():
    source = parse(UNICODE)
    for node in source.expressions:
        again = ast.parse(f"({source.span(node).of(UNICODE)})", mode="eval").body
        assert ast.dump(again) == ast.dump(node)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a + b", "c - d", "return (c - d) * c"),
        ("(a + b) * c", "x if y else z", "return x if y else z"),
        ("c", "d + 1", "return (a + b) * (d + 1)"),
        ("a", "d * 2", "return (d * 2 + b) * c"),
        ("b", "max(a, 1)", "return (a + max(a, 1)) * c"),
        ("b", "-1", "return (a + -1) * c"),
    ],
)
def test_a_replacement_gets_parentheses_only_where_it_needs_them(old, new, expected):
    source = parse("def f(a, b, c, d):\n    return (a + b) * c\n")
    assert source.put(expression(source, old), new) == f"def f(a, b, c, d):\n    {expected}\n"


def test_names_strings_annotations_and_call_targets_are_no_values_to_replace():
    source = parse(
        "import numpy as np\ndef f(x: float = 1.0) -> int:\n    'doc'\n    return np.abs(x, out=f'{x}', k='s')\n"
    )
    assert {source.source(node) for node in source.expressions} == {"1.0", "np.abs(x, out=f'{x}', k='s')", "x"}


def test_only_expressions_and_statements_inside_the_markers_are_found():
    source = parse(
        "def f(a):\n    b = a\n    # EVOLVE-BLOCK-START\n    c = b + 1\n    # EVOLVE-BLOCK-END\n    return c\n"
    )
    assert {source.source(node) for node in source.expressions} == {"b + 1", "b", "1"}
    assert [source.source(node) for node in source.statements] == ["c = b + 1"]
    assert source.functions == ()


def test_a_name_is_in_scope_after_it_is_bound_and_not_before():
    text = (
        "import math\nK = 2\ndef f(a):\n    b = a + 1\n    for i in range(b):\n        c = i\n    return math.pi * b\n"
    )
    source = parse(text)
    first, last = expression(source, "a + 1"), expression(source, "math.pi * b")
    assert scope_at(source, first).variables == ("K", "a")
    assert set(scope_at(source, last).variables) == {"K", "a", "b", "i", "c"}
    assert scope_at(source, first).allows(frozenset({"math", "f", "abs", "K"}))
    assert not scope_at(source, first).allows(frozenset({"b"}))


def test_names_of_a_comprehension_or_lambda_stay_inside_it():
    source = parse("def f(a):\n    b = [x * 2 for x in a]\n    g = lambda y: y + 1\n    return b\n")
    assert "x" in scope_at(source, expression(source, "x * 2")).variables
    assert "y" in scope_at(source, expression(source, "y + 1")).variables
    assert set(scope_at(source, source.statements[-1]).variables) == {"a", "b", "g"}


def test_free_names_leave_out_what_the_expression_binds_itself():
    source = parse("def f(a, k):\n    return [x * k for x in a]\n")
    assert source.free_names[expression(source, "[x * k for x in a]")] == {"a", "k"}


def test_aliases_of_imported_modules_are_known():
    assert module_aliases("import numpy as n\nimport math\n") == {"numpy": "n", "math": "math"}


@pytest.mark.parametrize("text", ["def f(:\n", "x = '\0'\n", "return 1\n", "(" * 300 + ")" * 300])
def test_what_does_not_compile_is_told_apart_without_an_error(text):
    assert not compiles(text)


def test_compiler_warnings_do_not_matter():
    assert compiles("def f(x):\n    return x is 1\n")


def test_atoms_and_tidying():
    assert is_atomic("f(x)[0]")
    assert not is_atomic("-1")
    assert not is_atomic("a + b")
    assert tidy("((a)) + (b * (c))") == "a + b * c"
