"""What `--budget` stands for: `2usd`, `$2`, `500ktokens`, `500evals`, `40calls`, `90s`, `10min`, `1.5h`."""

from __future__ import annotations

import math
import re

from evolve.errors import SettingsError

_UNITS = {
    **dict.fromkeys(("usd", "dollar", "dollars", "$"), ("money", 1.0)),
    **dict.fromkeys(("eval", "evals", "evaluation", "evaluations"), ("evaluations", 1.0)),
    **dict.fromkeys(("call", "calls"), ("calls", 1.0)),
    **dict.fromkeys(("tok", "token", "tokens"), ("tokens", 1.0)),
    **dict.fromkeys(("ktok", "ktoken", "ktokens"), ("tokens", 1e3)),
    **dict.fromkeys(("mtok", "mtoken", "mtokens"), ("tokens", 1e6)),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), ("seconds", 1.0)),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), ("seconds", 60.0)),
    **dict.fromkeys(("h", "hour", "hours"), ("seconds", 3600.0)),
}
_AMOUNT = re.compile(r"(?P<dollar>\$?)\s*(?P<number>\d[\d_,]*(?:\.\d+)?|\.\d+)\s*(?P<unit>[a-z$]*)")
WAYS = "write 2usd, 500ktokens, 500evals, 90s, 10min, 1.5h or 40calls"


def parse_budget(text: str, said: str = "--budget") -> tuple[str, float | int]:
    """The limit of `BudgetSettings` and its value. Raises SettingsError with the ways to write one.

    `said` is how the person who wrote the text calls it.
    """
    match = _AMOUNT.fullmatch(text.strip().lower())
    if match is None:
        raise SettingsError(f"{said} {text!r} is not an amount; {WAYS}")
    unit = match["unit"] or match["dollar"]
    if unit not in _UNITS or (match["dollar"] and match["unit"] not in ("", "usd")):
        fault = f"has no unit evolve knows ({unit!r})" if unit else "has no unit"
        raise SettingsError(f"{said} {text!r} {fault}; {WAYS}")
    limit, factor = _UNITS[unit]
    value = float(re.sub(r"[_,]", "", match["number"])) * factor
    whole = limit in ("evaluations", "calls", "tokens")
    if whole and not value.is_integer():
        raise SettingsError(f"{said} {text!r} is not a whole number of {limit}")
    if value <= 0 or not math.isfinite(value):
        raise SettingsError(f"{said} {text!r} leaves nothing to spend; {WAYS}")
    return limit, int(value) if whole else value
