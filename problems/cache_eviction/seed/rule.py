"""Cache eviction: of the entries a cache holds, the one with the lowest priority makes room."""

import numpy as np

RECENCY = 1.0
FREQUENCY = 0.02
REGULARITY = 0.02
ONCE_USED = 0.0
SOFTEN = 1.0


def priority(age, gap, uses, hits, drops):
    """Almost LRU: what was used last stays, uses and short gaps count for little."""
    score = -RECENCY * np.log(age + SOFTEN)
    score = score + FREQUENCY * np.log(uses)
    score = score - REGULARITY * np.log(gap + SOFTEN)
    return score - ONCE_USED * (uses == 1)
