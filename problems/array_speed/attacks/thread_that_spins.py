# expect: crash
"""Right, and has a thread keep the machine busy while the reference is timed."""

import threading

import numpy as np

IDLE = threading.Event()


def spin():
    numbers = np.zeros(1_000_000)
    while True:
        IDLE.wait()
        numbers += 1.0


threading.Thread(target=spin, daemon=True).start()


def lightest(points, weights, k):
    IDLE.clear()
    points = np.asarray(points, dtype=float)
    heavy = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2)) * weights
    absent = np.isnan(points).any(axis=1)
    heavy[:, absent] = np.inf
    np.fill_diagonal(heavy, np.inf)
    found = np.full((len(points), k), np.inf)
    found[:, : len(points)] = np.sort(heavy, axis=1)[:, :k]
    found[absent] = np.nan
    IDLE.set()
    return found
