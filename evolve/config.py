"""The settings tree of a run: defaults, TOML files, then `--set a.b=c`, in that order; stored whole with the run."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, cast, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from evolve.errors import SettingsError


class Section(BaseModel):
    """A frozen group of settings in which an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class SearchSettings(Section):
    """How the archive is kept and the search walks through it."""

    order: Literal["arrival", "ordered"] = "arrival"
    """`arrival` applies results as they come (fastest); `ordered` in ask order (bit-identical for one seed)."""
    window: Annotated[int, Field(ge=1, le=1024)] = 8
    """How many candidates may be under way at once in ordered mode; part of what makes it repeatable."""
    islands: Annotated[int, Field(ge=1, le=64)] = 1
    """Populations that evolve apart. Worth it in long runs; in a minute one learns faster (docs/performance.md)."""
    archive: Literal["grid", "cvt"] = "grid"
    cvt_cells: Annotated[int, Field(ge=1, le=1_000_000)] = 256
    learn_first: Annotated[int, Field(ge=2, le=10_000)] = 64
    """Valid candidates from which undeclared measure bounds are learnt before they freeze."""
    migration: Literal["ring", "none"] = "ring"
    migration_interval: Annotated[int, Field(ge=1)] = 400
    """Tells between migrations."""
    migration_rate: Annotated[float, Field(gt=0, le=1)] = 0.1
    """Share of an island's elites that migrate."""
    stagnation: Annotated[int, Field(ge=1)] = 2000
    """Tells without a better best after which an island that is not the best one is restarted."""
    view_elites: Annotated[int, Field(ge=2, le=512)] = 48
    """Elites of the chosen island a scaffold is shown for one proposal."""
    strategy: Literal["evolve", "best-of-n", "sequential", "random"] = "evolve"
    """What a proposal may be based on. All but `evolve` are baselines: the seed alone, the best so far, or any elite,
    with nothing learnt in between."""


class ScaffoldSettings(Section):
    """Which scaffold decides what to try, and what it is told."""

    id: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    """SHA-256 (hex) of a scaffold that is stored in the database; scaffold zero when empty. `--scaffold` sets it."""
    selection: Literal["uniform", "power", "sigmoid", "softmax", "ucb1"] = "power"
    polish: Annotated[int, Field(ge=0)] = 300
    """Most evaluations spent on simplifying the winner at the end; they come out of the budget."""
    builtin: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share of proposals made by the built-in proposer when there are models; without any it makes all."""
    tuned: Annotated[int, Field(ge=0, le=64)] = 4
    """Evaluations spent on the constants of every new elite a model wrote."""
    form: Literal["auto", "diff", "whole"] = "auto"
    """The form in which models are asked for edits; `auto` decides by length and by what each model gets right."""
    prompt_tokens: Annotated[int, Field(ge=1_000)] = 24_000
    """Most tokens of a prompt; what goes beyond is left out in the order docs/models.md states."""
    inspirations: Annotated[int, Field(ge=0, le=16)] = 3
    """Elites of other cells and islands shown beside the parent."""
    lessons: Annotated[int, Field(ge=0, le=32)] = 5
    """Lessons of earlier candidates shown in a prompt."""


class BudgetSettings(Section):
    """When a run is finished: whichever limit comes first. None is no limit."""

    evaluations: Annotated[int, Field(ge=1)] | None = None
    seconds: Annotated[float, Field(gt=0)] | None = None
    money: Annotated[float, Field(ge=0)] | None = None
    """US dollars for model calls; the built-in proposer costs nothing."""
    tokens: Annotated[int, Field(ge=1)] | None = None
    """Tokens of model calls, prompts and answers together."""
    calls: Annotated[int, Field(ge=1)] | None = None
    """Calls to models, those for lessons and repairs and failed ones included; every proposal that was made without one
    or failed without one counts as one, but not the seed and not the simplifying of the winner."""
    target: float | None = None
    """An objective value that is good enough."""


class WorkerSettings(Section):
    """Widths of the two pools and of the queue between them."""

    evaluations: Annotated[int, Field(ge=1, le=256)] = Field(default_factory=lambda: min(os.cpu_count() or 1, 256))
    queue: Annotated[int, Field(ge=1, le=256)] = 2
    """Finished proposals that may wait for an evaluation slot: short, so that they are not stale."""


class NoiseSettings(Section):
    """How often candidates are looked at where scores are noisy; docs/statistics.md says why.

    A look is one run of all stages. Where the first two at the seed agree to the last bit, none of this applies.
    """

    seed_looks: Annotated[int, Field(ge=1, le=64)] = 8
    """Looks at the seed program that measure the noise; 1 switches off all that follows."""
    looks: Annotated[int, Field(ge=1, le=64)] = 2
    """Most looks at a candidate that leads against the elite whose cell it wants, and the fewest by which it wins."""
    contender_looks: Annotated[int, Field(ge=1, le=256)] = 8
    """Most looks against the best of the run. More of either cost more candidates than they are worth
    (docs/statistics.md)."""
    z: Annotated[float, Field(gt=0, le=10)] = 2.0
    """Standard errors between two candidates from which a difference counts as clear."""
    finalists: Annotated[int, Field(ge=1, le=64)] = 8
    """Candidates from which the winner is chosen at the end, by fresh looks."""
    final_looks: Annotated[int, Field(ge=0, le=256)] = 16
    """Fresh looks that choose among the finalists, and as many others by which the winner is reported."""


Backend = Literal["auto", "docker", "local"]


def _usual_backend() -> Backend:
    """What EVOLVE_SANDBOX says, or `auto`. Raises SettingsError."""
    named = os.environ.get("EVOLVE_SANDBOX") or "auto"
    for backend in get_args(Backend):
        if named == backend:
            return cast(Backend, backend)
    raise SettingsError(f"EVOLVE_SANDBOX is {named!r}; make it {', '.join(get_args(Backend))}, or unset it")


class SandboxSettings(Section):
    """Where candidates run."""

    backend: Backend = Field(default_factory=_usual_backend)
    """`auto` takes Docker where a daemon answers and an image is to be had, and else this machine's own kernel."""
    image: str | None = None
    """A container image of one's own with Python 3.11 or newer; a problem's own comes first."""
    runtime: str | None = None
    """Docker's runtime, such as `runsc` for gVisor; the daemon's default when left out."""
    allow_unsandboxed: bool = False
    """Run candidates as plain processes where the kernel offers no isolation. Only for code you trust."""
    retries: Annotated[int, Field(ge=0, le=10)] = 2
    """Times an evaluation is tried again after the sandbox itself failed."""


