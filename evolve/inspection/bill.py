"""What calls to models came to, in numbers that can be added up."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from evolve.store.costs import CallsRow


@dataclass(frozen=True, slots=True)
class Bill:
    """Calls, tokens, US dollars and seconds.

    `cached` tokens are part of `prompt`, `reasoning` of `output`. `cost` is as far as known: `unknown` calls have no
    known price and are not in it. `lost` and `lost_tokens` are the most that attempts without an answer may have cost
    on top; `seconds` are with queueing and retries.
    """

    calls: int = 0
    prompt: int = 0
    cached: int = 0
    output: int = 0
    reasoning: int = 0
    cost: float = 0.0
    unknown: int = 0
    lost: float = 0.0
    lost_tokens: int = 0
    seconds: float = 0.0

    @classmethod
    def of(cls, row: CallsRow) -> Bill:
        """Of completions."""
        return cls(*(getattr(row, field.name) for field in fields(cls)))

    def __add__(self, other: Bill) -> Bill:
        return Bill(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))

    @property
    def known_cost(self) -> float | None:
        """US dollars of all calls without what is `lost`; None when the price of one is unknown."""
        return None if self.unknown else self.cost

    @property
    def tokens(self) -> int:
        """Of prompts and answers."""
        return self.prompt + self.output

    @property
    def cached_share(self) -> float | None:
        """The share of prompt tokens that came from a provider's cache; None without any prompt."""
        return self.cached / self.prompt if self.prompt else None


def bill_json(bill: Bill) -> dict[str, Any]:
    """As plain data; `cost` is null when the price of a call is unknown, and `known` what the others cost."""
    return {
        **asdict(bill),
        "cost": bill.known_cost,
        "known": bill.cost,
        "tokens": bill.tokens,
        "cached_share": bill.cached_share,
    }
