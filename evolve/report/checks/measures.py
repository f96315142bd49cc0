"""Whether the declared measures tell programs apart."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

from evolve.domain import Evaluation
from evolve.problem import Measure, Problem
from evolve.report import figures
from evolve.report.checks.bench import not_measured
from evolve.report.findings import Finding, State

LEAST = 6
"""Valid programs below which nothing is said, and different ones below which nothing is said of collinearity."""
COLLINEAR = 0.98
"""Rank correlation with the objective from which a measure adds nothing to it."""
OUTSIDE = 0.5
"""Share of programs outside a measure's bounds from which the bounds look wrong."""


def findings(problem: Problem, evaluations: Sequence[Evaluation]) -> Iterable[Finding]:
    """One finding per measure that is of no use, or one for all of them."""
    declared = problem.spec.measures
    if not declared:
        yield Finding("measures", State.OK, "none declared: the archive keeps one program per island and length")
        return
    if len(evaluations) < LEAST:
        yield not_measured("measures")
        return
    useless = [found for measure in declared if (found := _useless(measure, evaluations)) is not None]
    yield from useless
    if not useless:
        names = ", ".join(measure.name for measure in declared)
        yield Finding("measures", State.OK, f"{names}: vary, within bounds, and are not the objective in disguise")


def _useless(measure: Measure, evaluations: Sequence[Evaluation]) -> Finding | None:
    values = [each.measures[measure.name] for each in evaluations]
    topic, many = f"measure {measure.name}", figures.plural(len(values), "program")
    if min(values) == max(values):
        text = f"is {figures.number(values[0])} for all of {many}"
        return Finding(topic, State.NOTE, text, "choose one that tells programs apart, or leave it out")
    if measure.low is not None and measure.high is not None:
        outside = sum(not measure.low <= value <= measure.high for value in values)
        if outside > OUTSIDE * len(values):
            seen = f"{figures.number(min(values))} to {figures.number(max(values))}"
            bounds = f"{figures.number(measure.low)} to {figures.number(measure.high)}"
            text = f"lies outside its bounds {bounds} for {outside} of {many} (seen: {seen})"
            return Finding(topic, State.NOTE, text, "widen low and high, or leave them out: then they are learned")
    scores = [each.objective.mean for each in evaluations if each.objective is not None]
    pairs = sorted(set(zip(values, scores, strict=True)))  # many changes change nothing, and would count many times
    if len(pairs) >= LEAST and abs(rank_correlation(*zip(*pairs, strict=True))) >= COLLINEAR:
        text = f"orders {figures.plural(len(pairs), 'different program')} as the objective does"
        return Finding(topic, State.NOTE, text, "choose one that differs among programs that score alike")
    return None


def rank_correlation(left: Sequence[float], right: Sequence[float]) -> float:
    """Spearman's rho with mean ranks for ties; 0 when one side is constant."""
    ranks = _ranks(left), _ranks(right)
    if any(min(side) == max(side) for side in ranks):
        return 0.0
    return statistics.correlation(*ranks)


def _ranks(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    first = {value: place for place, value in reversed(list(enumerate(ordered)))}
    last = {value: place for place, value in enumerate(ordered)}
    return [(first[value] + last[value]) / 2 for value in values]
