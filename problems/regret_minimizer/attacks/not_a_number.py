# expect: output
"""NaN passes every comparison that is written the careless way round."""

import numpy as np


def begin(legal, games):
    global EVEN
    EVEN = [each / each.sum(axis=1, keepdims=True) for each in legal]
    return EVEN


def update(seat, iteration, regrets, reach):
    return EVEN[seat]


def answer():
    return [np.where(each > 0.0, np.nan, 0.0) for each in EVEN]
