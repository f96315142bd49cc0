"""Where scores are times: does this machine time two copies of one program alike (an A/A check)?"""

from __future__ import annotations

from collections.abc import AsyncIterator

from evolve.report import figures
from evolve.report.checks.bench import Bench, not_measured
from evolve.report.findings import Finding, State
from evolve.timing import DOUBTFUL, PAIRS, seed_against_itself

TOPIC = "equals"


async def findings(bench: Bench) -> AsyncIterator[Finding]:
    """One finding for a timed problem, none for another."""
    if not bench.problem.spec.evaluation.timing:
        return
    outcome = None if bench.left <= 0 else await seed_against_itself(bench.evaluator().again, bench.problem.seed)
    if outcome is None:
        yield not_measured(TOPIC)
        return
    p, pairs = figures.number(outcome.p), figures.plural(PAIRS, "pair")
    if outcome.p > DOUBTFUL:
        text = f"two copies of the seed are timed alike (p = {p} over {pairs} in turn)"
        yield Finding(TOPIC, State.OK, text, details={"p": outcome.p})
        return
    text = f"two copies of the seed are timed differently (p = {p} over {pairs} in turn): so may any two programs be"
    way_out = "let nothing else run on this machine, and make one look longer or raise stages.repeats"
    yield Finding(TOPIC, State.NOTE, text, way_out, {"p": outcome.p})
