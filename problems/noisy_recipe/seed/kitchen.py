"""A recipe: how much of each of six ingredients goes into a batch."""


def recipe():
    return [2.0, 5.0, 3.0, 4.0, 5.0, 5.0]
