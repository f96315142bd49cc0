"""Cache eviction: of the entries a cache holds, the one with the lowest priority makes room."""

import numpy as np

RECENCY = 1.0
FREQUENCY = 0.02
REGULARITY = 0.02
LEARNT = 0.3
PRIOR = 20.0


def priority(age, gap, uses, hits, drops):
    """Almost LRU: what was used last stays; all else counts for little."""
    score = -RECENCY * np.log(age + 1.0)
    score = score + FREQUENCY * np.log(uses)
    score = score - REGULARITY * np.log(gap)
    hit = hits.sum((1, 2), keepdims=True) + PRIOR  # by times used
    return score + LEARNT * np.log(hit / (hit + drops.sum((1, 2), keepdims=True) + PRIOR))
