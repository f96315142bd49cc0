"""Runs of one problem against each other: at equal evaluations, at equal money or tokens, and on held-out cases."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from evolve.domain import Direction
from evolve.errors import UserError
from evolve.report.contest import Contest, contests
from evolve.report.entrant import Axis, Entrant
from evolve.report.given import parameters_text
from evolve.report.sealing import UNSEALED, WORD
from evolve.statistics import Interval, median_interval
from evolve.store import RunRow, RunStatus, Store

FRACTIONS = (0.1, 0.25, 0.5, 1.0)
"""Of the most that every run has used: where the runs are compared. The last one gives the verdict."""


@dataclass(frozen=True, slots=True)
class Arm:
    """Runs that are to be told from those of other arms, in the order of their seeds."""

    label: str
    entrants: Sequence[Entrant]

    @property
    def final(self) -> Interval:
        """The median of the final bests on the search cases; those of noisy runs are what fresh looks say of them."""
        return median_interval([entrant.end.best for entrant in self.entrants])

    @property
    def held_out(self) -> Interval | None:
        """The median of the final bests on the held-out cases; None unless all were measured."""
        values = [entrant.held_out for entrant in self.entrants]
        known = [value for value in values if value is not None]
        return median_interval(known) if len(known) == len(values) else None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The runs when each had used up `amount`: the best objective of every run by arm, and every arm's median.

    Bests are as they were told by then; at the last amount, which gives the verdict, they are the final ones of all
    runs that told no better one after it.
    `contests` are those of every arm but the first, against the first.
    """

    amount: float
    bests: Sequence[Sequence[float]]
    medians: Sequence[Interval]
    contests: Sequence[Contest]


@dataclass(frozen=True, slots=True)
class Track:
    """The comparison at equal amounts of one thing. `shortest` is the run that has used least, and so ends it."""

    axis: Axis
    checkpoints: Sequence[Checkpoint]
    shortest: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Arms of runs of one problem. `held_out` are contests of the final programs on cases no proposal was based on.

    `remarks` are sentences about what the figures do not show.
    """

    problem: str
    objective: str
    direction: Direction
    arms: Sequence[Arm]
    tracks: Sequence[Track]
    held_out: Sequence[Contest]
    remarks: Sequence[str]

    @property
    def unit(self) -> str:
        """Of the objective; "" where it has none, or no run noted it."""
        return next((each.run.unit for arm in self.arms for each in arm.entrants if each.run.unit), "")


def compare(store: Store, arms: Sequence[tuple[str, Sequence[RunRow]]]) -> Comparison:
    """Compare runs; the first arm is the one the others are held against.

    Raises UserError when there are fewer than two arms, a run is in two of them, the runs are not of one problem, or
    one of them has not even scored its seed.
    """
    _check(arms)
    loaded = [
        Arm(
            _labelled(label, runs), [Entrant.of(store, run) for run in sorted(runs, key=lambda run: (run.seed, run.id))]
        )
        for label, runs in arms
    ]
    entrants = [entrant for arm in loaded for entrant in arm.entrants]
    summary = entrants[0].run.summary
    tracks = [_track(loaded, Axis.EVALUATIONS)]
    dear, remark = _dear_axis(entrants)
    if dear is not None:
        tracks.append(_track(loaded, dear))
    remarks = [*_remarks(loaded), *([remark] if remark else []), *_noise(entrants, tracks)]
    return Comparison(summary.problem, summary.objective, summary.direction, loaded, tracks, _held_out(loaded), remarks)


def _labelled(label: str, runs: Sequence[RunRow]) -> str:
    """The arm's name, which tables, charts and verdicts repeat; it says so if programs could forge their scores."""
    return label if all(run.sealed for run in runs) else f"{label} ({WORD})"


def _check(arms: Sequence[tuple[str, Sequence[RunRow]]]) -> None:
    if len(arms) < 2:
        raise UserError("one arm is nothing to compare with; name two or more, as in evolve compare 1,2,3 4,5,6")
    seen: dict[int, str] = {}
    first = arms[0][1][0]
    for label, runs in arms:
        for run in runs:
            if run.id in seen:
                raise UserError(f"run {run.id} is in the arms {seen[run.id]!r} and {label!r}; leave it out of one")
            seen[run.id] = label
            _check_same(first, run)


def _check_same(first: RunRow, run: RunRow) -> None:
    one, other = first.summary, run.summary
    pairs = f"run {first.id} is of {one.problem!r} ({one.direction} {one.objective})"
    if (one.problem, one.objective, one.direction) != (other.problem, other.objective, other.direction):
        raise UserError(
            f"{pairs} and run {run.id} of {other.problem!r} ({other.direction} {other.objective}): scores of different"
            " problems cannot be compared; name runs of one problem by their numbers (evolve runs lists them)"
        )
    if first.sealed != run.sealed:
        sealed, unsealed = (first, run) if first.sealed else (run, first)
        raise UserError(
            f"run {unsealed.id} is {WORD}, its programs could forge scores, and run {sealed.id} is sealed, so the two"
            " cannot be compared; name runs of one kind by their numbers (evolve runs says which are unsealed)"
        )
    if one.parameters != other.parameters:
        mine, others = (parameters_text(each.parameters, equals="=") or "none" for each in (one, other))
        raise UserError(
            f"problem {one.problem!r} has the parameters {mine} in run {first.id} and {others} in run {run.id}, so"
            " their scores cannot be compared; name runs of the same parameters by their numbers (evolve runs has them)"
        )
    if first.problem_digest != run.problem_digest:
        raise UserError(
            f"problem {one.problem!r} changed between run {first.id} and run {run.id}, so their scores cannot be"
            " compared; name runs of one version of it by their numbers (evolve runs lists them)"
        )


