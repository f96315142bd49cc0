"""The view of a comparison: tables and verdicts for people, JSON and CSV for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from evolve.report import figures
from evolve.report.comparison import Arm, Axis, Checkpoint, Comparison, Entrant, Track
from evolve.report.contest import Contest, needed
from evolve.report.listing import Column, Listing
from evolve.report.text import clean, plain
from evolve.statistics import Interval, median_interval

CSV_HEADER = ("arm", "run", "seed", "axis", "amount", "best")
METHOD = (
    "Medians with distribution-free intervals, and how often such an interval holds the true one; two-sided permutation"
    " tests of the means, p corrected for the number of arms. What is found at the largest amount is the verdict."
)


# ---------------------------------------------------------------- for people


def compare_view(comparison: Comparison) -> Iterator[RenderableType]:
    """A comparison for people."""
    yield plain(f"{comparison.problem} · {comparison.direction} {comparison.objective}", style="bold")
    yield _arms(comparison)
    for track in comparison.tracks:
        yield Text(f"\nat equal {track.axis}{_ended_by(comparison, track)}", style="bold")
        yield _track(comparison, track)
        last = track.checkpoints[-1]
        for contest in last.contests:
            yield _verdict(contest, f"at {_amount(track.axis, last.amount)}")
    if comparison.held_out:
        yield Text("\nfinal programs on held-out cases", style="bold")
        for contest in comparison.held_out:
            yield _verdict(contest, "on held-out cases")
    yield Text("")
    for remark in comparison.remarks:
        yield plain(remark, style="yellow")
    yield Text(METHOD, style="dim")


def _ended_by(comparison: Comparison, track: Track) -> str:
    """Which run ends the comparison by having used the least; nothing when all used as much."""
    used = {entrant.used(track.axis) for arm in comparison.arms for entrant in arm.entrants}
    return f" (run {track.shortest} used the least)" if len(used) > 1 else ""


def _arms(comparison: Comparison) -> Listing:
    columns = (
        Column("arm", text=True),
        Column("runs"),
        Column("best, search cases"),
        Column("interval", optional=True),
        Column("held-out cases"),
        Column("interval", optional=True),
        Column("evaluations", optional=True),
        Column("money", optional=True),
        Column("time", optional=True),
    )
    return Listing(columns, [_arm_row(arm) for arm in comparison.arms])


def _arm_row(arm: Arm) -> list[RenderableType]:
    ends = [entrant.end for entrant in arm.entrants]
    costs = [end.cost for end in ends if end.cost is not None]
    return [
        plain(arm.label),
        str(len(ends)),
        *_median(arm.final),
        *(("–", "") if arm.held_out is None else _median(arm.held_out)),
        figures.count(round(_middle([end.evaluations for end in ends]))),
        figures.dollars(_middle(costs)) if len(costs) == len(ends) else "unknown",
        figures.seconds(_middle([entrant.run.summary.elapsed for entrant in arm.entrants])),
    ]


def _middle(values: Sequence[float]) -> float:
    return median_interval(values).median


def _track(comparison: Comparison, track: Track) -> Listing:
    columns = (
        Column(track.axis.value),
        Column("arm", text=True),
        Column("median"),
        Column("interval", optional=True),
        Column(plain(f"from {comparison.arms[0].label}")),
        Column("interval", optional=True),
        Column("p"),
        Column("better in", optional=True),
    )
    rows: list[list[RenderableType]] = []
    for checkpoint in track.checkpoints:
        rows += _checkpoint_rows(comparison, track.axis, checkpoint)
    return Listing(columns, rows)


def _checkpoint_rows(comparison: Comparison, axis: Axis, checkpoint: Checkpoint) -> Iterator[list[RenderableType]]:
    first, *others = (plain(arm.label) for arm in comparison.arms)
    yield [_amount(axis, checkpoint.amount, bare=True), first, *_median(checkpoint.medians[0]), "", "", "", ""]
    for label, median, contest in zip(others, checkpoint.medians[1:], checkpoint.contests, strict=True):
        difference = (figures.signed(contest.difference.median), _range(contest.difference, figures.signed))
        yield ["", label, *_median(median), *difference, _p(contest.p), _share(contest)]


def _amount(axis: Axis, amount: float, *, bare: bool = False) -> str:
    if axis is Axis.MONEY:
        return figures.dollars(amount)
    return figures.count(round(amount)) if bare else figures.plural(round(amount), axis.value.removesuffix("s"))


def _median(interval: Interval) -> tuple[str, str]:
    return figures.number(interval.median), _range(interval, figures.number)


def _range(interval: Interval, written: Callable[[float], str]) -> str:
    """The interval with the coverage it has; nothing for a single value, which has none."""
    if interval.coverage == 0:
        return ""
    return f"{written(interval.low)} to {written(interval.high)} ({100 * interval.coverage:.3g}%)"


def _p(p: float) -> str:
    return f"{p:.2g}" if p >= 0.001 else f"{p:.1g}"


def _share(contest: Contest) -> str:
    if contest.paired:
        ties = f", {contest.ties} equal" if contest.ties else ""
        return f"{contest.wins} of {figures.plural(contest.n[0], 'pair')}{ties}"
    return f"{contest.superiority:.0%} of duels"


def _verdict(contest: Contest, where: str) -> Text:
    arm, against = clean(contest.arm), clean(contest.against)
    if contest.better is not None:
        word, style = ("better", "green") if contest.better else ("worse", "red")
        head = f"{arm} is {word} than {against} {where}"
    elif contest.can_show:
        head, style = f"no difference shown between {arm} and {against} {where}", "yellow"
    else:
        head, style = f"too few runs to show a difference between {arm} and {against} {where}", "yellow"
    return Text(head, style=style).append(f": {_evidence(contest)}", style="default")


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
        f" p = {_p(contest.p)} ({test}{exact}; {runs})"
    )
    if not contest.can_show:
        floor = min(1.0, contest.outcome.floor * contest.tests)
        said += f"; no p below {_p(floor)} is possible with them, {needed(contest)} are needed"
    if contest.better is not None and contest.divided:
        said += f"; the mean difference, {figures.signed(contest.mean)}, points the other way: look at the single runs"
    return said


def _interval(interval: Interval) -> str:
    if interval.coverage == 0:
        return ""
    span = f"{figures.signed(interval.low)} to {figures.signed(interval.high)}"
    return f" ({100 * interval.coverage:.3g}% interval {span})"


# ---------------------------------------------------------------- for programs


def compare_json(comparison: Comparison) -> dict[str, Any]:
    """A comparison as plain data; differences are in units of the objective, `p` is corrected and `p_alone` is not."""
    return {
        "problem": comparison.problem,
        "objective": comparison.objective,
        "direction": comparison.direction,
        "arms": [_arm_json(arm) for arm in comparison.arms],
        "tracks": [
            {
                "axis": track.axis,
                "shortest": track.shortest,
                "checkpoints": [_checkpoint_json(comparison, point) for point in track.checkpoints],
            }
            for track in comparison.tracks
        ],
        "held_out": [_contest_json(contest) for contest in comparison.held_out],
        "remarks": list(comparison.remarks),
    }


def _arm_json(arm: Arm) -> dict[str, Any]:
    held_out = arm.held_out
    return {
        "arm": arm.label,
        "best": _interval_json(arm.final),
        "held_out": None if held_out is None else _interval_json(held_out),
        "runs": [_entrant_json(entrant) for entrant in arm.entrants],
    }


def _entrant_json(entrant: Entrant) -> dict[str, Any]:
    run, end = entrant.run, entrant.end
    return {
        "run": run.id,
        "name": run.summary.name,
        "seed": run.seed,
        "status": run.status,
        "best": end.best,
        "held_out": entrant.held_out,
        "evaluations": end.evaluations,
        "money": end.cost,
        "tokens": end.tokens,
        "seconds": run.summary.elapsed,
    }


def _checkpoint_json(comparison: Comparison, checkpoint: Checkpoint) -> dict[str, Any]:
    return {
        "amount": checkpoint.amount,
        "arms": [
            {"arm": arm.label, "bests": list(bests), "median": _interval_json(median)}
            for arm, bests, median in zip(comparison.arms, checkpoint.bests, checkpoint.medians, strict=True)
        ],
        "contests": [_contest_json(contest) for contest in checkpoint.contests],
    }


def _interval_json(interval: Interval) -> dict[str, float]:
    return {"median": interval.median, "low": interval.low, "high": interval.high, "coverage": interval.coverage}


def _contest_json(contest: Contest) -> dict[str, Any]:
    return {
        "arm": contest.arm,
        "against": contest.against,
        "paired": contest.paired,
        "difference": _interval_json(contest.difference),
        "mean_difference": contest.mean,
        "superiority": contest.superiority,
        "wins": contest.wins,
        "ties": contest.ties,
        "losses": contest.losses,
        "p": contest.p,
        "p_alone": contest.outcome.p,
        "p_floor": contest.outcome.floor,
        "exact": contest.outcome.exact,
        "better": contest.better,
    }


def compare_csv(comparison: Comparison) -> str:
    """One line per run and checkpoint: best so far at that amount. Axis `final` is the end, `held_out` its held-out."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_HEADER)
    for index, arm in enumerate(comparison.arms):
        for place, entrant in enumerate(arm.entrants):
            run = (clean(arm.label), entrant.run.id, entrant.run.seed)
            for track in comparison.tracks:
                for point in track.checkpoints:
                    writer.writerow((*run, track.axis.value, point.amount, point.bests[index][place]))
            writer.writerow((*run, "final", entrant.end.evaluations, entrant.end.best))
            if entrant.held_out is not None:
                writer.writerow((*run, "held_out", entrant.end.evaluations, entrant.held_out))
    return out.getvalue()
