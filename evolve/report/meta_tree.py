"""Who descends from whom in a campaign, with what each is worth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from evolve.meta.records import ZERO, Member, Use
from evolve.meta.state import Refusal
from evolve.report import figures
from evolve.report.listing import Column, Listing
from evolve.report.meta_campaign import SHORT, Campaign
from evolve.report.meta_words import area, gain
from evolve.report.text import one_line, plain

_IDEA = 120
_STYLES = {"certified": "green", "held": "yellow", "quarantined": "red", "refused": "dim"}


def tree_json(campaign: Campaign) -> dict[str, Any]:
    """Every scaffold and every refused child as plain data, parents before children."""
    return {
        "campaign": campaign.run.id,
        "name": campaign.name,
        "scaffolds": [_json(campaign, each) for each, _ in _walk(campaign, ZERO, "")],
    }


def _json(campaign: Campaign, each: Member | Refusal) -> dict[str, Any]:
    common = {"number": each.number, "parent": each.parent, "idea": each.idea, "digest": each.digest}
    if isinstance(each, Refusal):
        return {**common, "standing": "refused", "status": str(each.status), "reason": each.reason}
    return {
        **common,
        "standing": campaign.standing(each.number),
        "score": campaign.scores.get(each.number),
        "gain": campaign.gain(each.number),
        "children": _children(campaign, each.number),
    }


def _children(campaign: Campaign, number: int) -> int:
    return sum(member.parent == number for member in campaign.state.members)


def tree_view(campaign: Campaign) -> Iterator[RenderableType]:
    """The same for people: one line a scaffold, children below and to the right of their parent."""
    state = campaign.state
    refused = f", {len(state.refusals)} refused" if state.refusals else ""
    room = figures.plural(len(state.problems(Use.SEARCH)), "search problem")
    head = f"campaign {campaign.name}: {figures.plural(len(state.members), 'scaffold')}{refused}"
    yield plain(f"{head} · F is the mean area over {room} with room", style="bold")
    columns = (
        Column("scaffold", text=False),
        Column("digest", optional=True),
        Column("F"),
        Column("from parent"),
        Column("children", optional=True, rank=1),
        Column("standing", text=True),
        Column("idea", text=True),
    )
    yield Listing(columns, [_row(campaign, each, rail) for each, rail in _walk(campaign, ZERO, "")])


def _row(campaign: Campaign, each: Member | Refusal, rail: str) -> list[RenderableType]:
    idea = plain(one_line(each.idea or ("what the campaign began with" if each.number == ZERO else ""), _IDEA))
    number = Text(f"{rail}{each.number}")
    number.justify = "left"
    if isinstance(each, Refusal):
        why = plain(one_line(f"refused: {each.status}", 60), style="dim")
        return [number, each.digest[:SHORT], "–", "–", "–", why, idea]
    change, standing = campaign.gain(each.number), campaign.standing(each.number)
    return [
        number,
        each.digest[:SHORT],
        area(campaign.scores.get(each.number)),
        "–" if change is None else Text(gain(change), style="green" if change > 0 else "red" if change < 0 else ""),
        str(_children(campaign, each.number)),
        Text(standing, style=_STYLES.get(standing, "")),
        idea,
    ]


def _walk(campaign: Campaign, number: int, rail: str) -> Iterator[tuple[Member | Refusal, str]]:
    """A scaffold and all below it, each with the rail drawn before its number."""
    if number == ZERO:
        yield campaign.state.member(ZERO), ""
    below = sorted(
        (each for each in campaign.everyone if each.parent == number),
        key=lambda each: each.number,
    )
    for place, each in enumerate(below):
        last = place == len(below) - 1
        yield each, f"{rail}{'└╴' if last else '├╴'}"
        if isinstance(each, Member):
            yield from _walk(campaign, each.number, f"{rail}{'  ' if last else '│ '}")
