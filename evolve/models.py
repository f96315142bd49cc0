"""The models of a run, ready to be asked: a live pool with what is left to spend, or a recorded run's answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from evolve.asker import Answers, view_of
from evolve.assembly import opening_prompt
from evolve.config import Settings, settings_from
from evolve.domain import Completion
from evolve.errors import ReplayMiss, SettingsError
from evolve.events import Event as Happening
from evolve.events import ModelsReady, ModelTrouble
from evolve.llm.base import Card, Model, Request
from evolve.problem import Problem
from evolve.recording import CARDS, OwnAnswers, Recorded, Replay, StoredRun
from evolve.scaffold.base import ModelView
from evolve.store import Bill, Event, MoneyRow, RunRow, Store

if TYPE_CHECKING:
    from evolve.llm.events import PoolEvent

CHARACTERS_PER_TOKEN = 3.5
"""Of code and prose about code, roughly; it only makes an estimate."""
PROSE_TOKENS = 150
"""What a model says around a program."""
DIFF_TOKENS = 500
"""What an edit of a few blocks takes, prose included."""
RUNS_SEARCHED = 1_000
"""The latest runs among which a recorded one is looked for."""


ModelFor = Callable[[Settings], Model]
"""Makes the model of a run instead of the pool the settings name."""


@dataclass(frozen=True, slots=True)
class Models:
    """Who is asked, what is stored already, what earlier sittings spent, and the recorded run that answers instead."""

    model: Model
    answers: Answers
    spent: Bill
    recording: Replay | None = None


def models_of(
    store: Store,
    run: RunRow,
    problem: Problem,
    settings: Settings,
    emit: Callable[[Happening], None],
    model_for: ModelFor | None = None,
    recorded: Recorded | None = None,
) -> Models | None:
    """The models that the settings name, or that `model_for` makes for them; None when they name none.

    A replay answers from `recorded`, or else from the run the settings name.

    Raises SettingsError when the budget cannot be held with them or there is no recorded run to replay, ModelRefused
    when nobody knows a model's provider.
    """
    if not settings.llm.models:
        return None
    own, money = OwnAnswers(store, run.id), store.money(run.id)
    spent = Bill(None if money.unknown else money.spent, money.spent_tokens)
    if settings.llm.source == "replay":
        source = recorded or StoredRun(store, recorded_run(store, problem, settings.llm.recording).id)
        emit(replace(_ready(problem, settings, source.cards()), replay=source.name))
        return Models(Absent(source.cards()), own, spent, Replay(source))
    model = _pool(money, settings, emit) if model_for is None else model_for(settings)
    cards = model.cards()
    store.append(run.id, [Event(CARDS, {"cards": [asdict(card) for card in cards]}, run.summary.elapsed)])
    emit(_ready(problem, settings, cards))
    return Models(model, own, spent)


def recorded_run(store: Store, problem: Problem, run_id: int | None) -> RunRow:
    """The run to replay: the named one, or the latest of the problem that asked a model. Raises SettingsError."""
    if run_id is None:
        of_problem = (row.id for row in store.runs(limit=RUNS_SEARCHED) if row.problem == problem.name)
        run_id = next((found for found in of_problem if store.events(found, kinds=[CARDS])), None)
    if run_id is None:
        raise SettingsError(f"no run of {problem.name} in this database asked a model, so there is nothing to replay")
    recorded = store.run(run_id)
    if recorded.problem_digest != problem.digest:
        raise SettingsError(f"run {run_id} was recorded on another problem, or an earlier version of {problem.name}")
    return recorded


def as_recorded(store: Store, problem: Problem, settings: Settings, limits: Mapping[str, Any]) -> Settings:
    """The settings of the recorded run, for a replay of it that ends where it ended, or within `limits`."""
    recorded = recorded_run(store, problem, settings.llm.recording)
    tree = dict(recorded.settings)
    kept = {name: tree.get("budget", {}).get(name) for name in ("evaluations", "calls", "target")}
    tree |= {
        "seed": recorded.seed,
        "llm": {**tree.get("llm", {}), "source": "replay", "recording": recorded.id},
        "budget": {**kept, **limits},
        "workers": settings.workers.model_dump(),
    }
    return settings_from(tree)


def check_models(problem: Problem, settings: Settings) -> None:
    """See that the models can be asked at all within the budget, before anything is stored.

    Raises SettingsError when a price is unknown or the budget does not cover a first call, ModelRefused when nobody
    knows a model's provider.
    """
    from evolve.llm.ledger import Ledger
    from evolve.llm.pool import Pool

    budget = settings.budget
    pool = Pool(settings.llm.models, Ledger(budget.money, budget.tokens))
    prompt = opening_prompt(problem, settings, [view_of(card) for card in pool.cards()])
    if prompt is None:
        return
    messages, cards = prompt.messages(), pool.cards()
    costs = [pool.worst(Request(card.name, messages, min(prompt.output, card.output))) for card in cards]
    money = min((cost for cost, _ in costs if cost is not None), default=0.0)
    tokens = min(taken for _, taken in costs)
    for limit, needed, shown in (
        (budget.money, money, f"${money:.3g}"),
        (budget.tokens, tokens, f"{tokens:,} tokens"),
    ):
        if limit is not None and needed > limit:
            raise SettingsError(
                f"the budget of {limit:,g} does not cover one call, which may take {shown}; allow more, or bound"
                " answers with output = ... in [[llm.models]]"
            )


def expected_prices(problem: Problem, settings: Settings) -> tuple[float | None, ...]:
    """About what the first question on a problem costs with each model, in US dollars; None where nobody knows.

    Raises ModelRefused when nobody knows a model's provider.
    """
    cards = _cards(settings)
    ready = _ready(problem, settings, cards)
    prices = (card.price_of(ready.prompt_tokens) for card in cards)
    return tuple(None if price is None else price.cost(ready.prompt_tokens, ready.output_tokens) for price in prices)


def model_views(settings: Settings) -> tuple[ModelView, ...]:
    """What a scaffold is told of the models that the settings name. Raises ModelRefused as `expected_prices` does."""
    return tuple(view_of(card) for card in _cards(settings))


def _cards(settings: Settings) -> Sequence[Card]:
    from evolve.llm.ledger import Ledger
    from evolve.llm.pool import Pool

    return Pool(settings.llm.models, Ledger(None, None)).cards() if settings.llm.models else ()


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

    def hush(self) -> None:
        """Nothing ever waits here."""

    def able(self) -> frozenset[str]:
        """All of them."""
        return frozenset(card.name for card in self._cards)

    async def close(self) -> None:
        """Nothing to give back."""


def _pool(money: MoneyRow, settings: Settings, emit: Callable[[Happening], None]) -> Model:
    spent = Bill(money.spent + money.in_flight, money.spent_tokens + money.tokens_in_flight)
    return pool_of(settings, spent, emit)


def pool_of(settings: Settings, spent: Bill, emit: Callable[[Happening], None]) -> Model:
    """The models that the settings name, within their budget, of which so much is spent; `emit` hears of trouble.

    Raises SettingsError when the budget cannot be held with them, ModelRefused when nobody knows a model's provider.
    """
    from evolve.llm.ledger import Ledger
    from evolve.llm.pool import Pool

    limits = settings.budget
    ledger = Ledger(limits.money, limits.tokens, spent_money=spent.cost or 0.0, spent_tokens=spent.tokens)
    return Pool(
        settings.llm.models,
        ledger,
        retries=settings.llm.retries,
        on_event=lambda event: emit(ModelTrouble(event.model, _sentence(event))),
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


def _sentence(event: PoolEvent) -> str:
    """What happened to a model, for people."""
    wait = f" in {event.seconds:.3g} s" if event.seconds else ""
    sentences = {
        "retry": f"{event.model} failed and is asked again{wait}: {event.text}",
        "throttled": f"{event.model} says it is asked too often; it is asked again{wait}",
        "fallback": f"another model answers for {event.model}: {event.text}",
        "opened": f"{event.model} keeps failing and is left alone for {event.seconds:.3g} s: {event.text}",
        "closed": f"{event.model} answers again",
        "refused": event.text,
    }
    return sentences[event.kind]
