"""How busy the scarcer of the two pools is kept, and what faults of a model cost.

    python -m benchmarks.pools [--seconds 45]

Whole sessions: the real sandbox, the real pool over real HTTP to a server on loopback whose latency is log-normal
(median 1.0 s, sigma 0.5), 8 model slots and 2 evaluation slots. Evaluations sleep, so that two of them fit on two cores
beside the engine. A pool is busy while a call is being answered, or an evaluation is running; the share is taken from
the tenth tell to the last but ten, slots times seconds being 100 %.
Bar: the scarcer pool at least 97 % busy. With three faults in ten, no candidate and no cent may be lost.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.trivial_run import FOLDER
from evolve.config import load_settings
from evolve.domain import Status
from evolve.problem import load_problem
from evolve.session import Session, choose_run
from evolve.store import Store, open_store
from tests.standin.chat import Call, ChatRequest
from tests.standin.server import StandInServer
from tests.standin.weather import TRANSIENT, Faults, Latency

MODEL_SLOTS, EVALUATION_SLOTS = 8, 2
LATENCY = Latency(1.0, 0.5, seed=1)
SLEEPING = """\
import time


def evaluate(program, case):
    time.sleep({seconds})
    return {{"value": program.value(1.0)}}
"""
EDGE = 10
"""Tells at both ends of a run that are left out: the pools fill, and they drain."""


@dataclass(frozen=True)
class Ran:
    """What one run left: its log, the server's calls, and the seconds of `time.monotonic` its clock began at."""

    store: Store
    calls: Sequence[Call]
    began: float


def writes(request: ChatRequest) -> str:
    """A program nobody has seen, by the request's seed; in a few words, so that nothing but waiting takes time."""
    number = random.Random(f"{request.seed}").randrange(10**9)
    return f"Idea: another number\n\n```python\ndef value(x):\n    return x + {number}.5\n```\n"


def main() -> None:
    """Both ways round, then with faults."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=45.0)
    seconds = parser.parse_args().seconds
    print(f"{MODEL_SLOTS} model slots at 1.0 s (log-normal, sigma 0.5), {EVALUATION_SLOTS} evaluation slots")
    for evaluation in (0.5, 0.1):
        with tempfile.TemporaryDirectory() as folder:
            busy(Path(folder), evaluation, seconds)
    with tempfile.TemporaryDirectory() as folder:
        faults(Path(folder))


def busy(folder: Path, evaluation: float, seconds: float) -> None:
    """Print how busy both pools were with evaluations of so many seconds."""
    with StandInServer(writes, latency=LATENCY) as server:
        ran = run(folder, server, evaluation, f"budget.seconds={seconds}")
        rows = list(ran.store.tells(1))
        first, last = rows[EDGE].elapsed, rows[-EDGE].elapsed
        spans = [(call.started - ran.began, (call.ended or call.started) - ran.began) for call in ran.calls]
        models = share(spans, first, last, MODEL_SLOTS)
        walls = [ran.store.evaluation(1, row.number) for row in rows if row.status.costs_evaluation]
        ended = [row.elapsed for row in rows if row.status.costs_evaluation]
        looks = [(end - (each.wall if each else 0.0), end) for end, each in zip(ended, walls, strict=True)]
        evaluations = share(looks, first, last, EVALUATION_SLOTS)
        scarcer = "evaluations" if evaluations > models else "models"
        print(
            f"evaluations of {evaluation:g} s: evaluation slots {evaluations:.1%} busy, model slots {models:.1%};"
            f" scarcer: {scarcer}; {len(rows) / rows[-1].elapsed:.2f} candidates/s",
            flush=True,
        )


def faults(folder: Path) -> None:
    """Print what three faults in ten of every transient kind leave undone."""
    weather = Faults(0.3, TRANSIENT, seed=2, wait=0.2, drip=3.0, hang=3.0)
    with StandInServer(writes, latency=Latency(0.2, 0.5, seed=1), faults=weather) as server:
        ran = run(folder, server, 0.02, "budget.evaluations=200", "budget.money=5", model=", timeout=1.5")
        rows = list(ran.store.tells(1))
        struck = sum(bool(call.fault) for call in ran.calls)
        charged = sum(
            (call.usage["prompt_tokens"] + 4 * call.usage["completion_tokens"]) / 1e6
            for call in ran.calls
            if call.usage
        )
        money, statuses = ran.store.money(1), ran.store.statuses(1)
        gaps = set(range(len(rows))) - {row.number for row in rows}
        print(
            f"three faults in ten: {struck} of {len(ran.calls)} calls struck; {len(rows)} candidates told, {len(gaps)}"
            f" numbers missing, {statuses.get(Status.NO_ANSWER, 0)} without an answer; the server charged"
            f" ${charged:.4f}, struck calls included; the ledger says ${money.cost:.4f}, and at most"
            f" ${money.lost:.4f} for calls without an answer; ${money.in_flight:.4f} open"
        )


def run(folder: Path, server: StandInServer, evaluation: float, *overrides: str, model: str = "") -> Ran:
    """One session against the server, on the trivial problem with evaluations of so many seconds."""
    shutil.copytree(FOLDER, folder / "trivial")
    (folder / "trivial" / "evaluate.py").write_text(SLEEPING.format(seconds=evaluation), encoding="utf-8")
    prices = f"input_price=1.0, output_price=4.0, concurrency={MODEL_SLOTS}{model}"
    settings = load_settings(
        [],
        [
            f"llm.models=[{{name='openai/standin', api_base='{server.url}', {prices}}}]",
            f"workers.evaluations={EVALUATION_SLOTS}",
            "seed=1",
            "scaffold.polish=0",
            "scaffold.tuned=0",
            *overrides,
        ],
    )
    problem = load_problem(folder / "trivial")
    store = open_store(folder / "evolve.db", create=True)
    began: list[float] = []
    chosen = choose_run(store, problem, settings)
    session = Session(store, chosen, problem, settings, [lambda event: began.append(time.monotonic())])
    asyncio.run(session.run())
    return Ran(store, server.chats, began[0])


def share(spans: Sequence[tuple[float, float]], first: float, last: float, slots: int) -> float:
    """How much of `slots` was taken by spans between two moments."""
    taken = sum(max(0.0, min(end, last) - max(start, first)) for start, end in spans)
    return taken / (slots * (last - first))


if __name__ == "__main__":
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    main()
