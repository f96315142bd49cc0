"""From what a run reached to one number: the normalised area under best-so-far per model call.

On a problem's scale 0 is the seed program, as this run measured it, and 1 the ceiling of the suite. The area is the
mean over all calls of the budget, so it rewards early progress as well as late; a run that never beats the seed has 0.
The problem is the unit of inference: runs are averaged per problem before anything else is done with them.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from evolve.errors import SettingsError
from evolve.meta.records import Measured, SuiteProblem, Trial, TrialKey

MAD_TO_SD = 1.4826
"""1 / (quantile of 3/4 of the normal distribution): a median absolute deviation as a standard deviation."""

IQR_TO_SD = 1 / 1.349
"""The same for the interquartile range (Hampel et al., Robust Statistics, 1986)."""

Cell = tuple[str, int]
"""Where a run was made: problem and seed."""


def trial_of(problem: SuiteProblem, key: TrialKey, measured: Measured) -> Trial:
    """A measured run with its curve and area.

    Where the seed program is noisy it can reach the ceiling in one run and not in another. Such a run has no scale to
    be measured on, which is no doing of the scaffold: it counts as an infrastructure failure that says so.
    """
    try:
        values = curve(measured, problem, key.calls)
    except SettingsError as error:
        measured = replace(measured, bests=(), failed=f"its seed program already reaches the ceiling: {error}")
        values = curve(measured, problem, key.calls)
    return Trial(key, measured, area(values), values)


def curve(measured: Measured, problem: SuiteProblem, calls: int) -> tuple[float, ...]:
    """Best so far after each of `calls` model calls on the problem's scale.

    A run that ended early keeps what it had; what came after the last call of the budget does not count. All zeros for
    an infrastructure failure: what cannot be measured has earned nothing, and a scaffold cannot gain by breaking the
    machine. Never below 0, but not cut off above 1: two scaffolds that both beat the best known are still different,
    and a score that is too good to be true must stay visible (`evolve.meta.parents.jump`).

    Raises SettingsError when the suite's ceiling does not lie above the seed program, or the seed has no score.
    """
    if calls < 1:
        raise ValueError(f"a curve needs at least one call, not {calls}")
    if measured.failed:
        return (0.0,) * calls
    floor = measured.seed_score
    room = room_of(problem, floor)
    scaled = [max(0.0, (best - floor) / room) for best in measured.bests[:calls]]
    last = scaled[-1] if scaled else 0.0
    return (*scaled, *[last] * (calls - len(scaled)))


def room_of(problem: SuiteProblem, floor: float) -> float:
    """How far the ceiling lies above `floor`, a score (more is better).

    Raises SettingsError when it does not, or when one of them is no finite number.
    """
    room = problem.direction.sign * problem.ceiling - floor
    if math.isfinite(room) and room > 0:
        return room
    seed = problem.direction.sign * floor
    raise SettingsError(
        f"suite problem {problem.name}: the seed program scores {seed:g} and the ceiling is {problem.ceiling:g} "
        f"({problem.direction.value}), which leaves no room; give the problem a ceiling that is better than its seed"
    )


def area(values: Sequence[float]) -> float:
    """The mean of a curve: the area under it over the number of calls."""
    return math.fsum(values) / len(values)


def mean_curve(trials: Iterable[Trial]) -> tuple[float, ...]:
    """The mean of the trials' curves, call by call; empty without a trial. Raises ValueError for unlike lengths."""
    return tuple(math.fsum(values) / len(values) for values in zip(*(trial.curve for trial in trials), strict=True))


def problem_means(trials: Iterable[Trial]) -> dict[str, float]:
    """The mean area over its seeds of every problem there is a trial of, by name in order."""
    by_problem: dict[str, list[float]] = {}
    for trial in once(trials):
        by_problem.setdefault(trial.key.problem, []).append(trial.area)
    return {name: statistics.fmean(by_problem[name]) for name in sorted(by_problem)}


def mean_area(trials: Iterable[Trial]) -> float:
    """The mean over problems of the mean area over seeds. Raises ValueError without a trial."""
    means = problem_means(trials)
    if not means:
        raise ValueError("a mean area needs at least one trial")
    return statistics.fmean(means.values())


def paired_differences(child: Iterable[Trial], other: Iterable[Trial]) -> dict[Cell, float]:
    """Child minus other in every (problem, seed), in order.

    An infrastructure failure counts against the child on either side: its own is a run with an area of 0, and where
    the other's run failed there is nothing to be better than, so the difference is not above 0. Raises ValueError when
    one side lacks a run that the other has, was given another number of calls there, or has a cell twice: a comparison
    with gaps would compare different things.
    """
    mine, theirs = _cells(child), _cells(other)
    lacking = sorted(mine.keys() ^ theirs.keys())
    if lacking:
        problem, seed = lacking[0]
        side = "the other" if (problem, seed) in mine else "the child"
        raise ValueError(f"{len(lacking)} runs have no counterpart; {side} was not run on {problem} with seed {seed}")
    for problem, seed in mine:
        calls = mine[problem, seed].key.calls, theirs[problem, seed].key.calls
        if calls[0] != calls[1]:
            raise ValueError(f"the runs on {problem} with seed {seed} had {calls[0]} and {calls[1]} calls")
    return {cell: _difference(mine[cell], theirs[cell]) for cell in sorted(mine)}


def problem_differences(child: Iterable[Trial], other: Iterable[Trial]) -> dict[str, float]:
    """The mean over seeds of the paired differences, by problem in order. Raises ValueError as they do."""
    by_problem: dict[str, list[float]] = {}
    for (problem, _), difference in paired_differences(child, other).items():
        by_problem.setdefault(problem, []).append(difference)
    return {problem: statistics.fmean(values) for problem, values in by_problem.items()}


def robust_spread(values: Sequence[float]) -> float:
    """A standard deviation that a few odd values cannot move: from the median absolute deviation.

    Where more than half of the values are equal that is 0; then from the interquartile range, then the ordinary
    standard deviation. 0 only when all are equal, or fewer than two.
    """
    if len(values) < 2:
        return 0.0
    middle = statistics.median(values)
    deviation = statistics.median(abs(value - middle) for value in values)
    if deviation > 0:
        return MAD_TO_SD * deviation
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return IQR_TO_SD * (high - low) if high > low else statistics.stdev(values)


def once(trials: Iterable[Trial]) -> list[Trial]:
    """The trials in the order of their keys, each key once: the table is append-only and its first entry holds."""
    first: dict[TrialKey, Trial] = {}
    for trial in trials:
        first.setdefault(trial.key, trial)
    return [first[key] for key in sorted(first, key=_order)]


def by_scaffold(trials: Iterable[Trial]) -> dict[int, list[Trial]]:
    """The trials of each scaffold, by number in order."""
    grouped: dict[int, list[Trial]] = {}
    for trial in once(trials):
        grouped.setdefault(trial.key.scaffold, []).append(trial)
    return grouped


def _difference(child: Trial, other: Trial) -> float:
    found = child.area - other.area
    return min(0.0, found) if other.measured.failed else found


def _order(key: TrialKey) -> tuple[int, str, str, int, int]:
    return key.scaffold, key.stage.value, key.problem, key.seed, key.calls


def _cells(trials: Iterable[Trial]) -> Mapping[Cell, Trial]:
    cells: dict[Cell, Trial] = {}
    for trial in trials:
        cell = trial.key.problem, trial.key.seed
        if cell in cells:
            raise ValueError(f"scaffold {trial.key.scaffold} has two runs on {cell[0]} with seed {cell[1]}")
        cells[cell] = trial
    return cells
