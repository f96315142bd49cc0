"""Text from candidates, models and databases made safe to print: it can neither style nor break a terminal."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text

_PRINTABLE = re.compile(r"[ -~\n]*")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that move the cursor, turn text around, are invisible or cannot be encoded."""
_TAB = 4


def clean(text: str) -> str:
    """`text` with tabs as spaces and every control, bidirectional or invisible character written out.

    `\\x1b`, `\\u202e`: not dropped, for what a candidate hides is what a reader should see. Newlines stay.
    """
    text = text.replace("\r\n", "\n").expandtabs(_TAB)
    if _PRINTABLE.fullmatch(text):
        return text
    return "".join(_shown(char) for char in text)


def _shown(char: str) -> str:
    if char == "\n" or unicodedata.category(char) not in _HIDDEN:
        return char
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def one_line(text: str, limit: int = 200) -> str:
    """Clean text on one line, at most `limit` characters."""
    line = " ".join(clean(text[: 4 * limit]).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def bounded(text: str, lines: int, width: int = 2000) -> str:
    """Clean text of at most `lines` lines of `width` characters each; a last line says how many were left out."""
    every = clean(text).splitlines()
    kept = [line if len(line) <= width else f"{line[: width - 1]}…" for line in every[:lines]]
    if len(every) > lines:
        kept.append(f"… {len(every) - lines} more lines")
    return "\n".join(kept)


def plain(text: str, style: str = "") -> Text:
    """Clean text as rich `Text`, which reads no markup."""
    from rich.text import Text

    return Text(clean(text), style=style)
