"""A seeded run, candidate by candidate: a change of what the search does shows up here as a reviewed difference.

After a change that is meant to change it: `python -m tests.test_golden` writes the file anew.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path

from evolve.config import Settings, load_settings
from evolve.domain import Split
from evolve.problem import load_problem
from evolve.sandbox.base import SealedProblem
from evolve.sandbox.scripted import ScriptedSandbox
from evolve.scaffold.base import TaskView
from evolve.scaffold.zero import ScaffoldZero, ZeroSettings
from evolve.session import Session, choose_run
from evolve.store import TellRow, open_store
from tests.conftest import look, write_tiny

GOLDEN = Path(__file__).parent / "golden" / "tiny.json"


def scaffold(task: TaskView, _: Settings) -> ScaffoldZero:
    """Scaffold zero without its evolution strategies: their linear algebra may differ in the last bit by machine."""
    return ScaffoldZero(task, ZeroSettings(tuning=0.0))


def seeded_run(folder: Path) -> list[str]:
    """One line per candidate of a short ordered run, and one for the archive it ends with."""
    problem = load_problem(write_tiny(folder / "tiny"))
    chosen = ["seed=7", "search.order=ordered", "budget.evaluations=150", "search.learn_first=20", "search.islands=2"]
    settings = load_settings([], [*chosen, "search.migration_interval=40", "search.stagnation=100"])

    def sandbox_for(_sealed: SealedProblem, _settings: Settings) -> ScriptedSandbox:
        return ScriptedSandbox(look, {Split.SEARCH: 4, Split.HOLDOUT: 3})

    with open_store(folder / "evolve.db", create=True) as store:
        run = choose_run(store, problem, settings)
        session = Session(store, run, problem, settings, (), sandbox_for, scaffold)
        asyncio.run(session.run())
        lines = [line(told) for told in store.tells(run.id)]
    islands = session.search.islands
    elites = [sorted((islands.cell(island, n), n) for n in islands.elites(island)) for island in range(islands.count)]
    return [*lines, f"best {session.search.best}, elites {elites}"]


def line(told: TellRow) -> str:
    origin, score = told.origin, told.objective.mean if told.objective else "-"
    parents = ",".join(map(str, origin.parents))
    return (
        f"{told.number} {origin.operator} of {parents} on {origin.island}: {told.status} {score} {told.verdict.outcome}"
    )


def test_a_seeded_run_is_what_it_was(tmp_path: Path) -> None:
    assert seeded_run(tmp_path) == json.loads(GOLDEN.read_text(encoding="utf-8"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as fresh:
        GOLDEN.write_text(json.dumps(seeded_run(Path(fresh)), indent=1) + "\n", encoding="utf-8")
