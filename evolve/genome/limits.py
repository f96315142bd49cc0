"""What the host takes from a scaffold: caps, and replies held to what was asked.

A scaffold can name only what it was shown, ask only models it was offered, and go on only where a conversation stands.
Whether a program keeps to its editable files is checked by the search, as it is for every scaffold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence

from evolve.domain import Message, Role
from evolve.genome.fault import Fault
from evolve.genome.genome import Manifest
from evolve.genome.shown import all_of
from evolve.scaffold.base import (
    METRICS,
    Draft,
    MetaEdit,
    ModelView,
    Prompt,
    ScoredView,
    SearchView,
)
from evolve.scaffold.plain import encode

MOST_PROMPT = 400_000
"""Characters of a prompt."""
MOST_SECTIONS = 400
MOST_PROGRAM = 1_000_000
"""Characters of a draft or of an edit."""
MOST_TAG = 200
MOST_IDEA = 500
MOST_NAMED = 64
"""Parents, inspirations and pins."""
MOST_TURNS = 16
"""Questions for one proposal; scaffold zero asks at most five."""
MOST_OUTPUT = 1_000_000
MOST_LESSON = 2_000
MOST_SNAPSHOT = 64 * 1024
"""Bytes of a snapshot, as JSON."""
MOST_REASON = 2_000
_OPERATOR = re.compile(r"[A-Za-z0-9][\w.:+/ -]{0,63}", re.ASCII)
_WORD = re.compile(r"[\w.-]{0,32}", re.ASCII)


def check_proposal(proposed: Draft | Prompt, view: SearchView, manifest: Manifest) -> None:
    """Hold a first reply to the view it was made from. Raises Fault."""
    texts = {each.number for each in all_of(view)}
    if isinstance(proposed, Draft):
        _capable(manifest, "drafts", "proposed a program without a model")
        _check_draft(proposed)
    else:
        _capable(manifest, "models", "asked a model")
        offered = {model.name: model for model in view.models}
        _check_prompt(proposed)
        _check_turn(proposed, 0)
        _check_model(proposed, offered)
        _shown([proposed.base], texts, "base")
    _shown(proposed.parents, texts | {number for each in view.failures for number in each.parents}, "parents")
    _shown(proposed.inspirations, texts, "inspirations")


def check_follow_up(reply: Draft | Prompt, asked: Prompt) -> None:
    """Hold what came of an answer to the question it answers. Raises Fault."""
    if isinstance(reply, Draft):
        _check_draft(reply)
    else:
        _check_further(reply, asked)
    _shown(reply.parents, {*asked.parents, asked.base}, "parents")
    _shown(reply.inspirations, {*asked.inspirations, *asked.parents, asked.base}, "inspirations")


def check_lesson(lesson: str | Prompt, scored: ScoredView, history: Sequence[Message]) -> None:
    """Hold a lesson, or the question for one, to its candidate. Raises Fault."""
    if isinstance(lesson, str):
        _short(lesson, MOST_LESSON, "a lesson")
        return
    _check_prompt(lesson)
    _check_turn(lesson, sum(message.role is Role.ASSISTANT for message in history))
    _same(lesson.model, scored.model, "asked another model for a lesson")
    _same(lesson.base, scored.number, "asked for the lesson of another candidate")
    _shown((*lesson.parents, *lesson.inspirations), {scored.number}, "parents")


def check_pins(pins: Collection[int], known: Collection[int]) -> None:
    """Pins are few, and of candidates it was told of. Raises Fault."""
    if len(pins) > MOST_NAMED:
        raise Fault("too_long", f"pinned {len(pins)} candidates; at most {MOST_NAMED} are kept in view")
    _shown(pins, known, "pins")


def check_snapshot(snapshot: Mapping[str, object]) -> None:
    """A snapshot is small. Raises Fault."""
    size = len(json.dumps(encode(snapshot)))
    if size > MOST_SNAPSHOT:
        raise Fault("too_long", f"gave a snapshot of {size:,} bytes; at most {MOST_SNAPSHOT:,} are kept")


def check_meta_question(prompt: Prompt, models: Sequence[ModelView], manifest: Manifest) -> None:
    """Hold the first question for a better scaffold to what was offered. Raises Fault."""
    _capable(manifest, "models", "asked a model")
    _check_prompt(prompt)
    _check_turn(prompt, 0)
    _check_model(prompt, {model.name: model for model in models})
    if prompt.step != "meta" or prompt.base or prompt.parents or prompt.inspirations:
        raise Fault("forged", 'asked for a better scaffold with a prompt whose step is not "meta" or base not 0')


def check_meta_reply(reply: MetaEdit | Prompt, asked: Prompt) -> None:
    """Hold an edit, or the next question, to its question. Raises Fault."""
    if isinstance(reply, Prompt):
        _check_further(reply, asked)
        _shown((*reply.parents, *reply.inspirations), (), "parents")
        return
    _short(reply.idea, MOST_IDEA, "an idea")
    size = sum(len(path) + len(text or "") for path, text in reply.files.items())
    if size > MOST_PROGRAM:
        raise Fault("too_long", f"gave an edit of {size:,} characters; at most {MOST_PROGRAM:,} are read")
    predicted = reply.prediction
    if predicted.metric not in METRICS or predicted.direction not in ("up", "down"):
        told = f"{predicted.metric[:40]!r} {predicted.direction[:40]!r}"
        raise Fault("malformed", f"predicted {told}; a prediction is one of {', '.join(METRICS)}, up or down")
    if len(predicted.problems) > MOST_NAMED or any(len(name) > MOST_TAG for name in predicted.problems):
        raise Fault("too_long", f"predicted for more than {MOST_NAMED} problems, or for one with a name too long")


def _check_further(reply: Prompt, asked: Prompt) -> None:
    """The next question of a conversation: with the same model, about the same program."""
    _check_prompt(reply)
    _check_turn(reply, asked.turn + 1)
    _same(reply.model, asked.model, "went on with another model")
    _same(reply.base, asked.base, "went on about another candidate")


def _check_draft(draft: Draft) -> None:
    _check_words(draft.operator, draft.tag, draft.idea)
    size = sum(len(path) + len(text) for path, text in draft.files.items())
    if size > MOST_PROGRAM:
        raise Fault("too_long", f"proposed a program of {size:,} characters; at most {MOST_PROGRAM:,} are read")


def _check_prompt(prompt: Prompt) -> None:
    _check_words(prompt.operator, prompt.tag, prompt.idea)
    size = sum(len(section.text) + len(section.name) for section in prompt.sections)
    if size > MOST_PROMPT or len(prompt.sections) > MOST_SECTIONS:
        told = f"a prompt of {size:,} characters in {len(prompt.sections):,} sections"
        raise Fault("too_long", f"gave {told}; at most {MOST_PROMPT:,} in {MOST_SECTIONS} are sent")
    if not size:
        raise Fault("malformed", "gave a prompt without any text")
    if not 1 <= prompt.output <= MOST_OUTPUT:
        raise Fault("malformed", f"asked for an answer of {prompt.output:,} tokens")
    if prompt.temperature is not None and not 0 <= prompt.temperature <= 2:
        raise Fault("malformed", f"asked for temperature {prompt.temperature:g}; it lies between 0 and 2")
    for word in (prompt.step, prompt.form):
        if not _WORD.fullmatch(word):
            raise Fault("malformed", f"called a step or a form {word[:40]!r}; it is a plain word")


def _check_words(operator: str, tag: str, idea: str) -> None:
    if not _OPERATOR.fullmatch(operator):
        raise Fault("malformed", f"called an operator {operator[:40]!r}; it is a short plain name")
    _short(tag, MOST_TAG, "a tag")
    _short(idea, MOST_IDEA, "an idea")


def _check_turn(prompt: Prompt, turn: int) -> None:
    if prompt.turn != turn:
        raise Fault("turn", f"gave a prompt of turn {prompt.turn} where turn {turn} is next")
    if turn >= MOST_TURNS:
        raise Fault("turn", f"asked more than {MOST_TURNS} questions for one proposal")


def _check_model(prompt: Prompt, offered: Mapping[str, ModelView]) -> None:
    model = offered.get(prompt.model)
    if model is None:
        raise Fault("forged", f"asked the model {prompt.model[:80]!r}, which it was not offered")
    if prompt.output > model.output:
        raise Fault("forged", f"asked {prompt.model} for {prompt.output:,} tokens; it can give {model.output:,}")


def _capable(manifest: Manifest, capability: str, what: str) -> None:
    if capability not in manifest.capabilities:
        raise Fault("forged", f'{what}, but its manifest does not list "{capability}"')


def _shown(numbers: Collection[int], known: Collection[int], what: str) -> None:
    if len(numbers) > MOST_NAMED:
        raise Fault("too_long", f"named {len(numbers)} {what}; at most {MOST_NAMED} are read")
    strange = sorted(set(numbers) - set(known))
    if strange:
        raise Fault("forged", f"named candidate {strange[0]} in {what}, which it was not shown")


def _same(given: object, wanted: object, what: str) -> None:
    if given != wanted:
        raise Fault("forged", what)


def _short(text: str, most: int, what: str) -> None:
    if len(text) > most:
        raise Fault("too_long", f"gave {what} of {len(text):,} characters; at most {most:,} are kept")
