"""Text and figures for LaTeX: any text in, pure ASCII out that every engine typesets and none executes."""

from __future__ import annotations

import re
import unicodedata

from evolve.report.text import clean

UNICODE_MACRO = r'\DeclareRobustCommand{\evolveunicode}[1]{\ifdefined\Umathchar\char"#1\relax\else[U+#1]\fi}'
r"""Defines what `escape` writes for characters that have no command: itself under LuaLaTeX and XeLaTeX, its number
under pdfLaTeX, which has no glyph for it and would stop."""
UNICODE_COMMAND = r"\evolveunicode"

_COMMANDS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\char34{}", "`": r"\textasciigrave{}",
    # After the end of a table row a bracket would open an option and a star change the command.
    "[": "{[}", "]": "{]}", "*": "{*}",
    "ß": r"\ss{}", "æ": r"\ae{}", "Æ": r"\AE{}", "ø": r"\o{}", "Ø": r"\O{}", "œ": r"\oe{}", "Œ": r"\OE{}",
    "ł": r"\l{}", "Ł": r"\L{}", "ı": r"\i{}", "–": r"\textendash{}", "—": r"\textemdash{}", "’": r"\textquoteright{}",
    "‘": r"\textquoteleft{}", "“": r"\textquotedblleft{}", "”": r"\textquotedblright{}",
    "…": r"\dots{}", "·": r"$\cdot$", "×": r"$\times$", "±": r"$\pm$", "−": "$-$", "µ": r"$\mu$", "°": r"$^\circ$",
}  # fmt: skip
_ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u", "\u0307": ".",
    "\u0308": '"', "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0327": "c",
}  # fmt: skip
_LIGATURE = re.compile(r"([-',])(?=\1)")
"""Two of these in a row would become a dash or a quotation mark."""


def escape(text: str) -> str:
    """Any text as LaTeX text, on one line: hidden characters written out, every character that means something quoted.

    A text that holds `UNICODE_COMMAND` afterwards needs `UNICODE_MACRO` before it.
    """
    line = " ".join(clean(unicodedata.normalize("NFC", text)).split())
    return _LIGATURE.sub(r"\1{}", "".join(map(_escaped, line)))


def _escaped(char: str) -> str:
    if char in _COMMANDS:
        return _COMMANDS[char]
    if char.isascii():
        return char
    base, mark = unicodedata.normalize("NFD", char)[:1], unicodedata.normalize("NFD", char)[1:]
    if base.isascii() and base.isalpha() and mark in _ACCENTS:
        return f"\\{_ACCENTS[mark]}{{{base}}}"
    return f"{UNICODE_COMMAND}{{{ord(char):04X}}}"


def figure(written: str) -> str:
    """A number as `figures` writes it (`-1.5`, `2e-05`, `+3`), in math mode."""
    mantissa, exponent, power = written.partition("e")
    return f"${mantissa} \\times 10^{{{int(power)}}}$" if exponent else f"${mantissa}$"
