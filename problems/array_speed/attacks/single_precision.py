# expect: wrong
"""Half the bytes, half the time, a millionth beside."""

import numpy as np


def lightest(points, weights, k):
    points = np.asarray(points, dtype=np.float32)
    heavy = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2)) * np.asarray(weights, dtype=np.float32)
    absent = np.isnan(points).any(axis=1)
    heavy[:, absent] = np.inf
    np.fill_diagonal(heavy, np.inf)
    found = np.full((len(points), k), np.inf)
    found[:, : len(points)] = np.sort(heavy, axis=1)[:, :k]
    found[absent] = np.nan
    return found
