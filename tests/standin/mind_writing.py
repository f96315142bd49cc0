"""Writing an answer: in the form that was asked for, else in whatever form comes out; not always well."""

from __future__ import annotations

import difflib
import random

from .mind_reading import Reading


def blocks(path: str, old: str, new: str, careful: bool, idle: int = 2) -> list[tuple[str, str]]:
    """Search and replacement texts for the changed lines with a little context; `careful` makes them unique."""
    before, after = old.splitlines(), new.splitlines()
    found: list[tuple[str, str]] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            continue
        above = below = 0 if i1 < i2 else idle
        while careful and not _unique(before, i1 - above, i2 + below) and (above < i1 or i2 + below < len(before)):
            above, below = min(above + 1, i1), min(below + 1, len(before) - i2)
        top, bottom = max(0, i1 - above), min(len(before), i2 + below)
        search = before[top:bottom]
        replace = [*before[top:i1], *after[j1:j2], *before[i2:bottom]]
        found.append(("\n".join(search), "\n".join(replace)))
    return found


def _unique(lines: list[str], start: int, end: int) -> bool:
    text = "\n".join(lines)
    return text.count("\n".join(lines[max(0, start) : end])) == 1 and any(line.strip() for line in lines[start:end])


def answer(reading: Reading, path: str, old: str, new: str, idea: str, spoil: bool, rng: random.Random) -> str:
    """The answer's text. `spoil` makes it malformed in one of the ways of its form."""
    form = reading.form or rng.choice(("whole", "bare", "unified", "prose", "json"))
    head = f"Idea: {idea}" if reading.idea else rng.choice(("", idea, f"I would change this: {idea}"))
    if form == "diff":
        body = _diff(path, old, new, spoil, rng)
    elif form == "whole":
        body = _whole(path, region(new) if reading.region_only else new, spoil, rng)
    elif form == "unified":
        lines = difflib.unified_diff(old.splitlines(), new.splitlines(), path, path, lineterm="")
        body = "```diff\n" + "\n".join(lines) + "\n```"
    elif form == "bare":
        body = "```\n" + "\n\n...\n\n".join(text for _, text in blocks(path, old, new, False)) + "\n```"
    elif form == "json":
        body = '{"code": "' + new.replace("\n", "\\n")[: len(new) // 2] + '..."}'
    else:
        body = "With that, the rest can stay as it is. Shall I write it out?"
    return f"{head}\n\n{body}".strip()


def region(text: str) -> str:
    """What stands between the first pair of marker lines; the whole text when there are none."""
    lines = text.splitlines(keepends=True)
    starts = [number for number, line in enumerate(lines) if "-START" in line and line.lstrip().startswith("#")]
    ends = [number for number, line in enumerate(lines) if "-END" in line and line.lstrip().startswith("#")]
    return "".join(lines[starts[0] + 1 : ends[0]]) if len(starts) == len(ends) == 1 else text


def _diff(path: str, old: str, new: str, spoil: bool, rng: random.Random) -> str:
    ways = ("close", "quote", "elide", "markers")
    way = rng.choice(ways) if spoil else ""
    parts: list[str] = []
    for search, replace in blocks(path, old, new, careful=not spoil):
        if way == "quote":
            search = "\n".join(_misremembered(line, rng) for line in search.splitlines())
        elif way == "elide":
            search = f"{search}\n    # ... rest of the function ..."
        opening, closing = ("<<<<", ">>>>") if way == "markers" else ("<<<<<<< SEARCH", ">>>>>>> REPLACE")
        tail = "" if way == "close" else f"\n{closing}"
        parts.append(f"{path}\n{opening}\n{search}\n=======\n{replace}{tail}")
    return "\n\n".join(parts)


def _misremembered(line: str, rng: random.Random) -> str:
    """A line as one who copies from memory writes it: other spacing, other words."""
    words = line.split(" ")
    place = rng.randrange(len(words))
    return rng.choice((" ".join([*words[:place], *words[place + 1 :]]), line.replace(" = ", " := "), f"{line}  # now"))


def _whole(path: str, text: str, spoil: bool, rng: random.Random) -> str:
    if not spoil:
        return f"{path}\n```python\n{text.rstrip()}\n```"
    lines = text.rstrip().splitlines()
    cut = rng.randrange(1, len(lines)) if len(lines) > 1 else 1
    elided = "\n".join([*lines[:cut], "# ... the rest stays as it is ..."])
    return rng.choice((f"{path}\n```python\n{elided}\n```", f"{path}\n```python\n" + "\n".join(lines[:cut])))
