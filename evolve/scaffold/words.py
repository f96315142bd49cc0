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
    found = dict.fromkeys(_WORD.findall(text[: 20 * _LONGEST].lower()))
    kept = [word[:-1] if word[-1] == "s" and len(word) > 3 else word for word in found if word not in _EMPTY]
    return tuple(dict.fromkeys(kept))[:_LONGEST]


_NOBODY: dict[int, None] = {}


class Index:
    """Texts by number; finds the one most like another text, and how relevant each is to a query."""

    def __init__(self) -> None:
        self._words: dict[int, frozenset[str]] = {}
        self._holders: dict[str, dict[int, None]] = {}

    def add(self, number: int, text: tuple[str, ...]) -> None:
        """Take up the words of a text under a new number."""
        self._words[number] = frozenset(text)
        for word in text:
            self._holders.setdefault(word, {})[number] = None

    def remove(self, number: int) -> None:
        """Forget a text. Raises KeyError when there is none of this number."""
        for word in self._words.pop(number):  # in any order: nothing depends on it
            holders = self._holders[word]
            del holders[number]
            if not holders:
                del self._holders[word]

    def like(self, text: tuple[str, ...], least: float) -> int | None:
        """The text that has the greatest share of words in common with this one (of those in either), if `least`.

        Such a text lacks at most 1 - `least` of these words. So of the rarest words, three more than it may lack, it
        holds three: only texts that do are compared (prefix filtering, Chaudhuri et al. 2006).
        """
        lacking = int((1.0 - least) * len(text) + 1e-9)
        holders = sorted((self._holders.get(word, _NOBODY) for word in text), key=len)[: lacking + 3]
        hits = Counter(chain.from_iterable(holders))
        own = frozenset(text)
        best, most = None, 0.0
        for number, count in hits.items():
            if count >= len(holders) - lacking:
                shared = len(own & self._words[number])
                share = shared / (len(own) + len(self._words[number]) - shared)
                if share >= least and share > most:
                    best, most = number, share
        return best

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
