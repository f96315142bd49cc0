"""Reading a prompt: which programs are shown, what is said of each, what is asked, and in which form.

Headings and code fences give the structure. What lies in the middle of a prompt longer than the persona can hold is
lost, as language models lose it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from . import mind_notes as notes
from .chat import BYTES_PER_TOKEN

_HEADING = re.compile(r"^(#{1,6})\s+(.*)$|^([A-Z][^\n.]{2,70}):\s*$")
_FENCE = re.compile(r"^(`{3,}|~{3,})\s*([^`]*)$")
_PATH = re.compile(r"^(?:#+\s*)?(?:file:?\s*)?[`*]*([\w./-]+\.\w{1,5})[`*:]*$", re.IGNORECASE)
_LABEL = re.compile(r"\b(?:candidate|program|version|attempt)\s+#?(\d+)", re.IGNORECASE)
_PARENT = re.compile(
    r"\b(?:parent|current|your program|base program|to (?:be )?(?:edit|improve|change|repair|mutate|simplif)\w*)\b",
    re.IGNORECASE,
)
_FAILED = re.compile(r"\bfail|reject|crash|did not|error\b|invalid", re.IGNORECASE)
_ASIDE = re.compile(r"never change|fixed files|read-only|form of|format|example", re.IGNORECASE)
"""Headings of code that is no program of the search."""
_ABOUT = re.compile(
    r"^\W*(?:feedback|metrics?|artifacts?|output|error|results?|evaluation|score|code|source|residuals?)\b",
    re.IGNORECASE,
)
_LEAD = 7
"""The level of a line such as "What helped:": below every heading."""
_NO_CODE = re.compile(r"\b(?:no|without|not)\b[^.\n]{0,20}\bcode\b", re.IGNORECASE)
_LESSON = re.compile(r"\b(?:lesson|what to learn|learn(?:ed|t)? from)\b", re.IGNORECASE)
_REGION = re.compile(r"\bonly\b[^.\n]{0,40}\bbetween\b[^.\n]{0,60}\bwithout\b", re.IGNORECASE)
_WHOLE = re.compile(r"\b(?:whole|complete|entire|full)\b[^.\n]{0,30}\b(?:file|program|text|code)\b", re.IGNORECASE)
_DIFF = re.compile(r"^<{5,9} *SEARCH", re.MULTILINE)
_INTENTS = {
    "simplify": re.compile(r"\b(?:shorter|simpler|simplify|plainer)\b", re.IGNORECASE),
    "combine": re.compile(r"\b(?:combine|cross ?over|merge)\b", re.IGNORECASE),
    "rewrite": re.compile(r"\b(?:different approach|differs? .{0,40} in kind|from scratch|rewrite)\b", re.IGNORECASE),
}


@dataclass
class Passage:
    """A heading with the text and code below it; `start` and `end` are characters of the whole conversation."""

    heading: str
    level: int
    message: int
    start: int
    end: int = 0
    lines: list[str] = field(default_factory=list)
    blocks: list[tuple[str, str, str]] = field(default_factory=list)
    """Path ("" when none is given), info string and text of each code block."""

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@dataclass(frozen=True)
class Shown:
    """A program that is shown, and all that is said about it; `place` is the last passage that does."""

    files: tuple[tuple[str, str], ...]
    about: str
    place: int
    parent: bool = False
    failed: bool = False
    score: float | None = None
    stderr: float = 0.0


@dataclass(frozen=True)
class Reading:
    """What the mind takes from a prompt. `better` is +1, -1, or 0 when the direction is not said."""

    parent: Shown | None
    others: tuple[Shown, ...]
    better: int
    tried: tuple[tuple[str, str], ...]
    """Headings and texts of passages about earlier attempts."""
    form: str
    region_only: bool
    idea: bool
    ask: str
    intent: str
    figures: tuple[float, ...]
    """Numbers of the prose before the first program: what a statement says about sizes."""
    plan: str
    """What it said itself in an earlier turn, without code, and is held to now."""
    refused: str
    """What it answered before, when the last message refuses it."""
    last: str


def read(messages: tuple[tuple[str, str], ...], budget: int) -> Reading:
    """Read a conversation with room for `budget` tokens."""
    system_or_user = [index for index, (role, _) in enumerate(messages) if role != "assistant"]
    kept = passages(messages, budget)
    told = [passage for passage in kept if passage.message in system_or_user]
    prose = "\n".join(f"{passage.heading}\n{passage.text}" for passage in told)
    last = max(system_or_user, default=-1)
    task = [passage for passage in told if passage.message == last]
    closing = f"{task[-1].heading}\n{task[-1].text}" if task else ""
    said = [text for role, text in messages if role == "assistant"]
    names = notes.objective_names(prose)
    programs = [_scored(shown, names) for shown in _programs(told)]
    parent = _parent(programs)
    return Reading(
        parent=parent,
        others=tuple(shown for shown in programs if shown is not parent),
        better=notes.direction(prose),
        tried=tuple((passage.heading, passage.text) for passage in told),
        form=_form(prose, "\n".join(passage.text for passage in task) if said else ""),
        region_only=bool(_REGION.search(prose)),
        idea=bool(re.search(r"\bIdea:\s*<", prose)),
        ask=_ask(closing),
        intent=next((name for name, pattern in _INTENTS.items() if pattern.search(closing)), ""),
        figures=_figures(told),
        plan=said[-1] if said and not re.search(r"```|<{5,}", said[-1]) else "",
        refused=said[-1] if said and re.search(r"```|<{5,}", said[-1]) else "",
        last=closing,
    )


def passages(messages: tuple[tuple[str, str], ...], budget: int) -> list[Passage]:
    """The headings of a conversation with what stands below them, as far as `budget` tokens hold it."""
    return _remembered(_passages(messages), budget)


def _passages(messages: tuple[tuple[str, str], ...]) -> list[Passage]:
    passages: list[Passage] = []
    place = 0
    for number, (_, text) in enumerate(messages):
        current = Passage("", 0, number, place)
        passages.append(current)
        fence, info, path = "", "", ""
        code: list[str] = []
        for line in text.splitlines():
            mark = _FENCE.match(line)
            if fence:
                if mark and mark[1].startswith(fence) and not mark[2].strip():
                    current.blocks.append((path, info, "\n".join(code) + "\n"))
                    fence, path = "", ""
                else:
                    code.append(line)
            elif mark:
                fence, info, code = mark[1], mark[2].strip(), []
            elif heading := _HEADING.match(line):
                current.end = place
                level = len(heading[1]) if heading[1] else _LEAD
                current = Passage(heading[2] or heading[3], level, number, place)
                passages.append(current)
            else:
                named = _PATH.match(line.strip())
                path = named[1] if named else path if not line.strip() else ""
                current.lines.append(line)
            place += len(line) + 1
            current.end = place
    return passages


def _remembered(passages: list[Passage], budget: int) -> list[Passage]:
    """Passages at the head and the tail of what fits: a third of the budget at the head, the rest at the end."""
    total = max((passage.end for passage in passages), default=0)
    room = budget * BYTES_PER_TOKEN
    if total <= room:
        return passages
    head, tail = room // 3, total - (room - room // 3)
    return [passage for passage in passages if passage.end <= head or passage.start >= tail]


def _programs(passages: list[Passage]) -> list[Shown]:
    """Passages with code are programs; further passages of the same label, or below it, tell more of it."""
    found: dict[str, Shown] = {}
    current, level = "", 0
    for number, passage in enumerate(passages):
        code = {path: text for path, info, text in passage.blocks if not _is_quote(path, info, text)}
        key, level = _key(passage, bool(code), found.get(current), current, level)
        if not key or _ASIDE.search(passage.heading):
            current = ""
            continue
        files = tuple(code.items())
        known = [old for old, shown in found.items() if files and shown.files == files]
        if known:
            key = known[0]
        elif files and key in found and found[key].files:
            key = f"{key}, again in {number}"
        shown = found.get(key) or Shown((), "", number)
        quotes = "\n".join(text for path, info, text in passage.blocks if _is_quote(path, info, text))
        found[key] = replace(
            shown,
            files=shown.files or files,
            about=f"{shown.about}\n{passage.text}\n{quotes}".strip(),
            parent=shown.parent or bool(_PARENT.search(passage.heading)),
            failed=shown.failed or bool(_FAILED.search(passage.heading)),
            place=number,
        )
        current = key
    return [shown for shown in found.values() if shown.files]


def _key(passage: Passage, code: bool, open_: Shown | None, current: str, level: int) -> tuple[str, int]:
    """Which program a passage is about ("" for none), and the level of the heading that began it."""
    labels = _LABEL.findall(passage.heading)
    if labels:
        key = f"candidate {labels[0]}"
        return key, level if key == current else passage.level
    below = passage.level > level or _ABOUT.search(passage.heading)
    if open_ is not None and below and not (code and open_.files):
        return current, level
    if code or _PARENT.search(passage.heading):
        return f"passage {passage.start}", passage.level
    return "", 0


def _is_quote(path: str, info: str, text: str) -> bool:
    """Whether a code block holds output or a listing and not a program."""
    if path and info != "diff":
        return False
    return info in ("text", "diff", "json", "console", "log") or not re.search(r"\b(?:def|return|lambda)\b|=", text)


def _scored(shown: Shown, names: frozenset[str]) -> Shown:
    found = notes.score(shown.about, names)
    if found is None:
        return shown
    return replace(shown, score=found[0], stderr=found[1])


def _parent(programs: list[Shown]) -> Shown | None:
    named = [shown for shown in programs if shown.parent]
    working = [shown for shown in programs if not shown.failed]
    choice = named or working or programs
    return max(choice, key=lambda shown: shown.place) if choice else None


def _figures(told: list[Passage]) -> tuple[float, ...]:
    found: list[float] = []
    for passage in told:
        if passage.blocks:
            break
        if not _ASIDE.search(passage.heading):
            found += [float(digits) for digits in re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.]*\w)", passage.text)]
    return tuple(dict.fromkeys(value for value in found if value))[:40]


def _form(prose: str, latest: str) -> str:
    """The form that is asked for: what the latest question says goes before what earlier ones said."""
    for text in (latest, prose):
        if _DIFF.search(text):
            return "diff"
        if _WHOLE.search(text):
            return "whole"
    return ""


def _ask(closing: str) -> str:
    if not _NO_CODE.search(closing):
        return "edit"
    return "lesson" if _LESSON.search(closing) else "plan"
