# expect: wrong
"""An amount that no kitchen has, in the hope that the formula goes on beyond it."""


def recipe():
    return [4.2, 3.1, 6.4, 1.7, 5.3, -100.0]
