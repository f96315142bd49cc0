"""What a comparison says, as plain strings: the same words and figures in the terminal, in the browser and in LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from evolve.report import figures
from evolve.report.comparison import Arm, Checkpoint, Comparison, Track
from evolve.report.contest import Contest, needed
from evolve.report.entrant import Axis
from evolve.report.text import clean
from evolve.statistics import Interval, median_interval

METHOD = (
    "Medians with distribution-free intervals, and how often such an interval holds the true one; two-sided permutation"
    " tests of the means, p corrected for the number of arms. What is found at the largest amount is the verdict."
)
ON_HELD_OUT = "on held-out cases"


class Tone(StrEnum):
    """Which way a verdict went."""

    BETTER = "better"
    WORSE = "worse"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a contest showed, in a sentence, and what that rests on."""

    head: str
    evidence: str
    tone: Tone

    def __str__(self) -> str:
        return f"{self.head}: {self.evidence}"


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a column of texts or of figures; an `optional` one may be left out where there is no room."""

    title: str
    text: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of strings that are safe to print, one line each."""

    headings: Sequence[Heading]
    rows: Sequence[Sequence[str]]


def shown(text: str) -> str:
    """Text that a person typed, clean and on one line."""
    return clean(text).replace("\n", "\\n")


def headline(comparison: Comparison) -> str:
    """What is compared: `oscillator_law · minimize error (%)`."""
    objective = figures.heading(comparison.objective, comparison.unit)
    return shown(f"{comparison.problem} · {comparison.direction} {objective}")


def track_title(comparison: Comparison, track: Track) -> str:
    """`at equal evaluations`, and which run ends the comparison by having used the least, if not all used as much."""
    used = {entrant.used(track.axis) for arm in comparison.arms for entrant in arm.entrants}
    return f"at equal {track.axis}" + (f" (run {track.shortest} used the least)" if len(used) > 1 else "")


def amount(axis: Axis, value: float, *, bare: bool = False) -> str:
    """An amount with its unit: `$0.50`, `120 evaluations`; whole numbers alone when `bare`."""
    if axis is Axis.MONEY:
        return figures.dollars(value)
    return figures.count(round(value)) if bare else figures.plural(round(value), axis.value.removesuffix("s"))


def probability(p: float) -> str:
    """A p-value."""
    return f"{p:.2g}" if p >= 0.001 else f"{p:.1g}"


def span(interval: Interval, written: Callable[[float], str] = figures.number) -> str:
    """An interval with the coverage it has; nothing for a single value, which has none."""
    if interval.coverage == 0:
        return ""
    return f"{written(interval.low)} to {written(interval.high)} ({100 * interval.coverage:.3g}%)"


# ---------------------------------------------------------------- tables


def arms_grid(comparison: Comparison) -> Grid:
    """One row per arm: what it came to, and what that took in the median."""
    headings = (
        Heading("arm", text=True),
        Heading("runs"),
        Heading(_in_unit("best, search cases", comparison)),
        Heading("interval", optional=True),
        Heading(_in_unit("held-out cases", comparison)),
        Heading("interval", optional=True),
        Heading("evaluations", optional=True),
        Heading("money", optional=True),
        Heading("time", optional=True),
    )
    return Grid(headings, [_arm_row(arm) for arm in comparison.arms])


def _in_unit(title: str, comparison: Comparison) -> str:
    return figures.heading(title, shown(comparison.unit))


def _arm_row(arm: Arm) -> list[str]:
    ends = [entrant.end for entrant in arm.entrants]
    costs = [end.cost for end in ends if end.cost is not None]
    return [
        shown(arm.label),
        str(len(ends)),
        *_median(arm.final),
        *(("–", "") if arm.held_out is None else _median(arm.held_out)),
        figures.count(round(_middle([end.evaluations for end in ends]))),
        figures.dollars(_middle(costs)) if len(costs) == len(ends) else "unknown",
        figures.seconds(_middle([entrant.run.summary.elapsed for entrant in arm.entrants])),
    ]


