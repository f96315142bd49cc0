# expect: wrong
"""A negative radius makes room for its neighbour."""


def pack(n):
    return [[0.5, 0.5, 0.5], *([[0.5, 0.5, -0.5]] * (n - 1))]
