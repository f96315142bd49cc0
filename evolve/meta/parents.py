"""Which scaffold is edited next: pure functions of the archive and of the append-only table of trials.

Nothing is remembered between calls and nothing is written: the same members, trials and random state give the same
choice, so a campaign that was killed goes on with the choice it would have made. Repeated entries of the table count
once, and its order does not matter. Members that wait for review (`held`) or that the caller excludes (quarantined,
refused) are never parents; they still count as somebody's child.
"""

from __future__ import annotations

import math
import random
import statistics
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from evolve.meta.areas import by_scaffold, mean_area, problem_means, robust_spread
from evolve.meta.records import ZERO, Member, Rule, Stage, SuiteProblem, Trial

STEEPNESS = 2.0
"""lambda per robust standard deviation of F: 10 per unit (Darwin Gödel Machine) where the F spread by 0.2."""

FAR = 50.0
"""No F counts as further than this many spreads from m: its weight is then 0 for all that matters."""

LEAST_SPREAD = 0.02
"""Of areas, when jumps are looked for: siblings that happen to be all but equal must not make any gain a jump."""

FEW = 4
"""Siblings below which a jump is measured against all other members instead."""

_ROUNDING = 1e-9
"""Relative: a score this close to a proven bound has not passed it."""


def fitness(trials: Iterable[Trial], problems: Collection[str] | None = None) -> dict[int, float]:
    """F by member: the mean over problems of its mean area in trials of stage `rank`.

    With `problems`, only over these, and members that were not run on all of them have no F: a part of the suite is
    not the suite.
    """
    ranked = (trial for trial in trials if trial.key.stage is Stage.RANK)
    if problems is None:
        return {number: mean_area(own) for number, own in by_scaffold(ranked).items()}
    found = {}
    for number, own in by_scaffold(ranked).items():
        means = problem_means(own)
        if problems and all(name in means for name in problems):
            found[number] = statistics.fmean(means[name] for name in sorted(set(problems)))
    return found


def children_of(members: Iterable[Member]) -> Counter[int]:
    """How many children each member has; those held for review count."""
    return Counter(member.parent for member in _known(members).values() if member.parent is not None)


def eligible(members: Iterable[Member], scores: Mapping[int, float], excluded: Collection[int] = ()) -> list[int]:
    """Members that may be parents, in order: measured, not held and not excluded."""
    known = _known(members)
    return [number for number in sorted(known) if number in scores and _free(known[number], excluded)]


def dgm_probabilities(
    members: Iterable[Member],
    scores: Mapping[int, float],
    *,
    steepness: float = STEEPNESS,
    excluded: Collection[int] = (),
) -> dict[int, float]:
    """How likely each eligible member is the next parent: sigmoid(lambda (F - m)) / (1 + children), normalised.

    m is the 75th percentile of F over the eligible, so that most draws go to the best quarter; lambda is `steepness`
    per robust standard deviation of F, which makes the choice the same on any scale (Darwin Gödel Machine, arXiv
    2505.22954, with a fixed m = 0.5 and lambda = 10). Raises ValueError when nobody is eligible.
    """
    listed = list(members)
    numbers = _someone(eligible(listed, scores, excluded))
    values = [scores[number] for number in numbers]
    middle = statistics.quantiles(values, n=4, method="inclusive")[2] if len(values) > 1 else values[0]
    spread, children = robust_spread(values), children_of(listed)
    weights = {
        number: _sigmoid(steepness * _standard(value - middle, spread)) / (1 + children[number])
        for number, value in zip(numbers, values, strict=True)
    }
    total = math.fsum(weights.values())
    return {number: weight / total for number, weight in weights.items()}


def best(members: Iterable[Member], scores: Mapping[int, float], excluded: Collection[int] = ()) -> int:
    """The eligible member of the greatest F, the oldest of equals. Raises ValueError when nobody is eligible."""
    return max(_someone(eligible(members, scores, excluded)), key=lambda number: (scores[number], -number))


