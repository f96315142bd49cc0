"""What a campaign will cost at most, and how its calls are divided, said before it begins."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import RenderableType

from evolve.config import Settings
from evolve.meta import cells, purse
from evolve.meta.records import Use
from evolve.meta.state import CampaignState
from evolve.problem import Problem
from evolve.report import figures
from evolve.report.listing import Column, Listing
from evolve.report.text import plain

LONGER = "longer"


@dataclass(frozen=True, slots=True)
class Share:
    """What one part of a campaign takes at most: model calls, and runs of a scaffold."""

    name: str
    calls: int
    runs: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The most a campaign can take, before it is known which problems have room.

    `calls` is the sum of the shares, or the limit where that is less; `price` US dollars per call (None: unknown,
    0 without a model), estimated from the first prompts of the search problems; `least` the fewest calls with which
    it comes to a verdict.
    """

    shares: tuple[Share, ...]
    calls: int
    least: int
    limit: int | None
    money: float | None
    price: float | None

    @property
    def cost(self) -> float | None:
        """US dollars for all of it at most: what the calls come to, and never more than the limit."""
        if self.price is None:
            return self.money
        return min(self.price * self.calls, math.inf if self.money is None else self.money)


def plan_of(state: CampaignState, price: float | None) -> Plan:
    """The plan of a campaign that has not begun, from its suite and settings."""
    shares = tuple(_shares(state))
    every = sum(share.calls for share in shares)
    limit = state.settings.calls
    calls = every if limit is None else min(every, limit)
    return Plan(shares, calls, purse.least_calls(state), limit, state.settings.money, price)


def _shares(state: CampaignState) -> Iterator[Share]:
    settings = state.settings
    calibration = cells.calibration(state)
    yield Share("calibration", cells.calls_of(calibration), len(calibration))
    ranking = cells.ranking(state, 1)
    children, each = settings.children, purse.child_calls(state)
    yield Share(f"making and ranking {children} scaffolds", children * each, children * (len(ranking) + 1))
    runs = len(state.suite.used(Use.SEARCH)) * settings.confirm_seeds * (1 + settings.leaders)
    yield Share("confirming the leaders", purse.confirm_calls(state), runs)
    certifying = cells.certification(state, 1)
    yield Share("certificate and probes", cells.calls_of(certifying), len(certifying))
    own = sum((cells.calls_of(calibration), children * each, purse.confirm_calls(state), cells.calls_of(certifying)))
    for control in dict.fromkeys(settings.controls):
        if control == LONGER:
            keys = cells.longer(state, own)
            yield Share("control: the base for longer", cells.calls_of(keys), len(keys))
        else:
            yield Share(f"control: {control}", own, children * len(ranking) + len(certifying))


def price_of_call(problems: Sequence[Problem], settings: Settings) -> float | None:
    """About what a call costs, in US dollars: the mean over problems and models; None where a price is unknown."""
    from evolve.models import expected_prices

    if not settings.llm.models:
        return 0.0
    prices = [price for problem in problems for price in expected_prices(problem, settings)]
    known = [price for price in prices if price is not None]
    return statistics.fmean(known) if known and len(known) == len(prices) else None


def plan_view(plan: Plan) -> Iterator[RenderableType]:
    """The same for people: the table of shares, then what all of it is at most."""
    columns = (Column("at most", text=True), Column("calls"), Column("runs"))
    yield Listing(columns, [_row(share) for share in plan.shares])
    yield plain(f"at most {figures.plural(plan.calls, 'model call')}{_limited(plan)}{_money(plan)}")


def _row(share: Share) -> list[RenderableType]:
    return [plain(share.name), figures.count(share.calls), figures.count(share.runs)]


def _limited(plan: Plan) -> str:
    if plan.limit is None:
        return ""
    return f" (limit {figures.count(plan.limit)}; with fewer than {figures.count(plan.least)} there is no verdict)"


def _money(plan: Plan) -> str:
    if plan.price == 0:
        return ", which cost nothing"
    limit = "" if plan.money is None else f"; never more than {figures.dollars(plan.money)}"
    if plan.price is None:
        return f"; what a call costs is not known{limit}"
    each = figures.dollars(plan.price)
    return f", about {figures.dollars(plan.price * plan.calls)} at about {each} a call{limit}"
