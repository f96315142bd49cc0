import pytest
from hypothesis import given
from hypothesis import strategies as st

from evolve.errors import TemplateFault
from evolve.scaffold.templates import SHIPPED, Templates, fenced, render
from evolve.scaffold.tokens import clipped, estimate


def test_an_unknown_template_is_named_with_those_there_are():
    with pytest.raises(TemplateFault, match=r"no prompt template tasks/mutated\.md; there are .*tasks/mutate"):
        render("tasks/mutated")


def test_a_value_that_is_missing_or_never_used_is_named():
    with pytest.raises(TemplateFault, match=r"parts/code\.md: 'code' is undefined; it is given number"):
        render("parts/code", number=1)
    with pytest.raises(TemplateFault, match=r"parts/code\.md never uses numbr; it uses code, number"):
        render("parts/code", number=1, code="", numbr=2)


def test_a_template_that_is_malformed_or_asks_for_what_nobody_has_fails(tmp_path):
    (tmp_path / "wrong.md").write_text("{{ lesson.txt }}")
    (tmp_path / "malformed.md").write_text("{% if %}")
    templates = Templates(tmp_path)
    with pytest.raises(TemplateFault, match=r"wrong\.md: .*has no attribute 'txt'"):
        templates.render("wrong", lesson=object())
    with pytest.raises(TemplateFault, match=r"malformed\.md is malformed"):
        templates.render("malformed")


def test_every_template_compiles_and_takes_no_value_it_does_not_use():
    assert len(SHIPPED.names()) > 20
    for name in SHIPPED.names():
        with pytest.raises(TemplateFault, match="never uses unheard_of"):
            render(name, unheard_of=1)


@given(st.text(max_size=200))
def test_a_value_is_data_and_never_a_template(text):
    hostile = "{{ number }}{% raw %}{# " + text
    assert hostile in render("parts/code", number=7, code=hostile + "|")


@given(st.text(alphabet="`~ab\n", max_size=60))
def test_a_fence_is_longer_than_any_run_of_backticks_inside(text):
    lines = fenced(text, "python").split("\n")
    fence = lines[-1]
    assert set(fence) == {"`"}
    assert lines[0] == f"{fence}python"
    assert fence not in text
    inner = "\n".join(lines[1:-1])
    assert inner == text.removesuffix("\n")


CL100K = {
    "import math\n\n\ndef radii(points):\n    return [min(x, y, 1 - x, 1 - y) for x, y in points]\n": 33,
    "Items arrive one at a time, each with a whole size from 1 to 100, and each must be put into a bin.": 28,
    "0.134364, 0.847434, 0.763775, 0.255069, 0.495435, 0.449491": 34,
    "x=-1: -0.02\nx=0: 0.1\nx=2: 0.31": 26,
    "在单位正方形中放置圆使得半径之和尽可能大": 21,
    "+-*/()[]{}=<>!&|^%": 11,
}
"""Texts and how many tokens OpenAI's cl100k makes of them, as tiktoken counted."""


def test_an_estimate_is_near_a_real_tokenizer_and_rather_above():
    for text, tokens in CL100K.items():
        assert 0.8 * tokens <= estimate(text) <= 1.5 * tokens, text
    assert estimate("\n".join(CL100K)) >= sum(CL100K.values())


@given(st.text(max_size=400), st.text(max_size=400))
def test_estimates_add_up(left, right):
    assert estimate(left + right) <= estimate(left) + estimate(right)
    assert estimate("") == 0


@given(st.text(alphabet="ab 1,\n", max_size=3000), st.integers(0, 300))
def test_a_clipped_text_fits_and_keeps_head_and_tail(text, tokens):
    short = clipped(text, tokens)
    assert estimate(short) <= tokens or short == ""
    if estimate(text) <= tokens:
        assert short == text
    elif short and tokens > 30:
        head, note, tail = short.partition("[... ")
        assert note
        assert text.startswith(head.removesuffix("\n"))
        assert text.endswith(tail.split("...]\n", 1)[1])
