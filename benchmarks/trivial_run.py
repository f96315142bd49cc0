"""A run on the trivial problem with a proposer that costs nothing: shared by the benchmarks."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from evolve.assembly import SandboxFor
from evolve.config import Settings, load_settings
from evolve.domain import Status
from evolve.errors import EditError
from evolve.events import Observer
from evolve.problem import Problem, load_problem
from evolve.scaffold.base import Draft, OutcomeView, SearchView
from evolve.session import Result, Session, choose_run
from evolve.store import open_store

FOLDER = Path(__file__).parent / "trivial"


class Counter:
    """A scaffold that proposes a program nobody has seen before, at next to no cost."""

    def propose(self, view: SearchView) -> Draft:
        """A child of a random elite with a number of its own."""
        if view.final:
            raise EditError(Status.NO_EDIT, "nothing to simplify")
        parent = random.Random(view.seed).choice(view.elites)
        terms = " + 0.0" * (view.number % 13)
        return Draft("count", {"value.py": f"def value(x):\n    return x + {view.number}.5{terms}\n"}, (parent.number,))

    def observe(self, outcome: OutcomeView) -> None:
        """Learns nothing."""

    def pins(self) -> frozenset[int]:
        """Needs nothing kept."""
        return frozenset()

    def snapshot(self) -> Mapping[str, object]:
        """Knows nothing."""
        return {}


def trivial_problem(folder: Path = FOLDER) -> Problem:
    """The trivial problem."""
    return load_problem(folder)


def run(
    problem: Problem,
    database: Path,
    evaluations: int,
    observers: Sequence[Observer] = (),
    sandbox_for: SandboxFor | None = None,
    overrides: Sequence[str] = (),
) -> Result:
    """Search until so many evaluations are spent, in a database of its own or one to go on with."""
    settings: Settings = load_settings(
        [], [f"budget.evaluations={evaluations}", "workers.evaluations=2", "seed=1", "scaffold.polish=0", *overrides]
    )
    with open_store(database, create=True) as store:
        chosen = choose_run(store, problem, settings)
        session = Session(store, chosen, problem, settings, observers, sandbox_for, lambda _task, _settings: Counter())
        return asyncio.run(session.run())
