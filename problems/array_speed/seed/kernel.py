"""The lightest connections of every point: block by block, so that no large matrix is made."""

import numpy as np

# EVOLVE-BLOCK-START
ROWS = 2  # points that are dealt with at a time
COLUMNS = 128  # possible neighbours that are looked at together


def lightest(points, weights, k):
    """Row i: the k smallest of weights[j] * |points[i] - points[j]| over all other j, ascending."""
    points = np.asarray(points, dtype=float)
    weights = np.asarray(weights, dtype=float)
    count = len(points)
    best = np.full((count, k), np.inf)
    for top in range(0, count, ROWS):
        mine = points[top : top + ROWS]
        for left in range(0, count, COLUMNS):
            theirs = points[left : left + COLUMNS]
            apart = mine[:, None, :] - theirs[None, :, :]
            heavy = np.sqrt((apart**2).sum(axis=2)) * weights[left : left + COLUMNS]
            heavy[np.isnan(heavy)] = np.inf
            same = np.arange(top, top + len(mine))[:, None] == np.arange(left, left + len(theirs))[None, :]
            heavy[same] = np.inf
            both = np.concatenate([best[top : top + ROWS], heavy], axis=1)
            both.sort(axis=1)
            best[top : top + ROWS] = both[:, :k]
    best[np.isnan(points).any(axis=1)] = np.nan
    return best


# EVOLVE-BLOCK-END
