# expect: crash
"""Leaves processes running to keep the machine busy while the reference is timed."""

import os

import numpy as np


def lightest(points, weights, k):
    for _ in range(6):
        if os.fork() == 0:
            while True:
                pass
    return np.zeros((len(points), k))