def _track(arms: Sequence[Arm], axis: Axis) -> Track:
    used = {entrant.run.id: entrant.used(axis) or 0.0 for arm in arms for entrant in arm.entrants}
    shortest = min(used, key=used.__getitem__)
    *way, last = _amounts(axis, used[shortest])
    checkpoints = [_checkpoint(arms, amount, partial(Entrant.best_at, axis=axis, amount=amount)) for amount in way]
    checkpoints.append(_checkpoint(arms, last, partial(Entrant.verdict_at, axis=axis, amount=last)))
    return Track(axis, checkpoints, shortest)


def _amounts(axis: Axis, most: float) -> list[float]:
    if axis is Axis.MONEY:
        return [fraction * most for fraction in FRACTIONS]
    return sorted({max(1, math.floor(fraction * most)) for fraction in FRACTIONS})


def _checkpoint(arms: Sequence[Arm], amount: float, best: Callable[[Entrant], float]) -> Checkpoint:
    bests = [[best(entrant) for entrant in arm.entrants] for arm in arms]
    return Checkpoint(amount, bests, [median_interval(values) for values in bests], _contests(arms, best))


def _contests(arms: Sequence[Arm], value: Callable[[Entrant], float]) -> list[Contest]:
    direction = arms[0].entrants[0].run.summary.direction
    samples = [(arm.label, [(entrant.run.seed, value(entrant)) for entrant in arm.entrants]) for arm in arms]
    return contests(samples, direction)


def _held_out(arms: Sequence[Arm]) -> list[Contest]:
    if any(arm.held_out is None for arm in arms):
        return []
    return _contests(arms, lambda entrant: math.nan if entrant.held_out is None else entrant.held_out)


def _dear_axis(entrants: Sequence[Entrant]) -> tuple[Axis | None, str]:
    """Money if every run spent some and it is known how much, else tokens; with the reason if not money."""
    if all(entrant.end.tokens == 0 for entrant in entrants):
        return None, ""
    free = [entrant.run.id for entrant in entrants if entrant.end.tokens == 0]
    if free:
        return None, f"not compared at equal money: {_named(free)} asked no model"
    unknown = [entrant.run.id for entrant in entrants if entrant.end.cost is None]
    if unknown:
        return Axis.TOKENS, f"compared at equal tokens, not money: {_named(unknown)} asked models of unknown price"
    cheap = [entrant.run.id for entrant in entrants if not entrant.end.cost]
    if cheap:
        return Axis.TOKENS, f"compared at equal tokens, not money: {_named(cheap)} asked models that cost nothing"
    return Axis.MONEY, ""


def _remarks(arms: Sequence[Arm]) -> Iterator[str]:
    entrants = [entrant for arm in arms for entrant in arm.entrants]
    unsealed = [entrant.run.id for entrant in entrants if not entrant.run.sealed]
    if unsealed:
        yield f"{UNSEALED}: {_named(unsealed)}"
    open_ = [entrant.run.id for entrant in entrants if entrant.run.status is not RunStatus.FINISHED]
    if open_:
        yield f"not finished: {_named(open_)}; counted as far as the log goes"
    levels = {str(entrant.run.isolation.get("level", "unknown")) for entrant in entrants}
    if len(levels) > 1:
        yield f"scored at different isolation levels: {', '.join(sorted(levels))}; speed may differ, scores should not"
    for arm in arms:
        differing = sorted({key for entrant in arm.entrants[1:] for key in _differing(arm.entrants[0], entrant)})
        if differing:
            yield f"the runs of arm {arm.label} have different settings: {', '.join(differing)}"


def _noise(entrants: Sequence[Entrant], tracks: Sequence[Track]) -> Iterator[str]:
    """What the bests of noisy runs are worth. Those that were told are the luckiest looks of many, so optimistic."""
    noisy = [entrant for entrant in entrants if entrant.noisy]
    if not noisy:
        return
    named = _named([entrant.run.id for entrant in noisy])
    yield f"noise: search bests on the way are optimistic in {named}; later looks say what the final ones are worth"
    for track in tracks:
        last = track.checkpoints[-1].amount
        open_ = [entrant.run.id for entrant in noisy if not entrant.settled_at(track.axis, last)]
        if open_:
            yield (
                f"noise: {_named(open_)} found better ones beyond the last line at equal {track.axis}, which therefore"
                " has optimistic search bests of them"
            )


_NO_TREATMENT = ("seed", "budget", "workers")
"""Settings that may differ within an arm."""


def _differing(one: Entrant, other: Entrant) -> set[str]:
    """Dotted names of the settings in which two runs of an arm differ."""
    left, right = (_flat(entrant.run.settings) for entrant in (one, other))
    names = {name for name in left.keys() | right.keys() if left.get(name) != right.get(name)}
    return {name for name in names if name.partition(".")[0] not in _NO_TREATMENT}


def _flat(tree: object, prefix: str = "") -> dict[str, object]:
    if not isinstance(tree, dict):
        return {prefix: tree}
    flat: dict[str, object] = {}
    for key, value in tree.items():
        flat |= _flat(value, f"{prefix}.{key}" if prefix else str(key))
    return flat


def _named(ids: Sequence[int]) -> str:
    return f"run {ids[0]}" if len(ids) == 1 else f"runs {', '.join(map(str, ids))}"
