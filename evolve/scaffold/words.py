"""Which short texts speak of the same: an index of normalised words.

Everything is kept in insertion order, never in the order of a set of strings, which differs between processes.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from itertools import chain

_WORD = re.compile(r"[^\W\d_]{2,}")
_EMPTY = frozenset(
    {"the", "and", "for", "with", "from", "that", "this", "was", "were", "of", "to", "in", "on", "at", "is"}
)
_LONGEST = 200
"""Words of a text that count; feedback may be pages long."""


def words(text: str) -> tuple[str, ...]:
    """The different words of a text in order of appearance: lower case, without numbers, empty words and plural s.

    Identifiers fall apart at underscores, so that `bin_fill` and "the fill of a bin" have words in common.
    """
    found = (word.lower() for word in _WORD.findall(text[: 20 * _LONGEST]))
    kept = (word[:-1] if len(word) > 3 and word.endswith("s") else word for word in found if word not in _EMPTY)
    return tuple(dict.fromkeys(kept))[:_LONGEST]


class Index:
    """Texts by number; finds the one nearest to another text, and how relevant each is to a query."""

    def __init__(self) -> None:
        self._words: dict[int, tuple[str, ...]] = {}
        self._holders: dict[str, dict[int, None]] = {}

    def add(self, number: int, text: tuple[str, ...]) -> None:
        """Take up the words of a text under a new number."""
        self._words[number] = text
        for word in text:
            self._holders.setdefault(word, {})[number] = None

    def remove(self, number: int) -> None:
        """Forget a text. Raises KeyError when there is none of this number."""
        for word in self._words.pop(number):
            holders = self._holders[word]
            del holders[number]
            if not holders:
                del self._holders[word]

    def nearest(self, text: tuple[str, ...]) -> tuple[int | None, float]:
        """The text that shares most words with this one, and the share: words in both over words in either."""
        shared = Counter(chain.from_iterable(self._holders.get(word, ()) for word in text))
        best, most = None, 0.0
        for number, count in shared.items():
            share = count / (len(text) + len(self._words[number]) - count)
            if share > most:
                best, most = number, share
        return best, most

    def relevance(self, query: Iterable[str]) -> dict[int, float]:
        """How relevant each text that shares a word with the query is to it, above 0.

        The sum over shared words of how rare they are (the idf of BM25, Robertson & Zaragoza 2009), over the square
        root of the text's number of words, so that a text does not win by length. Words appear once in a text here.
        """
        found: dict[int, float] = {}
        for word in query:
            holders = self._holders.get(word, {})
            rare = math.log(1.0 + (len(self._words) - len(holders) + 0.5) / (len(holders) + 0.5))
            for number in holders:
                found[number] = found.get(number, 0.0) + rare
        return {number: total / math.sqrt(len(self._words[number])) for number, total in found.items()}
