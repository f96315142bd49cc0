"""What a person calls a run or a candidate: `3`, `my-run`, `last`, `3/117`, `last/best`, `my-run/seed`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evolve.domain import SEED_NUMBER
from evolve.errors import NotFound, SettingsError
from evolve.report.naming import LAST, check_measured, find_run

if TYPE_CHECKING:
    from evolve.store import RunRow, Store

__all__ = ["LAST", "Named", "best_number", "check_run_name", "find", "find_measured", "find_run", "find_search"]


@dataclass(frozen=True, slots=True)
class Named:
    """A run, and a candidate of it when one was named."""

    run: RunRow
    number: int | None


def check_run_name(name: str) -> str:
    """A name for a new run that can be told from ids and candidates. Raises SettingsError."""
    if "/" in name or name.isdigit() or name == LAST or not name.isprintable():
        raise SettingsError(f"--name {name!r}: a run's name is neither a number nor {LAST!r}, and has no / in it")
    return name


def find(store: Store, text: str) -> Named:
    """What `text` stands for. Raises NotFound with the way out, SettingsError for a campaign."""
    run_text, slash, number_text = text.partition("/")
    run = find_measured(store, run_text)
    return Named(run, _number(run, number_text) if slash else None)


def find_search(store: Store, text: str) -> RunRow:
    """A run of its own, which can be worked on by itself. Raises NotFound, SettingsError for a campaign or a trial."""
    from evolve.store import RunKind

    run = find_run(store, text)
    kind = run.summary.kind
    if kind is RunKind.SEARCH:
        return run
    whole = run.id if kind is RunKind.CAMPAIGN else run.summary.campaign
    what = "a campaign" if kind is RunKind.CAMPAIGN else f"a trial of campaign {whole}"
    raise SettingsError(
        f"run {run.id} is {what}, which goes on only as a whole: repeat the evolve meta run command that began it;"
        f" evolve meta show {whole} says how it stands"
    )


def find_measured(store: Store, text: str) -> RunRow:
    """A run whose candidates are programs, trials included. Raises NotFound, SettingsError for a campaign."""
    return check_measured(find_run(store, text))


def _number(run: RunRow, text: str) -> int:
    if text == "seed":
        return SEED_NUMBER
    if text == "best":
        return best_number(run)
    if text.isascii() and text.isdigit():
        return int(text)
    raise NotFound(f"{text!r} names no candidate; write a number, seed or best, as in {run.id}/17 or {run.id}/best")


def best_number(run: RunRow) -> int:
    """The run's best candidate. Raises NotFound when it has no valid one."""
    if run.summary.best_number is None:
        raise NotFound(f"run {run.id} has no valid candidate yet; evolve show {run.id} says how it stands")
    return run.summary.best_number
