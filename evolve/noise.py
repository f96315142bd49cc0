"""How noisy scores are, and how often two candidates have to be looked at before one is called the better.

Everything is a function of the looks told so far, so that replaying the tells gives the same decisions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evolve.config import NoiseSettings
from evolve.domain import Estimate

Looks = Mapping[int, float]
"""Sign-turned objective (more is better) by look number. Look 0 is the evaluation every candidate gets."""

PRIOR_FREEDOM = 8.0
"""Degrees of freedom the noise of the seed counts for in the noise of a difference, before there are any duels."""
MODERATION = 4.0
"""Degrees of freedom all duels together count for beside the looks of one duel (Smyth's moderated variance, 2004)."""
BEHIND = 0.0
"""A challenger further behind than so many standard errors is dropped: most are worse, and a better one comes again.

With 1 instead of 0 a run of 300 looks told 106 candidates instead of 182, and its winner was worse for it.
"""

FIRST_ROUND = 4
"""Looks at every finalist before half of them are dropped (successive halving, Jamieson and Talwalkar 2016)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One more look at a candidate."""

    number: int
    look: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far a challenger is ahead of a rival (negative: behind), by how many looks, and the standard error of that.

    `pairs` are the looks both were given under the same noise; `same` says that all of two or more came out equal.
    """

    ahead: float
    stderr: float
    looks: int
    pairs: int
    same: bool


class Noise:
    """The noise of one look and of a difference between two.

    Looks of the same number have the same noise seed, so part of the noise may be common to two candidates and cancel
    in their difference. How much shows in duels; until then it is taken to be nothing.

    Args:
        settings: How many looks are worth it.
        timing: Whether noise comes from the machine instead: then only looks taken side by side pair up.
    """

    def __init__(self, settings: NoiseSettings, *, timing: bool = False) -> None:
        self.settings = settings
        self.timing = timing
        self.sd: float | None = None
        self._freedom = 0.0
        self._squares = 0.0
        self._used = 0

    @property
    def noisy(self) -> bool:
        """Whether scores are known to be noisy; what follows is only for those."""
        return bool(self.sd)

    def measure(self, seed: Looks) -> None:
        """Take the noise of one look from those at the seed; one look says nothing."""
        self.sd = math.sqrt(len(seed)) * (Estimate.of(seed.values()).stderr or 0.0) if len(seed) > 1 else None
        self.note(seed)

    def note(self, looks: Iterable[int]) -> None:
        """These look numbers are taken: where looks pair up by time, a later duel uses others."""
        self._used = max(self._used, *looks, 0)

    def learn(self, challenger: Looks, rival: Looks) -> None:
        """Take what a duel says about the noise of differences; programs that behave alike say nothing."""
        differences = self._paired(challenger, rival)
        if len(differences) > 1 and any(differences):
            self._freedom += len(differences) - 1
            self._squares += _squares(differences)

    def compare(self, challenger: Looks, rival: Looks) -> Comparison:
        """Compare by pairs or by means, whichever is the more certain."""
        assert self.sd is not None, "what is not noisy needs no comparing"
        differences = self._paired(challenger, rival)
        pairs, fewest = len(differences), min(len(challenger), len(rival))
        apart = self.sd * math.sqrt(1 / len(challenger) + 1 / len(rival))
        same = pairs > 1 and not any(differences)
        if pairs:
            together = math.sqrt(self._variance(differences) / pairs)
            # With as many looks at both the means differ by the mean of the pairs, and pairs know about common noise.
            if self.timing or together <= apart or pairs == len(challenger) == len(rival):
                return Comparison(math.fsum(differences) / pairs, together, pairs, pairs, same)
        ahead = _mean(challenger) - _mean(rival)
        return Comparison(ahead, apart, pairs if self.timing else fewest, pairs, same)

    def duel(self, challenger: tuple[int, Looks], rival: tuple[int, Looks], most: int) -> tuple[Wanted, ...]:
        """The looks that are wanted before it is clear which of two, each a number with its looks, is the better.

        A challenger that is clearly behind is left alone. One that leads is given at least `settings.looks`, however
        clear it seems: of many candidates one look flatters some by far. Looks double until `most`.
        """
        now = self.compare(challenger[1], rival[1])
        if now.same or now.looks >= most or now.ahead < -BEHIND * now.stderr:
            return ()
        clear = now.ahead >= self.settings.z * now.stderr
        if clear and now.looks >= self.settings.looks:
            return ()
        target = min(most, max(2, 2 * now.looks))
        if self.timing:
            return self._side_by_side(challenger, rival, target - now.pairs)
        return tuple(
            Wanted(number, look) for number, looks in (challenger, rival) for look in range(target) if look not in looks
        )

    def more(self, number: int, looks: Looks, target: int) -> tuple[Wanted, ...]:
        """The looks at one candidate that are missing to `target`."""
        missing = max(0, target - len(looks))
        if self.timing:
            return tuple(Wanted(number, max(self._used, *looks) + 1 + step) for step in range(missing))
        return tuple(Wanted(number, look) for look in range(target) if look not in looks)

    def _side_by_side(self, challenger: tuple[int, Looks], rival: tuple[int, Looks], pairs: int) -> tuple[Wanted, ...]:
        """New pairs in the order ABBA, so that a machine that gets slower favours neither."""
        first = max(self._used, *challenger[1], *rival[1]) + 1
        wanted: list[Wanted] = []
        for step in range(pairs):
            order = (challenger[0], rival[0]) if step % 2 == 0 else (rival[0], challenger[0])
            wanted += [Wanted(number, first + step) for number in order]
        return tuple(wanted)

    def _paired(self, challenger: Looks, rival: Looks) -> list[float]:
        """Differences look by look. Timed looks pair up only when they were taken for each other: never look 0."""
        common = sorted(challenger.keys() & rival.keys())
        return [challenger[look] - rival[look] for look in common if look or not self.timing]

    def _variance(self, differences: list[float]) -> float:
        """Of one paired difference: what all duels say, moderated by the spread of this one (Smyth, 2004)."""
        assert self.sd is not None
        prior = 2 * self.sd**2
        learnt = (PRIOR_FREEDOM * prior + self._squares) / (PRIOR_FREEDOM + self._freedom)
        own = _squares(differences)
        return (MODERATION * learnt + own) / (MODERATION + len(differences) - 1)


def looks_kept(noise: NoiseSettings) -> int:
    """Looks that choosing and confirming a winner takes when nothing is short."""
    finalists, looks, total = noise.finalists, min(FIRST_ROUND, noise.final_looks), 0
    before = 0
    while finalists > 1:
        total += finalists * (looks - before)
        finalists, before, looks = (finalists + 1) // 2, looks, min(2 * looks, noise.final_looks)
    return total + noise.final_looks


def _mean(looks: Looks) -> float:
    return math.fsum(looks.values()) / len(looks)


def _squares(values: list[float]) -> float:
    """The sum of squares around the mean."""
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values)
