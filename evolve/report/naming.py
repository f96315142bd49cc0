"""What a person calls runs: `3`, `my-run`, `last`; and arms of a comparison: `plain`, `1,2,3`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from evolve.errors import NotFound, SettingsError
from evolve.report.figures import plural

if TYPE_CHECKING:
    from evolve.store import RunKind, RunRow, RunSummary, Store

LAST = "last"
_PAGE = 200


def find_run(store: Store, text: str) -> RunRow:
    """A run by id, campaigns and trials included, by name (the latest of that name) or `last`. Raises NotFound."""
    if text.isascii() and text.isdigit():
        return store.run(int(text))
    for summary in _every_run(store):
        if text in (LAST, summary.name):
            return store.run(summary.id)
    if text == LAST:
        raise NotFound(no_runs(store))
    campaign = f" (it is a campaign: evolve meta show {text})" if text in _campaigns(store) else ""
    raise NotFound(f"there is no run called {text!r} in {store.url}{campaign}; evolve runs lists those there are")


def no_runs(store: Store) -> str:
    """What is said of a database without runs; campaigns that it holds are named."""
    count = len(_campaigns(store))
    held = f" (it holds {plural(count, 'campaign')}: evolve meta list)" if count else ""
    return f"no runs yet in {store.url}{held}; start one with evolve run PROBLEM"


def check_measured(run: RunRow) -> RunRow:
    """The run, whose candidates are programs. Raises SettingsError for a campaign, whose candidates are scaffolds."""
    from evolve.store import RunKind

    if run.summary.kind is RunKind.CAMPAIGN:
        raise SettingsError(f"run {run.id} is a campaign: evolve meta show {run.id}")
    return run


def find_runs(store: Store, text: str) -> list[RunRow]:
    """All runs of a name, or the one of an id or `last`; oldest first. Raises NotFound."""
    named = [] if text == LAST or text.isdigit() else [row.id for row in _every_run(store) if row.name == text]
    return [store.run(run_id) for run_id in reversed(named)] if named else [find_run(store, text)]


def find_arms(store: Store, arms: Sequence[str]) -> list[tuple[str, list[RunRow]]]:
    """The arms a person named, and the runs each stands for, each once. Raises NotFound and SettingsError."""
    return [(arm, _arm(store, arm)) for arm in arms]


def _arm(store: Store, arm: str) -> list[RunRow]:
    found = {
        run.id: run
        for part in arm.split(",")
        if part.strip()
        for run in map(check_measured, find_runs(store, part.strip()))
    }
    if not found:
        raise SettingsError(f"arm {arm!r} names no run; write a name, a number, or several: 1,2,3")
    return list(found.values())


def _campaigns(store: Store) -> list[str]:
    """Names of the campaigns that a person began; controls are campaigns of campaigns."""
    from evolve.store import RunKind

    return [run.name for run in _every_run(store, RunKind.CAMPAIGN) if run.campaign is None]


def _every_run(store: Store, *kinds: RunKind) -> Iterator[RunSummary]:
    """Runs newest first; those that people began by themselves when no kinds are given."""
    from evolve.store import RunKind

    offset = 0
    while rows := store.runs(_PAGE, offset, kinds or (RunKind.SEARCH,)):
        yield from rows
        offset += len(rows)
