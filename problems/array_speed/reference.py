"""The plain formula: what every answer is checked against, and what a program's speed is measured against."""

import numpy as np


def lightest(points, weights, k):
    """Row i: the k smallest of weights[j] * |points[i] - points[j]| over all other j, ascending.

    A point with NaN has NaN for a row and is nobody's neighbour. Where there are fewer than k neighbours the rest is
    inf.
    """
    points = np.asarray(points, dtype=float)
    apart = points[:, None, :] - points[None, :, :]
    heavy = np.sqrt((apart**2).sum(axis=2)) * np.asarray(weights, dtype=float)
    absent = np.isnan(points).any(axis=1)
    heavy[:, absent] = np.inf
    np.fill_diagonal(heavy, np.inf)
    heavy.sort(axis=1)
    found = np.full((len(points), k), np.inf)
    found[:, : len(points)] = heavy[:, :k]
    found[absent] = np.nan
    return found
