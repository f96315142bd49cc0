"""The evaluator's process: what it leaves behind, and who is to blame when results are too much for it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from docker_daemon import daemon

from evolve.domain import Limits, Program, Split, Status
from evolve.sandbox.base import CaseResult, Job, Sandbox, SealedProblem
from evolve.sandbox.docker import DockerSandbox
from evolve.sandbox.local import LocalSandbox

pytestmark = pytest.mark.slow

HONEST = "def f(x): return 1\n"

FRAME = """\
import os, socket, struct, sys


def answer(bodies):
    # Raw results to the link of this very call, one for every question that comes.
    frame = sys._getframe()
    while "nonce" not in frame.f_locals:
        frame = frame.f_back
    nonce, server = frame.f_locals["nonce"], frame.f_locals["self"]
    while True:
        server.sock.sendall(struct.pack("<BIQ", 5, bodies[0], nonce))
        for body in bodies[1]:
            server.sock.sendall(body)
        _, nonce, _ = server._receive()
"""
COLLIDING = (
    FRAME
    + """

def f(x):
    # Keys of one dictionary that all have the same hash: every one that is read is compared with all before it.
    prime, body = 2**61 - 1, [b"m", struct.pack("<I", 9000)]
    for k in range(9000):
        key = k * prime
        if key < 2**63:
            body.append(b"i" + struct.pack("<q", key))
        else:
            raw = key.to_bytes(key.bit_length() // 8 + 1, "little", signed=True)
            body.append(b"I" + struct.pack("<I", len(raw)) + raw)
        body.append(b"N")
    whole = b"".join(body)
    answer((len(whole), [whole]))
"""
)
HEAVY = (
    FRAME
    + """

def f(x):
    # 64 MB of packed numbers are four times that as Python objects.
    count = 8 * 10**6
    numbers = struct.pack("<q", 123456789) * 100_000
    answer((5 + 8 * count, [b"Q" + struct.pack("<I", count), *[numbers] * 80]))
"""
)


def sandbox(backend: str, evaluate: str, limits: Limits) -> LocalSandbox | DockerSandbox:
    sealed = SealedProblem(name="judge", evaluator={"evaluate.py": evaluate}, entry="p.py", limits=limits)
    return LocalSandbox(sealed, 1) if backend == "local" else DockerSandbox(sealed, 1)


async def looked_at(opened: Sandbox, sources: Sequence[str], limits: Limits) -> list[CaseResult]:
    await opened.start()
    try:
        jobs = [Job(Program.of({"p.py": source}), Split.SEARCH, (0,), 1, limits) for source in sources]
        return [(await opened.run(job))[0] for job in jobs]
    finally:
        await opened.close()


BACKENDS = ["local", pytest.param("docker", marks=daemon)]


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_next_evaluator_finds_no_file_of_the_last(backend: str) -> None:
    evaluate = """\
import os, tempfile

def evaluate(program, case):
    program.f(0)
    there = sum(name.startswith("kept") for name in os.listdir(tempfile.gettempdir()))
    tempfile.NamedTemporaryFile(prefix="kept", delete=False).close()
    return {"there": float(there)}
"""
    results = asyncio.run(looked_at(sandbox(backend, evaluate, Limits()), [HONEST] * 3, Limits()))
    assert [result.metrics for result in results] == [{"there": 0.0}] * 3


@pytest.mark.parametrize("backend", BACKENDS)
def test_results_that_take_long_to_read_use_up_the_programs_own_time(backend: str) -> None:
    evaluate = (
        "def evaluate(program, case):\n    for i in range(60):\n        program.f(i)\n    return {'score': 1.0}\n"
    )
    limits = Limits(wall=0.2)
    opened = sandbox(backend, evaluate, limits)
    opened.case_seconds, opened.grace = 10.0, 2.0
    hostile, honest = asyncio.run(looked_at(opened, [COLLIDING, HONEST], limits))
    assert hostile.status is Status.OUTPUT, hostile.feedback
    assert honest.status is Status.VALID
    assert opened.replaced == 0


@pytest.mark.parametrize("backend", BACKENDS)
def test_results_that_fill_the_evaluators_memory_are_the_programs_fault(backend: str) -> None:
    evaluate = (
        "def evaluate(program, case):\n"
        "    kept = [program.f(i) for i in range(10)]\n"
        "    return {'score': float(len(kept))}\n"
    )
    limits = Limits(wall=20.0, cpu=20.0)
    opened = sandbox(backend, evaluate, limits)
    hostile, honest = asyncio.run(looked_at(opened, [HEAVY, HONEST], limits))
    assert hostile.status is Status.OUTPUT, hostile.feedback
    assert honest.status is Status.VALID
    assert opened.replaced == 0
