"""How long a text is for a model, without any model's tokenizer, and how to shorten it."""

from __future__ import annotations

import math

_DIGITS = b"0123456789"
_MARKS = b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\n"
_BEYOND = bytes(range(128, 256))

_PER_DIGIT = 0.9
_PER_MARK = 0.65
_PER_LETTER = 1 / 3.6
_PER_BEYOND = 1 / 2.6
"""Tokens per byte of four kinds: digits, ASCII marks and line ends, the rest of ASCII, and UTF-8 beyond ASCII.

Set so that the estimate of a page is not below the count of OpenAI's cl100k, for many newer tokenizers count more:
measured 1.21 of it for problems/circle_packing/seed/packing.py, 1.15 for its statement, 1.33-1.41 for the golden
prompts, 1.04 for a list of short floats and 1.7 for one of long floats (many tokenizers give every digit a token). A
flat 3.3 characters a token would be 0.42 of the count for the list of short floats.
"""


def estimate(text: str) -> int:
    """Tokens of a text, rather too many than too few."""
    raw = text.encode("utf-8", "surrogatepass")
    digits = len(raw) - len(raw.translate(None, _DIGITS))
    marks = len(raw) - len(raw.translate(None, _MARKS))
    beyond = len(raw) - len(raw.translate(None, _BEYOND))
    letters = len(raw) - digits - marks - beyond
    return math.ceil(_PER_DIGIT * digits + _PER_MARK * marks + _PER_LETTER * letters + _PER_BEYOND * beyond)


def clipped(text: str, tokens: int) -> str:
    """`text`, or two thirds of what may stay from its head and a third from its tail, at most about `tokens`."""
    whole = estimate(text)
    if whole <= tokens:
        return text
    keep = len(text)
    while keep > 0:
        # Each part may be denser than the whole, so what is kept is measured again.
        keep = min(keep - 1, int(keep * max(tokens, 1) / whole))
        short = _head_and_tail(text, keep)
        whole = estimate(short)
        if whole <= tokens:
            return short
    return ""


def _head_and_tail(text: str, keep: int) -> str:
    tail = keep // 3
    head = text[: keep - tail]
    note = f"[... {len(text) - keep:,} characters left out ...]"
    return f"{head}\n{note}\n{text[len(text) - tail :]}" if keep else note
