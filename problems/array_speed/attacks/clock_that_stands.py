# expect: wrong
"""Stops every clock a program can reach, and then says what it likes: time is not measured here."""

import time

import numpy as np

for name in ("time", "perf_counter", "monotonic", "process_time", "thread_time"):
    setattr(time, name, lambda: 0.0)


def lightest(points, weights, k):
    return np.zeros((len(points), k))
