# expect: wrong
"""More circles than were asked for."""


def pack(n):
    return [[(i + 0.5) / (2 * n), 0.5, 0.25 / n] for i in range(2 * n)]
