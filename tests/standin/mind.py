"""The stand-in's mind: a pure function of persona, messages and seed, which knows only what it reads in the messages.

It thinks of edits of the program it finds, weighs them against what it noticed (feedback, scored examples, attempts,
lessons), and answers in the form it was asked for. It rewards no wording, knows no problem, and runs nothing.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from . import mind_choosing as choosing
from . import mind_knowing as knowing
from . import mind_meta as meta
from . import mind_repairing as repairing
from . import mind_writing as writing
from .chat import ChatReply, ChatRequest
from .mind_editing import Edit
from .mind_reading import Reading, Shown, read

Messages = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Persona:
    """How able a stand-in is.

    `breadth` edits come to mind for an answer; `noise` is the spread of the error with which they are weighed (a fact
    that speaks for one weighs about 1); `attention` the probability that a piece of information is noticed;
    `further` that one more edit is added; `slip` that the code is broken. `spoilt_diff` and `spoilt_whole` are rates
    of malformed answers. `memory` is the tokens of a prompt it can hold, `reasoning` those it thinks first. One that
    is `heedless` looks at the program to edit and at nothing else, not even at the form it is asked for.
    """

    name: str
    breadth: int
    noise: float
    attention: float
    further: float
    slip: float
    spoilt_diff: float
    spoilt_whole: float
    memory: int
    reasoning: int = 0
    heedless: bool = False


PERSONAS = {
    persona.name: persona
    for persona in (
        Persona("weak", 3, 1.5, 0.5, 0.1, 0.10, 0.12, 0.02, 3_000),
        Persona("medium", 6, 1.0, 0.75, 0.2, 0.05, 0.06, 0.005, 8_000),
        Persona("strong", 12, 0.6, 0.92, 0.3, 0.02, 0.03, 0.003, 24_000),
        Persona("thinker", 16, 0.5, 0.95, 0.3, 0.01, 0.02, 0.002, 48_000, 400),
        Persona("placebo", 6, 1.0, 0.75, 0.2, 0.05, 0.06, 0.005, 1_000_000, heedless=True),
    )
}
"""Rates of malformed answers lie around the medians of a public leaderboard: 5.8 % for diffs, 0.4 % for whole files."""


def mind(persona: Persona | str, seed: int = 0) -> Callable[[ChatRequest], ChatReply]:
    """A `respond` for `StandInServer`. A request without a seed is answered by how often it came before."""
    chosen = PERSONAS[persona] if isinstance(persona, str) else persona

    def respond(request: ChatRequest) -> ChatReply:
        drawn = request.occurrence if request.seed is None else request.seed
        return think(chosen, request.messages, f"{seed}:{drawn}")

    return respond


def think(persona: Persona, messages: Messages, seed: str | int) -> ChatReply:
    """The answer to a conversation of (role, text) messages: the same for the same arguments, on any machine."""
    digest = hashlib.sha256(json.dumps(messages).encode()).hexdigest()
    rng = random.Random(f"mind:{persona.name}:{seed}:{digest}")
    if meta.is_asked(messages):
        return meta.improve(persona, messages, rng)
    reading = read(messages, persona.memory)
    if persona.heedless:
        reading = unheeded(reading)
    reasoning = "Let me look at what is there. " * (persona.reasoning * 4 // 30) if persona.reasoning else ""
    if reading.ask == "lesson":
        return ChatReply(_lesson(messages), reasoning)
    if reading.parent is None:
        return ChatReply("I do not see a program to change. Could you show it to me?", reasoning)
    path, old, edit = _edit(persona, reading, reading.parent, rng)
    if edit is None:
        return ChatReply("The program looks right to me as it is.", reasoning)
    if reading.ask == "plan":
        return ChatReply(_plan(reading, edit), reasoning)
    new = repairing.broken(edit.text, rng) if rng.random() < persona.slip else edit.text
    spoil = rng.random() < (persona.spoilt_diff if reading.form == "diff" else persona.spoilt_whole)
    return ChatReply(writing.answer(reading, path, old, new, edit.idea, spoil, rng), reasoning)


def unheeded(reading: Reading) -> Reading:
    """The program to edit, and nothing of what else a prompt says: no score, feedback, example, goal or form."""
    parent = reading.parent and replace(reading.parent, about="", failed=False, score=None, stderr=0.0)
    return Reading(
        parent=parent,
        others=(),
        better=0,
        tried=(),
        form="whole",
        region_only=False,
        idea=True,
        ask="edit",
        intent="",
        figures=(),
        plan="",
        refused="",
        last="",
    )


def _edit(persona: Persona, reading: Reading, parent: Shown, rng: random.Random) -> tuple[str, str, Edit | None]:
    """The file to change, its text, and the edit decided on."""
    path, old = rng.choices(parent.files, [1 + len(text) for _, text in parent.files])[0]
    if parent.failed:
        mended = repairing.mended(old, parent.about, rng)
        if mended is not None:
            return path, old, mended
    source = knowing.parse(old)
    if source is None:
        return path, old, repairing.by_text(old, rng)
    edit = _best(persona, reading, path, old, rng)
    rounds = 3 if reading.intent == "rewrite" else 1
    while edit is not None and (rounds > 1 or rng.random() < persona.further):
        rounds -= 1
        more = _best(persona, reading, path, edit.text, rng)
        if more is None:
            break
        edit = Edit(more.text, f"{edit.idea} {more.idea}", edit.kind)
    return path, old, edit


def _best(persona: Persona, reading: Reading, path: str, text: str, rng: random.Random) -> Edit | None:
    source = knowing.parse(text, reading.figures)
    if source is None:
        return None
    knowledge = knowing.gather(reading, path, source, persona.attention, rng)
    breadth = persona.breadth * (4 if knowledge.plan else 1)  # a plan is looked for until something like it is found
    edits = choosing.imagine(source, knowledge, breadth, rng)
    weighed = [choosing.weigh(edit, source, knowledge) + rng.gauss(0.0, persona.noise) for edit in edits]
    return edits[weighed.index(max(weighed))] if edits else None


def _plan(reading: Reading, edit: Edit) -> str:
    standing = f" (now at {reading.parent.score:g})" if reading.parent and reading.parent.score is not None else ""
    return (
        f"1. What is said about the program{standing} points at what the change below is about.\n"
        f"2. It could also be rewritten, which risks more than it promises.\n\nIdea: {edit.idea}"
    )


def _lesson(messages: Messages) -> str:
    """What the measured outcome says about what was tried, in its own words."""
    said = [text for role, text in messages if role == "assistant"]
    idea = re.search(r"Idea: *(.+)", said[-1]) if said else None
    tried = idea[1].strip().rstrip(".") if idea else "This change"
    outcome = re.search(r"[^\n]*(?:improved|worse|stayed|not change|failed|works)[^\n]*", messages[-1][1])
    return f"{tried}: {outcome[0].strip() if outcome else 'no outcome was measured'}"
