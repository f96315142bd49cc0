"""One scaffold of a campaign: what it tried, what it predicted, what was measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from evolve.meta.areas import problem_means
from evolve.meta.entries import to_plain
from evolve.meta.predictions import proposed
from evolve.meta.records import FAULT, ZERO, Member, Stage, Tally, Trial
from evolve.meta.state import Refusal
from evolve.report import figures, meta_words
from evolve.report.listing import Column, Listing
from evolve.report.meta_campaign import Campaign
from evolve.report.text import one_line, plain

_TEXT = 400
ADMITTED = "admitted"
"""What is said of a scaffold of which nothing else is to be said."""
_OF_OTHER_LENGTH = (Stage.ALIVE, Stage.LONGER)
"""Stages with runs of fewer or more calls, whose areas cannot be compared with others."""


def scaffold_json(campaign: Campaign, number: int) -> dict[str, Any]:
    """Everything measured of a scaffold as plain data. Raises NotFound."""
    found = campaign.found(number)
    if isinstance(found, Refusal):
        prediction = None if found.prediction is None else meta_words.predicted(found.prediction)
        return {
            "campaign": campaign.run.id,
            "number": number,
            "parent": found.parent,
            "standing": "refused",
            "status": str(found.status),
            "reason": found.reason,
            "idea": found.idea,
            "prediction": prediction,
            "digest": found.digest,
            "calls": found.calls,
        }
    state = campaign.state
    return {
        "campaign": campaign.run.id,
        **to_plain(found),
        "standing": campaign.standing(number) or ADMITTED,
        "score": campaign.scores.get(number),
        "gain": campaign.gain(number),
        "hit": campaign.hits.get(number),
        "released": state.released.get(number),
        "quarantined": state.quarantined.get(number),
        "trials": [to_plain(trial) for trial in _trials(campaign, number)],
    }


def scaffold_view(campaign: Campaign, number: int) -> Iterator[RenderableType]:
    """The same for people. Raises NotFound."""
    found = campaign.found(number)
    yield plain(f"scaffold {number} of campaign {campaign.name}", style="bold")
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    rows = _refused(found) if isinstance(found, Refusal) else _facts(campaign, found)
    for name, text in rows:
        facts.add_row(name, plain(text))
    yield facts
    if isinstance(found, Member):
        yield from _areas(campaign, number)
        yield from _operators(_trials(campaign, number))


def _refused(refusal: Refusal) -> Iterator[tuple[str, str]]:
    yield "refused", f"{refusal.status}: {one_line(refusal.reason, _TEXT)}"
    yield "child of", str(refusal.parent)
    yield "idea", one_line(refusal.idea, _TEXT) or "–"
    yield "predicted", meta_words.predicted(refusal.prediction)
    yield "took", figures.plural(refusal.calls, "call")
    if refusal.digest:
        yield "digest", refusal.digest


def _facts(campaign: Campaign, member: Member) -> Iterator[tuple[str, str]]:
    state, number = campaign.state, member.number
    yield "digest", member.digest
    yield "made", meta_words.made_by(member)
    if member.idea:
        yield "idea", one_line(member.idea, _TEXT)
    if member.prediction is not None:
        hit = meta_words.outcome(campaign.hits.get(number))
        yield "predicted", f"{meta_words.predicted(member.prediction)}: {hit}"
    yield "standing", campaign.standing(number) or ADMITTED
    if member.held:
        yield "held because", one_line(member.held, _TEXT)
    if number in state.released:
        yield "released by", one_line(state.released[number], _TEXT)
    if number in state.quarantined:
        yield "quarantined because", one_line(state.quarantined[number], _TEXT)
    yield "F", _score(campaign, member)
    trials = _trials(campaign, number)
    statuses: Counter[str] = Counter()
    for trial in trials:
        statuses.update(trial.measured.statuses)
    yield "proposals", _listed(proposed(statuses)) or "none"
    if faults := {name: count for name, count in statuses.items() if name.startswith(FAULT)}:
        yield "own faults", f"{_listed(faults)} (among the proposals without an edit)"
    failed = [trial for trial in trials if trial.measured.failed]
    yield "runs", f"{len(trials)}, {len(failed)} of them failed for reasons that are not its own"
    for trial in failed[:3]:
        yield "", f"{trial.key.problem}: {meta_words.failure(trial.measured)}"
    yield "took", f"{figures.plural(member.calls, 'call')} to make"


def _score(campaign: Campaign, member: Member) -> str:
    own, gain = campaign.scores.get(member.number), campaign.gain(member.number)
    said = meta_words.area(own)
    if member.number != ZERO and ZERO in campaign.scores and own is not None:
        said += f", {meta_words.gain(own - campaign.scores[ZERO])} from the base"
    if gain is not None and member.parent != ZERO:
        said += f", {meta_words.gain(gain)} from its parent"
    return said


def _trials(campaign: Campaign, number: int) -> list[Trial]:
    return [trial for trial in campaign.state.trials if trial.key.scaffold == number]


def _areas(campaign: Campaign, number: int) -> Iterator[RenderableType]:
    """All its runs: mean areas by problem and stage, beside the base's on the same stage."""
    rows: list[list[RenderableType]] = []
    for stage in Stage:
        own = campaign.state.of_stage(stage, number)
        base = problem_means(campaign.state.of_stage(Stage.CALIBRATE if stage is Stage.RANK else stage, ZERO))
        seeds = Counter(trial.key.problem for trial in own)
        for problem, mean in problem_means(own).items():
            areas = [mean, None if number == ZERO else base.get(problem)]
            shown = ["–", "–"] if stage in _OF_OTHER_LENGTH else [meta_words.area(each) for each in areas]
            rows.append([str(stage), plain(problem), str(seeds[problem]), *shown])
    if rows:
        columns = (
            Column("stage", text=True),
            Column("problem", text=True),
            Column("seeds"),
            Column("area"),
            Column("base"),
        )
        yield Listing(columns, rows)


def _operators(trials: Sequence[Trial]) -> Iterator[RenderableType]:
    """What became of its proposals by operator, over all its runs."""
    sums: dict[str, Tally] = {}
    for trial in trials:
        for name, tally in trial.measured.operators.items():
            sums[name] = _add(sums.get(name, Tally()), tally)
    if not sums:
        return
    columns = (Column("operator", text=True), *map(Column, ("proposals", "valid", "improved", "calls")))
    ordered = sorted(sums.items(), key=lambda item: -item[1].proposals)
    yield Listing(
        columns,
        [
            [plain(one_line(name, 60)), *map(figures.count, (each.proposals, each.valid, each.improved, each.calls))]
            for name, each in ordered
        ],
    )


def _listed(statuses: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(statuses.items(), key=lambda item: -item[1]))


def _add(one: Tally, other: Tally) -> Tally:
    return Tally(
        one.proposals + other.proposals,
        one.valid + other.valid,
        one.improved + other.improved,
        one.calls + other.calls,
    )
