from __future__ import annotations

import pytest

from evolve.cli.amounts import parse_budget
from evolve.errors import SettingsError


@pytest.mark.parametrize(
    ("text", "limit", "value"),
    [
        ("2usd", "money", 2.0), ("$2", "money", 2.0), ("$ 2.50", "money", 2.5), ("0.5 USD", "money", 0.5),
        ("500evals", "evaluations", 500), ("1,000 evaluations", "evaluations", 1000), ("1eval", "evaluations", 1),
        ("40calls", "calls", 40), ("1 call", "calls", 1),
        ("90s", "seconds", 90.0), ("10min", "seconds", 600.0), ("1.5h", "seconds", 5400.0), (".5h", "seconds", 1800.0),
    ],
)  # fmt: skip
def test_an_amount_sets_the_limit_its_unit_stands_for(text: str, limit: str, value: float) -> None:
    assert parse_budget(text) == (limit, value)
    assert type(parse_budget(text)[1]) is type(value)


@pytest.mark.parametrize("text", ["", "2", "usd", "-2usd", "0s", "$2min", "1.5evals", "nan s", "1e9s", "2usd3", "2 £"])
def test_anything_else_is_refused_with_the_ways_to_write_one(text: str) -> None:
    with pytest.raises(SettingsError, match="--budget"):
        parse_budget(text)
