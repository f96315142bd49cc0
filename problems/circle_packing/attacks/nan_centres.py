# expect: wrong
"""NaN centres have no distance, so no pair looks too close: this once passed for 2.637 in public."""


def pack(n):
    return [[float("nan"), float("nan"), 0.5] for _ in range(n)]
