from __future__ import annotations

import io
import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from evolve.report.text import bounded, clean, one_line, plain

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(st.text(st.characters()))
def test_clean_text_moves_no_cursor_hides_nothing_and_can_be_encoded(text: str) -> None:
    cleaned = clean(text)
    assert not {unicodedata.category(char) for char in cleaned if char != "\n"} & HIDDEN
    cleaned.encode("utf-8")


def test_ordinary_text_of_any_language_stays_as_it_is() -> None:
    text = "def f(x):\n    return 'é 漢字 ∑ 🙂'  # größer\n"
    assert clean(text) == text


def test_what_is_hidden_is_written_out() -> None:
    assert clean("a\x1b[31mb\u202ec\ud800\U000e0041") == "a\\x1b[31mb\\u202ec\\ud800\\U000e0041"
    assert clean("a\tb\r\nc\rd") == "a   b\nc\\x0dd"


def test_a_line_is_one_line_and_no_longer_than_asked() -> None:
    assert one_line("a\n  b\x00") == "a b\\x00"
    assert one_line("x" * 500, 10) == "xxxxxxxxx…"


def test_a_long_text_says_how_much_was_left_out() -> None:
    assert bounded("1\n2\n3\n4", 2) == "1\n2\n… 2 more lines"
    assert bounded("1\n2", 2) == "1\n2"
    assert bounded("x" * 50, 2, width=5) == "xxxx…"


def test_markup_is_text() -> None:
    out = io.StringIO()
    Console(file=out, force_terminal=True, color_system="truecolor", width=80).print(plain("[bold red]x[/] :smile:"))
    assert out.getvalue() == "[bold red]x[/] :smile:\n"
