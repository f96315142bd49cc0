# expect: wrong
"""One matrix product instead of differences: fast, and wrong for points close together."""

import numpy as np


def lightest(points, weights, k):
    points = np.asarray(points, dtype=float)
    absent = np.isnan(points).any(axis=1)
    points = np.where(absent[:, None], 0.0, points)
    lengths = (points**2).sum(axis=1)
    squares = np.maximum(lengths[:, None] + lengths - 2.0 * points @ points.T, 0.0)
    heavy = np.sqrt(squares) * weights
    heavy[:, absent] = np.inf
    np.fill_diagonal(heavy, np.inf)
    found = np.full((len(points), k), np.inf)
    found[:, : len(points)] = np.sort(heavy, axis=1)[:, :k]
    found[absent] = np.nan
    return found
