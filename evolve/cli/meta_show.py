"""Commands that look at campaigns: `meta list`, `show`, `tree`, `diff` and `verify`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from evolve.cli.options import COMMON, Common, reading
from evolve.errors import SettingsError
from evolve.report.naming import LAST

if TYPE_CHECKING:
    from evolve.genome.genome import Genome
    from evolve.report.meta_campaign import Campaign
    from evolve.store import Store

CampaignName = Annotated[str, Parameter(help="A campaign: its number, its name, or last.")]
ScaffoldNumber = Annotated[
    int, Parameter(help="A scaffold of the campaign, by its number; 0 is the one it began with.")
]
BROKEN = 2
"""The exit code for a log that is not as it was written."""
SHORT, WHOLE = 12, 64
"""Hex digits of a head: as few as tell it from all others, and all of them."""


def list_(*, common: Common = COMMON) -> None:
    """List the campaigns of a database, newest first, and say which scaffold its runs use when none is named."""
    from evolve.report import console
    from evolve.report.meta_list import Listed, list_json, list_view

    with reading(common) as store:
        listed = Listed.of(store)
    if common.json:
        console.show_json(list_json(listed))
    else:
        console.show(*list_view(listed))


def show(
    campaign: CampaignName = LAST,
    number: Annotated[int | None, Parameter(help="A scaffold of it; the whole campaign when left out.")] = None,
    /,
    *,
    common: Common = COMMON,
) -> None:
    """Show a campaign: its certificate first, then what that rests on. With a number, show one scaffold of it."""
    from evolve.report import console
    from evolve.report.meta import campaign_json, campaign_view
    from evolve.report.meta_scaffold import scaffold_json, scaffold_view

    found = read(campaign, common)
    if number is not None:
        if common.json:
            console.show_json(scaffold_json(found, number))
        else:
            console.show(*scaffold_view(found, number))
    elif common.json:
        console.show_json(campaign_json(found))
    else:
        console.show(*campaign_view(found))


def tree(campaign: CampaignName = LAST, /, *, common: Common = COMMON) -> None:
    """Show which scaffold descends from which, with F, children and what became of each."""
    from evolve.report import console
    from evolve.report.meta_tree import tree_json, tree_view

    found = read(campaign, common)
    if common.json:
        console.show_json(tree_json(found))
    else:
        console.show(*tree_view(found))


def diff(
    campaign: CampaignName,
    number: ScaffoldNumber,
    /,
    *,
    with_: Annotated[
        str, Parameter(name="--with", help="What to compare with: parent, zero (the one evolve ships) or a number.")
    ] = "parent",
    common: Common = COMMON,
) -> None:
    """Show what a scaffold changed: in its parent, in scaffold zero, or in another one of the campaign."""
    from evolve.genome import folder
    from evolve.report import console
    from evolve.report.diff import diff_view
    from evolve.report.meta_campaign import Campaign, find_campaign

    with reading(common) as store:
        found = Campaign.of(store, find_campaign(store, campaign))
        label, before = _other(store, found, number, with_)
        text = folder.diff(before, genome_of(store, found, number))
    if common.json:
        console.show_json({"campaign": found.run.id, "number": number, "with": label, "diff": text})
    else:
        console.show(diff_view(text, colour=console.has_colours()) if text else f"no difference from {label}")


def verify(
    campaign: CampaignName = LAST,
    /,
    *,
    head: Annotated[str, Parameter(help="The head of the log, as it was once written down elsewhere.")] = "",
    common: Common = COMMON,
) -> int:
    """See whether a campaign's log and the scaffolds it names are as they were written, and say the log's head.

    A changed, missing or moved entry is found. That the end was cut off, or all of it written anew, shows only against
    a head that was written down: --head.
    """
    from evolve.meta.verifying import verify_campaign
    from evolve.report import console
    from evolve.report.meta_campaign import find_campaign
    from evolve.report.meta_verify import verify_json, verify_view

    given = _head(head)
    with reading(common) as store:
        run = find_campaign(store, campaign, only=bool(given))
        found = verify_campaign(store, run.id, given)
    if common.json:
        console.show_json(verify_json(found))
    else:
        console.show(*verify_view(found, checked=bool(head)))
    return 0 if found.ok else BROKEN


def _head(text: str) -> str:
    """A head as it is stored, or how it begins. Raises SettingsError for what is none, which no log could have."""
    given = text.strip().lower()
    if given and not re.fullmatch(f"[0-9a-f]{{{SHORT},{WHOLE}}}", given):
        raise SettingsError(
            f"--head {text!r} is no head of a log: give the {WHOLE} hex digits that evolve meta verify prints, or at"
            f" least the first {SHORT} of them"
        )
    return given


def read(campaign: str, common: Common) -> Campaign:
    """A campaign by what a person calls it. Raises NotFound and DatabaseError."""
    from evolve.report.meta_campaign import Campaign, find_campaign

    with reading(common) as store:
        return Campaign.of(store, find_campaign(store, campaign))


def genome_of(store: Store, campaign: Campaign, number: int) -> Genome:
    """A scaffold of a campaign, refused ones that were edits included. Raises NotFound."""
    from evolve.genome.genome import Genome

    found = campaign.found(number)
    if not found.digest:
        raise SettingsError(f"scaffold {number} of campaign {campaign.name} was refused before there was an edit")
    return Genome(store.program_by_digest(found.digest))


def _other(store: Store, campaign: Campaign, number: int, text: str) -> tuple[str, Genome]:
    """What a person called the other side of a difference. Raises SettingsError and NotFound."""
    from evolve.genome import folder

    if text == "zero":
        return "scaffold zero", folder.zero()
    if text == "parent":
        parent = campaign.found(number).parent
        if parent is None:
            raise SettingsError(f"scaffold {number} has no parent: the campaign began with it; give --with zero")
        return f"scaffold {parent}", genome_of(store, campaign, parent)
    if not (text.isascii() and text.isdigit()):
        raise SettingsError(f"--with {text!r} is neither parent, zero nor a scaffold's number")
    return f"scaffold {text}", genome_of(store, campaign, int(text))
