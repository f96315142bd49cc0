"""Completions that are stored already: a run's own, so that nothing is bought twice, or a recorded run's, to replay."""

from __future__ import annotations

import difflib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from evolve.asker import Talk
from evolve.domain import Completion, Finish, Message, Role, Usage
from evolve.errors import BudgetSpent, NotAsked, ReplayMiss, SettingsError
from evolve.llm.base import Card, Price, Request
from evolve.question import prompt_from
from evolve.scaffold.base import Prompt
from evolve.store import AskedRow, Bill, CompletionRow, Store, bill_of

CARDS = "models_ready"
"""The event that stores what was known of the models when a run asked them, for replays to build the same prompts."""
LESSON = "lesson"
"""The step of questions about a scored candidate (`Scaffold.reflect`)."""
SHOWN_LINES = 24
"""Lines of a difference that an error shows."""


class OwnAnswers:
    """The completions of the run itself."""

    def __init__(self, store: Store, run_id: int) -> None:
        self._store = store
        self._run_id = run_id

    def place(self, number: int, prompt: Prompt) -> tuple[int, Completion | None]:
        """The turn of a question, and its completion if it is stored: it is paid for, with whatever settings.

        A sitting that was cut off may have gone another way from here, because of what was told meanwhile; what it
        asked then stays where it is, and the question gets the next free turn.
        """
        rows = {row.turn: row for row in self._store.asked(self._run_id, number)}
        for turn, row in rows.items():
            if turn >= prompt.turn and _messages(row) == prompt.messages():
                return turn, None if row.completion is None else row.completion.completion
        taken = prompt.turn in rows
        return (max(rows) + 1 if taken else prompt.turn), None

    def talk(self, number: int) -> Talk:
        """The stored conversation about a candidate; a question for its lesson is not part of what it is about."""
        answered = [(row, row.completion) for row in self._store.asked(self._run_id, number) if row.step != LESSON]
        said = [(row, stored.completion) for row, stored in answered if stored is not None]
        if not said:
            return Talk()
        row, completion = said[-1]
        return Talk(row.turn, (*_messages(row), _answer(completion)))

    def bill(self, number: int) -> Bill:
        """What all stored calls for a candidate came to."""
        rows = self._store.asked(self._run_id, number)
        return bill_of(row.completion.completion for row in rows if row.completion is not None)


class Recorded(Protocol):
    """A recorded run, wherever it is kept."""

    @property
    def name(self) -> str:
        """What to call it: `run 3`."""
        ...

    @property
    def last(self) -> int:
        """The highest candidate number that it has an answer for."""
        ...

    def cards(self) -> Sequence[Card]:
        """What was known of its models."""
        ...

    def completions(self, digest: str) -> Sequence[CompletionRow]:
        """The completions of a request, by candidate and turn."""
        ...

    def nearest(self, number: int, prompt: Prompt) -> AskedRow | None:
        """The recorded question that is nearest to one that was not recorded, if questions were."""
        ...


class StoredRun:
    """A recorded run of a database. Raises SettingsError when it asked no model."""

    def __init__(self, store: Store, run_id: int) -> None:
        self._store = store
        self._run_id = run_id
        self.name = f"run {run_id}"
        self.last = store.last_answered(run_id)

    def cards(self) -> Sequence[Card]:
        """What was known of its models when it last began."""
        events = self._store.events(self._run_id, kinds=[CARDS])
        if not events:
            raise SettingsError(f"run {self._run_id} asked no model, so there is nothing to replay")
        return [card_from(data) for data in events[-1].data["cards"]]

    def completions(self, digest: str) -> Sequence[CompletionRow]:
        """The completions of a request, by candidate and turn."""
        return self._store.completion_of(self._run_id, digest)

    def nearest(self, number: int, prompt: Prompt) -> AskedRow | None:
        """The question of the same candidate and turn, or another of the same operator."""
        return self._store.nearest_request(self._run_id, number, prompt.turn, prompt.operator)


