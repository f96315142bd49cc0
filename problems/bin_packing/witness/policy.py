"""Fill a bin (almost), or leave a useful space in it; the nine numbers of each kind were fitted to other instances."""

import numpy as np

ALMOST, TARGET, BELOW, ABOVE, DRIFT, FRESH, ROOM, SECOND, WIDTH = range(9)
FITTED = {
    100: [1.068, 43.0, 0.73, 0.93, -0.039, 1.567, -1.132, 70.0, 0.873],
    150: [6.316, 47.741, 1.049, 1.393, -0.159, -9.518, -2.669, 97.318, 0.297],
}
"""By capacity: weibull has 100, or3 has 150."""


def priority(item, bins, fitted):
    left = bins - item
    target = fitted[TARGET] + fitted[DRIFT] * item
    miss = np.abs(left - target) * np.where(left < target, fitted[BELOW], fitted[ABOVE])
    if fitted[WIDTH] > 0:
        miss = np.minimum(miss, np.abs(left - fitted[SECOND]) * fitted[WIDTH] + 5)
    useful = fitted[ROOM] * bins / 10 - miss - fitted[FRESH] * (bins == bins[-1])
    return np.where(left <= fitted[ALMOST], 1000 - left, useful)


def table(capacity):
    """The whole policy as numbers: row `item`, column `space`; -inf where the item does not fit."""
    scores = np.full((capacity + 1, capacity + 1), -np.inf)
    for item in range(1, capacity + 1):
        scores[item, item:] = priority(float(item), np.arange(item, capacity + 1, dtype=float), FITTED[capacity])
    return scores
