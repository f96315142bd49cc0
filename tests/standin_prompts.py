"""A small objective in plain Python, and prompts about it in which each kind of information comes in doses."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

TRUTH = {"gain": 1.1, "decay": 0.35, "turn": 2.2, "rest": 0.4}
START = {"gain": 1.6, "decay": 0.15, "turn": 2.2, "rest": 0.9}
PROGRAM = """\
import math


def level(t):
    gain = {gain}
    decay = {decay}
    turn = {turn}
    rest = {rest}
    return gain * math.exp(-decay * t) * math.cos(turn * t) + rest
"""
TIMES = [0.25 * step for step in range(24)]

WHOLE = """\
# Form of your answer

A line `Idea: <one sentence>`, then the path and the complete new text of the file in a code block:

Idea: <one sentence>

level.py
```python
<the complete new text>
```
"""
DIFF = """\
# Form of your answer

A line `Idea: <one sentence>`, then SEARCH/REPLACE blocks:

Idea: <one sentence>

level.py
<<<<<<< SEARCH
<lines as they are>
=======
<lines that take their place>
>>>>>>> REPLACE
"""


def program(**values: float) -> str:
    return PROGRAM.format(**{**START, **values})


def error(text: str) -> float:
    """Mean absolute error against the truth; infinite for what does not work.

    The text was made by the stand-in from `PROGRAM`: arithmetic and mathematics, no loops.
    """
    names: dict[str, object] = {}
    try:
        exec(compile(text, "level.py", "exec"), names)
        level = names["level"]
        values = [float(level(t)) for t in TIMES]  # type: ignore[operator]
    except Exception:  # a broken program is an answer too
        return math.inf
    gaps = [abs(value - _truth(t)) for value, t in zip(values, TIMES, strict=True)]
    return sum(gaps) / len(gaps)


def _truth(t: float) -> float:
    return TRUTH["gain"] * math.exp(-TRUTH["decay"] * t) * math.cos(TRUTH["turn"] * t) + TRUTH["rest"]


@dataclass(frozen=True)
class Ask:
    """What a prompt holds beside the program itself."""

    form: str = WHOLE
    scored: bool = True
    direction: bool = True
    feedback: tuple[str, ...] = ()
    examples: tuple[dict[str, float], ...] = ()
    tried: tuple[str, ...] = ()
    helped: tuple[str, ...] = ()
    extra: str = ""
    filler: int = 0

    def messages(self) -> tuple[tuple[str, str], ...]:
        better = " Lower is better: lower is better." if self.direction else ""
        system = f"You improve programs.\n\n# Goal\n\nFind `level(t)`.{better}\n{self.extra}\n{self.form}"
        parts = [
            f"# Notes\n\n{'x' * self.filler}",
            *(self._example(number, values) for number, values in enumerate(self.examples, start=10)),
            f"# More notes\n\n{'x' * self.filler}",
        ]
        if self.tried:
            parts.append("# Attempts that failed\n\n" + "\n".join(f"- {line}" for line in self.tried))
        if self.helped:
            parts.append("# Lessons\n\nWhat helped:\n\n" + "\n".join(f"- {line}" for line in self.helped))
        parts.append(f"# The program to edit\n\n{self._score(START)}\n\nlevel.py\n```python\n{program()}```")
        if self.feedback:
            parts.append("## Feedback\n\n" + "\n".join(f"- {line}" for line in self.feedback))
        parts.append("# Task\n\nMake one change to it.")
        return (("system", system), ("user", "\n\n".join(parts)))

    def _score(self, values: dict[str, float]) -> str:
        return f"Score: error = {error(program(**values)):.4f}" if self.scored else "It was run."

    def _example(self, number: int, values: dict[str, float]) -> str:
        code = program(**values)
        return f"# Another program: candidate {number}\n\n{self._score(values)}\n\nlevel.py\n```python\n{code}```"

    def but(self, **changes: object) -> Ask:
        return replace(self, **changes)  # type: ignore[arg-type]


def applied(answer: str) -> str | None:
    """The program an answer makes by the strictest reading: exact SEARCH lines, or one whole block after its path."""
    text = program()
    found = re.findall(r"^<{7} SEARCH\n(.*?)\n={7}\n(.*?)\n>{7} REPLACE$", answer, re.DOTALL | re.MULTILINE)
    for search, new in found:
        if text.count(search) != 1:
            return None
        text = text.replace(search, new)
    if found:
        return text
    whole = re.search(r"^level\.py\n```python\n(.*?)^```$", answer, re.DOTALL | re.MULTILINE)
    return whole[1] if whole and "... " not in whole[1] else None


def gain(answer: str) -> float:
    """1 for an answer that makes the program better, 0 for any other."""
    text = applied(answer)
    return float(text is not None and error(text) < error(program()) - 1e-9)


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
