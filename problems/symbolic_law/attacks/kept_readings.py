# expect: crash
"""Keeps the readings in a global name, which the process that is asked for accelerations does not have."""

known = {}


def fit(x, v, u, a):
    known["a"] = a
    return [1.0]


def acceleration(x, v, u, constants):
    return known["a"][: len(x)] + 0.0 * x
