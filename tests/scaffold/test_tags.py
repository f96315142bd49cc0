"""The note of a question: what goes in comes back, and a tag is never too long for its column."""

from hypothesis import given
from hypothesis import strategies as st

from evolve.scaffold.tags import Note, fitting, is_asked, read, short_name
from evolve.scaffold.turns import TAG_LIMIT, tagged

NUMBERS = st.integers(min_value=0, max_value=10_000_000)


@given(st.sampled_from(["", "diff", "whole"]), st.lists(NUMBERS, max_size=40), st.none() | NUMBERS)
def test_a_note_comes_back_from_its_tag(form, lessons, fixes):
    shown = tuple(lessons[: fitting(lessons)])
    note = Note(short_name("openai/gpt-x"), form, shown, fixes)
    tag = tagged(note.tag(), level="indentation", step="rewrite")
    assert len(tag) <= TAG_LIMIT
    assert is_asked(tag)
    assert read(tag) == Note(note.by, form, shown, fixes, "indentation", "rewrite")


def test_a_tag_holds_many_lessons():
    assert fitting(range(32)) == 32
    assert fitting(range(100_000, 100_032)) >= 20
    assert fitting([]) == 0


def test_tags_of_the_built_in_half_are_no_notes():
    for tag in ("", "tune:17:3:ab12:p0.1+", "simplify:abc", "wrap_idiom+swap_symbol"):
        assert not is_asked(tag)
        assert read(tag) is None


@given(st.text(max_size=200))
def test_any_text_can_be_read(tag):
    note = read(tag)
    assert (note is None) != is_asked(tag)
