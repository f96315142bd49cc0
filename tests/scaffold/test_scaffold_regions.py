from evolve.scaffold.regions import Span, editable_spans, is_editable, splice

MARKED = "a = 1\n# EVOLVE-BLOCK-START\nb = 2\n# EVOLVE-BLOCK-END\nc = 3\n// EVOLVE-BLOCK-START\nd\n// EVOLVE-BLOCK-END"


def test_a_text_without_markers_may_change_everywhere():
    assert editable_spans("abc\n") == (Span(0, 4),)


def test_only_what_stands_between_markers_may_change():
    assert [span.of(MARKED) for span in editable_spans(MARKED)] == ["b = 2\n", "d\n"]


def test_a_span_across_two_regions_is_not_editable():
    first, second = editable_spans(MARKED)
    assert is_editable(MARKED, first)
    assert not is_editable(MARKED, Span(first.start, second.end))


def test_a_start_without_an_end_opens_nothing():
    assert editable_spans("# EVOLVE-BLOCK-START\nx = 1\n") == ()


def test_splicing_several_places_at_once_keeps_the_rest():
    assert splice("abcdef", (Span(4, 5), "!"), (Span(0, 2), "--long--")) == "--long--cd!f"
