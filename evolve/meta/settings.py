"""What a person can set for a campaign; the settings of its runs are `evolve.config.Settings`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from evolve.config import Section
from evolve.meta.records import Rule

Control = Literal["longer", "greedy", "random", "flat"]
"""What is printed beside a campaign's result."""


class CampaignSettings(Section):
    """How scaffolds are bred, measured and certified."""

    rule: Rule = Rule.DGM
    children: Annotated[int, Field(ge=1, le=10_000)] = 12
    """Scaffolds to make, refused ones included."""
    calls: Annotated[int, Field(ge=1)] | None = None
    """Most model calls of the whole campaign, controls included; a hard limit, as is the next one."""
    money: Annotated[float, Field(ge=0)] | None = None
    """Most US dollars of the whole campaign."""
    rank_seeds: Annotated[int, Field(ge=1, le=64)] = 2
    """Runs per problem when a scaffold is first measured."""
    leaders: Annotated[int, Field(ge=1, le=16)] = 2
    """Scaffolds measured again, on fresh seeds, before one is chosen for the certificate."""
    confirm_seeds: Annotated[int, Field(ge=1, le=64)] = 4
    certificate_seeds: Annotated[int, Field(ge=1, le=64)] = 4
    probe_seeds: Annotated[int, Field(ge=1, le=64)] = 2
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    """Chance that a scaffold that is no better is certified all the same, at most."""
    tolerance: Annotated[float, Field(ge=0, le=1)] = 0.05
    """A probe counts as worse when its mean area falls by more than this and the test says so at `alpha`."""
    margin: Annotated[float, Field(ge=0, lt=0.5)] = 0.02
    """Problems on which the first scaffold's area is within this of 0 or 1 are left out: they tell nothing."""
    steepness: Annotated[float, Field(gt=0)] = 2.0
    """lambda, in robust standard deviations of F, of rule `dgm`."""
    exponent: Annotated[float, Field(gt=0, lt=1)] = 0.6
    """Of rule `clade`: a new scaffold is made whenever evaluations ** exponent >= scaffolds."""
    jump: Annotated[float, Field(gt=0)] = 6.0
    """Robust standard deviations over its siblings from which a scaffold's score is held for review."""
    parallel: Annotated[int, Field(ge=1, le=64)] = 2
    """Runs under way at once; changes nothing but the time."""
    controls: tuple[Control, ...] = ("longer",)
    """What is run beside the campaign for comparison, out of the same budget and after its certificate."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    """Seed of the whole campaign; drawn and stored when not given."""
