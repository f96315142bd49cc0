from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evolve.inspection.rates import Rate, rate_json, rate_text
from evolve.inspection.tally import Price


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    # scipy.stats.binomtest(count, of).proportion_ci(method="wilson")
    [
        (1, 2, 0.0945312057, 0.9054687943),
        (0, 10, 0.0, 0.2775327999),
        (45, 128, 0.2742728729, 0.4375021611),
        (3, 3, 0.4385029682, 1.0),
    ],
)
def test_intervals_are_wilsons(count: int, of: int, low: float, high: float) -> None:
    assert Rate(count, of).interval == pytest.approx((low, high), abs=1e-9)


@given(of=st.integers(1, 10**6), part=st.floats(0, 1))
def test_an_interval_holds_its_share_and_stays_a_share(of: int, part: float) -> None:
    rate = Rate(round(part * of), of)
    assert rate.interval is not None
    assert rate.share is not None
    low, high = rate.interval
    assert 0 <= low <= rate.share <= high <= 1


def test_nothing_tried_is_not_a_rate_of_zero() -> None:
    assert rate_json(Rate(0, 0)) == {"count": 0, "of": 0, "share": None, "low": None, "high": None}
    assert rate_text(Rate(0, 0)) == "–"
    assert rate_text(Rate(1, 2)) == "50 % (9.5–91)"
    assert rate_text(Rate(2, 4000)) == "0.05 % (0.014–0.18)"


def test_what_an_improvement_took_says_how_little_it_is_known() -> None:
    price = Price.of(10.0, Rate(1, 2))
    assert price.each == 10.0
    assert price.low == pytest.approx(5.0 / 0.9054687943)
    assert price.high == pytest.approx(5.0 / 0.0945312057)
    none = Price.of(10.0, Rate(0, 20))
    assert (none.each, none.high) == (None, None)
    assert none.low == pytest.approx(0.5 / Rate(0, 20).interval[1])  # pyright: ignore
    assert Price.of(None, Rate(1, 2)) == Price.of(1.0, Rate(0, 0)) == Price()
