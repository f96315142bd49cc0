"""What a feedback says in one line, and the same line with all folded away that differs between failures of a kind."""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST = 240
"""Characters of a reason."""
_READ = 1_000
"""Characters of a line that are looked at before it is folded."""

_PLACE = re.compile(r"case \d+ of stage [\w.-]{1,60}: ")
"""What `evolve.evaluate` puts before the feedback of one case."""
_RAISED = re.compile(r"[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Iteration|Warning|Fault)\b")
"""How the last line of a traceback begins; an exception's own text may go on for lines after it."""
_COMPILED = re.compile(r"\berror\b(?:\[\w+\])?:")
"""What gcc, clang, rustc and many others write in the line that counts."""
_TRACEBACK = "Traceback (most recent call last)"

_FOLDS = (
    # In this order: there are numbers in addresses, paths and quotes.
    (re.compile(r"\b0x[0-9a-fA-F]+"), "0x#"),
    (re.compile(r"(?<![\w.<])~?(?:/[\w.@+-]+){2,}/?|\b[A-Za-z]:\\[\w.\\-]+"), "<path>"),
    (re.compile(r"""(?<!\w)'[^'\n]{0,200}'(?!\w)|"[^"\n]{0,200}"|`[^`\n]{0,200}`"""), "'…'"),
    (re.compile(r"\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{12,64}\b"), "#"),
    # A provider's answer is called by its number.
    (re.compile(r"(?<![\w.])(?!0x#|\d{3} from the provider)[-+−]?\d+(?:[_,]\d+)*(?:\.\d*)?(?:[eE][-+]?\d+)?"), "#"),
    (re.compile(r"#(?:, ?#){2,}"), "#, …"),
)


@lru_cache(maxsize=8192)
def reason(feedback: str) -> str:
    """The line that says what went wrong, on one line of bounded length; "" for a feedback that says nothing.

    Of a traceback that is its last line, of a compiler's output the first one with an error, else the first one.
    """
    lines = [line for line in feedback.splitlines() if line.strip()]
    if not lines:
        return ""
    raised = next((line for line in reversed(lines) if _RAISED.match(line)), None)
    if raised is not None:
        return _bounded(raised)
    if _TRACEBACK in feedback:
        return _bounded(lines[-1])
    line = next((line for line in lines if _COMPILED.search(line)), lines[0])
    return _bounded(_PLACE.sub("", line, count=1))


@lru_cache(maxsize=8192)
def folded(line: str) -> str:
    """A reason in which numbers are `#`, addresses `0x#`, absolute paths `<path>` and quoted words `'…'`."""
    for pattern, put in _FOLDS:
        line = pattern.sub(put, line)
    return line


def _bounded(line: str) -> str:
    line = " ".join(line[:_READ].split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
