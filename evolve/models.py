"""The models of a run, ready to be asked: a live pool with what is left to spend, or a recorded run's answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from evolve.asker import Answers, view_of
from evolve.assembly import opening_prompt
from evolve.config import BudgetSettings, Settings
from evolve.domain import Completion
from evolve.errors import ReplayMiss, SettingsError
from evolve.events import Event as Happening
from evolve.events import ModelsReady, ModelTrouble
from evolve.llm.base import Card, Model, Price, Request
from evolve.problem import Problem
from evolve.recording import OwnAnswers, Replay
from evolve.store import Event, RunRow, Store

CHARACTERS_PER_TOKEN = 3.5
"""Of code and prose about code, roughly; it only makes an estimate."""
PROSE_TOKENS = 150
"""What a model says around a program."""
DIFF_TOKENS = 500
"""What an edit of a few blocks takes, prose included."""
CARDS = "models_ready"
"""The event that stores what was known of the models when a run asked them, for replays to build the same prompts."""


@dataclass(frozen=True, slots=True)
class Models:
    """Who is asked, what is stored already, and the seed of requests (in a replay, that of the recorded run)."""

    model: Model
    answers: Answers
    seed: int


def models_of(
    store: Store, run: RunRow, problem: Problem, settings: Settings, emit: Callable[[Happening], None]
) -> Models | None:
    """The models that the settings name; None when they name none.

    Raises SettingsError when the budget cannot be held with them, or there is no recorded run to replay.
    """
    if not settings.llm.models:
        return None
    own = OwnAnswers(store, run.id)
    if settings.llm.source == "replay":
        recorded = recorded_run(store, problem, settings)
        return Models(Absent(_stored_cards(store, recorded.id)), Replay(own, store, recorded.id), recorded.seed)
    model = _pool(store, run.id, settings, emit)
    cards = model.cards()
    check_budget(settings.budget, cards)
    store.append(run.id, [Event(CARDS, {"cards": [asdict(card) for card in cards]}, run.summary.elapsed)])
    emit(_ready(problem, settings, cards))
    return Models(model, own, run.seed)


def recorded_run(store: Store, problem: Problem, settings: Settings) -> RunRow:
    """The run to replay: the one the settings name. Raises SettingsError when they name none, or it cannot serve."""
    wanted = settings.llm.recording
    if wanted is None:
        raise SettingsError("a replay needs the recorded run: --set llm.recording=NUMBER (evolve runs lists them)")
    recorded = store.run(wanted)
    if recorded.problem_digest != problem.digest:
        raise SettingsError(f"run {wanted} was recorded on another problem, or an earlier version of {problem.name}")
    return recorded


def check_budget(budget: BudgetSettings, cards: Sequence[Card]) -> None:
    """Refuse a limit in money where a price is unknown. Raises SettingsError."""
    unknown = [card.name for card in cards if card.price is None]
    if budget.money is not None and unknown:
        raise SettingsError(
            f"the price of {', '.join(unknown)} is unknown, so a limit of ${budget.money:g} cannot be held; limit the"
            " tokens instead (--budget 500ktokens), or say in a settings file what a million tokens cost:"
            f" [[llm.models]] name = '{unknown[0]}', input_price = ..., output_price = ..."
        )


class Absent:
    """Stands for models that are not asked: every answer is a recorded one."""

    def __init__(self, cards: Sequence[Card]) -> None:
        self._cards = tuple(cards)

    async def complete(self, request: Request) -> Completion:
        """Never answers; raises ReplayMiss."""
        raise ReplayMiss(f"a replay does not ask {request.model}")

    def worst(self, request: Request) -> tuple[float | None, int]:
        """Nothing is spent."""
        return 0.0, 0

    def cards(self) -> Sequence[Card]:
        """What was known of the models when they were recorded."""
        return self._cards

    def free(self) -> frozenset[str]:
        """All of them."""
        return frozenset(card.name for card in self._cards)

    async def close(self) -> None:
        """Nothing to give back."""


def _pool(store: Store, run_id: int, settings: Settings, emit: Callable[[Happening], None]) -> Model:
    from evolve.llm.ledger import Ledger
    from evolve.llm.pool import Pool

    money = store.money(run_id)
    ledger = Ledger(
        settings.budget.money,
        settings.budget.tokens,
        spent_money=money.spent + money.in_flight,
        spent_tokens=money.spent_tokens + money.tokens_in_flight,
    )
    return Pool(
        settings.llm.models,
        ledger,
        retries=settings.llm.retries,
        on_event=lambda event: emit(ModelTrouble(event.model, event.sentence())),
    )


def _ready(problem: Problem, settings: Settings, cards: Sequence[Card]) -> ModelsReady:
    prompt = opening_prompt(problem, settings, [view_of(card) for card in cards])
    asked = answered = 0
    if prompt is not None:
        asked = round(sum(len(message.text) for message in prompt.messages()) / CHARACTERS_PER_TOKEN)
        program = sum(len(problem.seed.as_dict()[path]) for path in problem.editable)
        answered = DIFF_TOKENS if prompt.form == "diff" else round(program / CHARACTERS_PER_TOKEN) + PROSE_TOKENS
    prices = tuple(None if card.price is None else (card.price.input, card.price.output) for card in cards)
    return ModelsReady(tuple(card.name for card in cards), prices, asked, answered)


def _stored_cards(store: Store, run_id: int) -> list[Card]:
    events = store.events(run_id, kinds=[CARDS])
    if not events:
        raise SettingsError(f"run {run_id} asked no model, so there is nothing to replay")
    return [_card(data) for data in events[-1].data["cards"]]


def _card(data: Mapping[str, Any]) -> Card:
    price = data["price"]
    return Card(**{**data, "price": None if price is None else Price(**price)})
