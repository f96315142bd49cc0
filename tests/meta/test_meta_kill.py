"""A campaign that is killed again and again, at any point, ends as if nobody had touched it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evolve.store import campaign_chain, open_store

ROOT = Path(__file__).parents[2]
LONGEST = 120.0


def sitting(folder: Path, *controls: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.meta.toy.sitting", "evolve.db", "bought.txt", *controls]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)


def finish(folder: Path, *controls: str) -> str:
    with sitting(folder, *controls) as process:
        told, _ = process.communicate(timeout=LONGEST)
    assert process.returncode == 0
    return told


def logs(folder: Path) -> dict[str, list[tuple[str, object]]]:
    """All chains without their times, and all scaffolds as candidates."""
    with open_store(folder / "evolve.db", create=False) as store:
        found: dict[str, list[tuple[str, object]]] = {}
        for chain in store.chains():
            assert store.verify_chain(chain.chain).ok
            found[chain.chain] = [(entry.kind, entry.data) for entry in store.entries(chain.chain)]
            run = int(chain.chain.removeprefix(campaign_chain(0)[:-1]))
            found[f"told {run}"] = [(row.fingerprint, (row.number, row.verdict)) for row in store.tells(run)]
        return found


@pytest.mark.slow
def test_killed_at_random_points_the_final_log_is_the_same(tmp_path: Path) -> None:
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    for folder in (calm, rough):
        folder.mkdir()
    told = finish(calm, "longer", "flat")
    rng, bought = random.Random(7), rough / "bought.txt"
    kills = 0
    while kills < 8:
        with sitting(rough, "longer", "flat") as process:
            begun = len(bought.read_text().splitlines()) if bought.exists() else 0
            wanted, deadline = begun + rng.randrange(1, 12), time.monotonic() + LONGEST
            while process.poll() is None and time.monotonic() < deadline:
                if bought.exists() and len(bought.read_text().splitlines()) >= wanted:
                    break
                time.sleep(0.005)
            if process.poll() is not None:
                break
            process.send_signal(signal.SIGKILL)
        kills += 1
    assert kills >= 4
    assert finish(rough, "longer", "flat") == told
    assert logs(rough) == logs(calm)
