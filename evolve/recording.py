"""Completions that are stored already: a run's own, so that nothing is bought twice, or a recorded run's, to replay."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Sequence

from evolve.asker import Tab
from evolve.domain import Completion, Message, Role
from evolve.errors import BudgetSpent, ReplayMiss
from evolve.llm.base import Request
from evolve.question import prompt_from
from evolve.scaffold.base import Prompt
from evolve.store import AskedRow, Store, bill_of

SHOWN_LINES = 24
"""Lines of a difference that an error shows."""


class OwnAnswers:
    """The completions of the run itself."""

    def __init__(self, store: Store, run_id: int) -> None:
        self._store = store
        self._run_id = run_id

    def find(self, number: int, prompt: Prompt, request: Request) -> Completion | None:
        """The completion that was stored for this very request of this candidate."""
        row = self._store.completion(self._run_id, number, prompt.turn)
        return row.completion if row is not None and row.request_digest == request.digest else None

    def tab(self, number: int) -> Tab:
        """What is stored of a candidate's calls."""
        answered = [row for row in self._store.asked(self._run_id, number) if row.completion is not None]
        if not answered:
            return Tab()
        completions = [row.completion.completion for row in answered if row.completion is not None]
        return Tab(bill_of(completions), answered[-1].turn, (*_messages(answered[-1]), _answer(completions[-1])))


class Replay:
    """The completions of a recorded run.

    A request is found by its digest; of several equal ones, the one that the same candidate asked, or else the next in
    the order of candidates.
    """

    def __init__(self, store: Store, run_id: int) -> None:
        self._store = store
        self._run_id = run_id
        self._last = store.next_number(run_id) - 1
        self._used: defaultdict[str, set[tuple[int, int]]] = defaultdict(set)

    def find(self, number: int, prompt: Prompt, request: Request) -> Completion:
        """The recorded completion.

        Raises ReplayMiss with the difference to the nearest recorded request, or BudgetSpent for a candidate that
        the recorded run did not get to.
        """
        used = self._used[request.digest]
        rows = {(row.number, row.turn): row for row in self._store.completion_of(self._run_id, request.digest)}
        free = [place for place in rows if place not in used]
        if not free and number > self._last:
            raise BudgetSpent(f"the recording of run {self._run_id} ends here")
        if not free:
            raise ReplayMiss(self._miss(number, prompt, request))
        place = (number, prompt.turn) if (number, prompt.turn) in free else free[0]
        used.add(place)
        return rows[place].completion

    def _miss(self, number: int, prompt: Prompt, request: Request) -> str:
        begin = f"run {self._run_id} holds no answer to question {prompt.turn} of candidate {number} of this replay"
        nearest = self._store.nearest_request(self._run_id, number, prompt.turn, prompt.operator)
        if nearest is None:
            return f"{begin}, and no question that is near it; it may have been recorded on another problem"
        shown = "\n".join(_difference(nearest, request))
        place = f"question {nearest.turn} of its candidate {nearest.number}"
        if not shown:
            return f"{begin}; {place} has the same text, but another model, seed or limit"
        return f"{begin}; from the nearest, {place}, it differs by:\n{shown}"


def _difference(nearest: AskedRow, request: Request) -> Sequence[str]:
    """The first differing lines of two prompts, as a unified difference."""
    old = _lines(_messages(nearest))
    new = _lines(request.messages)
    lines = list(difflib.unified_diff(old, new, "recorded", "now", lineterm="", n=1))
    return lines if len(lines) <= SHOWN_LINES else [*lines[:SHOWN_LINES], f"... {len(lines) - SHOWN_LINES} more lines"]


def _lines(messages: Sequence[Message]) -> list[str]:
    return [line for message in messages for line in (f"[{message.role}]", *message.text.splitlines())]


def _messages(row: AskedRow) -> tuple[Message, ...]:
    return prompt_from(row.prompt).messages()


def _answer(completion: Completion) -> Message:
    return Message(Role.ASSISTANT, completion.text)
