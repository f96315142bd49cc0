"""What a person says of a search on the command line: when to stop, who proposes, how it is shown."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter, Token

from evolve.cli.amounts import parse_budget
from evolve.errors import SettingsError

if TYPE_CHECKING:
    from evolve.config import BudgetSettings, Settings

_ADDRESS = re.compile(r"https?://[^/]", re.IGNORECASE)
_EXAMPLE = "http://127.0.0.1:8000/v1"


def whole(kind: object, tokens: Sequence[Token]) -> int:
    """A whole number, however it is written (`5`, `1e3`). Raises SettingsError for 5.5, which int() would cut."""
    token = tokens[0]
    try:
        value = float(token.value)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or not value.is_integer():
        raise SettingsError(f"{token.keyword} {token.value} is not a whole number")
    return int(token.value) if re.fullmatch(r"[+-]?\d+", token.value) else int(value)


def sections(**given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Settings by section, without what nobody gave."""
    kept = {name: {key: value for key, value in section.items() if value is not None}
            for name, section in given.items()}  # fmt: skip
    return {name: section for name, section in kept.items() if section}


Whole = Annotated[int | None, Parameter(converter=whole)]


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop, earlier sittings at the same run included; whichever comes first."""

    seconds: Annotated[
        float | None, Parameter(help="Stop after so many seconds of work; 60 for a new run when no limit is given.")
    ] = None
    evaluations: Annotated[Whole, Parameter(help="Stop after so many evaluations.")] = None
    calls: Annotated[
        Whole, Parameter(help="Stop after so many calls to models; a proposal made without one counts as one.")
    ] = None
    budget: Annotated[
        tuple[str, ...],
        Parameter(
            help="Stop after 2usd, 500ktokens, 500evals, 90s, 10min, 1.5h or 40calls; may be given for each.",
            allow_leading_hyphen=True,
        ),
    ] = ()
    target: Annotated[float | None, Parameter(help="Stop when the objective is this good.")] = None

    def tree(self) -> dict[str, Any]:
        """As settings. Raises SettingsError when a limit is given twice, is no amount or leaves nothing to do."""
        limits: dict[str, Any] = {
            "seconds": self.seconds,
            "evaluations": self.evaluations,
            "calls": self.calls,
            "target": self.target,
        }
        if self.seconds is not None and not 0 < self.seconds < math.inf:
            raise SettingsError(f"--seconds {self.seconds:g} is no time to search; give a number greater than 0")
        for flag, most in (("--evaluations", self.evaluations), ("--calls", self.calls)):
            if most is not None and most < 1:
                raise SettingsError(f"{flag} {most} leaves nothing to do; give 1 or more")
        for text in self.budget:
            name, value = parse_budget(text)
            if limits.get(name) is not None:
                raise SettingsError(f"--budget {text!r} sets the limit on {name} a second time; give it once")
            limits[name] = value
        return {name: value for name, value in limits.items() if value is not None}


SandboxOption = Annotated[
    str | None,
    Parameter(
        help="docker, local, or auto: Docker where a daemon answers, else this machine's kernel. EVOLVE_SANDBOX is the"
        " default where no settings file says."
    ),
]


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Manner:
    """How a sitting is held and shown."""

    workers: Annotated[Whole, Parameter(help="Evaluations at once; as many as there are processors.")] = None
    sandbox: SandboxOption = None
    quiet: Annotated[bool, Parameter(help="Show no progress, only the summary.")] = False

    def tree(self) -> dict[str, Any]:
        """As settings, nested."""
        return sections(workers={"evaluations": self.workers}, sandbox={"backend": self.sandbox})


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Given:
    """What a problem is given besides its folder."""

    parameter: Annotated[
        tuple[str, ...],
        Parameter(name=("--parameter", "-p"), help="A value for one of the problem's own parameters, such as n=32."),
    ] = ()
    holdout: Annotated[
        Path | None, Parameter(help="A folder of held-out files, for problems that read theirs from holdout/.")
    ] = None

    scoring: Annotated[
        str | None,
        Parameter(
            help="Where the evaluator of an OpenEvolve or ShinkaEvolve folder runs: sealed, away from the program, or"
            " unsealed, beside it; sealed where it can."
        ),
    ] = None

    def tree(self) -> dict[str, Any]:
        """As settings, nested. Raises SettingsError for what is no name=value or no way of scoring."""
        from evolve.config import toml_value

        values: dict[str, Any] = {}
        for text in self.parameter:
            name, equals, value = text.partition("=")
            if not equals or not name.strip():
                raise SettingsError(f"--parameter {text!r} is no name=value; write it as in --parameter n=32")
            if name.strip() in values:
                raise SettingsError(f"--parameter {text} gives {name.strip()} a second time; give it once")
            values[name.strip()] = _parameter(text, toml_value(value.strip()))
        folder = None if self.holdout is None else str(self.holdout.resolve())
        if self.scoring not in (None, "sealed", "unsealed"):
            raise SettingsError(f"--scoring {self.scoring} is no way of scoring; give sealed or unsealed")
        return sections(problem={"parameters": values or None, "holdout": folder, "scoring": self.scoring})


def _parameter(text: str, value: Any) -> bool | int | float | str:
    """A value as it was read from `text`. Raises SettingsError for one that no parameter can have."""
    if not isinstance(value, bool | int | float | str):
        raise SettingsError(f"--parameter {text} is neither a number, true or false, nor a text; give one of them")
    if isinstance(value, float) and not math.isfinite(value):
        raise SettingsError(f"--parameter {text} is no finite number; give one, as in --parameter n=32")
    return value


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Asked:
    """Who proposes, and from what."""

    model: Annotated[
        tuple[str, ...],
        Parameter(
            help="A model to ask, by litellm's name such as openai/gpt-x or ollama/qwen3-coder; may be repeated."
        ),
    ] = ()
    api_base: Annotated[
        str | None,
        Parameter(help="Address of an OpenAI-compatible server, such as http://127.0.0.1:8000/v1; no key needed."),
    ] = None
    builtin: Annotated[
        float | None, Parameter(help="Share of proposals the built-in proposer makes beside models.")
    ] = None
    strategy: Annotated[str | None, Parameter(help="evolve, or a baseline: best-of-n, sequential or random.")] = None
    llm: Annotated[str | None, Parameter(help="live, or replay to answer from a recorded run without any network.")] = (
        None
    )
    recording: Annotated[Whole, Parameter(help="The recorded run to replay; the latest one of this problem.")] = None

    def tree(self) -> dict[str, Any]:
        """As settings, nested, but for the models, which `settings_for` chooses."""
        return sections(
            scaffold={"builtin": self.builtin},
            search={"strategy": self.strategy},
            llm={"source": self.llm, "recording": self.recording},
        )

    def check(self) -> None:
        """See that names are names and an address is an address. Raises SettingsError."""
        for name in self.model:
            if not name.strip():
                raise SettingsError(f"--model {name!r} names no model; give litellm's name, such as openai/gpt-x")
        if self.api_base is not None and not _ADDRESS.match(self.api_base):
            rest = self.api_base.rpartition("://")[2].strip("/ ")
            way_out = f"http://{rest}" if rest else _EXAMPLE
            raise SettingsError(
                f"--api-base {self.api_base!r} does not begin with http:// or https://; write --api-base {way_out}"
            )

    def given(self) -> Iterator[str]:
        """The flags a person gave of those that a replay takes from its recorded run."""
        named = {"--model": self.model or None, "--api-base": self.api_base, "--builtin": self.builtin}
        for flag, value in {**named, "--strategy": self.strategy}.items():
            if value is not None:
                yield flag


def settings_for(
    files: Sequence[Path],
    overrides: Sequence[str],
    *,
    limits: Limits,
    manner: Manner,
    asked: Asked,
    given: Given,
    seed: int | None,
) -> Settings:
    """The settings of a search: files, then `--set`, then flags. Raises SettingsError, for flags without effect, too.

    `--model` chooses which models are asked; what files say of models of those names is kept.
    """
    from evolve.config import load_settings

    asked.check()
    flags = {"seed": seed, "budget": limits.tree(), **manner.tree(), **asked.tree(), **given.tree()}
    settings = load_settings(files, overrides, **flags)
    if asked.model and load_settings((), overrides).llm.models:
        raise SettingsError("--model and --set llm.models=... both say which models are asked; give one of them")
    settings = _with_models(settings, asked)
    if settings.llm.source == "replay":
        _check_replay(asked, seed)
    elif asked.recording is not None:
        raise SettingsError(
            f"--recording {asked.recording} has no effect without --llm replay; add that, or leave --recording out"
        )
    _check_models(settings, asked)
    check_paid(settings, settings.budget)
    return settings


def _with_models(settings: Settings, asked: Asked) -> Settings:
    from evolve.config import settings_from

    if not asked.model and asked.api_base is None:
        return settings
    tree = settings.as_json()
    known = {entry["name"]: entry for entry in tree["llm"]["models"]}
    chosen = [known.get(name, {"name": name}) for name in asked.model or known]
    if asked.api_base is not None:
        chosen = [{**entry, "api_base": asked.api_base} for entry in chosen]
    tree["llm"]["models"] = chosen
    return settings_from(tree)


def _check_replay(asked: Asked, seed: int | None) -> None:
    given = [*asked.given(), *(() if seed is None else ("--seed",))]
    if given:
        raise SettingsError(
            f"a replay takes its models, strategy and seed from the recorded run; leave {', '.join(given)} out"
        )


def _check_models(settings: Settings, asked: Asked) -> None:
    if settings.llm.models or settings.llm.source == "replay":
        return
    for flag, value in (("--api-base", asked.api_base), ("--builtin", asked.builtin)):
        if value is not None:
            raise SettingsError(f"{flag} {value} has no effect without a model; name one with --model, or leave it out")


def check_paid(settings: Settings, limits: BudgetSettings) -> None:
    """Refuse a limit in money or tokens for a run that pays for nothing. Raises SettingsError."""
    if limits.money is None and limits.tokens is None:
        return
    limit = f"{limits.tokens:,} tokens" if limits.money is None else f"${limits.money:g}"
    if settings.llm.source == "replay":
        why = "a replay pays for nothing; limit"
    elif not settings.llm.models:
        why = "without a model nothing is paid for; name one with --model, or limit"
    else:
        return
    raise SettingsError(f"a budget of {limit} could not end this run: {why} --evaluations or --seconds")


LIMITS, MANNER, GIVEN, ASKED = Limits(), Manner(), Given(), Asked()
