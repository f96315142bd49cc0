"""imp@k within a campaign's hard limits, also where it is killed."""

from __future__ import annotations

import asyncio

import pytest

from evolve.errors import SettingsError
from evolve.genome.genome import Genome
from evolve.meta.bench import Grant
from evolve.meta.entries import Rebudgeted
from evolve.meta.imp import calls_needed, measure_imp
from evolve.meta.records import Measured, Stage, SuiteProblem, TrialKey
from evolve.meta.state import fold
from tests.meta.conftest import keen, run_toy
from tests.meta.toy.bench import MODEL, ToyBench
from tests.meta.toy.mind import PERSONAS


class Killed(ToyBench):
    """Ends in the midst of the runs of children."""

    async def measure(self, genome: Genome, problem: SuiteProblem, key: TrialKey, grant: Grant) -> Measured:
        if key.stage is Stage.IMP and key.scaffold % 1000 == 2 and problem.name.endswith("2"):
            raise ConnectionAbortedError("killed")
        return await super().measure(genome, problem, key, grant)


def test_imps_that_were_killed_count_against_the_limit_until_they_are_done() -> None:
    outcome, book = run_toy(calls=5000)
    limit = outcome.state.bill.calls + calls_needed(outcome.state, 3)
    book.append(Rebudgeted(limit, None))
    killed = Killed(PERSONAS["keen"])
    with pytest.raises(ConnectionAbortedError):
        asyncio.run(measure_imp(book, killed, 0, 3, (MODEL,)))
    assert killed.bought > 0
    other = keen()
    with pytest.raises(SettingsError, match="imp@3 of scaffold 0; repeat it"):
        asyncio.run(measure_imp(book, other, 1, 3, (MODEL,)))
    assert other.bought == 0
    made = asyncio.run(measure_imp(book, keen(), 0, 3, (MODEL,)))
    state = fold(book.entries())
    assert state is not None
    assert (state.imps, state.reserved) == ((made,), {})
    assert state.bill.calls <= limit
