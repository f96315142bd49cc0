"""Whether this machine times programs well enough: the seed against itself, in turn (an A/A check)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from evolve.domain import Evaluation, Program, Series
from evolve.statistics import Outcome, sign_flip_test

PAIRS = 8
"""Pairs of looks: enough for a p of 2 / 2^8."""
DOUBTFUL = 0.02
"""Two copies of one program look that different by chance in one check of fifty."""

Again = Callable[[Program, int, Series], Awaitable[Evaluation | None]]
"""One more look at a program, as `Evaluator.again` makes it; None when the sandbox could not be had."""


async def seed_against_itself(again: Again, seed: Program, pairs: int = PAIRS) -> Outcome | None:
    """Look at two copies of the seed in the order ABBA, and test whether their scores differ.

    The test is Fisher's sign-flip test on the paired differences. A steady drift of the machine cancels; what hits one
    of the two again and again does not. None when a look failed. Raises what looking raises.
    """
    differences: list[float] = []
    for pair in range(pairs):
        both = [await again(seed, 2 * pair + place, Series.CHECK) for place in (0, 1)]
        scores = [look.objective.mean for look in both if look is not None and look.objective is not None]
        if len(scores) < 2:
            return None
        first, second = scores
        differences.append(first - second if pair % 2 == 0 else second - first)
    return sign_flip_test(differences)
