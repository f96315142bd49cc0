"""What a text defines, in most languages, judged by single lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

_DEFINITION = re.compile(
    r"(?:(?:export|default|public|private|static|async|pub(?:\([a-z]+\))?|unsafe|inline|extern|const|constexpr)\s+)*"
    r"(?:def|class|fn|func|function|struct|enum|interface|trait|module|proc|sub)\s+([A-Za-z_]\w*)"
)
_C_FUNCTION = re.compile(r"[A-Za-z_][\w:<>,*&\[\] ]*?[ *&]([A-Za-z_]\w*)\s*\([^;]*\)\s*(?:const\s*)?(?:\{.*)?")
_LONGEST = 200


def definitions(lines: Sequence[str]) -> frozenset[str]:
    """Names of functions and types defined at the start of a line, in most languages."""
    top = [line for line in lines if line[:1].isalpha() and len(line) <= _LONGEST]
    found = (_DEFINITION.match(line) or _C_FUNCTION.fullmatch(line.rstrip()) for line in top)
    return frozenset(match[1] for match in found if match)
