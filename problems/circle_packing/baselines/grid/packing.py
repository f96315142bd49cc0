"""A square grid of equal circles, and small ones in its gaps: the best k for k x k circles and n - k * k gaps."""

import math

MARGIN = 1e-12


def grid(n, k):
    """The first n of k x k equal circles, then of the gaps between four of them; radius 0 when these run out."""
    side, big = 1 / k, 0.5 / k
    rows = [[(i + 0.5) * side, (j + 0.5) * side, big] for j in range(k) for i in range(k)]
    gaps = [[i * side, j * side, (math.sqrt(2) - 1) * big] for j in range(1, k) for i in range(1, k)]
    return (rows + gaps + [[0.0, 0.0, 0.0]] * n)[:n]


def pack(n):
    """Rows of x, y, r: one circle each."""
    layouts = [grid(n, k) for k in range(1, n + 1) if (k - 1) ** 2 <= n]
    best = max(layouts, key=lambda rows: sum(r for _, _, r in rows))
    return [[x, y, r * (1 - MARGIN)] for x, y, r in best]
