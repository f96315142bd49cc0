# expect: wrong
"""Radii whose sum is too large for a float."""


def pack(n):
    return [[0.5, 0.5, 1e308] for _ in range(n)]