def choose(
    rule: Rule,
    members: Iterable[Member],
    trials: Iterable[Trial],
    rng: random.Random,
    *,
    problems: Collection[str] | None = None,
    steepness: float = STEEPNESS,
    excluded: Collection[int] = (),
) -> int:
    """The next parent by a rule, all but `clade` (`evolve.meta.clades`).

    `flat` always takes the first scaffold and `random` any that may be a parent, both without looking at a result.
    Raises ValueError when nobody is eligible, or for rule `clade`.
    """
    listed = list(members)
    match rule:
        case Rule.FLAT:
            return ZERO
        case Rule.RANDOM:
            free = [number for number, member in sorted(_known(listed).items()) if _free(member, excluded)]
            return rng.choice(_someone(free))
        case Rule.GREEDY:
            return best(listed, fitness(trials, problems), excluded)
        case Rule.DGM:
            chances = dgm_probabilities(listed, fitness(trials, problems), steepness=steepness, excluded=excluded)
            return rng.choices(list(chances), list(chances.values()))[0]
        case Rule.CLADE:
            raise ValueError("rule clade chooses between making a scaffold and measuring one; use clades.clade_next")


def jump(
    number: int,
    members: Iterable[Member],
    trials: Iterable[Trial],
    problems: Iterable[SuiteProblem] = (),
    *,
    limit: float = 6.0,
) -> str:
    """Why a member's score is too good to be trusted unseen, as a sentence; empty when it is not.

    Either a score beyond a problem's proven bound, in any trial, or an F more than `limit` robust standard deviations
    above the median of its siblings, of all other members when there are fewer than four siblings (nothing is said
    when those are fewer than four, too).
    """
    listed, known = list(trials), _known(members)
    if said := beyond_bound(number, listed, problems):
        return said
    scores = fitness(listed)
    if number not in scores or number not in known:
        return ""
    others = [other for other in sorted(known) if other != number and other in scores]
    siblings = [other for other in others if known[other].parent == known[number].parent]
    against, name = (siblings, "siblings") if len(siblings) >= FEW else (others, "other scaffolds")
    if len(against) < FEW:
        return ""
    values = [scores[other] for other in against]
    spread, middle = max(robust_spread(values), LEAST_SPREAD), statistics.median(values)
    times = (scores[number] - middle) / spread
    if times <= limit:
        return ""
    return (
        f"its area {scores[number]:.4f} lies {times:.1f} robust standard deviations above the median {middle:.4f} of "
        f"its {len(against)} {name}, more than {limit:g}"
    )


def beyond_bound(number: int, trials: Iterable[Trial], problems: Iterable[SuiteProblem]) -> str:
    """The first of a scaffold's scores, in any of these trials, that nothing can reach, as a sentence; "" without."""
    known = {problem.name: problem for problem in problems}
    for trial in trials:
        problem = known.get(trial.key.problem)
        if trial.key.scaffold != number or problem is None or problem.bound is None or not trial.measured.bests:
            continue
        sign = problem.direction.sign
        reached, bound = max(trial.measured.bests), sign * problem.bound
        if reached > bound + _ROUNDING * max(1.0, abs(bound)):
            return (
                f"on {problem.name} (seed {trial.key.seed}) it reached {sign * reached:g}, "
                f"beyond the proven bound {problem.bound:g}"
            )
    return ""


def _known(members: Iterable[Member]) -> dict[int, Member]:
    return {member.number: member for member in members}


def _free(member: Member, excluded: Collection[int]) -> bool:
    return not member.held and member.number not in excluded


def _someone(numbers: list[int]) -> list[int]:
    if not numbers:
        raise ValueError("no scaffold can be a parent: all are held, excluded or not measured yet")
    return numbers


def _standard(distance: float, spread: float) -> float:
    return 0.0 if spread == 0 else max(-FAR, min(FAR, distance / spread))


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-max(-700.0, min(700.0, value))))
