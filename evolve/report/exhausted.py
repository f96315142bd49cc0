"""Which limits of its budget a run has come to, and the flags that would let it go on."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from evolve.config import BudgetSettings
from evolve.report import figures
from evolve.store import MoneyRow


@dataclass(frozen=True, slots=True)
class Used:
    """What a run has used over all its sittings; `reason` is why it ended, "" when nobody knows."""

    evaluations: int
    seconds: float
    money: MoneyRow = field(default_factory=MoneyRow)
    reason: str = ""
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Exhausted:
    """A limit that a run has come to, in words, and the flag that doubles it."""

    limit: str
    doubled: str


def ended(reason: str, evaluations: int) -> str:
    """Why a run ended, for people who see beside it that fewer evaluations were made than the limit allows."""
    limit = re.fullmatch(r"(\d+) evaluations used", reason)
    if limit is None or int(limit[1]) <= evaluations:
        return reason
    left = int(limit[1]) - evaluations
    return f"{limit[1]} evaluations were allowed, {left} of them kept for the winner and not needed"


def exhausted(budget: BudgetSettings, used: Used) -> list[Exhausted]:
    """The limits that are used up, or that ended the run: a share may be left that was kept for the end.

    With a money or token limit the run may end before it is used up: when no further call was sure to fit.
    """
    found: list[Exhausted] = []
    why = used.reason
    if budget.seconds is not None and (used.seconds >= budget.seconds or why == f"{budget.seconds:g} s used"):
        found.append(Exhausted(f"{budget.seconds:g} s", f"--seconds {_more(budget.seconds, used.seconds):g}"))
    most = budget.evaluations
    if most is not None and (used.evaluations >= most or why == f"{most} evaluations used"):
        more = _more(most, used.evaluations)
        found.append(Exhausted(figures.plural(most, "evaluation"), f"--evaluations {more:.0f}"))
    calls = budget.calls
    if calls is not None and (used.calls >= calls or why == f"{calls} calls used"):
        found.append(Exhausted(figures.plural(calls, "call"), f"--calls {_more(calls, used.calls):.0f}"))
    unaffordable = "another call of" in why
    if budget.money is not None and (unaffordable or used.money.spent >= budget.money):
        more = _more(budget.money, used.money.spent)
        found.append(Exhausted(figures.dollars(budget.money), f"--budget {more:g}usd"))
    if budget.tokens is not None and (unaffordable or used.money.spent_tokens >= budget.tokens):
        more = _more(budget.tokens, used.money.spent_tokens)
        found.append(Exhausted(f"{budget.tokens:,} tokens", f"--budget {more:.0f}tokens"))
    return found


def _more(limit: float, used: float) -> float:
    """Twice the limit, or what is used where that went far beyond it."""
    return 2 * limit if 2 * limit > used else 2 * math.ceil(used)
