"""Time and memory to take up a run of 100,000 candidates again, in a new process. Bar: under 5 s.

The run is a real one (scaffold zero, the engine, SQLite) over a sandbox that only looks at the numbers in the source,
so that 100,000 candidates take minutes and not a quarter of an hour. What is timed is all of a new process: imports,
opening the database, replaying every tell, fetching the elites' programs, and the first proposal.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from evolve.config import Settings, load_settings
from evolve.domain import Split, Status
from evolve.problem import load_problem
from evolve.sandbox.base import CaseResult, Job, SealedProblem
from evolve.sandbox.scripted import ScriptedSandbox
from evolve.session import Session, choose_run
from evolve.store import open_store

AIM = 0.7310585786
FOLDER = Path(__file__).parent / "trivial"


def look(job: Job, case: int) -> CaseResult:
    """A score that depends on every number in the source."""
    source = job.program.files[0].text
    numbers = [float(text) for text in re.findall(r"\d+\.\d+", source)] or [0.0]
    error = sum(abs(number % 1.0 - AIM) for number in numbers) / len(numbers)
    return CaseResult(case, Status.VALID, {"value": -error - abs(len(source) - 400) / 1000})


def settings_for(candidates: int) -> Settings:
    """A run that goes on until so many evaluations are spent."""
    return load_settings([], [f"budget.evaluations={candidates}", "seed=1", "scaffold.polish=0"])


def session_in(database: Path, candidates: int) -> Session:
    """The run in that database, or a new one."""
    problem, settings = load_problem(FOLDER), settings_for(candidates)
    store = open_store(database, create=True)

    def scripted(_sealed: SealedProblem, _settings: Settings) -> ScriptedSandbox:
        return ScriptedSandbox(look, {Split.SEARCH: 1})

    return Session(store, choose_run(store, problem, settings), problem, settings, (), scripted)


def fill(database: Path, candidates: int) -> None:
    """Let a run spend all but its last evaluations, as if it had been killed then."""
    session = session_in(database, candidates + 1000)

    async def drive() -> None:
        running = asyncio.ensure_future(session.run())
        while not running.done():
            await asyncio.sleep(0.2)
            if session.search.told >= candidates:
                session.stop("enough")
        await running

    asyncio.run(drive())


def take_up(database: Path, candidates: int) -> None:
    """What the new process does: replay, and ask once."""
    started = time.perf_counter()
    session = session_in(database, candidates + 1000)
    session.replay()
    replayed = time.perf_counter()
    proposal = session.search.ask()
    asked = time.perf_counter()
    assert proposal is not None
    print(
        f"  {session.search.told:,d} tells replayed in {replayed - started:.2f} s, first proposal after"
        f" {asked - started:.2f} s, peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
    )


def main() -> None:
    """Make the run, then time new processes that take it up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=100_000)
    parser.add_argument("--take-up", type=Path)
    given = parser.parse_args()
    if given.take_up is not None:
        take_up(given.take_up, given.candidates)
        return
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "evolve.db"
        started = time.perf_counter()
        fill(database, given.candidates)
        print(
            f"made in {time.perf_counter() - started:.0f} s, {database.stat().st_size / 1e6:.0f} MB on disk,"
            f" peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB while it was made"
        )
        command = [sys.executable, "-m", "benchmarks.resume", "--candidates", str(given.candidates)]
        for _ in range(3):
            started = time.perf_counter()
            subprocess.run([*command, "--take-up", str(database)], check=True)
            print(f"whole process {time.perf_counter() - started:.2f} s")


if __name__ == "__main__":
    main()
