"""Online bin packing: the next item goes into the bin with the highest priority."""

from functools import lru_cache

import numpy as np


# EVOLVE-BLOCK-START
def priority(item, bins):
    """Score bins for an item: `bins` is the space left in each (ascending, all at least `item`)."""
    return -(bins - item)


# EVOLVE-BLOCK-END


@lru_cache
def table(capacity):
    """The whole policy as numbers: row `item`, column `space`; -inf where the item does not fit."""
    scores = np.full((capacity + 1, capacity + 1), -np.inf)
    with np.errstate(all="ignore"):
        for item in range(1, capacity + 1):
            scores[item, item:] = priority(float(item), np.arange(item, capacity + 1, dtype=float))
    return scores