class ModelSettings(Section):
    """One model. What is left out is taken from litellm's list of models, where it is known."""

    name: str
    """litellm's name: `openai/gpt-x`, `anthropic/claude-x`, `ollama/qwen3-coder`."""
    api_base: str | None = None
    """Address of an OpenAI-compatible server, such as http://127.0.0.1:8000/v1; needs no key."""
    api_key_env: str | None = None
    """Environment variable that holds the key; the provider's usual one when left out. Keys are never stored."""
    concurrency: Annotated[int, Field(ge=1, le=256)] = 8
    """Calls under way at once."""
    requests_per_minute: Annotated[float, Field(gt=0)] | None = None
    tokens_per_minute: Annotated[float, Field(gt=0)] | None = None
    input_price: Annotated[float, Field(ge=0)] | None = None
    """US dollars per million tokens, as are the next two."""
    cached_price: Annotated[float, Field(ge=0)] | None = None
    output_price: Annotated[float, Field(ge=0)] | None = None
    context: Annotated[int, Field(ge=1_000)] | None = None
    """The context window in tokens."""
    output: Annotated[int, Field(ge=64)] | None = None
    """Most tokens of one answer, reasoning included."""
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    reasoning: bool | None = None
    """Whether it is a reasoning model: those take no temperature and need room for what they think."""
    timeout: Annotated[float, Field(gt=0)] = 600.0
    """Seconds one call may take."""
    send_seed: bool = True
    """Whether requests carry a seed; local servers repeat themselves exactly with one."""


class LLMSettings(Section):
    """Which models are asked, and how patiently."""

    models: tuple[ModelSettings, ...] = ()
    source: Literal["live", "replay"] = "live"
    """`replay` answers from a recorded run and never from the network."""
    recording: Annotated[int, Field(ge=1)] | None = None
    """The recorded run that `replay` answers from."""
    retries: Annotated[int, Field(ge=0, le=20)] = 5
    """Further calls after one that failed for the moment, fallbacks included."""

    @field_validator("models", mode="before")
    @classmethod
    def _by_name(cls, given: Any) -> Any:
        """A model may be given by its name alone."""
        return [{"name": model} if isinstance(model, str) else model for model in _as_list(given)]

    @field_validator("models")
    @classmethod
    def _once(cls, models: tuple[ModelSettings, ...]) -> tuple[ModelSettings, ...]:
        names = [model.name for model in models]
        if len(set(names)) < len(names):
            raise ValueError(f"the models {', '.join(names)} must have different names")
        return models


def _as_list(given: Any) -> Any:
    return [given] if isinstance(given, str | dict) else given


_HOW_REACHED = (
    "api_base", "api_key_env", "concurrency", "requests_per_minute", "tokens_per_minute", "timeout",
    "input_price", "cached_price", "output_price",
)  # fmt: skip
"""Settings of a model that may change between sittings at a run."""


