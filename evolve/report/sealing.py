"""How scores that a program could have forged are labelled, wherever they are shown."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from evolve.report.text import one_line, plain

WORD = "unsealed"
UNSEALED = f"{WORD}: program and scorer shared one process, so a program can forge its score"
"""Of a run whose problem says `sealed = false`; true of foreign scorers and of functions given to `evolve.optimize`."""

_CHARS = 300


def notice() -> Text:
    """The sentence, as a line for people."""
    return Text(UNSEALED, style="yellow")


def notices(*, sealed: bool) -> list[Text]:
    """What stands above or below scores: nothing where they are sealed."""
    return [] if sealed else [notice()]


def add_sealing(facts: Table, *, sealed: bool, because: str = "") -> None:
    """The sentence as a row of a table of facts, where it belongs; `because` says why, if that is known."""
    if not sealed:
        facts.add_row("scores", notice())
    if not sealed and because:
        facts.add_row("unsealed because", plain(one_line(because, _CHARS)))


def marked(text: str, *, sealed: bool) -> str:
    """A few words with the label after them, where it belongs: `5.2 %, unsealed`."""
    return text if sealed else f"{text}, {WORD}"
