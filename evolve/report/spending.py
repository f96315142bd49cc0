"""What the models of a run were asked, what it cost, and what came of it; for people and as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.table import Table

from evolve.report import figures
from evolve.report.text import one_line, plain
from evolve.store import MoneyRow, RunRow, Store, UsageRow

EVOLVE = "evolve"


@dataclass(frozen=True, slots=True)
class ModelUse:
    """One model over all operators. `cost` is in US dollars, None when the price of an answer is unknown.

    `candidates` are those it wrote; of these `valid`, better than their parent (`improved`) and bests of the run then.
    """

    model: str
    answers: int = 0
    tokens: int = 0
    cost: float | None = 0.0
    candidates: int = 0
    valid: int = 0
    improved: int = 0
    new_bests: int = 0

    def plus(self, row: UsageRow) -> ModelUse:
        """With what it did with one operator more."""
        return ModelUse(
            self.model,
            self.answers + row.calls,
            self.tokens + row.prompt + row.output,
            None if self.cost is None or row.unknown else self.cost + row.cost,
            self.candidates + row.proposed,
            self.valid + row.valid,
            self.improved + row.improved,
            self.new_bests + row.new_best,
        )


@dataclass(frozen=True, slots=True)
class Spending:
    """What models were asked in a run. `builtin` counts candidates of the built-in proposer, out of `candidates`.

    `replay` says what answered instead of the models: "" when they were asked. Money is then what it cost when that
    was recorded.
    """

    money: MoneyRow = field(default_factory=MoneyRow)
    models: tuple[ModelUse, ...] = ()
    builtin: int = 0
    candidates: int = 0
    strategy: str = EVOLVE
    replay: str = ""

    @classmethod
    def of(cls, store: Store, run: RunRow) -> Spending:
        """Read it."""
        uses: dict[str, ModelUse] = {}
        for row in store.usage(run.id):
            uses[row.model] = uses.get(row.model, ModelUse(row.model)).plus(row)
        proposed = max(0, run.summary.candidates - 1)  # the seed is nobody's
        builtin = max(0, proposed - sum(use.candidates for use in uses.values()))
        strategy = run.settings.get("search", {}).get("strategy", EVOLVE)
        return cls(store.money(run.id), tuple(uses.values()), builtin, proposed, strategy, replay_of(run))

    @property
    def asked(self) -> bool:
        """Whether any model was asked anything."""
        return bool(self.models or self.money.calls or self.money.spent_tokens or self.money.tokens_in_flight)


def replay_of(run: RunRow) -> str:
    """What answers instead of the models of a run: a recording, or another run; "" when the models do."""
    llm = run.settings.get("llm", {})
    if llm.get("source") != "replay":
        return ""
    recording = llm.get("recording")
    return "a recording" if recording is None else f"run {recording}"


def asks_models(run: RunRow) -> bool:
    """Whether models are named in the settings of a run, or a recording of some answers instead of them."""
    llm = run.settings.get("llm", {})
    return bool(llm.get("models")) or llm.get("source") == "replay"


def spending_json(spending: Spending) -> dict[str, Any] | None:
    """As plain data; None when no model was asked. `cost` is null when the price of an answer is unknown."""
    if not spending.asked:
        return None
    money = spending.money
    return {
        **asdict(money),
        "cost": None if money.unknown else money.cost,
        "replay": spending.replay or None,
        "builtin": spending.builtin,
        "by_model": [asdict(use) for use in spending.models],
    }


def money_sentence(money: MoneyRow, *, replay: bool = False) -> str:
    """What the answers of models came to; calls without an answer, which may have been charged for, apart."""
    answers, known = figures.plural(money.calls, "answer"), None if money.unknown else money.cost
    if replay:
        cost = "an unknown amount" if known is None else figures.dollars(known)
        return f"{answers} replayed; they cost {cost} when recorded, nothing now"
    sentence = f"{answers}, {figures.spent(known, money.tokens)}"
    if not money.lost and not money.lost_tokens:
        return sentence
    tokens = figures.count(money.lost_tokens)
    lost = f"{figures.dollars(money.lost)} and {tokens} tokens" if money.lost else tokens
    return f"{sentence}, and up to {lost} for calls without an answer"


def add_spending(facts: Table, spending: Spending) -> None:
    """Add a line on money, one for each model, and what differs from a plain search, to a grid of facts."""
    if spending.strategy != EVOLVE:
        facts.add_row("strategy", plain(spending.strategy))
    if spending.replay:
        facts.add_row("replay of", plain(spending.replay))
    if not spending.asked:
        return
    facts.add_row("models", money_sentence(spending.money, replay=bool(spending.replay)))
    for line in _lines(spending):
        facts.add_row("", plain(line))
    if spending.candidates:
        made = f"{figures.count(spending.builtin)} of {figures.plural(spending.candidates, 'candidate')}"
        share = f"{spending.builtin / spending.candidates:.0%}"
        facts.add_row("built-in proposer", f"{made} ({share}, tuning and simplifying included)")


def _lines(spending: Spending) -> Iterator[str]:
    for use in spending.models:
        spent = figures.spent(use.cost, use.tokens)
        recorded = " when recorded" if spending.replay else ""
        yield (
            f"{one_line(use.model, 60)}: {figures.plural(use.answers, 'answer')}, {spent}{recorded};"
            f" {figures.count(use.valid)} of {figures.plural(use.candidates, 'candidate')} valid,"
            f" {figures.count(use.improved)} better than their parent, {figures.plural(use.new_bests, 'new best')}"
        )
