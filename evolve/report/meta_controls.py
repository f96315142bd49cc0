"""What else the same calls would have given: the controls beside a campaign's result."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence

from rich.console import RenderableType

from evolve.meta import controls
from evolve.meta.entries import ControlMade
from evolve.meta.records import Stage, Trial
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
        "the same calls spent on running the base longer would have given a final progress (not an area) of"
        f" {meta_words.area(finals.get('longer'))} at the end of a run of {figures.plural(made.run_calls, 'call')}"
        f" (sealed problems, one run a problem; after {short} the base {meta_words.area(finals.get('first'))}{winner})"
        f"{_failed(made)}"
    )


def pays(campaign: Campaign) -> str:
    """After how many runs a granted certificate has paid for the campaign, and how far to trust that; else empty.

    The runs that granted it are those that flatter the winner most, and a call is not as dear as another: so it is
    said what it rests on, and what a run of each side took.
    """
    state, certificate = campaign.state, campaign.state.certificate
    if certificate is None or not certificate.granted:
        return ""
    runs = controls.break_even(state)
    after = "never: it saves no calls" if runs is None else f"{math.ceil(runs):,} future runs of as many calls"
    winner, base = (_a_run(state.of_stage(Stage.CERTIFY, each)) for each in (certificate.scaffold, certificate.base))
    return (
        f"{after} (estimated on the certificate's own runs, which favour the winner; counts calls only; a run of the"
        f" winner: {winner}; of the base: {base})"
    )


def _a_run(trials: Sequence[Trial]) -> str:
    """Price, where it is known, and tokens of a run, on the mean over those that the machinery did not fail."""
    runs = [trial.measured for trial in trials if not trial.measured.failed]
    if not runs:
        return "–"
    costs = [run.cost for run in runs if run.cost is not None]
    mean = statistics.fmean(costs) if len(costs) == len(runs) else None
    return figures.spent(mean, round(statistics.fmean(run.tokens for run in runs)))


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
