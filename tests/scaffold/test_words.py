"""The index of words behind the lessons, against a plain reading of every text."""

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from evolve.scaffold.words import Index, words

WORDS = st.sampled_from(["ab", "cd", "ef", "gh", "ij", "kl", "mn", "op", "qr", "st"])
TEXTS = st.lists(st.lists(WORDS, min_size=1).map(" ".join), max_size=12)


def test_words_are_normalised():
    assert words("Tried the bin_fill of Bins: 0.35 -> 3 in the BIN") == ("tried", "bin", "fill")
    assert words("12 + 3") == ()
    assert words("Größe der Lücke") == ("größe", "der", "lücke")


@given(TEXTS, st.lists(WORDS, min_size=1, unique=True))
def test_the_most_alike_text_is_found_when_there_is_one(texts, asked):
    index = Index()
    sets = {}
    for number, text in enumerate(texts):
        index.add(number, words(text))
        sets[number] = set(words(text))
    own = set(asked)
    shares = {number: len(own & other) / len(own | other) for number, other in sets.items()}
    best = max(shares.values(), default=0.0)
    found = index.like(tuple(asked), 0.8)
    if best >= 0.8:
        assert shares[found] == best
    else:
        assert found is None


@given(TEXTS)
def test_what_is_removed_is_gone(texts):
    index = Index()
    for number, text in enumerate(texts):
        index.add(number, words(text))
    for number in range(len(texts)):
        index.remove(number)
    assert index.relevance(("ab", "cd")) == {}
    assert index.like(("ab",), 0.8) is None


def test_rare_words_say_more_than_common_ones():
    index = Index()
    for number, text in enumerate(["score radius", "score bins", "score order", "score speed"]):
        index.add(number, words(text))
    relevance = index.relevance(words("score radius"))
    assert max(relevance, key=relevance.__getitem__) == 0
    assert relevance[0] > 2 * relevance[1]


def test_a_long_text_does_not_win_by_length():
    index = Index()
    index.add(0, words("radius"))
    index.add(1, words("radius and alpha beta gamma delta epsilon zeta eta theta"))
    relevance = index.relevance(words("radius"))
    assert relevance[0] > relevance[1]


def test_nothing_depends_on_the_order_of_strings_in_sets():
    program = (
        "from evolve.scaffold.words import Index, words\n"
        "index = Index()\n"
        "for n in range(40):\n"
        "    index.add(n, words(' '.join(f'{chr(97 + (n * k) % 26)}x{chr(97 + k)}' for k in range(1, 9))))\n"
        "print(index.relevance(words('ax bx cx dx ex fx gx bxb cxc dxd')), index.like(words('bxb cxc'), 0.1))\n"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(runs) == 1
    assert runs != {""}
