"""From what a person calls a scaffold to its files: `zero`, a digest, `CAMPAIGN:NUMBER`, or a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from evolve.errors import NotFound

if TYPE_CHECKING:
    from evolve.genome.genome import Genome
    from evolve.store import Store

ZERO = "zero"


def named_scaffold(store: Store, text: str) -> Genome:
    """The scaffold a person named. Raises NotFound, and ScaffoldError for a wrong folder or one in quarantine."""
    from evolve.genome import folder
    from evolve.genome.genome import Genome
    from evolve.meta.standing import check_usable, read_standing

    if text == ZERO:
        return folder.zero()
    if Path(text).is_dir():
        found = folder.read_folder(Path(text))
    else:
        found = _of_campaign(store, text) if ":" in text else Genome(store.program_by_digest(text))
    check_usable(read_standing(store), found.digest)
    return found


def _of_campaign(store: Store, text: str) -> Genome:
    from evolve.cli.meta_show import genome_of
    from evolve.report.meta_campaign import Campaign, find_campaign

    name, _, number = text.rpartition(":")
    if not (number.isascii() and number.isdigit()):
        raise NotFound(f"{text!r} names no scaffold; write zero, a digest, CAMPAIGN:NUMBER such as 3:7, or a folder")
    campaign = Campaign.of(store, find_campaign(store, name))
    campaign.member(int(number))
    return genome_of(store, campaign, int(number))
