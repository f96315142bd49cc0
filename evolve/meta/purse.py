"""What a campaign may still spend: limits are hard, and what the verdict costs is put aside before anything else.

Nothing is begun that is not covered to the end in model calls. Money can only be estimated beforehand, from what calls
have cost so far; the grant that goes with every run is what makes its limit hard.
"""

from __future__ import annotations

from dataclasses import replace

from evolve.meta import cells
from evolve.meta.bench import Grant
from evolve.meta.entries import Bill
from evolve.meta.records import Rule, Stage, Use
from evolve.meta.state import EDIT, CampaignState

EDIT_CALLS = 3
"""Most questions of one edit of a scaffold (`Bench.edit`)."""

WARY = 1.25
"""By how much the estimated price of what is begun is raised above the dearest price per call seen."""

SEARCHING = (Stage.CALIBRATE, EDIT, Stage.ALIVE, Stage.RANK, Stage.CONFIRM)
"""The purposes that count as search; the certificate's and the controls' do not."""

CAMPAIGNS = frozenset({"greedy", "random", "flat"})
"""Controls that are campaigns of their own, with as many calls as the campaign itself."""


def searched(state: CampaignState) -> Bill:
    """What the search took so far."""
    return sum((state.bills.get(purpose, Bill()) for purpose in SEARCHING), Bill())


def own(state: CampaignState) -> Bill:
    """What the campaign itself took so far, controls and imp@k left out."""
    verdict = (state.bills.get(stage, Bill()) for stage in (Stage.CERTIFY, Stage.PROBE))
    return searched(state) + sum(verdict, Bill())


def verdict_calls(state: CampaignState) -> int:
    """Most calls of the certificate with its probes, both sides."""
    return cells.calls_of(cells.certification(state, 1))


def confirm_calls(state: CampaignState) -> int:
    """Most calls of measuring the leaders and the first scaffold again."""
    return cells.calls_of(cells.confirmation(state, tuple(range(1, state.settings.leaders + 1))))


def child_calls(state: CampaignState) -> int:
    """Most calls of one more child: made, tested for life, and ranked (rule `clade`: run once)."""
    ranked = state.suite.calls if state.settings.rule is Rule.CLADE else cells.calls_of(cells.ranking(state, 1))
    made = 0 if state.settings.rule is Rule.RANDOM else EDIT_CALLS
    return made + cells.SMOKE_CALLS + EDIT_CALLS + ranked


def search_limit(state: CampaignState) -> int | None:
    """Most calls of the search, confirmation included; None without a limit.

    Each control has as many calls as the campaign itself, so they all get an equal part of the whole.
    """
    if state.settings.calls is None:
        return None
    controls = state.settings.controls
    longer = len(state.problems(Use.SEALED)) * state.suite.calls * ("longer" in controls)
    shares = 1 + len(set(controls))
    return (state.settings.calls - longer) // shares - verdict_calls(state)


def least_calls(state: CampaignState) -> int:
    """The least limit that covers calibration, one child, and its verdict, with all controls."""
    search = cells.calls_of(cells.calibration(state)) + child_calls(state) + confirm_calls(state)
    longer = len(state.problems(Use.SEALED)) * state.suite.calls * ("longer" in state.settings.controls)
    return (search + verdict_calls(state)) * (1 + len(set(state.settings.controls))) + longer


def control_calls(state: CampaignState) -> int:
    """Calls of a control campaign: as many as the campaign itself took, and never too few for a verdict.

    A campaign that left problems out, or found no leader, may have taken fewer than a campaign needs at least.
    """
    alone = replace(state, settings=state.settings.model_copy(update={"controls": ()}), usable=None)
    return max(own(state).calls, least_calls(alone))


def affords_search(state: CampaignState, calls: int) -> bool:
    """Whether the search may take so many calls more and confirmation and verdict are still covered."""
    limit = search_limit(state)
    reserved = calls + confirm_calls(state)
    within = limit is None or searched(state).calls + reserved <= limit
    return within and affords(state, reserved + verdict_calls(state))


def affords(state: CampaignState, calls: int) -> bool:
    """Whether so many more calls are within both limits of the campaign, as far as their price is known."""
    taken = state.bill.calls + sum(state.reserved.values())
    if state.settings.calls is not None and taken + calls > state.settings.calls:
        return False
    left = money_left(state)
    return left is None or (left > 0 and price_of_call(state) * calls * WARY <= left)


def price_of_call(state: CampaignState) -> float:
    """The dearest mean price of a call by purpose, in US dollars; 0 before any is known."""
    known = [bill.cost / bill.calls for bill in state.bills.values() if bill.cost is not None and bill.calls]
    return max(known, default=0.0)


def money_left(state: CampaignState) -> float | None:
    """US dollars that are left; None without a limit. Calls of unknown price count as free, as in any run.

    Calls that are put aside count at the dearest price known: some of them may have been bought already.
    """
    if state.settings.money is None:
        return None
    aside = price_of_call(state) * sum(state.reserved.values())
    return state.settings.money - sum(bill.cost or 0.0 for bill in state.bills.values()) - aside


def whole(state: CampaignState, calls: int) -> Grant:
    """A grant of all the money that is left, for so many calls."""
    left = money_left(state)
    return Grant(None if left is None else max(0.0, left), calls)
