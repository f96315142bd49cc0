"""Asking a scaffold's `meta/` for a better one: its questions are the campaign's own, stored before they are put."""

from __future__ import annotations

from dataclasses import dataclass, replace

from evolve.asker import Asker
from evolve.budget import Budget
from evolve.config import BudgetSettings, Settings
from evolve.domain import Direction, Status
from evolve.errors import BudgetSpent, EditError
from evolve.events import Event, Observer
from evolve.journal import Journal
from evolve.llm.base import Model
from evolve.meta.bench import Edited, Grant
from evolve.models import ModelFor, pool_of
from evolve.recording import OwnAnswers
from evolve.scaffold.base import Improver, MetaEdit, MetaView, Prompt
from evolve.store import Bill, Holder, RunRow, Store

MOST_QUESTIONS = 3
"""Questions of one edit: the first, and two more where an answer cannot be used."""


@dataclass(frozen=True, slots=True)
class Editing:
    """Whose questions these are, and who answers.

    `holder` holds the campaign's run; `model_for` makes the model instead of the pool the settings name; `observers`
    hear of its troubles.
    """

    store: Store
    run: RunRow
    holder: Holder
    settings: Settings
    model_for: ModelFor | None = None
    observers: tuple[Observer, ...] = ()

    async def edit(self, improver: Improver, view: MetaView, number: int, grant: Grant) -> Edited:
        """What came of it. The same number again goes on where its stored answers end.

        Raises BudgetSpent when the grant does not cover the next question, ModelRefused, DatabaseError.
        """
        answers = OwnAnswers(self.store, self.run.id)
        answered = _answered(self.store, self.run.id, number)
        most = min(grant.calls, MOST_QUESTIONS)
        if most < 1:
            raise BudgetSpent(f"an edit of a scaffold needs a call, and {most} are granted")
        budget = Budget(BudgetSettings(calls=most), Direction.MAXIMIZE, polish=0, calls=answered)
        model = self._model(grant, answers.bill(number))
        journal = Journal(self.store, self.run.id, self.holder, self._elapsed)
        seed, llm = self.run.seed, self.settings.llm
        asker = Asker(model, answers, journal, llm, seed, self._elapsed, steady=True, budget=budget)
        try:
            made = await _talk(asker, improver, view, number)
        except BudgetSpent:
            if _answered(self.store, self.run.id, number) < MOST_QUESTIONS:
                raise
            made = _TOO_MANY  # an improver that asks differently each time, and was cut off in between
        finally:
            try:
                await journal.close()
            finally:
                await model.close()
        bill = answers.bill(number)
        calls = _answered(self.store, self.run.id, number)
        return replace(made, calls=calls, tokens=bill.tokens, cost=bill.cost)

    def _elapsed(self) -> float:
        """Of the campaign's run; its own heartbeats keep the time."""
        return self.run.summary.elapsed

    def _model(self, grant: Grant, spent: Bill) -> Model:
        settings = self.settings.model_copy(update={"budget": BudgetSettings(money=grant.money)})
        return pool_of(settings, spent, self._emit) if self.model_for is None else self.model_for(settings)

    def _emit(self, event: Event) -> None:
        for observer in self.observers:
            observer(event)


_TOO_MANY = Edited(None, Status.NO_EDIT, f"there is no edit after {MOST_QUESTIONS} questions")


async def _talk(asker: Asker, improver: Improver, view: MetaView, number: int) -> Edited:
    """The edit, or the status and reason why there is none; what it took is left out."""
    named = ""
    try:
        prompt: Prompt = improver.meta_propose(view)
        for turn in range(MOST_QUESTIONS):
            if prompt.model not in {model.name for model in view.models}:
                raise EditError(Status.NO_EDIT, f"it asks the model {prompt.model[:80]!r}, which it was not offered")
            exchange = await asker.ask(number, 0, replace(prompt, turn=turn))
            named = exchange.completion.model
            parsed = improver.meta_parse(exchange.prompt, view.files, exchange.completion)
            if isinstance(parsed, MetaEdit):
                return Edited(parsed, Status.VALID, model=named)
            prompt = parsed
        return replace(_TOO_MANY, model=named)
    except EditError as error:
        return Edited(None, error.status, str(error), model=named)


def _answered(store: Store, run_id: int, number: int) -> int:
    return sum(row.completion is not None for row in store.asked(run_id, number))
