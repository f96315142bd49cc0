"""What a run has used of its budget, how fast, and when it will be used up at that pace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from evolve.store import MoneyRow, RunRow, RunStatus, Store


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of the budget and what is used of it.

    `name` is time (seconds), evaluations, calls, money (US dollars, what calls without an answer may have cost
    included) or tokens. `used` is None when nobody knows. `per_second` is the pace over the whole run so far.
    """

    name: str
    used: float | None
    limit: float
    per_second: float | None

    @property
    def share(self) -> float | None:
        """How much of it is used, from 0 on."""
        return None if self.used is None else self.used / self.limit if self.limit > 0 else 1.0

    @property
    def seconds_left(self) -> float | None:
        """Until it is used up at that pace; None where that cannot be said."""
        if self.used is None or not self.per_second:
            return None
        return max(0.0, self.limit - self.used) / self.per_second


@dataclass(frozen=True, slots=True)
class Burn:
    """The budget of a run. `evaluations` are those made, further looks included."""

    evaluations: int
    elapsed: float
    money: MoneyRow
    limits: tuple[Limit, ...]

    @classmethod
    def of(cls, run: RunRow, evaluations: int, money: MoneyRow, calls: int = 0) -> Burn:
        """From the limits of the run's last sitting, and what was used over all of them."""
        elapsed = run.summary.elapsed
        used: Mapping[str, tuple[str, float | None]] = {
            "seconds": ("time", elapsed),
            "evaluations": ("evaluations", evaluations),
            "calls": ("calls", calls),
            "money": ("money", None if money.unknown else money.spent),
            "tokens": ("tokens", money.spent_tokens),
        }
        budget: Mapping[str, Any] = run.settings.get("budget") or {}
        limits = tuple(
            Limit(name, amount, float(budget[key]), None if amount is None or elapsed <= 0 else amount / elapsed)
            for key, (name, amount) in used.items()
            if budget.get(key) is not None
        )
        return cls(evaluations, elapsed, money, limits)

    def ends_first(self, run: RunRow) -> Limit | None:
        """The limit that will end a running run at the pace so far; None when none is in sight."""
        if run.status is not RunStatus.RUNNING:
            return None
        known = [(left, limit) for limit in self.limits if (left := limit.seconds_left) is not None]
        return min(known, key=lambda each: each[0])[1] if known else None


def calls_of(store: Store, run: RunRow) -> int:
    """Calls taken out of a run's budget; not counted, and 0, where nothing limits them."""
    limited = (run.settings.get("budget") or {}).get("calls") is not None
    return sum(store.calls(run.id).values()) if limited else 0


def burn_json(burn: Burn, run: RunRow) -> dict[str, Any]:
    """A budget as plain data; `ends` is the limit that a running run will come to first, and in how many seconds."""
    first = burn.ends_first(run)
    money = burn.money
    return {
        "evaluations": burn.evaluations,
        "elapsed": burn.elapsed,
        "money": {**asdict(money), "cost": None if money.unknown else money.cost},
        "limits": [
            {**asdict(limit), "share": limit.share, "seconds_left": limit.seconds_left} for limit in burn.limits
        ],
        "ends": None if first is None else {"limit": first.name, "seconds": first.seconds_left},
    }
