"""From what a person calls a scaffold to its files: `zero`, a digest, `CAMPAIGN:NUMBER`, or a folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from evolve.errors import NotFound, ScaffoldError

if TYPE_CHECKING:
    from evolve.config import Settings
    from evolve.genome.genome import Genome
    from evolve.problem import Problem
    from evolve.store import Store

ZERO = "zero"
MOST_TOLD = 3
"""Faults of a folder that are told of."""
_DIGITS = re.compile(r"[0-9a-f]+")


def named_scaffold(store: Store, text: str, flag: str) -> Genome:
    """The scaffold a person named with `flag`. Raises NotFound, and ScaffoldError for a wrong folder or one in
    quarantine.
    """
    from evolve.genome import folder
    from evolve.genome.genome import Genome
    from evolve.meta.standing import check_usable, read_standing

    if text == ZERO:
        return folder.zero()
    if Path(text).is_dir():
        found = folder.read_folder(Path(text))
    elif ":" in text:
        found = _of_campaign(store, text)
    elif _DIGITS.fullmatch(text):
        found = Genome(store.program_by_digest(text))
    else:
        raise NotFound(f"{flag} {text} is neither a folder, zero, CAMPAIGN:NUMBER nor a digest of this database")
    check_usable(read_standing(store), found.digest)
    return found


def check_folder(text: str, flag: str, problem: Problem, settings: Settings) -> None:
    """See that a scaffold from a folder can run at all, before anything is stored or paid for; others were tried.

    Raises ScaffoldError with what is wrong and where, SandboxUnavailable.
    """
    from evolve.genome import folder, static
    from evolve.genome.running import check_starts

    if text == ZERO or not Path(text).is_dir():
        return
    genome = folder.read_folder(Path(text))
    if genome == folder.zero():
        return
    if faults := static.faults(genome):
        raise ScaffoldError(f"{flag} {text} cannot run: {'; '.join(faults[:MOST_TOLD])}")
    try:
        check_starts(genome, problem, settings)
    except ScaffoldError as error:
        raise ScaffoldError(f"{flag} {text} cannot run: {error}") from None


def _of_campaign(store: Store, text: str) -> Genome:
    from evolve.cli.meta_show import genome_of
    from evolve.report.meta_campaign import Campaign, find_campaign

    name, _, number = text.rpartition(":")
    if not (number.isascii() and number.isdigit()):
        raise NotFound(f"{text!r} names no scaffold; write zero, a digest, CAMPAIGN:NUMBER such as 3:7, or a folder")
    campaign = Campaign.of(store, find_campaign(store, name, only=True))
    campaign.member(int(number))
    return genome_of(store, campaign, int(number))
