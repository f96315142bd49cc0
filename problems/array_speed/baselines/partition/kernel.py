"""The k smallest are found without sorting the rest, on squares, one coordinate after the other."""

import numpy as np

ROWS = 48


def lightest(points, weights, k):
    """Row i: the k smallest of weights[j] * |points[i] - points[j]| over all other j, ascending."""
    points = np.asarray(points, dtype=float)
    count = len(points)
    absent = np.isnan(points).any(axis=1)
    squares = np.asarray(weights, dtype=float) ** 2
    columns = [np.ascontiguousarray(column) for column in points.T]
    found = np.full((count, k), np.inf)
    for top in range(0, count, ROWS):
        heavy = squared(columns, slice(top, top + ROWS))
        heavy *= squares
        heavy[:, absent] = np.inf
        here = np.arange(len(heavy))
        heavy[here, top + here] = np.inf
        if k < count:
            heavy.partition(k - 1, axis=1)
        least = np.sort(heavy[:, :k], axis=1)
        np.sqrt(least, out=found[top : top + ROWS, :count])
    found[absent] = np.nan
    return found


def squared(columns, rows):
    """Squared distances of some points from all."""
    total = 0.0
    for column in columns:
        apart = column[rows, None] - column[None, :]
        apart *= apart
        total = apart + total
    return total
