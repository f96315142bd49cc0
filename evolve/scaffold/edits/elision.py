"""Lines that stand for code a model left out: "# ... rest of the code unchanged"."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LONGEST = 160
_STUB = re.compile(r"(?:async\s+)?(?:def|class)\b.*:\s*\.\.\.")
_COMMENT = re.compile(r"\s*(?:#+|//+|/\*+|--+|;+|%+|<!--|\{/\*|\(\*)\s*(.*?)\s*(?:\*+/\}?|-->|\*\))?\s*")
_CODE = (
    r"(?:code|functions?|methods?|class(?:es)?|implementations?|imports?|program|file|script|logic|definitions?|body)"
)
_KEPT = (
    r"(?:unchanged|unmodified|untouched|intact|omitted|(?:the\s+)?same(?:\s+as\s+before)?|"
    r"as\s+(?:before|is|above|in\s+the\s+original)|(?:goes\s+|stays\s+)?here|remains?|stays?|continues?)"
)
_SAID = re.compile(
    rf"""(?x)
    (?:\.{{3,}}|\u2026).*                                                              # ... and so on
    | .*\b(?:{_KEPT}|rest|existing|previous|original|remaining)\b.*(?:\.{{3,}}|\u2026)    # the rest is unchanged ...
    | (?:the\s+)?(?:rest|remainder)(?:\s+of)?\s+(?:(?:the|your|this)\s+)*(?:\w+\s+)??{_CODE}(?:.*\b{_KEPT}\b.*)?
    | (?:the\s+)?(?:rest|remainder|everything\s+else|all\s+else)\b.{{0,30}}\b{_KEPT}\b.*
    | (?:(?:the|all|your|any)\s+)*(?:existing|previous|other|remaining|original)\s+(?:\w+\s+){{0,2}}?
        {_CODE}\b.{{0,30}}\b{_KEPT}\b.*
    | (?:your\s+)?(?:existing|previous|original|remaining|rest\s+of)\s+code
    | (?:{_CODE}\s+)?(?:(?:is|are|remains?|stays?|kept)\s+)*(?:unchanged|unmodified|omitted)(?:\s+.{{0,20}})?
    | (?:same|unchanged|identical|kept)\s+as\s+(?:before|above|(?:in\s+)?(?:the\s+)?(?:original|parent))\b.{{0,20}}
    | (?:keep|leave|insert|copy|paste)\s+(?:(?:the|your)\s+)?(?:rest|existing|original|remaining|other)\b.{{0,60}}
    """,
    re.IGNORECASE,
)


def stands_for_code(line: str) -> bool:
    """Whether a line says that code was left out here, instead of being code."""
    stripped = line.strip()
    if not stripped or len(stripped) > _LONGEST:
        return False
    if _STUB.fullmatch(stripped) or stripped in ("...", "\u2026", "[...]", "(...)", "<...>", ". . ."):
        return True
    comment = _COMMENT.fullmatch(stripped)
    return bool(comment and _SAID.fullmatch(comment[1].strip("[]()<> ").rstrip(" :!,;")))


def elided(lines: Iterable[str], base: str) -> str:
    """The first line that stands for left-out code and was not in the file before; "" if there is none."""
    before: set[str] | None = None
    for line in lines:
        if stands_for_code(line):
            before = before if before is not None else {ours.strip() for ours in base.split("\n")}
            if line.strip() not in before:
                return line.strip()
    return ""
