"""Puts questions to models: reserved and stored before they are asked, answers stored before they are used.

A process killed at any moment has every answer it was charged for on disk, and finds it there instead of asking again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from evolve.assembly import derived_seed
from evolve.budget import Budget
from evolve.config import LLMSettings
from evolve.domain import Completion, Message, Role
from evolve.errors import ModelRefused, NotAsked, ReplayMiss
from evolve.journal import Journal
from evolve.llm.base import Card, Model, Request
from evolve.question import Receipt, asked
from evolve.scaffold.base import ModelView, Prompt
from evolve.store import Answered, Bill, Withdrawn, bill_of


def ahead(slots: int) -> int:
    """Questions put to a model beyond its slots: worked out and stored while the slots are busy.

    One was too few: two answers within the 50 ms that storing and parsing take left a slot of eight idle (93 % busy).
    """
    return 1 + slots // 4


class Answers(Protocol):
    """The run's own completions, which need not be bought again."""

    def place(self, number: int, prompt: Prompt) -> tuple[int, Completion | None]:
        """The turn at which this question of a candidate stands or may stand, and its completion if it is stored."""
        ...

    def talk(self, number: int) -> Talk:
        """The stored conversation about a candidate."""
        ...

    def bill(self, number: int) -> Bill:
        """What all stored calls for a candidate came to."""
        ...


NOTHING = Bill()
"""Of a candidate nobody was asked for yet."""


@dataclass(frozen=True, slots=True)
class Talk:
    """The conversation about a candidate: its last turn so far, and all that was said, the last answer included."""

    turn: int = -1
    history: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question as it stands in the log, with its turn there, and its answer."""

    prompt: Prompt
    completion: Completion


class Recording(Protocol):
    """The completions of a recorded run."""

    def find(self, number: int, prompt: Prompt, request: Request) -> Completion:
        """The recorded completion of a request.

        Raises ReplayMiss when there is none, NotAsked when the recording is at its end.
        """
        ...


class Asker:
    """The one place where models are asked.

    Args:
        model: Answers; usually a pool of several.
        answers: What is stored already.
        journal: The run's only writer.
        settings: Concurrency and seeds of the models.
        seed: The run's; every request gets one derived from it.
        elapsed: Tells the run's seconds.
        steady: Offer the same models whatever their state, as ordered runs must.
        spent: What earlier sessions spent.
        recording: Answers instead of the model.
        budget: Every completion takes a call out of it.
    """

    def __init__(
        self,
        model: Model,
        answers: Answers,
        journal: Journal,
        settings: LLMSettings,
        seed: int,
        elapsed: Callable[[], float],
        *,
        steady: bool,
        spent: Bill = NOTHING,
        recording: Recording | None = None,
        budget: Budget | None = None,
    ) -> None:
        self._model = model
        self._budget = budget
        self._recording = recording
        self._spent = spent
        self._answers = answers
        self._journal = journal
        self._seed = seed
        self._elapsed = elapsed
        self._steady = steady
        self._settings = {model.name: model for model in settings.models}
        self._cards: dict[str, Card] = {card.name: card for card in model.cards()}
        self._talking: Counter[str] = Counter()
        self._talks: dict[int, Talk] = {}

    @property
    def talking(self) -> int:
        """How many conversations are under way."""
        return self._talking.total()

    @property
    def spent(self) -> Bill:
        """What all answers came to, those of earlier sessions included."""
        return self._spent

    def models(self) -> tuple[ModelView, ...]:
        """The models that can be asked now."""
        if self._steady:
            return tuple(view_of(card) for card in self._cards.values())
        able, roomy = self._model.able(), [card for card in self._model.cards() if self._room(card)]
        cards = [card for card in roomy if card.name in able] or roomy
        return tuple(view_of(card) for card in cards)

    def hush(self) -> None:
        """Put no further question; answers that are under way are waited for and stored."""
        self._model.hush()

    def begin(self, model: str) -> None:
        """A conversation with a model begins; until `end` it counts against the model's slots."""
        self._talking[model] += 1

    def end(self, model: str) -> None:
        """A conversation with a model is over."""
        self._talking[model] -= 1

    async def ask(self, number: int, island: int, wanted: Prompt) -> Exchange:
        """The answer to a prompt: a stored one, or else a bought one, which is on disk when this returns.

        Raises BudgetSpent when the budget does not allow the call, NotAsked when the run stops before it, ModelRefused
        when no model can be asked, ReplayMiss when a replayed run asks something new.
        """
        turn, completion = self._answers.place(number, wanted)
        prompt = replace(wanted, turn=turn)
        if completion is None:
            completion = await self._buy(number, island, prompt, self._request(number, prompt))
        self._talks[number] = Talk(turn, (*prompt.messages(), Message(Role.ASSISTANT, completion.text)))
        return Exchange(prompt, completion)

    def talk(self, number: int) -> Talk:
        """The conversation about a candidate so far, that of earlier sessions included."""
        return self._talks.get(number) or self._answers.talk(number)

    def settle(self, number: int, lesson: str = "") -> Receipt:
        """What a candidate cost and taught; nothing more will be asked about it."""
        self._talks.pop(number, None)
        bill = self._answers.bill(number)
        return Receipt(bill.cost, bill.tokens, lesson)

    def forget(self, number: int) -> None:
        """A candidate is given up."""
        self._talks.pop(number, None)

    async def _buy(self, number: int, island: int, prompt: Prompt, request: Request) -> Completion:
        money, tokens = self._model.worst(request)
        record = asked(number, island, prompt, prompt.model, request.digest, money=money, tokens=tokens)
        await self._journal.commit([record])
        try:
            completion = await self._answer(number, prompt, request)
        except (NotAsked, ModelRefused) as error:
            await self._journal.append([Withdrawn(number, prompt.turn, error.lost, error.lost_tokens, str(error))])
            raise
        except ReplayMiss as error:
            await self._journal.append([Withdrawn(number, prompt.turn, reason=str(error))])
            raise
        await self._journal.commit([Answered(number, prompt.turn, request.digest, completion, self._elapsed())])
        self._spent = self._spent + bill_of([completion])
        return completion

    async def _answer(self, number: int, prompt: Prompt, request: Request) -> Completion:
        """The completion of a request, for which a call is taken out of the budget; without one it is given back."""
        if self._budget is not None:
            self._budget.take_call()
        try:
            if self._recording is None:
                return await self._model.complete(request)
            return self._recording.find(number, prompt, request)
        except BaseException:
            if self._budget is not None:
                self._budget.return_call()
            raise

    def _request(self, number: int, prompt: Prompt) -> Request:
        settings, card = self._settings.get(prompt.model), self._cards.get(prompt.model)
        seeded = settings is None or settings.send_seed
        return Request(
            prompt.model,
            prompt.messages(),
            prompt.output if card is None else min(prompt.output, card.output),
            prompt.temperature if settings is None or settings.temperature is None else settings.temperature,
            derived_seed(self._seed, f"ask:{number}:{prompt.turn}") % 2**31 if seeded else None,
        )

    def _room(self, card: Card) -> bool:
        settings = self._settings.get(card.name)
        slots = 1 if settings is None else settings.concurrency
        return self._talking[card.name] < slots + ahead(slots)


def view_of(card: Card) -> ModelView:
    """A model as a scaffold sees it."""
    price = card.price
    return ModelView(
        card.name,
        price.input if price else None,
        price.output if price else None,
        card.context,
        card.output,
        card.reasoning,
    )
