"""The bench with all parts real: a model over HTTP, problems and scaffolds behind walls, trials side by side."""

from __future__ import annotations

import asyncio
import statistics
from dataclasses import replace
from pathlib import Path

import pytest

from evolve.config import Settings, load_settings
from evolve.domain import Direction
from evolve.genome.folder import zero
from evolve.genome.genome import Genome
from evolve.meta.areas import trial_of
from evolve.meta.bench import Grant
from evolve.meta.records import Stage, Suite, Trial, TrialKey, Use
from evolve.meta.runs import engine_bench
from evolve.meta.suites import load_suite
from evolve.store import Holder, NewRun, RunKind, RunStatus, Store, open_store
from tests.standin.mind import mind
from tests.standin.scaffold_grammar import crippled
from tests.standin.server import StandInServer

DEMO = Path(__file__).parents[2] / "benchmarks/suites/demo.toml"


async def trials(store: Store, settings: Settings, suite: Suite, genome: Genome, number: int) -> list[Trial]:
    """The scaffold on four problems with two seeds each, two at a time."""
    new = NewRun("c", suite.name, "", "", "area", Direction.MAXIMIZE, 1, {}, "", kind=RunKind.CAMPAIGN)
    run, holder = store.create_run(new), Holder.here()
    store.acquire(run, holder)
    problems = suite.used(Use.SEARCH)[:4] * 2
    keys = [
        TrialKey(number, problem.name, 11 + place, Stage.RANK, suite.calls) for place, problem in enumerate(problems)
    ]
    async with engine_bench(store, store.run(run), holder, settings, suite, parallel=2) as bench:
        pairs = list(zip(problems, keys, strict=True))
        found = await asyncio.gather(*(bench.measure(genome, at, key, Grant(1.0, suite.calls)) for at, key in pairs))
    store.release(run, holder, RunStatus.FINISHED, "")
    return [trial_of(problem, key, each) for (problem, key), each in zip(pairs, found, strict=True)]


@pytest.mark.slow
def test_a_scaffold_without_feedback_measures_lower_and_every_call_is_counted(tmp_path: Path) -> None:
    suite = replace(load_suite(DEMO), calls=10)
    with StandInServer(mind("strong")) as server, open_store(tmp_path / "evolve.db", create=True) as store:
        model = f"{{name='openai/standin', api_base='{server.url}', input_price=1.0, output_price=4.0}}"
        settings = load_settings([], [f"llm.models=[{model}]", "seed=5"])
        whole = asyncio.run(trials(store, settings, suite, zero(), 0))
        lame = asyncio.run(trials(store, settings, suite, crippled()["drop feedback"], 1))
        assert not any(trial.measured.failed for trial in (*whole, *lame))
        assert statistics.mean(t.area for t in whole) > 0.05 + statistics.mean(t.area for t in lame)
        assert len(server.chats) == sum(trial.measured.calls for trial in (*whole, *lame)) == 16 * suite.calls
        assert all(0 < (trial.measured.cost or 0.0) < 1.0 for trial in (*whole, *lame))
