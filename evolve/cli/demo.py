"""The command that shows what a run looks like: `demo`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from evolve.cli.flags import MANNER, Manner
from evolve.cli.options import COMMON, Common

if TYPE_CHECKING:
    from evolve.config import Settings
    from evolve.recording import RecordedFile
    from evolve.store import RunRow

FOLDER = Path(__file__).parent.parent / "demo"
PROBLEM = FOLDER / "oscillator_law"
RECORDING = FOLDER / "recording.jsonl"
BEGINNING = (
    "replaying a recording: answers of this project's stand-in model at invented prices; nothing is asked or paid now"
)
DATABASE = "evolve-demo.db"


def demo(*, manner: Manner = MANNER, common: Common = COMMON) -> int:
    """Replay a recorded run with a model in seconds: no key, no network, real evaluations.

    What was recorded are the answers of the project's stand-in model, at invented prices; programs are made of them,
    sandboxed and scored here and now. The run is kept in evolve-demo.db to be looked at; it is the same every time.
    """
    from dataclasses import replace

    from evolve.cli.run import sit_at
    from evolve.config import load_settings
    from evolve.problem import load_problem
    from evolve.report.console import console
    from evolve.session import choose_run
    from evolve.store import open_store

    settings = load_settings([FOLDER / "settings.toml"], ["llm.source=replay"], **manner.tree())
    problem = load_problem(PROBLEM)
    kept = replace(common, db=common.db or DATABASE)
    with open_store(kept.db, create=True) as store:
        row = choose_run(store, problem, settings, name="demo", new=True)
        if not manner.quiet:
            console(stderr=kept.json).print(BEGINNING, soft_wrap=True)
        return sit_at(store, row, problem, settings, manner, kept, recorded=shipped(row, settings))


def shipped(row: RunRow, settings: Settings) -> RecordedFile | None:
    """The recording in this package, for the demo's run; None for a run that answers from elsewhere."""
    replays = settings.llm.source == "replay" and settings.llm.recording is None
    if not replays or Path(row.problem_path).resolve() != PROBLEM.resolve():
        return None
    from evolve.recording import RecordedFile

    return RecordedFile(RECORDING)
