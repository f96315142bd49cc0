"""The stand-in asked for a better scaffold: it thinks of edits of its grammar, and knows only what it reads.

Of the edits that apply to the files it is shown, some come to mind; they are weighed by what was noticed of the prompt:
whether the weakness that is named is about them, whether they tell models more or less, and how earlier edits like
them came out. That an edit is harmful or a hack it does not know.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from . import mind_writing as writing
from .chat import ChatReply
from .mind_notes import likeness
from .mind_reading import Reading, passages, read
from .scaffold_grammar import GRAMMAR

if TYPE_CHECKING:
    from .mind import Persona

Messages = tuple[tuple[str, str], ...]

_PREDICT = re.compile(r"^Predict: *<", re.MULTILINE)
_ATTEMPT = re.compile(r"^- \S+, of \S+: (.+?): (.*)$", re.MULTILINE)
_GAIN = re.compile(r"\barea ([+-]\d*\.?\d+)")
_PROBLEM = re.compile(r"^- `([^`\n]+)`: \d+\.\d+, ", re.MULTILINE)
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])")

_TELLING = 1.5
"""What it weighs that the named weakness is about what an edit changes."""

_INFORMS = 0.75
"""What it weighs that models are told more, or less."""

_HELPED, _HURT, _OPEN = 1.0, -4.0, -1.0
"""What an equal earlier edit weighs, by how it came out."""

_NAMES_A_PROBLEM = 0.3
"""How often a prediction is about one problem."""


@dataclass(frozen=True)
class Thought:
    """An edit of one file that came to mind."""

    path: str
    new: str
    idea: str
    about: frozenset[str] = frozenset()
    informs: int = 0
    """+1 when models are told more by it, -1 when less."""


def is_asked(messages: Messages) -> bool:
    """Whether a conversation is about a scaffold: one is shown by its files, and a prediction is asked for."""
    told = [text for role, text in messages if role != "assistant"]
    return any(_PREDICT.search(text) for text in told) and any("scaffold.toml" in text for text in told)


def improve(persona: Persona, messages: Messages, rng: random.Random) -> ChatReply:
    """The answer to a question for a better scaffold."""
    told = tuple(message for message in messages if message[0] != "assistant")
    files = _files(told, persona.memory)
    thoughts = [*_grammar(files)] or [*_tweaks(files, rng)]
    if not thoughts:
        return ChatReply("I do not see a file of the scaffold that I could change.")
    come = rng.sample(thoughts, min(persona.breadth, len(thoughts)))
    noticed = _Noticed.of(told, persona, rng)
    weighed = [noticed.weight(thought) + rng.gauss(0.0, persona.noise) for thought in come]
    chosen = come[weighed.index(max(weighed))]
    spoil = len(told) == len(messages) and rng.random() < persona.spoilt_diff
    form = replace(read(told[:1], persona.memory), form="diff", idea=True)
    return ChatReply(_answer(form, chosen, files[chosen.path], noticed, spoil, rng))


def _answer(form: Reading, chosen: Thought, old: str, noticed: _Noticed, spoil: bool, rng: random.Random) -> str:
    text = writing.answer(form, chosen.path, old, chosen.new, chosen.idea, spoil, rng)
    named = noticed.problems and rng.random() < _NAMES_A_PROBLEM
    on = f" on {rng.choice(noticed.problems)}" if named else ""
    return text.replace("\n\n", f"\nPredict: area up{on}\n\n", 1)


def _files(told: Messages, memory: int) -> dict[str, str]:
    """The files shown, as far as they fit into memory."""
    return {path: text for passage in passages(told, memory) for path, _, text in passage.blocks if path}


def _grammar(files: Mapping[str, str]) -> Iterator[Thought]:
    for edit in GRAMMAR:
        for path, new in (edit.on(files) or {}).items():
            yield Thought(path, new, edit.idea, edit.about, edit.informs)


def _tweaks(files: Mapping[str, str], rng: random.Random) -> Iterator[Thought]:
    """Another value for a constant, where nothing better comes to mind."""
    for path, text in files.items():
        found = [number for number in _NUMBER.finditer(text) if float(number[0]) > 1]
        if path.endswith(".py") and found:
            one = rng.choice(found)
            value = str(round(float(one[0]) * rng.uniform(0.5, 2.0)) + 1)
            new = text[: one.start()] + value + text[one.end() :]
            if new != text and _parses(new):
                yield Thought(path, new, f"Change {one[0]} to {value} in {path}.")


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


@dataclass(frozen=True)
class _Noticed:
    """What was noticed of a prompt: the task, earlier edits with their gains, the problems' names."""

    task: frozenset[str]
    tried: tuple[tuple[frozenset[str], float | None], ...]
    problems: tuple[str, ...]
    heeds: bool

    @classmethod
    def of(cls, told: Messages, persona: Persona, rng: random.Random) -> _Noticed:
        kept = passages(told, persona.memory)
        text = "\n".join(passage.text for passage in kept)
        tried = [(_words(idea), _gain(outcome)) for idea, outcome in _ATTEMPT.findall(text)]
        return cls(
            task=_words(kept[-1].text) if kept and rng.random() < persona.attention else frozenset(),
            tried=tuple(each for each in tried if rng.random() < persona.attention),
            problems=tuple(dict.fromkeys(_PROBLEM.findall(text))),
            heeds=not persona.heedless,
        )

    def weight(self, thought: Thought) -> float:
        """What speaks for an edit; 0 for everything to one that heeds nothing."""
        if not self.heeds:
            return 0.0
        worth = _INFORMS * thought.informs + (_TELLING if thought.about & self.task else 0.0)
        mine = _words(thought.idea)
        for idea, gain in self.tried:
            alike = max(0.0, 2 * likeness(mine, idea) - 1)
            worth += alike * (_OPEN if gain is None else _HELPED if gain > 0 else _HURT)
        return worth


def _gain(outcome: str) -> float | None:
    found = _GAIN.search(outcome)
    return float(found[1]) if found else None


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z]{4,}", text.lower().replace("_", " ")))
