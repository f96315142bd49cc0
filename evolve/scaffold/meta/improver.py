"""Asks a model for a better scaffold and makes an edit of its answer; fulfils `Improver` without any state."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

from evolve.domain import Completion, Finish, Status
from evolve.errors import EditError
from evolve.scaffold.base import MetaEdit, MetaView, ModelView, Prompt
from evolve.scaffold.context import THINKING_ROOM
from evolve.scaffold.meta import asking, parse
from evolve.scaffold.meta.diagnosis import diagnose
from evolve.scaffold.turns import asked_on

OPERATOR = "improve"

ANSWER_ROOM = 8_000
"""Tokens of an answer: an edit of a few files and some prose."""

_MARGIN = 256
"""Tokens of a context window left alone: what a provider wraps around messages."""

_FIRST, _REPAIR = "meta", "repair"
_REPAIRABLE = frozenset({Status.EDIT_NOT_APPLIED, Status.OUTSIDE_REGION, Status.SYNTAX, Status.OUTPUT})


class ZeroImprover:
    """A question with a diagnosis, one more when the model asks for other files; one when its edit is unusable."""

    def meta_propose(self, view: MetaView) -> Prompt:
        """What to ask a model for a better scaffold. Raises EditError(NO_EDIT) without a model or without files."""
        if not view.models or not view.files:
            raise EditError(Status.NO_EDIT, "without a free model and a scaffold's files there is nothing to ask")
        model = random.Random(f"{view.seed}:model").choice(view.models)
        output = _answer_room(model)
        room = min(view.most, model.context - output - _MARGIN)
        return Prompt(
            operator=OPERATOR,
            model=model.name,
            sections=asking.sections(view, diagnose(view), room),
            base=0,
            parents=(),
            tag=asking.tag_of(room),
            step=_FIRST,
            form="diff",
            output=output,
        )

    def meta_parse(self, prompt: Prompt, files: Mapping[str, str], answer: Completion) -> MetaEdit | Prompt:
        """The edit in an answer; the question again with files the model asks for, once; and a question for the repair
        of an edit that cannot be used, once.

        Raises EditError: NO_ANSWER, BLOCKED, TRUNCATED or EMPTY for what is no whole answer, NO_EDIT for one without an
        edit or with one that changes nothing, else what is wrong with the edit.
        """
        if answer.finish is Finish.OVERFLOW:
            return _shortened(prompt, answer)
        _check_finished(prompt, answer)
        wanted = parse.wanted(answer.text)
        try:
            if wanted and prompt.step == _FIRST:
                return asking.looked(prompt, files, wanted)
            return parse.edit_of(answer.text, files, parse.problems_of(prompt))
        except EditError as error:
            if error.status not in _REPAIRABLE or prompt.step == _REPAIR:
                raise
            question = asking.repair(str(error))
            return asked_on(prompt, answer.text, _REPAIR, question, step=_REPAIR)


def create() -> ZeroImprover:
    """What `scaffold.toml` names as `meta`."""
    return ZeroImprover()


def _answer_room(model: ModelView) -> int:
    wanted = ANSWER_ROOM + (THINKING_ROOM if model.reasoning else 0)
    return max(min(wanted, model.output, model.context // 2), 1)


def _shortened(prompt: Prompt, answer: Completion) -> Prompt:
    """The prompt without all that can be left out; it is asked once, for then nothing is left to leave out."""
    shorter = prompt.shortened()
    if shorter is None:
        reason = answer.reason or f"the prompt is longer than the context window of {prompt.model}"
        raise EditError(Status.NO_ANSWER, f"{reason}; nothing more can be left out of it")
    return replace(shorter, turn=prompt.turn + 1)


def _check_finished(prompt: Prompt, answer: Completion) -> None:
    """Raise EditError when there is no whole answer."""
    if answer.finish is Finish.FAILED:
        raise EditError(Status.NO_ANSWER, answer.reason or f"{prompt.model} gave no answer")
    if answer.finish is Finish.BLOCKED:
        raise EditError(Status.BLOCKED, answer.reason or f"{answer.model}'s content policy withheld the answer")
    if answer.finish is Finish.LENGTH:
        raise EditError(Status.TRUNCATED, f"the answer was cut off at the limit of {prompt.output:,} tokens")
    if not answer.text.strip():
        raise EditError(Status.EMPTY, f"{answer.model} gave an answer without text")
