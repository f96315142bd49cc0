"""The lightest connections of every point: block by block, so that no large matrix is made."""

import numpy as np


def blocks(count, doublings):
    """The numbers 0 to count, in blocks of so many of them as 1 doubled so often."""
    size = max(1, round(2**doublings))
    return [np.arange(first, min(first + size, count)) for first in range(0, count, size)]


# EVOLVE-BLOCK-START
ROWS = 2.0  # points that are dealt with at a time, as a power of 2
COLUMNS = 6.0  # points that may be their neighbours and are looked at together, as a power of 2


def lightest(points, weights, k):
    """Row i: the k smallest of weights[j] * |points[i] - points[j]| over all other j, ascending."""
    points = np.asarray(points, dtype=float)
    weights = np.asarray(weights, dtype=float)
    count = len(points)
    best = np.full((count, k), np.inf)
    for mine in blocks(count, ROWS):
        for theirs in blocks(count, COLUMNS):
            apart = points[mine, None, :] - points[None, theirs, :]
            heavy = np.sqrt(np.square(apart).sum(axis=-1)) * weights[theirs]
            heavy[np.isnan(heavy) | np.equal.outer(mine, theirs)] = np.inf
            both = np.hstack([best[mine], heavy])
            both.sort()
            best[mine] = both[:, :k]
    best[np.isnan(points).any(axis=-1)] = np.nan
    return best


# EVOLVE-BLOCK-END
