# expect: wrong
"""Offers bins with more room than there is."""

import numpy as np


def table(capacity):
    return np.zeros((capacity + 1, 10 * capacity))
