"""What a person says of a campaign on the command line: rule, sizes, limits, controls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from evolve.cli.amounts import parse_budget
from evolve.cli.flags import Asked, Whole
from evolve.errors import SettingsError

if TYPE_CHECKING:
    from evolve.meta.settings import CampaignSettings

SECTION = "meta."
"""Before the names of a campaign's settings in `--set`."""
NONE = "none"
_FIXED = ("budget.", "search.strategy", "scaffold.builtin")
"""Settings of runs that a campaign decides by itself."""


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Breeding:
    """How scaffolds are bred, measured and certified; what is not said here is set with `--set meta.KEY=VALUE`."""

    rule: Annotated[
        str | None, Parameter(help="How parents are chosen: dgm (the default), clade, greedy, random or flat.")
    ] = None
    children: Annotated[Whole, Parameter(help="Scaffolds to make, refused ones included; 12 when not given.")] = None
    calls: Annotated[Whole, Parameter(help="Most model calls of the whole campaign, controls included.")] = None
    budget: Annotated[
        tuple[str, ...],
        Parameter(
            help="Most the whole campaign may cost, controls included: 20usd or 3000calls; may be given for each.",
            allow_leading_hyphen=True,
        ),
    ] = ()
    controls: Annotated[
        str | None,
        Parameter(help="What to run for comparison: longer (the default), greedy, random, flat, with commas; or none."),
    ] = None
    rank_seeds: Annotated[Whole, Parameter(help="Runs per problem when a scaffold is first measured.")] = None
    confirm_seeds: Annotated[Whole, Parameter(help="Runs per problem when leaders are measured again.")] = None
    certificate_seeds: Annotated[Whole, Parameter(help="Runs per sealed problem and side of the certificate.")] = None
    seed: Annotated[Whole, Parameter(help="Seed of the whole campaign; drawn when not given.")] = None
    parallel: Annotated[Whole, Parameter(help="Runs under way at once; changes nothing but the time.")] = None

    def settings(self, overrides: Sequence[str]) -> CampaignSettings:
        """The settings of a campaign, flags over `--set meta.KEY=VALUE`. Raises SettingsError."""
        from evolve.meta.settings import CampaignSettings

        return _checked(CampaignSettings, {**_overridden(overrides), **self._flags()})

    def _flags(self) -> dict[str, Any]:
        names = ("rule", "children", "rank_seeds", "confirm_seeds", "certificate_seeds", "seed", "parallel")
        given = {name: getattr(self, name) for name in names} | self._limits()
        if self.controls is not None:
            listed = [name.strip() for name in self.controls.split(",") if name.strip()]
            given["controls"] = [] if listed == [NONE] else listed
        return {name: value for name, value in given.items() if value is not None}

    def _limits(self) -> dict[str, float | int | None]:
        limits: dict[str, float | int | None] = {"calls": self.calls}
        for text in self.budget:
            name, value = parse_budget(text)
            if name not in ("calls", "money"):
                raise SettingsError(
                    f"--budget {text!r} limits {name}, which no campaign is limited in; write 20usd or 3000calls"
                )
            if limits.get(name) is not None:
                raise SettingsError(f"--budget {text!r} sets the limit on {name} a second time; give it once")
            limits[name] = value
        return limits


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Models(Asked):
    """Who is asked; flags that mean nothing to a campaign are known, so that they can be refused in a sentence."""

    builtin: Annotated[float | None, Parameter(show=False)] = None
    strategy: Annotated[str | None, Parameter(show=False)] = None
    llm: Annotated[str | None, Parameter(show=False)] = None
    recording: Annotated[Whole, Parameter(show=False)] = None

    def check_meant(self, overrides: Sequence[str]) -> None:
        """Refuse flags, and `--set` of the runs, that would change nothing. Raises SettingsError."""
        if self.llm == "replay" or self.recording is not None:
            raise SettingsError("a campaign cannot be replayed; its log and its trials are kept, see evolve meta show")
        flags = [f"--{name}" for name in ("strategy", "builtin") if getattr(self, name) is not None]
        keys = [text.partition("=")[0].strip() for text in overrides]
        flags += [f"--set {key}" for key in keys if key == "budget" or key.startswith(_FIXED)]
        if flags:
            raise SettingsError(
                f"{' and '.join(flags)} would change nothing: every run of a campaign is a search by its scaffold with"
                " the calls its suite gives it; leave that out, and limit the campaign with --calls or --budget"
            )


def divided(overrides: Sequence[str]) -> tuple[list[str], list[str]]:
    """`--set` of the runs, and of the campaign."""
    own = [text for text in overrides if text.strip().startswith(SECTION)]
    return [text for text in overrides if text not in own], own


def _overridden(overrides: Sequence[str]) -> dict[str, Any]:
    from evolve.config import toml_value

    given: dict[str, Any] = {}
    for text in overrides:
        name, equals, value = text.partition("=")
        if not equals:
            raise SettingsError(f"--set {text!r} is no key=value; write it as in --set meta.leaders=3")
        given[name.strip().removeprefix(SECTION)] = toml_value(value.strip())
    return given


def _checked(model: type[CampaignSettings], given: Mapping[str, Any]) -> CampaignSettings:
    from pydantic import ValidationError

    from evolve.problem.faults import explain

    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        faults = "; ".join(explain(fault, model) for fault in error.errors(include_url=False))
        raise SettingsError(f"settings of the campaign (flags, or --set meta.KEY=VALUE): {faults}") from None


BREEDING, MODELS = Breeding(), Models()
