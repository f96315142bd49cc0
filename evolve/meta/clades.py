"""The clade rule: a scaffold is worth what its whole lineage wins (Huxley-Gödel Machine, arXiv 2510.21614).

What a scaffold scores itself says little about what comes of editing it. So every trial is a win or a loss against the
first scaffold on the same problem and seed, a node's outcomes are pooled with those of all its descendants, and the
next parent is drawn by Thompson sampling on the pooled counts. A new scaffold is made whenever
evaluations ** exponent >= scaffolds; otherwise one more run of an existing one is bought.

Pure functions of the archive and of the append-only table of trials, as `evolve.meta.parents`.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from evolve.meta.areas import once
from evolve.meta.records import ZERO, Member, Stage, Trial

EXPONENT = 0.6
"""Scaffolds grow as this power of the evaluations (arXiv 2510.21614)."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Trials won and lost against the first scaffold; a tie is half of each."""

    wins: float = 0.0
    losses: float = 0.0

    def __add__(self, other: Outcomes) -> Outcomes:
        return Outcomes(self.wins + other.wins, self.losses + other.losses)


@dataclass(frozen=True, slots=True)
class Expand:
    """Make a child of `parent`."""

    parent: int


@dataclass(frozen=True, slots=True)
class Evaluate:
    """Run `member` on a problem with a seed."""

    member: int
    problem: str
    seed: int


def own_outcomes(trials: Iterable[Trial], base: int = ZERO) -> dict[int, Outcomes]:
    """Each scaffold's outcomes in trials of stage `rank`, by number in order.

    A trial counts when the base was run on the same problem and seed with as many calls; against itself the base ties.
    """
    ranked = [trial for trial in once(trials) if trial.key.stage is Stage.RANK]
    bar = {
        (trial.key.problem, trial.key.seed, trial.key.calls): trial.area
        for trial in ranked
        if trial.key.scaffold == base
    }
    found: dict[int, Outcomes] = {}
    for trial in ranked:
        other = bar.get((trial.key.problem, trial.key.seed, trial.key.calls))
        if other is not None:
            won = 0.5 if trial.area == other else float(trial.area > other)
            found[trial.key.scaffold] = found.get(trial.key.scaffold, Outcomes()) + Outcomes(won, 1 - won)
    return found


def clade_outcomes(members: Iterable[Member], trials: Iterable[Trial], base: int = ZERO) -> dict[int, Outcomes]:
    """The outcomes of each member pooled with those of all its descendants, by number in order."""
    parents = {member.number: member.parent for member in members}
    own, pooled = own_outcomes(trials, base), dict.fromkeys(sorted(parents), Outcomes())
    for number in pooled:
        ancestor: int | None = number
        while ancestor is not None and ancestor in pooled:
            pooled[ancestor] += own.get(number, Outcomes())
            ancestor = parents[ancestor]
    return pooled


def clade_next(
    members: Iterable[Member],
    trials: Iterable[Trial],
    cells: Sequence[tuple[str, int]],
    rng: random.Random,
    *,
    exponent: float = EXPONENT,
    excluded: Collection[int] = (),
    base: int = ZERO,
) -> Expand | Evaluate:
    """What to do next: make a child of somebody, or run somebody in the first of `cells` it was not run in.

    `cells` are the (problem, seed) that every scaffold may be run in, in order. The base is run in a cell first, since
    nothing can be won there before. Parents are drawn by their clade's outcomes, whom to run by its own. Where every
    eligible scaffold was run in all cells, a child is made. Raises ValueError when nobody is eligible.
    """
    known = {member.number: member for member in members}
    table = [trial for trial in once(trials) if trial.key.stage is Stage.RANK]
    free = [number for number in sorted(known) if not known[number].held and number not in excluded]
    if not free:
        raise ValueError("no scaffold can be a parent: all are held or excluded")
    unmeasured = {number: _open(number, table, cells) for number in (*free, base)}
    waiting = [number for number in free if unmeasured[number]]
    if not waiting or len(table) ** exponent >= len(known):
        return Expand(_thompson(free, clade_outcomes(known.values(), table, base), rng))
    member = _thompson(waiting, own_outcomes(table, base), rng)
    cell = unmeasured[member][0]
    return Evaluate(base if cell in unmeasured[base] else member, *cell)


def _open(number: int, trials: Iterable[Trial], cells: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    done = {(trial.key.problem, trial.key.seed) for trial in trials if trial.key.scaffold == number}
    return [cell for cell in cells if cell not in done]


def _thompson(numbers: Sequence[int], outcomes: Mapping[int, Outcomes], rng: random.Random) -> int:
    """Of one draw each from Beta(1 + wins, 1 + losses), whose is greatest."""
    draws = {number: outcomes.get(number, Outcomes()) for number in numbers}
    return max(numbers, key=lambda number: rng.betavariate(1 + draws[number].wins, 1 + draws[number].losses))
