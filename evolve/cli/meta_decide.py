"""Commands by which a person decides: `meta approve`, `rollback`, `quarantine` and `release`."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from evolve.cli.meta_show import CampaignName, ScaffoldNumber, genome_of
from evolve.cli.options import COMMON, Common
from evolve.errors import SettingsError

if TYPE_CHECKING:
    from rich.console import Console

    from evolve.report.meta_campaign import Campaign
    from evolve.store import Store

ByOption = Annotated[str, Parameter(help="Who decides, for the log; your user name when left out.")]
ReasonOption = Annotated[str, Parameter(help="Why; it stands in the log for good.")]


def approve(
    campaign: CampaignName,
    number: ScaffoldNumber,
    /,
    *,
    yes: Annotated[
        str, Parameter(help="The scaffold's digest, or the first 12 digits of it, in place of typing it when asked.")
    ] = "",
    by: ByOption = "",
    common: Common = COMMON,
) -> None:
    """Make a certified scaffold the one that runs of this database use when none is named.

    Shows its whole difference from what runs use now, what it predicted, its certificate and the probes, and asks for
    its short digest to be typed. Refused without a granted certificate in a log that is as it was written.
    """
    from evolve.meta import promotion
    from evolve.report import console
    from evolve.report.meta_campaign import Campaign, find_campaign
    from evolve.store import open_store

    who = _by(by)
    with open_store(common.db, create=False) as store:
        found = Campaign.of(store, find_campaign(store, campaign, only=True))
        found.member(number)
        promotion.check_approvable(store, found.run.id, number)
        out = console.console(stderr=common.json)
        _present(store, found, number, out)
        typed = yes.strip().lower() or _asked(found, number, out)
        digest = promotion.approve(store, typed, found.run.id, number, who)
    if common.json:
        console.show_json({"default": digest, "campaign": found.run.id, "number": number, "by": who})
    else:
        console.show(f"scaffold {digest[:12]} is now what runs of {store.url} use when none is named")


def rollback(*, reason: ReasonOption = "", by: ByOption = "", common: Common = COMMON) -> None:
    """Go back to the scaffold that was the default before; scaffold zero in the end."""
    from evolve.meta import promotion
    from evolve.report import console
    from evolve.store import open_store

    who = _by(by)
    with open_store(common.db, create=False) as store:
        digest = promotion.rollback(store, who, reason)
    if common.json:
        console.show_json({"default": digest, "by": who})
    else:
        console.show(f"runs of {store.url} use scaffold {digest[:12] if digest else 'zero'} again when none is named")


def quarantine(
    campaign: CampaignName,
    number: ScaffoldNumber,
    /,
    *,
    reason: ReasonOption,
    by: ByOption = "",
    common: Common = COMMON,
) -> None:
    """Take a scaffold, all its descendants and what was learnt from them out of use, for good.

    No campaign breeds from them any more, no run uses them, and no proposer is shown what they tried. If one of them is
    the default, the one before it becomes the default again.
    """
    from evolve.meta import promotion
    from evolve.meta.standing import default_scaffold
    from evolve.report import console
    from evolve.report.meta_campaign import find_campaign
    from evolve.store import open_store

    who = _by(by)
    with open_store(common.db, create=False) as store:
        run = find_campaign(store, campaign, only=True)
        digests = promotion.quarantine(store, run.id, number, who, reason)
        default = default_scaffold(store)
    if common.json:
        console.show_json({"quarantined": list(digests), "default": default, "by": who, "reason": reason})
        return
    console.show(f"in quarantine: {', '.join(digest[:12] for digest in digests)}")
    console.show(f"runs of {store.url} use scaffold {default[:12] if default else 'zero'} when none is named")


def release(campaign: CampaignName, number: ScaffoldNumber, /, *, by: ByOption = "", common: Common = COMMON) -> None:
    """Let a scaffold that is held for review go on, after a look at it (evolve meta show, evolve meta diff)."""
    from evolve.meta import promotion
    from evolve.report import console
    from evolve.report.meta_campaign import find_campaign
    from evolve.store import open_store

    who = _by(by)
    with open_store(common.db, create=False) as store:
        run = find_campaign(store, campaign, only=True)
        promotion.release(store, run.id, number, who)
    if common.json:
        console.show_json({"released": number, "campaign": run.id, "by": who})
    else:
        console.show(
            f"scaffold {number} of campaign {run.id} goes on; so does the campaign, by the command it began with"
        )


def _present(store: Store, campaign: Campaign, number: int, out: Console) -> None:
    """What a person has to see before deciding: all that would change in what runs use now, nothing left out."""
    from evolve.genome import folder
    from evolve.genome.genome import Genome
    from evolve.meta.standing import default_scaffold
    from evolve.report.diff import whole_diff_view
    from evolve.report.meta import decision_view

    now = default_scaffold(store)
    before = folder.zero() if now is None else Genome(store.program_by_digest(now))
    after = genome_of(store, campaign, number)
    colour = out.color_system is not None and not out.no_color
    out.print(f"what scaffold {after.short} changes in {before.short}, which runs use now:", soft_wrap=True)
    out.print(whole_diff_view(folder.diff(before, after), colour=colour), soft_wrap=True)
    for item in decision_view(campaign, number):
        out.print(item)


def _asked(campaign: Campaign, number: int, out: Console) -> str:
    """What a person types to confirm. Raises SettingsError where there is nobody to ask."""
    short = campaign.short(number)
    if not sys.stdin.isatty():
        raise SettingsError(f"nobody is there to be asked; look at what is shown, then repeat it with --yes {short}")
    out.print(
        f"type {short} to make scaffold {number} of campaign {campaign.name} the default, anything else to leave it"
    )
    typed = input().strip().lower()
    if not typed or not campaign.state.member(number).digest.startswith(typed) or len(typed) < len(short):
        raise SettingsError(f"{typed!r} is not {short}: nothing was changed")
    return typed


def _by(given: str) -> str:
    """Who decides. Raises SettingsError when nobody knows."""
    if given.strip():
        return given.strip()
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        raise SettingsError("this machine does not say who you are; name yourself with --by") from None
