"""The proven smallest peak pressure of a placement, by dynamic programming over sets of models; in whole numbers."""

from fractions import Fraction

import numpy as np

UNFIT = np.iinfo(np.int64).max
"""A set of models that has no room on one GPU: worse than any other."""


def least_peak(sizes, loads, gpus, capacity):
    """The smallest possible largest pressure over `gpus` GPUs, exactly; None if the models fit in no way.

    A GPU's pressure is its load over the memory its models leave free. `best[g]` has the least peak on g GPUs of every
    set of models: the least, over all its subsets, of the larger of the subset's own pressure and `best[g - 1]` of the
    rest. At last the GPUs are halved, and all sets for the one half are tried. So all placements are compared (in
    3^models steps for each GPU of a half but the first), and the result is a proof.
    """
    load, free = totals(sizes, loads, capacity)
    pressure = keys(load, free, capacity)
    nothing = np.full_like(pressure, UNFIT)
    nothing[0] = 0
    best = [nothing, pressure]
    while len(best) <= (gpus + 1) // 2:
        best.append(one_more(pressure, best[-1]))
    rest = best[(gpus + 1) // 2][::-1]  # the set that remains is the number mirrored
    peak = np.maximum(best[gpus // 2], rest).min()
    if peak == UNFIT:
        return None
    reached = int(np.flatnonzero(pressure == peak)[0])
    return Fraction(int(load[reached]), int(free[reached]))


def totals(sizes, loads, capacity):
    """`load[set]` and `free[set]` of all 2^models sets; bit m of a set's number stands for model m."""
    load, free = np.zeros(1, dtype=np.int64), np.full(1, capacity, dtype=np.int64)
    for size, demand in zip(sizes, loads, strict=True):
        load, free = np.concatenate([load, load + demand]), np.concatenate([free, free - size])
    return load, free


def keys(load, free, capacity):
    """Whole numbers in the order of load / free, equal only where these are equal.

    Two different fractions with denominators up to C differ by at least 1 / C^2: at least 2 in units of 1 / (2 C^2).
    """
    fits = free > 0
    return np.where(fits, load * (2 * capacity**2) // np.where(fits, free, 1), UNFIT)


def one_more(pressure, best):
    """The least peak of every set with one GPU more than `best` has."""
    sets = np.arange(len(pressure))
    found = best.copy()
    for alone in sets[1:]:
        if pressure[alone] < UNFIT:
            rest = sets[(sets & alone) == 0]
            whole = rest | alone
            found[whole] = np.minimum(found[whole], np.maximum(pressure[alone], best[rest]))
    return found
