"""What a model says around its answer and is no part of it: reasoning, chat tokens, byte order marks, wrappers."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAMES = "think|thinking|thought|thoughts|reasoning|analysis|scratchpad|reflection|seed:think"
_OPEN = re.compile(rf"[ \t]*<({_NAMES})>", re.IGNORECASE)
_CLOSE = re.compile(rf"[ \t]*</(?:{_NAMES})>|[^\n]*?</(?:{_NAMES})>[ \t]*(?=\n|\Z)", re.IGNORECASE)
_FENCE = re.compile(r"[ \t]*(?:`{3,}|~{3,})")
_MARKER = re.compile(r"[ \t]*(<{5,9}|>{5,9})")
_CHANNEL = re.compile(r"<\|channel\|>\s*final\s*(?:<\|[^|>]*\|>[^<\n]*)?<\|message\|>")
_TOKEN = re.compile(r"(?:<\|[a-z_]{2,30}\|>|</s>|<\uff5c[^\uff5c\n]{1,40}\uff5c>)\Z", re.IGNORECASE)
_ENVELOPE = re.compile(r"^[ \t]*</?(?:answer|response|output|final_answer|solution|result|edit)>[ \t]*$", re.M | re.I)
_CODE = re.compile(r"^[ \t]*(?:`{3,}|~{3,}|<{5,9}|>{5,9})", re.M)
_FILE = re.compile(
    r"^[ \t]*<(file|code|program|source|content)(?:\s+(?:path|name|file|filename)\s*=\s*[\"']?([^\"'>\n]+)[\"']?)?"
    r"(?:\s[^>\n]*)?>[ \t]*\n(.*?)^[ \t]*</\1>[ \t]*$",
    re.M | re.S | re.I,
)
_HALVES = re.compile(
    r"^[ \t]*<(?:search|old|original|find)>[ \t]*\n(.*?)^[ \t]*</(?:search|old|original|find)>\s*?\n"
    r"\s*?<(?:replace|new|updated|replacement)>[ \t]*\n(.*?)^[ \t]*</(?:replace|new|updated|replacement)>[ \t]*$",
    re.M | re.S | re.I,
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """An answer without its reasoning; with that part of it, too, which begins and never ends (`thinking`)."""

    answer: str
    everything: str
    thinking: bool = False


def spoken(answer: str) -> Spoken:
    """Take an answer apart. Reasoning tags count at the start of a line and never inside code."""
    text = answer.lstrip("\ufeff").replace("\r\n", "\n")
    if "\n" not in text:
        text = text.replace("\r", "\n")
    final = list(_CHANNEL.finditer(text))
    if final:
        text = text[final[-1].end() :]
    text = _without_tokens(text)
    if "<" not in text:
        return Spoken(text, text)
    kept, thoughts = _without_reasoning(text)
    kept = _untagged(kept)
    return Spoken(kept, kept if thoughts is None else f"{kept}{_untagged(thoughts)}", thoughts is not None)


def _without_tokens(text: str) -> str:
    """The text without the tokens by which a chat template ends an answer."""
    while token := _TOKEN.search(stripped := text.rstrip(), max(len(stripped) - 60, 0)):
        text = stripped[: token.start()]
    return text


def _without_reasoning(text: str) -> tuple[str, str | None]:
    """The text without closed reasoning, and the reasoning that is never closed, if there is any."""
    first = _outside_code(_OPEN, text, 0)
    if first is None:
        # Some servers put the opening tag into the prompt, so that only the closing one is in the answer.
        close = _outside_code(_CLOSE, text, 0)
        return (text[close.end() :], None) if close else (text, None)
    kept: list[str] = []
    place = 0
    while first is not None:
        kept.append(text[place : first.start()])
        close = re.compile(rf"</{re.escape(first[1])}>", re.IGNORECASE).search(text, first.end())
        if close is None:
            return "".join(kept), text[first.end() :]
        place = close.end()
        first = _outside_code(_OPEN, text, place)
    kept.append(text[place:])
    return "".join(kept), None


def _outside_code(tag: re.Pattern[str], text: str, place: int) -> re.Match[str] | None:
    """The next tag that starts a line outside fences and blocks."""
    fenced = blocked = False
    while place <= len(text):
        if marker := _MARKER.match(text, place):
            blocked = marker[1].startswith("<")
        elif _FENCE.match(text, place) and not blocked:
            fenced = not fenced
        elif not (fenced or blocked) and (found := tag.match(text, place)):
            return found
        newline = text.find("\n", place)
        if newline < 0:
            return None
        place = newline + 1
    return None


def _untagged(text: str) -> str:
    """Tags that stand for fences and markers become those."""
    if "</" not in text:
        return text
    if "<<<<<" not in text:
        text = _HALVES.sub(lambda match: f"<<<<<<< SEARCH\n{match[1]}=======\n{match[2]}>>>>>>> REPLACE", text)
    code = [found.start() for found in _CODE.finditer(text)] or [len(text)]
    # What looks like a wrapper behind a fence may be code.
    text = _FILE.sub(lambda match: _as_fence(match) if match.start() < code[0] else match[0], text)
    code = [found.start() for found in _CODE.finditer(text)] or [len(text)]
    return _ENVELOPE.sub(lambda match: "" if not code[0] <= match.start() <= code[-1] else match[0], text)


def _as_fence(match: re.Match[str]) -> str:
    inner = match[3].removeprefix("<![CDATA[\n").removesuffix("]]>\n")
    if re.search(r"^[ \t]*(?:```|~~~|<{5,9})", inner, re.M):
        return f"{match[2] or ''}\n{inner}"
    return f"{match[2] or ''}\n{fenced(inner)}"


def fenced(code: str) -> str:
    """Code in a fence longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}\n{code}{'' if code.endswith(chr(10)) else chr(10)}{fence}\n"
