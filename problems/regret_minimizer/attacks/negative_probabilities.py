# expect: wrong
"""Sums to 1 with less than nothing on one action, so that a bad action earns."""

import numpy as np


def begin(legal, games):
    global EVEN
    EVEN = [each / each.sum(axis=1, keepdims=True) for each in legal]
    return EVEN


def update(seat, iteration, regrets, reach):
    return EVEN[seat]


def answer():
    wanted = [np.where(each > 0.0, -1.0, 0.0) for each in EVEN]
    for table, each in zip(wanted, EVEN, strict=True):
        first = np.argmax(each > 0.0, axis=1)
        table[np.arange(len(table)), first] = 1.0 - (table.sum(axis=1) + 1.0)
    return wanted