class ProblemSettings(Section):
    """What a problem is given besides its folder. The problem's digest covers it."""

    parameters: dict[str, bool | int | float | str] = Field(default_factory=dict)
    """Values of the problem's own parameters."""
    holdout: str | None = None
    """A folder whose files take the place of the problem's own `holdout/`."""
    round: Annotated[int, Field(ge=0)] = 0
    """Which round of a series this is, from 1; 0 for a run of its own. `evolve rounds` sets this and the next two."""
    champions: tuple[tuple[int, int], ...] = ()
    """The opponents: run and candidate of the champions of the rounds just before, oldest first."""
    seed: tuple[int, int] | None = None
    """Run and candidate of the program the search begins with instead of the problem's own."""
    scoring: Literal["sealed", "unsealed"] | None = None
    """Where the evaluator of a foreign folder runs; what suits it when left out."""


class Settings(Section):
    """Everything a person can set for a run."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    """Seed of the whole search; drawn and stored with the run when not given."""
    search: SearchSettings = SearchSettings()
    scaffold: ScaffoldSettings = ScaffoldSettings()
    budget: BudgetSettings = BudgetSettings()
    workers: WorkerSettings = Field(default_factory=WorkerSettings)
    noise: NoiseSettings = NoiseSettings()
    sandbox: SandboxSettings = Field(default_factory=SandboxSettings)
    llm: LLMSettings = LLMSettings()
    problem: ProblemSettings = ProblemSettings()

    def identity(self) -> str:
        """SHA-256 (hex) of all that decides what a run *is*: not its budget or pool widths, how models are reached,
        where candidates run, whose level of isolation is watched on its own, or its problem, which has its own digest.

        Running the same command again continues a run of the same identity, also with a larger budget.
        """
        kept = self.model_dump(mode="json", exclude={"budget", "workers", "sandbox", "problem"})
        kept["llm"].pop("retries")
        if not self.scaffold.id:  # runs of scaffold zero are what they were before others could be named
            kept["scaffold"].pop("id")
        for model in kept["llm"]["models"]:
            for key in _HOW_REACHED:
                model.pop(key)
        return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """Plain data, for the database."""
        return self.model_dump(mode="json")


def load_settings(files: Iterable[Path] = (), overrides: Iterable[str] = (), **flags: Any) -> Settings:
    """Merge TOML files, `a.b=c` overrides and flags (dotted names as nested dicts) over the defaults.

    Raises:
        SettingsError: naming every key that is wrong, its value and what would be right.
    """
    tree: dict[str, Any] = {}
    for file in files:
        _merge(tree, _read_toml(file))
    for override in overrides:
        _merge(tree, _parse_override(override))
    _merge(tree, {key: value for key, value in flags.items() if value is not None})
    return settings_from(tree)


def settings_from(tree: Mapping[str, Any]) -> Settings:
    """Check plain data into `Settings`. Raises SettingsError as `load_settings` does."""
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        faults = "; ".join(_describe(dict(fault)) for fault in error.errors())
        raise SettingsError(f"settings: {faults}") from None


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"settings file {file} does not exist; check the path after --config") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"settings file {file} cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"settings file {file} is not valid TOML: {error}") from None


def toml_value(text: str) -> Any:
    """What a person typed, as TOML reads it (`32`, `1e-3`, `true`, `[1, 2]`); the text itself where it is no TOML."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text.strip()


def _parse_override(override: str) -> dict[str, Any]:
    key, separator, text = override.partition("=")
    names = key.strip().split(".")
    if not separator or not all(names):
        raise SettingsError(f"--set {override!r} is not of the form section.key=value, e.g. search.islands=4")
    tree: Any = toml_value(text)
    for name in reversed(names):
        tree = {name: tree}
    return dict(tree)


def _merge(base: dict[str, Any], over: Mapping[str, Any]) -> None:
    for key, value in over.items():
        if isinstance(value, Mapping) and isinstance(base.get(key), dict):
            _merge(base[key], value)
        else:
            base[key] = dict(value) if isinstance(value, Mapping) else value


def _describe(fault: Mapping[str, Any]) -> str:
    path = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        near = difflib.get_close_matches(path, _known_keys(Settings), n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]}?" if near else f"; known keys: {', '.join(_known_keys(Settings))}"
        return f"{path} is not a setting{hint}"
    return f"{path} = {fault['input']!r}: {fault['msg'].lower()}"


def _known_keys(model: type[BaseModel], prefix: str = "") -> list[str]:
    keys: list[str] = []
    for name, info in model.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            keys += _known_keys(kind, f"{prefix}{name}.")
        else:
            keys.append(f"{prefix}{name}")
    return keys
