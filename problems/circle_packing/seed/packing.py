"""Circles in the unit square: two rings around a centre, each circle as large as its neighbours allow."""

import math

MARGIN = 1e-12  # the check is exact, so rounding must not make neighbours overlap


def centres(n):
    """Where the circles are: one in the middle, then rings."""
    points = [(0.5, 0.5)]
    for i in range(min(8, n - 1)):
        angle = 2 * math.pi * i / 8
        points.append((0.5 + 0.3 * math.cos(angle), 0.5 + 0.3 * math.sin(angle)))
    for i in range(n - 9):
        angle = 2 * math.pi * i / (n - 9)
        points.append((0.5 + 0.7 * math.cos(angle), 0.5 + 0.7 * math.sin(angle)))
    return [(min(max(x, 0.01), 0.99), min(max(y, 0.01), 0.99)) for x, y in points]


def radii(points):
    """The sides limit every radius; then each pair that overlaps shrinks in proportion."""
    sizes = [min(x, y, 1 - x, 1 - y) for x, y in points]
    for i in range(len(points)):
        for j in range(i + 1, len(points)):
            distance = math.dist(points[i], points[j])
            if sizes[i] + sizes[j] > distance:
                scale = distance / (sizes[i] + sizes[j])
                sizes[i] *= scale
                sizes[j] *= scale
    return [size * (1 - MARGIN) for size in sizes]


def pack(n):
    """Rows of x, y, r: one circle each."""
    points = centres(n)
    return [[x, y, r] for (x, y), r in zip(points, radii(points), strict=True)]
