"""Final scores beyond what is proven to be possible: no certificate rests on them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evolve.genome.genome import Genome
from evolve.meta.bench import Grant
from evolve.meta.records import Measured, Stage, SuiteProblem, TrialKey
from tests.meta.conftest import Run
from tests.meta.toy.bench import ToyBench
from tests.meta.toy.mind import PERSONAS


class Cheated(ToyBench):
    """The last runs of a stage of one side reach 5 where 0 is the most there is; honest until then."""

    stage, zero = Stage.CERTIFY, False

    async def measure(self, genome: Genome, problem: SuiteProblem, key: TrialKey, grant: Grant) -> Measured:
        measured = await super().measure(genome, problem, key, grant)
        if key.stage is self.stage and (key.scaffold == 0) is self.zero:
            return replace(measured, bests=(*measured.bests[:-1], 5.0))
        return measured


@pytest.mark.parametrize(
    ("stage", "zero", "problem"),
    [(Stage.CERTIFY, False, "sealed"), (Stage.CERTIFY, True, "sealed"), (Stage.PROBE, False, "probe")],
)
def test_a_final_score_beyond_a_proven_bound_is_not_certified(
    toy_run: Run, stage: Stage, zero: bool, problem: str
) -> None:
    bench = Cheated(PERSONAS["keen"])
    bench.stage, bench.zero = stage, zero
    outcome, _ = toy_run(bench)
    found = outcome.state.certificate
    assert found is not None
    assert not found.granted
    side = 0 if zero else found.scaffold
    said = found.reasons[-1]
    assert said.startswith(f"scaffold {side} has a score that cannot be true: on {problem}0 (seed ")
    assert said.endswith("it reached 5, beyond the proven bound 0")


def test_without_one_the_same_campaign_is_certified(toy_run: Run) -> None:
    certificate = toy_run()[0].state.certificate
    assert certificate is not None
    assert certificate.granted
