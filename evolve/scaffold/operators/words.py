"""Exchange a word of a line for one that stands in the same place of another line: for assembly, rules, configurations.

What may stand in a place is learnt from the text and the other elites alone: a word for a word or a number, a sign for
a sign. Places are counted from a line's end, for a label, an indent or a key before it shifts the beginning.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from evolve.scaffold.operators.base import Change, Ground, Operator, Syntax
from evolve.scaffold.regions import Span, editable_spans, splice

_TOKEN = re.compile(r"(?P<word>[A-Za-z_]\w*|\d+(?:\.\d+)?)|(?P<sign>[^\w\s,;:()\[\]\"'\\])")
_REMARK = re.compile(r"^[ \t]*(?:--|\*[ \t]|#[-+]?\d).*|[ \t]*(?:;|(?<!:)//|#(?:[ \t]|$)).*")
"""To the end of the line. Behind other words `--` and `*` are signs, and `#4` is an operand; `://` is an address."""
_LONGEST = 200
"""Characters of a line that is looked at: longer ones are data or prose."""


@dataclass(frozen=True, slots=True)
class _Token:
    """A word or sign; `place` is its kind and how many tokens follow it in its line."""

    span: Span
    text: str
    place: tuple[bool, int]


def swap_words(ground: Ground, rng: random.Random) -> Change | None:
    """Exchange one word or sign, sometimes two, for another seen in the same place, here or in another elite."""
    own = list(_tokens(ground.text))
    if not own:
        return None
    givers = rng.sample(ground.donors, min(3, len(ground.donors)))
    seen = {token.text for token in own}
    edits: dict[Span, str] = {}
    used: list[int] = []
    for token in rng.sample(own, min(len(own), rng.choice((1, 1, 1, 2)))):
        pool = {other.text: None for other in own if other.place == token.place}
        from_others = {
            other.text: giver.number
            for giver in givers
            for other in _tokens(giver.text)
            if other.place == token.place and other.text not in seen
        }
        choices = [text for text in (*pool, *from_others) if text != token.text]
        if choices:
            edits[token.span] = rng.choice(choices)
            used += [from_others[edits[token.span]]] if edits[token.span] in from_others else []
    if not edits:
        return None
    return Change(splice(ground.text, *edits.items()), tuple(dict.fromkeys(used)))


def _tokens(text: str) -> Iterator[_Token]:
    """Every word and sign inside the editable regions, remarks and long lines left out."""
    for region in editable_spans(text):
        start = region.start
        for line in region.of(text).splitlines(keepends=True):
            found = list(_TOKEN.finditer(_REMARK.sub("", line.rstrip()))) if len(line) <= _LONGEST else []
            for after, match in enumerate(reversed(found)):
                span = Span(start + match.start(), start + match.end())
                yield _Token(span, match[0], (match["word"] is not None, after))
            start += len(line)


OPERATOR = Operator("swap_words", Syntax.OTHER, swap_words)
