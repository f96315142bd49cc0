"""What one slot suffers while the other is under attack: the same statuses and scores, and timings within noise."""

from __future__ import annotations

import asyncio
import statistics
from dataclasses import dataclass

import judge
import pytest
from heads import FOLDER, LIMITS, read

from evolve.domain import Limits, Program, Split, Status
from evolve.errors import SandboxUnavailable
from evolve.sandbox.base import Job, Sandbox, SealedProblem
from evolve.sandbox.daemon import connect
from evolve.sandbox.docker import DockerSandbox
from evolve.sandbox.local import LocalSandbox

pytestmark = pytest.mark.slow

EVALUATE = """
def evaluate(program, case):
    value = program.solve([20, 22])
    return {"score": value, "wall": program.last.wall, "cpu": program.last.cpu}
"""
STEADY = """
def solve(numbers):
    total = 0
    for number in range(300_000):
        total = (total + number) % 1_000_003
    return sum(numbers) + total
"""
"""Some 20 ms of one processor, and nothing else."""
BURNER = """
import os, threading

def burn():
    while True:
        pass

def solve(numbers):
    for _ in range(7):
        threading.Thread(target=burn, daemon=True).start()
    for _ in range(8):
        if os.fork() == 0:
            burn()
    burn()
"""
ATTACKS = {
    "burns processors": BURNER,
    "eats memory": read(FOLDER / "resources" / "memory_touched.py").source,
    "forks": read(FOLDER / "resources" / "fork_bomb.py").source,
    "fills the disk": read(FOLDER / "resources" / "tmpfs_fill.py").source,
    "makes names": read(FOLDER / "resources" / "inode_bomb.py").source,
}
ATTACKED = Limits(wall=1.5, cpu=1.5, memory=LIMITS.memory)
LOOKS = 12
"""Looks beside each attack, and as many in peace, by turns."""
MOST = {"docker": 3.0, "local": 6.0}
"""How much longer a call may take beside any of them. Containers share the processors half and half, whatever either
starts; without them the scheduler does that for sessions only, and of those a program may start its own."""


def sandbox(backend: str) -> Sandbox:
    problem = SealedProblem("neighbours", {"evaluate.py": EVALUATE}, judge.ENTRY, preload=("numpy",), limits=LIMITS)
    if backend == "local":
        return LocalSandbox(problem, 2)
    try:
        connect().close()
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    return DockerSandbox(problem, 2)


@dataclass(frozen=True)
class Looks:
    """What the steady program got: scores, and seconds of its calls."""

    scores: frozenset[float]
    wall: float
    cpu: float


@pytest.mark.parametrize("backend", ["docker", "local"])
def test_a_neighbour_under_attack_changes_nothing(backend: str) -> None:
    async def run() -> None:
        box = sandbox(backend)
        try:
            await box.start()
            await box.run(job(STEADY))
            for name, source in ATTACKS.items():
                peace, beside = await compared(box, source)
                assert peace.scores == beside.scores, name
                wall, cpu = beside.wall / peace.wall, beside.cpu / peace.cpu
                print(f"{backend}, the neighbour {name}: wall x{wall:.2f}, cpu x{cpu:.2f}")
                assert wall < MOST[backend], name
        finally:
            await box.close()

    asyncio.run(run())


async def compared(box: Sandbox, source: str) -> tuple[Looks, Looks]:
    """The steady program in peace and beside an attack, by turns of a few looks."""
    peace, beside = [], []
    while len(peace) < LOOKS:
        peace += [await look(box) for _ in range(LOOKS // 3)]
        attack = asyncio.create_task(attacking(box, source))
        await asyncio.sleep(0.1)
        beside += [await look(box) for _ in range(LOOKS // 3)]
        attack.cancel()
        await asyncio.wait([attack])
    return looks(peace), looks(beside)


async def attacking(box: Sandbox, source: str) -> None:
    """One attack after the other."""
    while True:
        (result,) = await box.run(job(source, limits=ATTACKED))
        assert result.metrics.get("score") != 42.0, result


async def look(box: Sandbox) -> dict[str, float]:
    (result,) = await box.run(job(STEADY))
    assert result.status is Status.VALID, result.feedback
    return dict(result.metrics)


def looks(found: list[dict[str, float]]) -> Looks:
    def typical(name: str) -> float:
        return statistics.median(metrics[name] for metrics in found)

    return Looks(frozenset(metrics["score"] for metrics in found), typical("wall"), typical("cpu"))


def job(source: str, limits: Limits = LIMITS) -> Job:
    return Job(Program.of({judge.ENTRY: source}), Split.SEARCH, (0,), seed=1, limits=limits)
