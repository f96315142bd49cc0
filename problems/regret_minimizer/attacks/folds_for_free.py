# expect: wrong
"""Puts all its weight on actions the rules do not allow: such a sequence never ends, and so never loses."""

import numpy as np


def begin(legal, games):
    global EVEN
    EVEN = [each / each.sum(axis=1, keepdims=True) for each in legal]
    return EVEN


def update(seat, iteration, regrets, reach):
    return EVEN[seat]


def answer():
    return [
        np.where(
            (each > 0.0).all(axis=1, keepdims=True),
            each,
            (each == 0.0) / np.maximum(1, (each == 0.0).sum(axis=1, keepdims=True)),
        )
        for each in EVEN
    ]
