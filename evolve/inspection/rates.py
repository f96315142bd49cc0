"""Shares of a few trials, with an interval: so that one of two is not read as half."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

LEVEL = 0.95
"""Confidence of the intervals."""
_Z = 1.959963984540054
"""The normal quantile at (1 + LEVEL) / 2."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many trials."""

    count: int
    of: int

    @property
    def share(self) -> float | None:
        """The share; None without a trial."""
        return self.count / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's score interval around the share (J. Am. Stat. Assoc. 22, 1927); None without a trial."""
        if not self.of:
            return None
        n, p = self.of, self.count / self.of
        middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        half = _Z / (1 + _Z**2 / n) * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
        # At none and at all, one end is exact; rounding must not move it.
        low = 0.0 if self.count == 0 else max(0.0, middle - half)
        return low, 1.0 if self.count == n else min(1.0, middle + half)


def percent(share: float) -> str:
    """A share as `37`, `4.2` or `0.03` per cent, without the sign."""
    return f"{100 * share:.0f}" if share >= 0.0995 else f"{100 * share:.2g}"


def rate_text(rate: Rate) -> str:
    """A share and its interval: `37 % (30–44)`; a dash without a trial."""
    if rate.share is None or rate.interval is None:
        return "–"
    low, high = rate.interval
    return f"{percent(rate.share)} % ({percent(low)}–{percent(high)})"


def rate_json(rate: Rate) -> dict[str, Any]:
    """As plain data."""
    low, high = rate.interval or (None, None)
    return {"count": rate.count, "of": rate.of, "share": rate.share, "low": low, "high": high}
