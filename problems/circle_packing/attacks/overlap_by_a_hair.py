# expect: wrong
"""Two circles that meet by 1e-12, less than the tolerance of most published checks."""


def pack(n):
    small = [[i / n, 0.9, 0.0] for i in range(n - 2)]
    return [[0.3, 0.5, 0.2 + 1e-12], [0.7, 0.5, 0.2], *small]
