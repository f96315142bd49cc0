"""The steps a campaign is made of, and whether the limits cover them."""

from __future__ import annotations

from dataclasses import dataclass

from evolve.meta import cells, purse
from evolve.meta.entries import Entry
from evolve.meta.records import TrialKey
from evolve.meta.state import CampaignState


@dataclass(frozen=True, slots=True)
class Measure:
    """Run these, at most so many at once as is allowed, and log them in this order."""

    keys: tuple[TrialKey, ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """Have `parent` edit itself into scaffold `number`."""

    number: int
    parent: int


@dataclass(frozen=True, slots=True)
class TestLife:
    """Have a child edit itself once; the edit is thrown away."""

    number: int


@dataclass(frozen=True, slots=True)
class Note:
    """Log a decision."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class Control:
    """Run a control that is a campaign of its own, with as many calls as this one took."""

    name: str
    calls: int


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing can go on until a person does what `reason` says."""

    reason: str


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing is left to do, now or later."""


Step = Measure | Edit | TestLife | Note | Control | Pause | Done


def unmeasured(state: CampaignState, keys: tuple[TrialKey, ...]) -> tuple[TrialKey, ...]:
    """The runs that are not measured yet."""
    measured = state.measured()
    return tuple(key for key in keys if key not in measured)


def measure(state: CampaignState, keys: tuple[TrialKey, ...]) -> Step:
    """Measure, if the limits (which a person may have lowered since) still cover all of it."""
    calls = cells.calls_of(keys)
    if purse.affords(state, calls):
        return Measure(keys)
    return Pause(
        f"what is left of the budget does not cover the {len(keys)} runs that come next ({calls} calls); "
        "raise the limit and repeat the command"
    )
