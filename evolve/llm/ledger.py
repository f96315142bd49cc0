"""The ledger: what model calls cost, reserved at its worst before a call starts and put right when it ends.

A budget holds because `spent + lost + reserved` never exceeds it: a call starts only when its worst case fits beside
the worst cases of all calls in flight. This is true at any width, as long as no call costs more than its worst case.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Amount:
    """US dollars and tokens. `money` is None when a price is unknown; it then counts as nothing spent."""

    money: float | None = 0.0
    tokens: int = 0

    def __str__(self) -> str:
        """`$0.0105 and 2,500 tokens`."""
        return f"{'an unknown price' if self.money is None else f'${self.money:.3g}'} and {self.tokens:,} tokens"


class Hold:
    """What is kept back for one call, until it is settled, released or lost: exactly one of the three, once."""

    __slots__ = ("worst",)

    def __init__(self, worst: Amount) -> None:
        self.worst = worst


class Ledger:
    """Money and tokens of a run, over all its models.

    Args:
        money: US dollars that may be spent in all; None is no limit.
        tokens: Tokens that may be used in all, prompts and answers together; None is no limit.
        spent_money: Spent by earlier sessions, what they lost included.
        spent_tokens: Used by earlier sessions, likewise.
    """

    def __init__(
        self,
        money: float | None = None,
        tokens: int | None = None,
        *,
        spent_money: float = 0.0,
        spent_tokens: int = 0,
    ) -> None:
        self.money_limit = money
        self.token_limit = tokens
        self._spent = _Sum(spent_money, spent_tokens)
        self._lost = _Sum()
        self._reserved = _Sum()
        self._open: set[Hold] = set()
        self._waiting: deque[tuple[Amount, asyncio.Future[Hold | None]]] = deque()

    @property
    def spent(self) -> Amount:
        """What answered calls cost, earlier sessions included."""
        return self._spent.amount()

    @property
    def lost(self) -> Amount:
        """The worst case of calls that may have been charged for and gave no answer."""
        return self._lost.amount()

    @property
    def reserved(self) -> Amount:
        """The worst case of all calls in flight."""
        return self._reserved.amount()

    def standing(self) -> str:
        """What is used of the limits: `$1.98 of $2 used`."""
        used = []
        if self.money_limit is not None:
            used.append(f"${self._spent.money + self._lost.money:.3g} of ${self.money_limit:g} used")
        if self.token_limit is not None:
            used.append(f"{self._spent.tokens + self._lost.tokens:,} of {self.token_limit:,} tokens used")
        return ", ".join(used) or "nothing is limited"

    async def reserve(self, worst: Amount) -> Hold | None:
        """Keep back the worst case of a call; None when the budget does not allow it.

        Waits, first come first served, as long as calls in flight may leave enough. Raises ValueError for an unknown
        price under a money limit: nobody could say whether the limit holds.
        """
        if worst.money is None and self.money_limit is not None:
            raise ValueError("a call of unknown price cannot be reserved against a money limit")
        if not self._fits(worst, in_flight=False):
            return None
        if not self._waiting and self._fits(worst, in_flight=True):
            return self._hold(worst)
        turn: asyncio.Future[Hold | None] = asyncio.get_running_loop().create_future()
        entry = (worst, turn)
        self._waiting.append(entry)
        try:
            return await turn
        except asyncio.CancelledError:
            self._leave(entry)
            raise

    def settle(self, hold: Hold, cost: Amount) -> None:
        """A call was answered: count what it cost, and give the rest back."""
        self._close(hold)
        self._spent.add(cost)
        self._admit()

    def release(self, hold: Hold) -> None:
        """A call was not made, or certainly costs nothing."""
        self._close(hold)
        self._admit()

    def lose(self, hold: Hold) -> None:
        """A call gave no answer and may be charged for: it counts at its worst case."""
        self._close(hold)
        self._lost.add(hold.worst)
        self._admit()

    def _fits(self, worst: Amount, *, in_flight: bool) -> bool:
        used = self._spent.money + self._lost.money + (worst.money or 0.0)
        tokens = self._spent.tokens + self._lost.tokens + worst.tokens
        if in_flight:
            used, tokens = used + self._reserved.money, tokens + self._reserved.tokens
        affordable = self.money_limit is None or used <= self.money_limit
        return affordable and (self.token_limit is None or tokens <= self.token_limit)

    def _hold(self, worst: Amount) -> Hold:
        hold = Hold(worst)
        self._open.add(hold)
        self._reserved.add(worst)
        return hold

    def _close(self, hold: Hold) -> None:
        if hold not in self._open:
            raise ValueError("a hold can be settled, released or lost once only")
        self._open.remove(hold)
        self._reserved.take(hold.worst)
        if not self._open:
            self._reserved = _Sum()  # what rounding left over

    def _admit(self) -> None:
        """Let in, in order, who fits now; turn away who will not fit even when everything in flight comes back."""
        while self._waiting:
            worst, turn = self._waiting[0]
            if turn.done():
                self._waiting.popleft()
            elif not self._fits(worst, in_flight=False):
                self._waiting.popleft()
                turn.set_result(None)
            elif self._fits(worst, in_flight=True):
                self._waiting.popleft()
                turn.set_result(self._hold(worst))
            else:
                return

    def _leave(self, entry: tuple[Amount, asyncio.Future[Hold | None]]) -> None:
        """A waiting call was cancelled, perhaps in the moment it was let in."""
        _, turn = entry
        if turn.done() and not turn.cancelled():
            held = turn.result()
            if held is not None:
                self.release(held)
            return
        if entry in self._waiting:
            self._waiting.remove(entry)
        self._admit()


class _Sum:
    """A running sum of amounts."""

    __slots__ = ("money", "tokens")

    def __init__(self, money: float = 0.0, tokens: int = 0) -> None:
        self.money, self.tokens = money, tokens

    def add(self, amount: Amount) -> None:
        self.money += amount.money or 0.0
        self.tokens += amount.tokens

    def take(self, amount: Amount) -> None:
        self.money -= amount.money or 0.0
        self.tokens -= amount.tokens

    def amount(self) -> Amount:
        return Amount(self.money, self.tokens)
