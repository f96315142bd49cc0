"""The command that shows what a run looks like: `demo`."""

from __future__ import annotations

from pathlib import Path

from evolve.cli.options import COMMON, Common
from evolve.cli.run import MANNER, Manner

FOLDER = Path(__file__).parent.parent / "demo"
DATABASE = "evolve-demo.db"


def demo(*, manner: Manner = MANNER, common: Common = COMMON) -> int:
    """Replay a recorded run with a model in seconds: no key, no network, real evaluations.

    What was recorded are the answers of a model; programs are made of them, sandboxed and scored here and now. The run
    is kept in evolve-demo.db to be looked at; it is the same every time.
    """
    from dataclasses import replace

    from evolve.cli.run import sit_at
    from evolve.config import load_settings
    from evolve.problem import load_problem
    from evolve.recording import RecordedFile
    from evolve.session import choose_run
    from evolve.store import open_store

    settings = load_settings([FOLDER / "settings.toml"], ["llm.source=replay"], workers=manner.tree())
    problem = load_problem(FOLDER / "oscillator_law")
    kept = replace(common, db=common.db or DATABASE)
    with open_store(kept.db, create=True) as store:
        row = choose_run(store, problem, settings, name="demo", new=True)
        recorded = RecordedFile(FOLDER / "recording.jsonl")
        return sit_at(store, row, problem, settings, manner, kept, recorded=recorded)
