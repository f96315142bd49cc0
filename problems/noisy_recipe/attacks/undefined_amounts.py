# expect: output
"""Amounts that compare with nothing."""


def recipe():
    return [float("nan")] * 6
