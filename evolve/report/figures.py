"""How numbers are written for people: objectives, durations, counts and bars."""

from __future__ import annotations

from evolve.domain import Estimate

_FULL, _EMPTY = "█", "░"


def number(value: float) -> str:
    """Six significant digits, the same everywhere, so that two printed scores can be compared."""
    return f"{value:.6g}"


def objective(value: float | None, unit: str = "") -> str:
    """A value of the objective with its unit; a dash where there is none."""
    if value is None:
        return "–"
    return f"{number(value)} {unit}" if unit else number(value)


def heading(name: str, unit: str) -> str:
    """The head of a column of values with this unit: `error (%)`."""
    return f"{name} ({unit})" if unit else name


def estimate(value: Estimate | None, unit: str = "") -> str:
    """A measured objective: mean, and its standard error where repeats gave one."""
    if value is None:
        return "–"
    if not value.stderr:
        return objective(value.mean, unit)
    return f"{objective(value.mean, unit)} (standard error {value.stderr:.2g})"


def signed(value: float) -> str:
    """A difference with its sign, to four digits."""
    return f"{value:+.4g}"


def step(value: float) -> str:
    """A change of the best objective; a new best that is no better is a shorter program of the same score."""
    return signed(value) if value else "shorter"


def seconds(value: float) -> str:
    """A duration: `850 ms`, `12.3 s`, `4 min 05 s`, `2 h 07 min`."""
    if value < 1:
        return f"{1000 * value:.3g} ms"
    if value < 100:
        return f"{value:.3g} s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 100:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def count(value: int) -> str:
    """A whole number with thousands apart."""
    return f"{value:,}"


def plural(value: int, noun: str) -> str:
    """`1 case`, `3 cases`."""
    return f"{count(value)} {noun}{'' if value == 1 else 's'}"


def dollars(value: float) -> str:
    """US dollars: `$2`, `$0.50`, `$0.0037`, `$0`."""
    if value >= 1 or value == 0:
        return f"${value:,.2f}".removesuffix(".00")
    return f"${value:.2f}" if value >= 0.1 else f"${float(f'{value:.2g}'):.12f}".rstrip("0")


def left(name: str, used: float, limit: float) -> str:
    """What is left of a limit of the budget: `41 s of 60 s`, `$0.80 of $2`, `120 of 500`."""
    amount = max(0.0, limit - used)
    if name == "time":
        return f"{seconds(amount)} of {seconds(limit)}"
    if name == "money":
        return f"{dollars(amount)} of {dollars(limit)}"
    return f"{count(round(amount))} of {count(round(limit))}"


def spent(money: float | None, tokens: int) -> str:
    """What model calls came to: `$0.12, 34,500 tokens`."""
    return f"{'price unknown' if money is None else dollars(money)}, {count(tokens)} tokens"


def bar(fraction: float, width: int) -> str:
    """A bar of `width` characters, filled to `fraction` (clipped to 0..1)."""
    filled = round(min(1.0, max(0.0, fraction)) * width)
    return _FULL * filled + _EMPTY * (width - filled)
