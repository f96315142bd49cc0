"""`python -m tests.standin.record_demo`: asks the stand-in for the run that `evolve demo` replays, and writes it down.

Needed whenever prompts change: a replay finds answers by what was asked. tests/cli/test_cli_demo.py says when.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from evolve.cli.demo import FOLDER
from evolve.config import load_settings
from evolve.problem import load_problem
from evolve.recording import export_recording
from evolve.session import Session, choose_run
from evolve.store import open_store
from tests.standin.mind import mind
from tests.standin.server import StandInServer


def main() -> None:
    """Record the demo's run anew."""
    settings = load_settings([FOLDER / "settings.toml"])
    problem = load_problem(FOLDER / "oscillator_law")
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(Path(folder) / "evolve.db", create=True) as store,
        StandInServer(mind("strong")) as server,
    ):
        models = [model.model_copy(update={"api_base": server.url}) for model in settings.llm.models]
        reached = settings.model_copy(update={"llm": settings.llm.model_copy(update={"models": tuple(models)})})
        run = choose_run(store, problem, reached)
        result = asyncio.run(Session(store, run, problem, reached).run())
        export_recording(store, run.id, FOLDER / "recording.jsonl")
        print(f"{result.evaluations} evaluations, {store.money(run.id).calls} answers, best {result.best}")


if __name__ == "__main__":
    main()
