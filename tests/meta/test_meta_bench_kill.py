"""`kill -9` in the midst of a trial, and again: the same figures, and no answer that was stored is bought again."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import write_tiny

ROOT = Path(__file__).parents[2]
SITTING = """
import asyncio, json, sys
from dataclasses import asdict
from pathlib import Path

from evolve.config import load_settings
from evolve.domain import Direction
from evolve.genome.folder import zero
from evolve.genome.genome import Genome
from evolve.llm.scripted import ScriptedModel
from evolve.meta.bench import Grant
from evolve.meta.records import Stage, Suite, SuiteProblem, TrialKey, Use
from evolve.meta.runs import EngineBench
from evolve.store import Holder, NewRun, RunKind, open_store
from tests.test_asking import CARD, writes

folder, behind = Path(sys.argv[1]), sys.argv[2] == "behind"

def answer(request):
    with (folder / "bought.txt").open("a") as log:
        log.write(request.digest + "\\n")
    return writes(request)

async def main():
    problem = SuiteProblem("tiny", str(folder / "tiny"), Use.SEARCH, 0.0)
    settings = load_settings([], ["llm.models=['openai/tiny']", "seed=5"])
    genome = Genome.of({**zero().files, "NOTES.md": "A copy."}) if behind else zero()
    with open_store(folder / "evolve.db", create=True) as store:
        found = store.runs(kinds=(RunKind.CAMPAIGN,))
        new = NewRun("c", "suite", "", "", "area", Direction.MAXIMIZE, 1, {}, "", kind=RunKind.CAMPAIGN)
        run, holder = found[0].id if found else store.create_run(new), Holder.here()
        store.acquire(run, holder)
        bench = EngineBench(store, store.run(run), holder, settings, Suite("s", 12, (problem,)),
                            model_for=lambda settings: ScriptedModel(answer, [CARD], delay=0.02))
        measured = await bench.measure(genome, problem, TrialKey(0, "tiny", 7, Stage.RANK, 12), Grant(None, 12))
        (folder / "measured.json").write_text(json.dumps({**asdict(measured), "wall": 0.0}))
        await bench.close()

asyncio.run(main())
"""


def begin(folder: Path, where: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "EVOLVE_SANDBOX": "local"}
    return subprocess.Popen([sys.executable, "-c", SITTING, folder, where], cwd=ROOT, env=environment)


def bought(folder: Path) -> Counter[str]:
    log = folder / "bought.txt"
    return Counter(log.read_text().split()) if log.exists() else Counter()


@pytest.mark.slow
@pytest.mark.parametrize("where", ["in process", "behind"])
def test_killed_and_begun_again_it_measures_the_same(tmp_path: Path, where: str) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for folder in (whole, broken):
        write_tiny(folder / "tiny")
    assert begin(whole, where).wait(120) == 0
    rng, kills = random.Random(where), 0
    for calls in (1, 5, 9):
        process = begin(broken, where)
        until = time.monotonic() + 60
        while bought(broken).total() < calls and process.poll() is None and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(rng.uniform(0.0, 0.1))
        kills += process.poll() is None
        os.kill(process.pid, signal.SIGKILL) if process.poll() is None else None
        process.wait()
    assert kills >= 2
    assert begin(broken, where).wait(120) == 0
    assert json.loads((broken / "measured.json").read_text()) == json.loads((whole / "measured.json").read_text())
    assert set(bought(broken)) == set(bought(whole))
    assert bought(broken).total() <= bought(whole).total() + kills  # a call that was under way is asked again