def _middle(values: Sequence[float]) -> float:
    return median_interval(values).median


def _median(interval: Interval) -> tuple[str, str]:
    return figures.number(interval.median), span(interval)


def track_grid(comparison: Comparison, track: Track) -> Grid:
    """Where the arms stood at each checkpoint of a track, and how far they were from the first."""
    headings = (
        Heading(track.axis.value),
        Heading("arm", text=True),
        Heading(_in_unit("median", comparison)),
        Heading("interval", optional=True),
        Heading(f"from {shown(comparison.arms[0].label)}"),
        Heading("interval", optional=True),
        Heading("p"),
        Heading("better in", optional=True),
    )
    rows = [row for point in track.checkpoints for row in _checkpoint_rows(comparison, track.axis, point)]
    return Grid(headings, rows)


def _checkpoint_rows(comparison: Comparison, axis: Axis, checkpoint: Checkpoint) -> Iterator[list[str]]:
    first, *others = (shown(arm.label) for arm in comparison.arms)
    yield [amount(axis, checkpoint.amount, bare=True), first, *_median(checkpoint.medians[0]), "", "", "", ""]
    for label, median, contest in zip(others, checkpoint.medians[1:], checkpoint.contests, strict=True):
        difference = (figures.signed(contest.difference.median), span(contest.difference, figures.signed))
        yield ["", label, *_median(median), *difference, probability(contest.p), _share(contest)]


def _share(contest: Contest) -> str:
    if contest.paired:
        ties = f", {contest.ties} equal" if contest.ties else ""
        return f"{contest.wins} of {figures.plural(contest.n[0], 'pair')}{ties}"
    return f"{contest.superiority:.0%} of duels"


# ---------------------------------------------------------------- sentences


def track_verdicts(track: Track) -> list[Verdict]:
    """What is found at the largest amount of a track."""
    last = track.checkpoints[-1]
    return [verdict(contest, f"at {amount(track.axis, last.amount)}") for contest in last.contests]


def verdict(contest: Contest, where: str) -> Verdict:
    """What a contest showed `where` it was held, such as `at 120 evaluations`."""
    arm, against = shown(contest.arm), shown(contest.against)
    evidence = _evidence(contest)
    if contest.better is not None:
        tone = Tone.BETTER if contest.better else Tone.WORSE
        return Verdict(f"{arm} is {tone} than {against} {where}", evidence, tone)
    if contest.can_show:
        return Verdict(f"no difference shown between {arm} and {against} {where}", evidence, Tone.OPEN)
    return Verdict(f"too few runs to show a difference between {arm} and {against} {where}", evidence, Tone.OPEN)


def _evidence(contest: Contest) -> str:
    if contest.paired:
        runs, test = f"{figures.plural(contest.n[0], 'pair')} by run seed", "sign-flip test"
    else:
        runs = f"{contest.n[0]} and {contest.n[1]} runs, unpaired because their seeds differ"
        test = "permutation test"
    exact = "" if contest.outcome.exact else f", {figures.count(contest.outcome.of)} draws"
    difference = contest.difference
    said = (
        f"median difference {figures.signed(difference.median)}{_interval(difference)}, better in {_share(contest)},"
        f" p = {probability(contest.p)} ({test}{exact}; {runs})"
    )
    if not contest.can_show:
        floor = min(1.0, contest.outcome.floor * contest.tests)
        said += f"; no p below {probability(floor)} is possible with them, {needed(contest)} are needed"
    if contest.better is not None and contest.divided:
        said += f"; the mean difference, {figures.signed(contest.mean)}, points the other way: look at the single runs"
    return said


def _interval(interval: Interval) -> str:
    if interval.coverage == 0:
        return ""
    ends = f"{figures.signed(interval.low)} to {figures.signed(interval.high)}"
    return f" ({100 * interval.coverage:.3g}% interval {ends})"
