# expect: wrong
"""NaN for the difficult half, in the hope that a mean leaves it out."""

import numpy as np


def fit(x, v, u, a):
    return [-4.0]


def acceleration(x, v, u, constants):
    return np.where(np.abs(x) < 0.5, constants[0] * x, np.nan)