class RecordedFile:
    """A recorded run as JSON lines: its cards, then a completion on each line.

    Raises SettingsError when the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.name = f"the recording {path.name}"
        self.last = 0
        self._by_digest: defaultdict[str, list[CompletionRow]] = defaultdict(list)
        try:
            head, *lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            self._cards = [card_from(data) for data in head["cards"]]
            for line in lines:
                self._add(completion_row_from(line))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError(f"the recording {path} cannot be read: {error}") from None

    def cards(self) -> Sequence[Card]:
        """What was known of its models."""
        return self._cards

    def completions(self, digest: str) -> Sequence[CompletionRow]:
        """The completions of a request, by candidate and turn."""
        return self._by_digest.get(digest, [])

    def nearest(self, number: int, prompt: Prompt) -> AskedRow | None:
        """None: a file holds no questions."""
        return None

    def _add(self, row: CompletionRow) -> None:
        self._by_digest[row.request_digest].append(row)
        self.last = max(self.last, row.number)


def export_recording(store: Store, run_id: int, path: Path) -> None:
    """Write the completions of a run to a file that `RecordedFile` reads. Raises SettingsError when there are none."""
    lines: list[dict[str, Any]] = [{"cards": [asdict(card) for card in StoredRun(store, run_id).cards()]}]
    for number in store.numbers(run_id):
        for row in store.asked(run_id, number):
            if row.completion is not None:
                stored = row.completion
                lines.append({**asdict(stored), "at": stored.at.isoformat()})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def completion_row_from(data: Mapping[str, Any]) -> CompletionRow:
    """A completion back from plain data."""
    given = data["completion"]
    completion = Completion(**{**given, "finish": Finish(given["finish"]), "usage": Usage(**given["usage"])})
    return CompletionRow(**{**data, "completion": completion, "at": datetime.fromisoformat(data["at"])})


class Replay:
    """Answers with the completions of a recorded run.

    A request is found by its digest; of several equal ones, the one that the same candidate asked, or else the next in
    the order of candidates.
    """

    def __init__(self, recorded: Recorded) -> None:
        self._recorded = recorded
        self._used: defaultdict[str, set[tuple[int, int]]] = defaultdict(set)

    def find(self, number: int, prompt: Prompt, request: Request) -> Completion:
        """The recorded completion.

        Raises ReplayMiss with the difference to the nearest recorded request, NotAsked for a candidate that the
        recorded run did not get to, BudgetSpent where its budget was at its end.
        """
        used = self._used[request.digest]
        rows = {(row.number, row.turn): row for row in self._recorded.completions(request.digest)}
        free = [place for place in rows if place not in used]
        if not free and number > self._recorded.last:
            raise NotAsked(f"{self._recorded.name} ends here")
        if not free and self._unanswered(number, prompt):
            raise BudgetSpent(f"{self._recorded.name} was not allowed another call here")
        if not free:
            raise ReplayMiss(self._miss(number, prompt, request))
        place = (number, prompt.turn) if (number, prompt.turn) in free else free[0]
        used.add(place)
        return rows[place].completion

    def _unanswered(self, number: int, prompt: Prompt) -> bool:
        """Whether the recorded run had the same question, and its budget no answer for it."""
        nearest = self._recorded.nearest(number, prompt)
        same = nearest is not None and nearest.completion is None and _messages(nearest) == prompt.messages()
        return same and nearest is not None and nearest.number == number

    def _miss(self, number: int, prompt: Prompt, request: Request) -> str:
        begin = f"{self._recorded.name} holds no answer to question {prompt.turn} of candidate {number} of this replay"
        nearest = self._recorded.nearest(number, prompt)
        if nearest is None:
            return f"{begin}, and no question that is near it; it may have been recorded with another evolve or problem"
        shown = "\n".join(_difference(nearest, request))
        place = f"question {nearest.turn} of its candidate {nearest.number}"
        if not shown:
            return f"{begin}; {place} has the same text, but another model, seed or limit"
        return f"{begin}; from the nearest, {place}, it differs by:\n{shown}"


def card_from(data: Mapping[str, Any]) -> Card:
    """A card back from plain data."""
    prices = {name: None if data[name] is None else Price(**data[name]) for name in ("price", "long_price")}
    return Card(**{**data, **prices})


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
