"""The settings tree of a run: defaults, TOML files, then `--set a.b=c`, in that order; stored whole with the run."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

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


class ScaffoldSettings(Section):
    """What scaffold zero is told."""

    selection: Literal["uniform", "power", "sigmoid", "softmax", "ucb1"] = "power"
    polish: Annotated[int, Field(ge=0)] = 300
    """Most evaluations spent on simplifying the winner at the end; they come out of the budget."""


class BudgetSettings(Section):
    """When a run is finished: whichever limit comes first. None is no limit."""

    evaluations: Annotated[int, Field(ge=1)] | None = None
    seconds: Annotated[float, Field(gt=0)] | None = None
    money: Annotated[float, Field(ge=0)] | None = None
    """US dollars for model calls; the built-in proposer costs nothing."""
    target: float | None = None
    """An objective value that is good enough."""


class WorkerSettings(Section):
    """Widths of the two pools and of the queue between them."""

    evaluations: Annotated[int, Field(ge=1, le=256)] = Field(default_factory=lambda: min(os.cpu_count() or 1, 256))
    queue: Annotated[int, Field(ge=1, le=256)] = 2
    """Finished proposals that may wait for an evaluation slot: short, so that they are not stale."""


class SandboxSettings(Section):
    """Where candidates run."""

    backend: Literal["local"] = "local"
    allow_unsandboxed: bool = False
    """Run candidates as plain processes where the kernel offers no isolation. Only for code you trust."""
    retries: Annotated[int, Field(ge=0, le=10)] = 2
    """Times an evaluation is tried again after the sandbox itself failed."""


class Settings(Section):
    """Everything a person can set for a run."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    """Seed of the whole search; drawn and stored with the run when not given."""
    search: SearchSettings = SearchSettings()
    scaffold: ScaffoldSettings = ScaffoldSettings()
    budget: BudgetSettings = BudgetSettings()
    workers: WorkerSettings = Field(default_factory=WorkerSettings)
    sandbox: SandboxSettings = SandboxSettings()

    def identity(self) -> str:
        """SHA-256 (hex) of all that decides what a run *is*: not its budget and not its pool widths.

        Running the same command again continues a run of the same identity, also with a larger budget.
        """
        kept = self.model_dump(mode="json", exclude={"budget", "workers"})
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


def _parse_override(override: str) -> dict[str, Any]:
    key, separator, text = override.partition("=")
    names = key.strip().split(".")
    if not separator or not all(names):
        raise SettingsError(f"--set {override!r} is not of the form section.key=value, e.g. search.islands=4")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()
    tree: Any = value
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
