# expect: wrong
"""Right but for points that are not there."""

import numpy as np


def lightest(points, weights, k):
    points = np.asarray(points, dtype=float)
    heavy = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2)) * weights
    np.fill_diagonal(heavy, np.inf)
    found = np.full((len(points), k), np.inf)
    found[:, : len(points)] = np.sort(heavy, axis=1)[:, :k]
    return found
