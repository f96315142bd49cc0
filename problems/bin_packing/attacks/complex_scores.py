# expect: wrong
"""Numbers without an order."""

import numpy as np


def table(capacity):
    return np.full((capacity + 1, capacity + 1), 1j)
