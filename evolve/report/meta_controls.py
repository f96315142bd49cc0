"""What else the same calls would have given: the controls beside a campaign's result."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType

from evolve.meta.entries import ControlMade
from evolve.report import figures, meta_words
from evolve.report.listing import Column, Listing
from evolve.report.meta_campaign import Campaign
from evolve.report.text import one_line, plain

LONGER = "longer"
_TEXT = 200


def longer(campaign: Campaign) -> str:
    """What the same calls spent on running the base longer would have given; empty where that was not asked for."""
    made = next((control for control in campaign.state.controls if control.name == LONGER), None)
    if made is None:
        return ""
    if made.reason:
        return f"running the base longer was not measured: {one_line(made.reason, _TEXT)}"
    finals, short = made.finals, figures.plural(campaign.state.suite.calls, "call")
    winner = f"; the winner {meta_words.area(finals['winner'])}" if "winner" in finals else ""
    return (
        "the same calls spent on running the base longer would have given"
        f" {meta_words.area(finals.get('longer'))} at the end of a run of {figures.plural(made.run_calls, 'call')}"
        f" (sealed problems, one run a problem; after {short} the base {meta_words.area(finals.get('first'))}{winner})"
        f"{_failed(made)}"
    )


def _failed(made: ControlMade) -> str:
    if not made.failed:
        return ""
    return f"; left out, for the machinery failed in the run: {one_line(', '.join(made.failed), _TEXT)}"


def controls_view(campaign: Campaign) -> Iterator[RenderableType]:
    """The controls that are searches of their own, each with as many calls as the campaign took."""
    made = [control for control in campaign.state.controls if control.name != LONGER]
    if not made:
        return
    columns = (
        Column("control", text=True),
        Column("scaffold"),
        Column("claimed"),
        Column("on sealed problems"),
        Column("p"),
        Column("calls", optional=True),
        Column("", text=True),
    )
    yield Listing(columns, [_row(control) for control in made])


def _row(control: ControlMade) -> list[RenderableType]:
    contest = control.contest
    verdict = "would be certified" if control.granted else one_line(control.reason, _TEXT) or "no improvement"
    return [
        plain(one_line(control.name, 40)),
        "–" if control.scaffold is None else str(control.scaffold),
        "–" if contest is None else meta_words.gain(control.claimed),
        "–" if contest is None else f"{meta_words.gain(contest.mean)} ({_bounds(control)})",
        "–" if contest is None else meta_words.probability(contest.p),
        figures.count(control.bill.calls),
        plain(verdict),
    ]


def _bounds(control: ControlMade) -> str:
    contest = control.contest
    return "" if contest is None else f"{meta_words.gain(contest.low)} to {meta_words.gain(contest.high)}"
