"""From what a person or an agent calls a run to an open desk on it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from evolve.cli.names import LAST, find_search

if TYPE_CHECKING:
    from evolve.desk import Desk
    from evolve.problem import Problem
    from evolve.store import RunRow, Store

_PAGE = 100


def is_folder(name: str) -> bool:
    """Whether a name stands for a problem folder, and not for a run."""
    return name != LAST and not name.isdigit() and (Path(name) / "problem.toml").is_file()


def desk_of_run(store: Store, name: str) -> Desk:
    """A desk on a run, on the problem and with the settings it was started with.

    Raises NotFound, ProblemError, SettingsError, DatabaseError.
    """
    from evolve.cli.run import problem_of
    from evolve.config import settings_from
    from evolve.desk import Desk

    run = find_search(store, name)
    return Desk(store, run, problem_of(store, run), settings_from(run.settings))


def desk_of(store: Store, name: str) -> Desk:
    """A desk on a run, or on the latest unfinished run of a problem folder, or on a new one of it.

    Raises as `desk_of_run` does.
    """
    from evolve.config import load_settings, settings_from
    from evolve.desk import Desk
    from evolve.problem import load_problem
    from evolve.session import choose_run

    if not is_folder(name):
        return desk_of_run(store, name)
    problem = load_problem(name)
    unfinished = next(_unfinished(store, problem), None)
    if unfinished is not None:
        return Desk(store, unfinished, problem, settings_from(unfinished.settings))
    settings = load_settings()
    return Desk(store, choose_run(store, problem, settings, new=True), problem, settings)


def tell_command(program: str, run: int, number: int, db: str | None) -> str:
    """What a person types to bring an answer back."""
    return f"{program} tell {run} {number}{f' --db {shlex.quote(db)}' if db else ''}"


def _unfinished(store: Store, problem: Problem) -> Iterator[RunRow]:
    """Runs of a problem that may still be answered, newest first."""
    from evolve.store import RunStatus

    offset = 0
    while rows := store.runs(_PAGE, offset):
        for summary in rows:
            if summary.problem != problem.name or summary.status is RunStatus.FINISHED:
                continue
            run = store.run(summary.id)
            if run.problem_digest == problem.digest and run.settings["search"]["order"] == "arrival":
                yield run
        offset += len(rows)
