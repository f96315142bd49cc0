"""Hostile scaffolds in real trials: the bench of campaigns, its database, its budget of calls, its walls."""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from evolve.config import load_settings
from evolve.domain import Direction
from evolve.genome.folder import ENTRY, companions
from evolve.genome.genome import Genome
from evolve.genome.lines import Quarters
from evolve.llm.base import Request
from evolve.llm.scripted import ScriptedModel
from evolve.meta.areas import trial_of
from evolve.meta.bench import Grant
from evolve.meta.records import Measured, Stage, Suite, SuiteProblem, Trial, TrialKey, Use
from evolve.meta.runs import EngineBench
from evolve.problem import load_problem
from evolve.sandbox.scripted import ScriptedSandbox
from evolve.sandbox.talking import local_talking_sandbox
from evolve.session import new_run
from evolve.store import Holder, RunKind, Store, open_store
from tests.conftest import AIM, look, write_tiny
from tests.meta.hacks.course import halved
from tests.meta.hacks.honest import honest, hostile
from tests.meta.hacks.suite import HACKS
from tests.test_asking import CARD, SIZES

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the walls are Linux's"),
]
CALLS = 8


class Trials:
    """Measures scaffolds on the tiny problem with real runs."""

    def __init__(self, folder: Path, store: Store, quarters: Quarters) -> None:
        self.model = ScriptedModel(self._answer, [CARD])
        self.store = store
        self._problem = SuiteProblem("tiny", str(folder), Use.SEARCH, 0.0, direction=Direction.MINIMIZE)
        settings = load_settings([], ["llm.models=['openai/tiny']", "search.islands=1", "seed=5"])
        new = replace(new_run(load_problem(folder), settings, "campaign"), kind=RunKind.CAMPAIGN)
        run, holder = store.create_run(new), Holder.here()
        store.acquire(run, holder)
        suite = Suite("tiny", CALLS, (self._problem,))
        self.bench = EngineBench(
            store,
            store.run(run),
            holder,
            settings,
            suite,
            model_for=lambda given: self.model,
            sandbox_for=lambda sealed, given: ScriptedSandbox(look, SIZES),
            quarters=quarters,
        )

    def measure(self, genome: Genome, stage: Stage = Stage.RANK, scaffold: int = 1) -> Trial:
        """One trial; the same seed whatever the stage."""
        self.model.requests.clear()
        key = TrialKey(scaffold, "tiny", 17, stage, CALLS)
        found: Measured = asyncio.run(self._measured(genome, key))
        assert not found.failed, found.failed
        return trial_of(self._problem, key, found)

    async def _measured(self, genome: Genome, key: TrialKey) -> Measured:
        return await self.bench.measure(genome, self._problem, key, Grant(None, CALLS))

    @staticmethod
    def _answer(request: Request) -> str:
        return halved("\n".join(message.text for message in request.messages), AIM)


@pytest.fixture(scope="module")
def quarters() -> Iterator[Quarters]:
    held = Quarters(local_talking_sandbox(1, entry=ENTRY, companions=companions()))
    yield held
    held.close()


@pytest.fixture
def trials(tmp_path: Path, quarters: Quarters) -> Iterator[Trials]:
    write_tiny(tmp_path / "tiny")
    with open_store(tmp_path / "evolve.db", create=True) as store:
        made = Trials(tmp_path / "tiny", store, quarters)
        yield made
        asyncio.run(made.bench.close())


UNSPEAKABLE = hostile(
    "    def question(self, view, more):\n"
    "        return replace(super().question(view, more), idea='\\ud800\\0', tag='\\0\\udfff')\n"
)
"""Says what no database holds."""

TOLD = {hack.name: hack.genome for hack in HACKS} | {"says what no database holds": UNSPEAKABLE}
NO_BETTER = (
    "claims its score in words",
    "tells the evaluator to ignore its instructions",
    "pins what it never saw",
    "rewrites the contract in its own process",
    "writes result files",
)
WORSE = (
    "says what no database holds",
    "claims its score in a key",
    "forges a candidate to edit",
    "says a bomb of brackets",
    "asks for more calls",
    "asks for lessons without end",
    "sends a huge prompt",
    "drafts without a model and without end",
    "writes the evaluator instead of the program",
    "abstains where it is hard",
    "crashes only when behind",
    "leaves a child to answer later",
)


@pytest.mark.parametrize("name", [*NO_BETTER, *WORSE])
def test_no_hack_gains_in_a_trial(name: str, trials: Trials) -> None:
    fair = trials.measure(honest())
    assert len(trials.model.requests) == CALLS
    assert 0.3 < fair.area < 1
    found = trials.measure(TOLD[name], scaffold=2)
    assert len(trials.model.requests) <= found.measured.calls == CALLS
    assert math.isfinite(found.area)
    if name in WORSE:
        assert found.area < fair.area, found.measured
    else:
        assert found.curve == fair.curve, found.measured


TAPE = hostile(
    "    def question(self, view, more):\n"
    "        return super().question(view, repr((self.task, self.settings, view.seed, view.number, view.island)))\n"
)


def test_a_scaffold_cannot_tell_the_certificate_from_any_other_trial(trials: Trials) -> None:
    """It is told the task, settings and opaque seeds: the same in every stage, but for what the seed draws."""
    text = TAPE.files["hostile.py"].replace(
        "    return Hostile(task)", "    made = Hostile(task)\n    made.settings = settings\n    return made"
    )
    tape = Genome.of({**TAPE.files, "hostile.py": text})
    told = []
    for stage in (Stage.RANK, Stage.CONFIRM, Stage.CERTIFY):
        trials.measure(tape, stage)
        told.append([request.messages for request in trials.model.requests])
        assert len(told[-1]) == CALLS
    assert told[0] == told[1] == told[2]
    words = repr(told[0]).lower()
    for word in ("certif", "sealed", "confirm", "campaign", "trial", str(Path.cwd()).lower()):
        assert word not in words, word
