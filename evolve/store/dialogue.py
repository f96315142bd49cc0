"""Questions put to models and people, their completions, and what they cost, as frozen records.

`(number, turn)` names one question of a run: the `turn`-th, from 0, that was asked for candidate `number`. It has one
prompt and at most one completion, but may be handed out several times: a killed engine asks again, and so does a
person whose time has run out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from evolve.domain import Completion

MODEL, PERSON = "model", "person"
"""Who a question is put to: `Asked.asker`."""


# ---------------------------------------------------------------- written


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, stored before it is put to anybody.

    `prompt` is plain JSON data; `request_digest` addresses the request made of it ("" when a person is asked).
    `money` is the worst case in US dollars reserved for the answer (None when the price is unknown), `tokens` likewise.
    `expires` ends a person's time.

    The same number, turn and prompt again hands the question out again: everything after `prompt` is stored anew. What
    the earlier hand-out reserved then counts as lost, unless it was `Withdrawn`.
    """

    number: int
    turn: int
    island: int
    operator: str
    step: str
    model: str
    prompt: Mapping[str, Any]
    request_digest: str
    money: float | None = None
    tokens: int = 0
    asker: str = MODEL
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The completion of a question, stored before anything is done with it; `elapsed` is run seconds."""

    number: int
    turn: int
    request_digest: str
    completion: Completion
    elapsed: float


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The last hand-out of a question is over without an answer, and the question stays open.

    `money` is what it may have cost in US dollars at most (None when nobody knows): 0 for a call that was refused or
    never began. Without this record, the whole reservation counts as spent.
    """

    number: int
    turn: int
    money: float | None = 0.0
    tokens: int = 0
    reason: str = ""


# ---------------------------------------------------------------- read


@dataclass(frozen=True, slots=True)
class CompletionRow:
    """A stored completion; `at` is when it was stored."""

    number: int
    turn: int
    request_digest: str
    completion: Completion
    elapsed: float
    at: datetime


@dataclass(frozen=True, slots=True)
class AskedRow:
    """A stored question with its completion, if there is one.

    `request_digest`, `money`, `tokens`, `asker`, `expires` and `at` are those of the last time it was handed out,
    `handouts` counts the times.
    """

    number: int
    turn: int
    island: int
    operator: str
    step: str
    model: str
    prompt: Mapping[str, Any]
    request_digest: str
    money: float | None
    tokens: int
    asker: str
    expires: datetime | None
    at: datetime
    handouts: int
    completion: CompletionRow | None


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A number that was asked about and not told yet, with every question so far, in order of turns.

    `proposed` says that its candidate is stored (`Store.untold` has it): what is open then is the question for its
    lesson. Otherwise going on means parsing the completions of `turns` one after the other, from `turns[0]` on.
    """

    number: int
    turns: tuple[AskedRow, ...]
    proposed: bool

    @property
    def first(self) -> AskedRow:
        """The question of turn 0: what the search proposed."""
        return self.turns[0]

    @property
    def last(self) -> AskedRow:
        """The latest question; it may have an answer already."""
        return self.turns[-1]


@dataclass(frozen=True, slots=True)
class Bill:
    """What some completions cost: US dollars (None when one has no known price) and tokens, lost ones included."""

    cost: float | None = 0.0
    tokens: int = 0

    def __add__(self, other: Bill) -> Bill:
        cost = None if self.cost is None or other.cost is None else self.cost + other.cost
        return Bill(cost, self.tokens + other.tokens)


def bill_of(completions: Iterable[Completion]) -> Bill:
    """What completions cost, added up in their order.

    Added in order of turns, one by one or all at once, it is `TellRow.cost` to the last bit: a search learns from it.
    """
    return sum((_bill(each) for each in completions), Bill())


def _bill(completion: Completion) -> Bill:
    usage = completion.usage
    cost = None if completion.cost is None else completion.cost + completion.lost
    return Bill(cost, usage.prompt + usage.output + completion.lost_tokens)


@dataclass(frozen=True, slots=True)
class UsageRow:
    """What one model did with one operator.

    `calls` are completions it gave; `prompt`, `cached`, `output` and `reasoning` tokens, `cost` US dollars as far as
    known, `lost` what attempts without an answer may have cost, `unknown` calls of unknown price, `seconds` with
    queueing and retries.

    The rest counts candidates it wrote, told or not: `proposed` all of them; `parsed` those whose answer held an edit;
    `applied` those whose edit made a program within the regions (duplicates too); `valid`; and of the valid ones those
    that `improved` on their first parent, opened a `new_cell`, or became a `new_best`.
    """

    model: str
    operator: str
    calls: int = 0
    prompt: int = 0
    cached: int = 0
    output: int = 0
    reasoning: int = 0
    cost: float = 0.0
    lost: float = 0.0
    unknown: int = 0
    seconds: float = 0.0
    proposed: int = 0
    parsed: int = 0
    applied: int = 0
    valid: int = 0
    improved: int = 0
    new_cell: int = 0
    new_best: int = 0


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """What a run's questions to models cost in US dollars and tokens.

    `cost` is what completions cost as far as known. `lost` is the most that calls without an answer may have cost:
    failed attempts, and hand-outs that were given up (withdrawn, handed out again, or of a candidate that was told).
    `in_flight` is reserved for questions that wait for an answer; it may be billed although the engine was killed.
    `unknown` counts calls of unknown price, `unknown_in_flight` those still waiting.
    """

    calls: int = 0
    cost: float = 0.0
    lost: float = 0.0
    in_flight: float = 0.0
    unknown: int = 0
    unknown_in_flight: int = 0
    tokens: int = 0
    lost_tokens: int = 0
    tokens_in_flight: int = 0

    @property
    def spent(self) -> float:
        """US dollars that are gone, or may be."""
        return self.cost + self.lost

    @property
    def spent_tokens(self) -> int:
        """Tokens that are gone, or may be."""
        return self.tokens + self.lost_tokens
