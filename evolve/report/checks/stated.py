"""Measures the programs that come with a problem's stated values: a value nobody can reach again is no baseline."""

from __future__ import annotations

from evolve.domain import Estimate
from evolve.problem import Exhibit
from evolve.report import figures
from evolve.report.checks.bench import NOISE_SPREADS, Bench, not_measured
from evolve.report.findings import Finding, State

WRITTEN = 1e-3
"""Values are written with about four digits: a relative difference up to this is rounding."""


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
    seen, wanted = figures.objective(measured.mean, unit), figures.objective(exhibit.stated.value, unit)
    if bench.problem.spec.evaluation.timing:
        return Finding(exhibit.name, State.OK, f"{seen} here, stated as {wanted}: times belong to a machine")
    spread = NOISE_SPREADS * max(bench.noise, (measured.stderr or 0.0) if bench.noise else 0.0)
    if abs(measured.mean - exhibit.stated.value) <= max(spread, WRITTEN * abs(exhibit.stated.value)):
        return Finding(exhibit.name, State.OK, f"{seen}, as stated")
    way_out = "correct problem.toml; stated values are those of held-out cases, where there are any"
    return Finding(exhibit.name, State.FAULT, f"stated as {wanted}, and its program scores {seen}", way_out)
