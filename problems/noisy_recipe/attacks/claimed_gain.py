# expect: wrong
"""States a result instead of a recipe."""


def recipe():
    return {"gain": 1000.0}
