"""The toy model: what it answers depends on the text of the question alone.

It writes the program it was shown with one entry changed. Told which entry is worst it mostly changes that one, the
right way; otherwise any entry, either way. The meta question is answered from a grammar of edits (`grammar`).
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass

from tests.meta.toy import grammar

_ADVICE = re.compile(r"entry (\d+) is too (low|high) by about ([\d.]+)")
_PROGRAM = re.compile(r"^x = .*$", re.MULTILINE)


@dataclass(frozen=True)
class Persona:
    """How able a toy model is.

    `heeds` is how often it makes use of feedback that it is shown, `step` how far it goes without, `clumsy` how often
    its answer is no program. One that `ignores` reads nothing but the program. `kinds` weighs what edits of scaffolds
    it thinks of, which are among `edits`. To the `subtle` one the good edit is worth about +0.05.
    """

    name: str
    heeds: float = 0.30
    step: float = 0.35
    clumsy: float = 0.05
    ignores: bool = False
    edits: tuple[grammar.ToyEdit, ...] = grammar.EDITS
    kinds: tuple[tuple[str, float], ...] = (("good", 1.0), ("neutral", 1.5), ("harmful", 1.5), ("hacking", 1.0))


PERSONAS = {
    persona.name: persona
    for persona in (
        Persona("medium"),
        Persona("bold", heeds=0.25, step=0.6),
        Persona("careful", heeds=0.40, step=0.2, clumsy=0.0),
        Persona(
            "subtle",
            heeds=0.045,
            edits=tuple(edit for edit in grammar.EDITS if edit.name != "ask about the best"),
            kinds=(("good", 6.0), ("neutral", 1.0), ("harmful", 1.0), ("hacking", 1.0)),
        ),
        Persona("ignoring", ignores=True, edits=grammar.QUESTIONS),
        Persona("keen", heeds=0.40, step=0.2, clumsy=0.0, kinds=(("good", 6.0), ("neutral", 1.0), ("harmful", 1.0))),
    )
}


def think(persona: Persona, question: str, luck: str) -> str:
    """The answer to a question. `luck` is what sampling is to a real model: another one, another answer."""
    if question.startswith("Improve this scaffold"):
        return _meta(persona, question, luck)
    program = _PROGRAM.search(question)
    shown = "" if program is None else program.group()
    rng = random.Random(f"{persona.name}|{shown if persona.ignores else question}|{luck}")
    if rng.random() < persona.clumsy or not shown:
        return "I would change an entry."
    return f"Here it is.\n{_edited(persona, shown, '' if persona.ignores else question, rng)}"


def _edited(persona: Persona, shown: str, question: str, rng: random.Random) -> str:
    values = json.loads(shown.partition("=")[2].strip())
    advice = _ADVICE.search(question)
    if advice is not None and rng.random() < persona.heeds:
        place, by = int(advice.group(1)), float(advice.group(3))
        values[place] += (by if advice.group(2) == "low" else -by) * rng.uniform(0.7, 1.1)
    else:
        values[rng.randrange(len(values))] += rng.choice((-1, 1)) * persona.step * rng.uniform(0.5, 1.5)
    return f"x = {[round(value, 6) for value in values]}"


def _meta(persona: Persona, question: str, luck: str) -> str:
    rng = random.Random(f"{persona.name}|{question}|{luck}")
    kinds = dict(persona.kinds)
    found = [edit for edit in persona.edits if question.count(edit.old) == 1 and edit.new not in question]
    if not found:
        return "Nothing comes to mind."
    weights = [kinds.get(edit.kind, 0.0) * (0.25 if f"- {edit.name} (" in question else 1.0) + 1e-9 for edit in found]
    edit = rng.choices(found, weights)[0]
    return f"{edit.name}\nFILE {edit.file}\n<<<<\n{edit.old}\n====\n{edit.new}\n>>>>"
