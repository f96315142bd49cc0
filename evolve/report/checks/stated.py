"""Measures the programs that come with a problem's stated values: a value nobody can reach again is no baseline."""

from __future__ import annotations

from decimal import Decimal

from evolve.domain import Estimate
from evolve.problem import Exhibit
from evolve.report import figures
from evolve.report.checks.bench import NOISE_SPREADS, ROUNDING, Bench, not_measured
from evolve.report.findings import Finding, State

COARSEST = 1e-3
"""A value written with few digits must be met to this share of it all the same."""


async def check(bench: Bench, exhibit: Exhibit) -> Finding:
    """Whether the program reaches the stated value."""
    tried = await bench.told(exhibit.program)
    if not tried.measured:
        return not_measured(exhibit.name)
    found = tried.evaluation
    if found is None or found.objective is None:
        feedback = tried.blame if found is None else found.feedback
        text = f"its program is not valid ({tried.outcome}): {feedback.strip() or 'no reason given'}"
        return Finding(exhibit.name, State.FAULT, text, "correct the program, or the evaluator")
    return _compared(bench, exhibit, found.objective)


def _compared(bench: Bench, exhibit: Exhibit, measured: Estimate) -> Finding:
    unit = bench.problem.spec.objective.unit
    stated = exhibit.stated.value
    seen, wanted = figures.objective(measured.mean, unit), figures.objective(stated, unit)
    if bench.problem.spec.evaluation.timing:
        return Finding(exhibit.name, State.OK, f"{seen} here, stated as {wanted}: times belong to a machine")
    spread = NOISE_SPREADS * max(bench.noise, (measured.stderr or 0.0) if bench.noise else 0.0)
    if abs(measured.mean - stated) <= spread + written(stated):
        return Finding(exhibit.name, State.OK, f"{seen}, as stated")
    if seen == wanted:  # they differ further behind the point than figures go
        seen, wanted = repr(measured.mean), repr(stated)
    way_out = "correct problem.toml; stated values are those of held-out cases, where there are any"
    return Finding(exhibit.name, State.FAULT, f"stated as {wanted}, and its program scores {seen}", way_out)


def written(value: float) -> float:
    """How far a measured value may lie from a stated one that was rounded to the digits it is written with.

    Half a unit of the last digit of its shortest form, at most COARSEST of it; at least what sums of floats differ by.
    """
    exponent = Decimal(repr(value)).as_tuple().exponent
    assert isinstance(exponent, int), "stated values are finite"
    return max(ROUNDING * abs(value), min(0.5 * 10.0**exponent, COARSEST * abs(value)) * (1 + ROUNDING))
