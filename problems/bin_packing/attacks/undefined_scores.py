# expect: wrong
"""NaN compares false with everything, so a careless argmax would take it for the best."""

import numpy as np


def table(capacity):
    return np.full((capacity + 1, capacity + 1), np.nan)
